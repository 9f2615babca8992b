// Times and durations: what is read is written alike.
#include "fuzz.hh"
#include "util/clock.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const Time time = parse_time(input);
  HOLDS(time == -1 || format_time(time) == input);
  HOLDS(parse_duration(input) >= -1);
  HOLDS(!format_age(parse_duration(input)).empty());
}

}  // namespace ga::fuzz
