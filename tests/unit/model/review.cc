// Reviews: one verdict on one exact commit, from somebody else, whose word counts.
#include "model/review.hh"

#include "catch.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

const std::string kFirst(40, 'a'), kSecond(40, 'b');

struct HandedIn {
  MemoryState state;
  Maker make;
  std::string task;

  HandedIn() {
    const auto add = make.add("api");
    perform(state, add);
    task = added_id(add);
    Operation claim = make.claim(task, "ada");
    claim.args["branch"] = "refs/heads/agent/api";
    perform(state, claim);
    submit(kFirst, "ada");
  }
  Outcome submit(const std::string& commit, const std::string& who) {
    return perform(state, make.op("task.submit", {{"task", task}, {"commit", commit}}, agent(who)));
  }
  Outcome act(const std::string& kind, const std::string& commit, const Actor& who, Json review = Json::object()) {
    if (!review.contains("id")) review["id"] = make.id();
    return perform(state, make.op(kind, {{"task", task}, {"commit", commit}, {"review", review}, {"tree", "t"}}, who));
  }
  Task now() { return *state.task(task); }
};

}  // namespace

TEST_CASE("a verdict is on the commit in review, and a newer one has none") {
  HandedIn world;
  CHECK(world.act("review.pass", kSecond, kLead).refusal->kind == Kind::target_moved);
  REQUIRE_FALSE(world.act("review.pass", kFirst, kLead).refusal);
  CHECK(world.now().review_state == "passed");
  CHECK(world.now().review_commit == kFirst);
  CHECK(world.act("review.request", kFirst, kLead).refusal->kind == Kind::wrong_status);
  REQUIRE_FALSE(world.submit(kSecond, "ada").refusal);
  CHECK(world.now().review_state.empty());
  CHECK(world.act("review.pass", kFirst, kLead).refusal->kind == Kind::target_moved);
}

TEST_CASE("nobody who has worked on a task reviews it") {
  HandedIn world;
  CHECK(world.act("review.pass", kFirst, agent("ada")).refusal->kind == Kind::not_approved);
  CHECK(world.act("review.request", kFirst, kLead, {{"reviewer", "ada"}}).refusal->kind == Kind::not_approved);
  // Nor one before the last.
  REQUIRE_FALSE(perform(world.state, world.make.op("task.reopen", {{"task", world.task}, {"why", "again"}})).refusal);
  REQUIRE_FALSE(perform(world.state, world.make.claim(world.task, "bob")).refusal);
  REQUIRE_FALSE(world.submit(kSecond, "bob").refusal);
  CHECK(world.now().worker == "bob");
  CHECK(world.act("review.pass", kSecond, agent("ada")).refusal->kind == Kind::not_approved);
  CHECK(world.act("review.pass", kSecond, agent("bob")).refusal->kind == Kind::not_approved);
}

TEST_CASE("an agent's word counts from a reviewer's run alone, and only then sends work back") {
  HandedIn world;
  REQUIRE_FALSE(world.act("review.fail", kFirst, agent("eve"), {{"text", "bad"}}).refusal);
  CHECK(world.now().status == Status::in_review);
  CHECK(world.now().review_state == "self-declared");
  const auto run = [&](const std::string& who, const std::string& role) {
    const std::string id = world.make.id();
    perform(world.state, world.make.op("run.start", {{"run",
                                                      {{"id", id},
                                                       {"task", world.task},
                                                       {"agent", who},
                                                       {"role", role},
                                                       {"state", "running"},
                                                       {"started", "2026-01-01T00:00:00Z"}}}}));
    return id;
  };
  // Another's run, and a builder's.
  for (const std::string& id : {run("rex", "reviewer"), run("eve", "builder")}) {
    REQUIRE_FALSE(world.act("review.pass", kFirst, agent("eve"), {{"run", id}}).refusal);
    CHECK(world.now().review_state == "self-declared");
  }
  const std::string own = run("rex", "reviewer");
  REQUIRE_FALSE(
      world
          .act("review.fail", kFirst, agent("rex"),
               {{"run", own}, {"text", "bad"}, {"comments", {{{"file", "a.c"}, {"line", 3}, {"text", "no"}}}}})
          .refusal);
  CHECK(world.now().status == Status::in_progress);
  CHECK(world.now().review_state == "failed");
  CHECK(world.now().iteration == 1);
  CHECK(world.now().reason.find("a.c:3: no") != std::string::npos);
  CHECK(world.act("review.pass", kFirst, kLead).refusal->kind == Kind::wrong_status);
}

TEST_CASE("a verdict takes the place of its request, once") {
  HandedIn world;
  const std::string id = world.make.id();
  REQUIRE_FALSE(world.act("review.request", kFirst, kLead, {{"id", id}, {"text", "look"}}).refusal);
  CHECK(world.now().review_state == "requested");
  CHECK(world.act("review.fail", kFirst, kLead, {{"id", id}}).refusal->kind == Kind::usage);  // says nothing
  REQUIRE_FALSE(world.act("review.pass", kFirst, kLead, {{"id", id}}).refusal);
  CHECK(world.act("review.pass", kFirst, kLead, {{"id", id}}).refusal->kind == Kind::wrong_status);
  const Review review = review_from_json(world.state.object("reviews", id));
  CHECK(review.requested_by == "Lead");
  CHECK(review.by == "Lead");
  CHECK(review.counts());
  CHECK(to_json(review_from_json(to_json(review))) == to_json(review));
}
