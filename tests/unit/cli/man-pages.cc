#include "cli/help.hh"

#include "catch.hh"

TEST_CASE("the manual is in the program") {
  CHECK(ga::cli::page_source("git-agent").substr(0, 12) == "git-agent(1)");
  CHECK(ga::cli::page_source("git-agent-config").substr(0, 19) == "git-agent-config(5)");
  CHECK(ga::cli::page_source("git-agent-no-such").empty());
}
