// Specs as they are read before anything is added.
#include "interop/drafts.hh"
#include "catch.hh"
#include "util/error.hh"

using namespace ga;
using namespace ga::interop;

TEST_CASE("a heading below another is its child, whatever their names") {
  const auto drafts = drafts_from_markdown("# Team\n## Team\nSlug: crew\n### Head\n", "spec");
  REQUIRE(drafts.size() == 3);
  CHECK(drafts[0].slug == "team-task");
  CHECK(drafts[1].parent == "team-task");
  CHECK(drafts[2].parent == "crew");
}

TEST_CASE("a slug that is given is not empty") {
  CHECK_THROWS_AS(drafts_from_markdown("# Epic\nSlug:\n## Child\n", "spec"), Error);
}
