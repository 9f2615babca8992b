// Rule files: what is accepted can be searched with, and says the same through either reader of TOML.
#include "scan/rules.hh"

#include "fuzz.hh"
#include "scan/engine.hh"
#include "scan/plain-toml.hh"
#include "util/toml.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  if (const auto plain = scan::parse_plain_toml(input)) {
    const auto whole = read_or_refuse(Kind::environment, [&] { return parse_toml(input, "r"); });
    HOLDS(whole && *whole == *plain);
  }
  scan::LoadOptions options;
  options.built_in = scan::built_in_text;
  options.read = [&](const std::string&) { return std::optional<std::string>(input); };
  const auto set = read_or_refuse(Kind::environment, [&] { return scan::load_rules(input, "r", options); });
  if (!set) return;
  HOLDS(!set->rules.empty());
  for (const scan::Rule& rule : set->rules) {
    HOLDS(!rule.id.empty());
    HOLDS(rule.regex || rule.path);
    HOLDS(!rule.regex || rule.secret_group <= rule.regex->groups());
  }
  read_or_refuse(Kind::environment, [&] {
    scan::Coverage coverage;
    return scan::Scanner(*set, {.seconds = 0.05}).scan({"a/b.c", "", input.substr(0, 2000)}, coverage).size();
  });
}

}  // namespace ga::fuzz
