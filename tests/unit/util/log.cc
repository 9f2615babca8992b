#include "util/log.hh"

#include "catch.hh"
#include "helpers.hh"
#include "util/clock.hh"
#include "util/text.hh"

using namespace ga;

TEST_CASE("log messages are lines with time, process and level") {
  const test::TempDir dir;
  log_info("before it is open: nowhere");
  open_log(dir / "deep/er/log");
  log_info("started");
  log_warning("two\nlines \x1b[31m {} {0}");
  log_error("end");
  const std::vector<std::string> lines = split_lines(read_file(dir / "deep/er/log").value());
  REQUIRE(lines.size() == 3);
  REQUIRE(parse_time(lines[0].substr(0, 20)) > 0);
  REQUIRE(test::contains(lines[0], "] info: started"));
  REQUIRE(test::contains(lines[1], "] warning: two lines \\x1b[31m {} {0}"));
  REQUIRE(test::contains(lines[2], "] error: end"));

  SECTION("opening again appends") {
    open_log(dir / "deep/er/log");
    log_info("more");
    REQUIRE(split_lines(read_file(dir / "deep/er/log").value()).size() == 4);
  }
  SECTION("a place that cannot be written is an error") {
    write_file_atomic(dir / "file", "");
    REQUIRE(test::failure_of([&] { open_log(dir / "file/log"); })->kind == Kind::environment);
    REQUIRE(test::failure_of([&] { open_log(dir.path()); })->kind == Kind::environment);
  }
}
