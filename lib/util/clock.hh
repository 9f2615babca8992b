// Time, ids and randomness: the only source of each, fixed by tests through the environment.
//
// GIT_AGENT_TEST_CLOCK=2026-01-02T03:04:05Z[+N]  first reading, N seconds (or a duration) later; every
//                                   further reading in the process adds one second.
// GIT_AGENT_TEST_SEED=TEXT          ids come from a generator seeded by TEXT and a counter kept in
//                                   the file $GIT_AGENT_TEST_COUNTER when that is set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ga {

/// Seconds since the epoch, UTC.
using Time = std::int64_t;

Time now();
/// Monotonic seconds with fractions, for durations only.
double monotonic_seconds();
/// "2026-01-02T03:04:05Z"
std::string format_time(Time time);
/// Accepts what format_time() writes; -1 when it is no such time.
Time parse_time(std::string_view text);
/// "10m", "90s", "2h", "1d", "1h30m" or plain seconds; -1 when it is no duration.
std::int64_t parse_duration(std::string_view text);
/// A short phrase for people: "12s", "4m", "3h", "2d".
std::string format_age(std::int64_t seconds);

/// 128 random bits as 32 lower-case hexadecimal digits.
std::string new_id();
/// A random number in [0, bound).
std::uint32_t random_below(std::uint32_t bound);

}  // namespace ga
