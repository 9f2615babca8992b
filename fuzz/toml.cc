// TOML that others wrote: read alike by both parsers, and not changed by being written and read again.
#include "util/toml.hh"
#include "fuzz.hh"
#include "util/toml-canonical.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const auto value = read_or_refuse(Kind::environment, [&] { return parse_toml(input, "file"); });
  const int line = toml_line(input, {"a", "0", "b"});
  HOLDS(line >= 0 && line <= static_cast<int>(input.size()) + 1);
  if (!value) return;
  HOLDS(value->is_object());
  // NaN is not equal to itself, so texts are compared.
  HOLDS(canonical(parse_any_toml(input, "file")) == canonical(*value));
  const std::string text = write_toml(*value);
  const Json again = parse_toml(text, "written");
  HOLDS(canonical(again) == canonical(kept_by_toml(*value)));
  HOLDS(write_toml(again) == text);
}

}  // namespace ga::fuzz
