#include "catch.hh"
#include "clients/profiles.hh"

using namespace ga;

TEST_CASE("placeholders are filled in within words, once", "[clients]") {
  const auto words =
      clients::fill_in({"-C", "{worktree}", "a{x}b{x}", "{unknown}", "{", "}{x"}, {{"worktree", "/w {x}"}, {"x", "1"}});
  CHECK(words == std::vector<std::string>{"-C", "/w {x}", "a1b1", "{unknown}", "{", "}{x"});
}

TEST_CASE("every built-in profile says what it is told", "[clients]") {
  for (const auto& profile : clients::builtin_profiles()) {
    CAPTURE(profile.name);
    CHECK(clients::find_profile(profile.name) == &profile);
    REQUIRE_FALSE(profile.argv.empty());
    if (!profile.program.empty()) CHECK(profile.argv.back() == "{prompt}");
  }
  CHECK(clients::find_profile("nonsense") == nullptr);
}
