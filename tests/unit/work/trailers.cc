#include "work/trailers.hh"

#include "catch.hh"

using namespace ga::work;

TEST_CASE("trailers begin a block of their own") {
  CHECK(with_trailers("Subject\n", {}, {{"Agent-Task", "api 1234"}}) == "Subject\n\nAgent-Task: api 1234\n");
  CHECK(with_trailers("Subject", {}, {{"A", "1"}, {"B", "2"}}) == "Subject\n\nA: 1\nB: 2\n");
  CHECK(with_trailers("Subject\n\nBody text.\n\n\n", {}, {{"A", "1"}}) == "Subject\n\nBody text.\n\nA: 1\n");
  CHECK(with_trailers("", {}, {{"A", "1"}}) == "A: 1\n");
}

TEST_CASE("trailers join the block that is there") {
  CHECK(with_trailers("S\n\nWhy.\n\nSigned-off-by: X <x@y>\n", {}, {{"A", "1"}}) ==
        "S\n\nWhy.\n\nSigned-off-by: X <x@y>\nA: 1\n");
  CHECK(with_trailers("S\n\n(cherry picked from commit 123)\n", {}, {{"A", "1"}}) ==
        "S\n\n(cherry picked from commit 123)\nA: 1\n");
  CHECK(with_trailers("S\n\nA: 1\n", {}, {{"A", "1"}}) == "S\n\nA: 1\n");
}

TEST_CASE("a subject or prose with a colon is no trailer block") {
  CHECK(with_trailers("fix: the thing\n", {}, {{"A", "1"}}) == "fix: the thing\n\nA: 1\n");
  CHECK(with_trailers("S\n\nNote: this is\nprose that goes on\n", {}, {{"A", "1"}}) ==
        "S\n\nNote: this is\nprose that goes on\n\nA: 1\n");
  CHECK(trailers_of("fix: the thing\n").empty());
}

TEST_CASE("removed trailers go with their continuation lines, whatever their case") {
  CHECK(with_trailers("S\n\nagent-gates: test=pass\n  and more\nKeep: me\n", {"Agent-Gates"}, {}) == "S\n\nKeep: me\n");
  CHECK(with_trailers("S\n\nAgent-Gates: x\n", {"Agent-Gates"}, {}) == "S\n");
}

TEST_CASE("trailers are read, unfolded") {
  const auto found = trailers_of("S\n\nA: 1\n  2\nB-c: x\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Trailer{"A", "1 2"});
  CHECK(found[1] == Trailer{"B-c", "x"});
}

TEST_CASE("a value is one safe line") {
  CHECK(trailer_value("one\ntwo") == "one");
  CHECK(trailer_value("  a\tb  ") == "a b");
  CHECK(trailer_value("x\x1b[31m").find('\x1b') == std::string::npos);
}
