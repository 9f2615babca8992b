// JSON that others wrote: its canonical text means the same, and TOML keeps it or refuses it.
#include "fuzz.hh"
#include "util/toml.hh"

namespace ga::fuzz {
namespace {

void check_as_toml(const Json& value) {
  const auto text = read_or_refuse(Kind::environment, [&] { return write_toml(value); });
  if (text) HOLDS(parse_toml(*text, "written") == kept_by_toml(value));
}

}  // namespace

void fuzz_one(std::string_view input) {
  const auto value = read_or_refuse(Kind::environment, [&] { return parse_json(input, "file"); });
  if (!value) return;
  const std::string text = canonical(*value);
  const Json again = parse_json(text, "canonical");
  HOLDS(again == *value);
  HOLDS(canonical(again) == text);
  HOLDS(get_string(*value, "a", "none") == "none" || value->at("a").is_string());
  get_int(*value, "a");
  get_bool(*value, "a");
  get_strings(*value, "a");
  if (value->is_object()) check_as_toml(*value);
}

}  // namespace ga::fuzz
