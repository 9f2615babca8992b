// The curators file: what is accepted names somebody and a key.
#include "trust/curators.hh"
#include "fuzz.hh"
#include "trust/ssh-wire.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const auto curators = read_or_refuse(Kind::environment, [&] { return trust::parse_curators(input, "curators"); });
  if (!curators) return;
  HOLDS(curators->text == input);
  for (const trust::CuratorLine& line : curators->lines) {
    HOLDS(!line.principals.empty() && !trust::key_type(line.key).empty());
    HOLDS(line.valid_after == 0 || line.valid_before == 0 || line.valid_after < line.valid_before);
    HOLDS(!curators->of_key(line.key).empty());
    line.names("lead@example.org");
    line.problem("git-agent", 1'700'000'000);
  }
}

}  // namespace ga::fuzz
