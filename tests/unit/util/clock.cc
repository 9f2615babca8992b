#include "util/clock.hh"

#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <set>

#include "catch.hh"
#include "helpers.hh"
#include "util/fs.hh"
#include "util/text.hh"

using namespace ga;
using test::EnvVar;

TEST_CASE("times are written and read alike") {
  REQUIRE(format_time(0) == "1970-01-01T00:00:00Z");
  REQUIRE(format_time(1767323045) == "2026-01-02T03:04:05Z");
  REQUIRE(parse_time("2026-01-02T03:04:05Z") == 1767323045);
  REQUIRE(format_time(-5) == "1970-01-01T00:00:00Z");
  REQUIRE(format_time(INT64_MAX) == "9999-12-31T23:59:59Z");
  test::Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto time = static_cast<Time>(random.below(253402300800));
    const std::string text = format_time(time);
    REQUIRE(parse_time(text) == time);
    const std::time_t c_time = time;
    std::tm fields{};
    gmtime_r(&c_time, &fields);
    char expected[32];
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &fields);
    REQUIRE(text == expected);
  }
}

TEST_CASE("what is no time is refused") {
  for (const char* text :
       {"", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z", "2026-02-29T03:04:05Z",
        "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:60Z", "1969-12-31T23:59:59Z", "2026-01-02T03:04:05ZZ", "+026-01-02T03:04:05Z",
        "2026-01-02T0a:04:05Z"})
    REQUIRE(parse_time(text) == -1);
  REQUIRE(parse_time("2024-02-29T00:00:00Z") > 0);
}

TEST_CASE("durations") {
  REQUIRE(parse_duration("90") == 90);
  REQUIRE(parse_duration("90s") == 90);
  REQUIRE(parse_duration("10m") == 600);
  REQUIRE(parse_duration("2h") == 7200);
  REQUIRE(parse_duration("1d") == 86400);
  REQUIRE(parse_duration("1h30m") == 5400);
  REQUIRE(parse_duration("1d2h3m4s") == 93784);
  REQUIRE(parse_duration("0") == 0);
  for (const char* text : {"", "m", "-1", "1h30", "30m1h", "1m1m", "1w", " 1m", "1m ", "1.5h", "+5",
                           "99999999999999999999", "999999999999d"})
    REQUIRE(parse_duration(text) == -1);
}

TEST_CASE("ages are short") {
  REQUIRE(format_age(0) == "0s");
  REQUIRE(format_age(-7) == "0s");
  REQUIRE(format_age(59) == "59s");
  REQUIRE(format_age(60) == "1m");
  REQUIRE(format_age(3599) == "59m");
  REQUIRE(format_age(3600) == "1h");
  REQUIRE(format_age(86399) == "23h");
  REQUIRE(format_age(200000) == "2d");
}

TEST_CASE("the clock of tests begins where it is told and steps by one second") {
  {
    const EnvVar clock("GIT_AGENT_TEST_CLOCK", "2026-01-02T03:04:05Z");
    REQUIRE(now() == 1767323045);
    REQUIRE(now() == 1767323046);
  }
  {
    const EnvVar clock("GIT_AGENT_TEST_CLOCK", "2026-01-02T03:04:05Z+100");
    REQUIRE(now() == 1767323145);
    REQUIRE(now() == 1767323146);
  }
  const EnvVar clock("GIT_AGENT_TEST_CLOCK", "yesterday");
  REQUIRE(test::failure_of([] { now(); })->kind == Kind::environment);
}

TEST_CASE("the real clock runs") {
  const EnvVar clock("GIT_AGENT_TEST_CLOCK", nullptr);
  REQUIRE(std::abs(now() - std::time(nullptr)) <= 1);
  const double before = monotonic_seconds();
  REQUIRE(monotonic_seconds() >= before);
}

TEST_CASE("ids are 32 digits and differ") {
  const EnvVar seed("GIT_AGENT_TEST_SEED", nullptr);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(new_id());
  REQUIRE(ids.size() == 1000);
  REQUIRE(ids.begin()->size() == 32);
  REQUIRE(ids.begin()->find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("seeded ids repeat themselves, also through a counter file") {
  const test::TempDir dir;
  const std::string counter = (dir / "counter").native();
  const EnvVar seed("GIT_AGENT_TEST_SEED", "seed for this test");
  std::string first, second;
  {
    const EnvVar file("GIT_AGENT_TEST_COUNTER", nullptr);
    first = new_id();
    second = new_id();
    REQUIRE(first != second);
  }
  const EnvVar file("GIT_AGENT_TEST_COUNTER", counter.c_str());
  REQUIRE(new_id() == first);
  REQUIRE(new_id() == second);
  REQUIRE(trim(read_file(counter).value()) == "2");
}

TEST_CASE("processes that count in one file never get equal ids") {
  const test::TempDir dir;
  const EnvVar seed("GIT_AGENT_TEST_SEED", "s");
  const EnvVar file("GIT_AGENT_TEST_COUNTER", (dir / "counter").c_str());
  constexpr int processes = 8, each = 50;
  for (int i = 0; i < processes; ++i)
    if (fork() == 0) {
      for (int k = 0; k < each; ++k) append_file(dir / "ids", new_id() + "\n");
      _exit(0);
    }
  for (int i = 0; i < processes; ++i) wait(nullptr);
  const std::vector<std::string> ids = split_lines(read_file(dir / "ids").value());
  REQUIRE(ids.size() == processes * each);
  REQUIRE(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
}

TEST_CASE("random numbers stay below their bound and reach all of it") {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 500; ++i) seen.insert(random_below(7));
  REQUIRE(seen.size() == 7);
  REQUIRE(*seen.rbegin() == 6);
  REQUIRE(random_below(0) == 0);
  REQUIRE(random_below(1) == 0);
  const EnvVar seed("GIT_AGENT_TEST_SEED", "s");
  for (int i = 0; i < 100; ++i) REQUIRE(random_below(3) < 3);
}
