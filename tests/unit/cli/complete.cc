#include "cli/complete.hh"

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hh"
#include "cli/run-main.hh"

using namespace ga;
using namespace ga::cli;

namespace {

using Words = std::vector<std::string>;

Words tasks_only(Completes what) {
  if (what == Completes::task) return {"parse\tParse the header", "print\tPrint the header"};
  return {};
}

Words nothing_but_trouble(Completes) { throw std::runtime_error("no repository"); }

}  // namespace

TEST_CASE("cli complete: ids come from the repository") {
  dynamic_candidates = tasks_only;
  CHECK(complete({"task", "claim", "pa"}) == Words{"parse\tParse the header"});
  CHECK(complete({"task", "claim", ""}).size() == 2);
  CHECK(complete({"task", "claim", "--", "pr"}) == Words{"print\tPrint the header"});
  CHECK(complete({"--json", "task", "claim", "x"}).empty());
  dynamic_candidates = nullptr;
  CHECK(complete({"task", "claim", ""}).empty());
}

TEST_CASE("cli complete: errors offer nothing") {
  dynamic_candidates = nothing_but_trouble;
  CHECK(complete({"task", "claim", ""}).empty());
  dynamic_candidates = nullptr;
}

TEST_CASE("cli complete: strange words offer nothing") {
  CHECK(complete({"no-such-command", ""}).empty());
  CHECK(complete({"task", "no-such-verb", ""}).empty());
  CHECK(complete({"task", "ready", "--no-such-option="}).empty());
  CHECK_FALSE(complete({}).empty());
  CHECK_FALSE(complete({"-C", ".", ""}).empty());
  CHECK(complete({"-C", ""}) == Words{complete_files});
}

TEST_CASE("cli complete: an option is offered once") {
  const Words fresh = complete({"task", "ready", "--lim"});
  REQUIRE(fresh.size() == 1);
  CHECK(fresh[0].substr(0, 8) == "--limit\t");
  CHECK(complete({"task", "ready", "--limit=3", "--lim"}).empty());
}

TEST_CASE("cli complete: there are scripts") {
  for (const char* shell : {"bash", "zsh", "fish"}) CHECK(completion_script(shell).size() > 500);
  CHECK_THROWS(completion_script("csh"));
}
