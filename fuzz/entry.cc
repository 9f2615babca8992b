// Between libFuzzer and a target, and what fuzz.hh declares.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz.hh"

namespace ga::fuzz {

void broken(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::abort();
}

namespace {

bool holds_nothing(const Json& value) {
  if (!value.is_array()) return value.is_null();
  for (const Json& element : value)
    if (!element.is_null()) return false;
  return true;
}

}  // namespace

Json kept_by_toml(const Json& value) {
  if (!value.is_structured()) return value;
  Json kept = value.is_object() ? Json::object() : Json::array();
  for (const auto& [key, member] : value.items()) {
    if (value.is_object() && !holds_nothing(member)) kept[key] = kept_by_toml(member);
    if (value.is_array() && !member.is_null()) kept.push_back(kept_by_toml(member));
  }
  return kept;
}

std::string_view take_part(std::string_view& input, char separator) {
  const std::size_t end = input.find(separator);
  const std::string_view part = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return part;
}

}  // namespace ga::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ga::fuzz::fuzz_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
