// A repository's config file: our lines go in and out again without a trace.
#include "fuzz.hh"
#include "gates/config-file.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const std::string config(input);
  const std::string with = gates::with_include(config);
  HOLDS(gates::has_include(with));
  // Who put our lines there more than once has them less often each time.
  if (gates::has_include(config)) return;
  HOLDS(gates::with_include(with) == with);
  HOLDS(gates::without_include(with) == config);
}

}  // namespace ga::fuzz
