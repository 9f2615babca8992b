// The state machine, whole: the table, and that every task operation keeps to it.
#include <map>
#include <set>

#include "catch.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

constexpr Status kStatuses[] = {Status::pending,   Status::in_progress, Status::in_review,
                                Status::completed, Status::failed,      Status::cancelled};
constexpr Event kEvents[] = {Event::claim, Event::release, Event::start,  Event::submit, Event::complete, Event::fail,
                             Event::block, Event::unblock, Event::cancel, Event::reopen, Event::rework};

// What each event leads to from pending, in_progress, in_review, completed, failed, cancelled; '-': not allowed.
// P pending, W in_progress, R in_review, C completed, F failed, X cancelled.
const std::map<Event, std::string> kExpected = {
    {Event::claim, "WW----"},    {Event::release, "-P----"}, {Event::start, "WWW---"},  {Event::submit, "-RR---"},
    {Event::complete, "-CC---"}, {Event::fail, "-FF---"},    {Event::block, "PW----"},  {Event::unblock, "PW----"},
    {Event::cancel, "XXX-X-"},   {Event::reopen, "--PPPP"},  {Event::rework, "-WW---"},
};

std::string letter(std::optional<Status> status) {
  return status ? std::string(1, "PWRCFX"[static_cast<int>(*status)]) : "-";
}

// A state with one task in the given status, as it comes to be; its claim's fence is returned.
struct Scene {
  MemoryState state;
  Maker make;
  std::string task, fence;

  explicit Scene(Status status, bool held = false) {
    const auto add = make.add("api", "", {}, {{"accept", Json::array()}});
    task = added_id(add);
    REQUIRE_FALSE(perform(state, add).refusal);
    Task now = *state.task(task);
    now.status = status;
    now.branch = "refs/heads/agent/api";
    now.worker = "ada";
    if (held) now.hold = "waits for a key";
    if (status == Status::in_progress) {
      fence = make.id();
      now.claim = Claim{"ada", "h", "b", fence, 7, 8, 1, 2, Json::object()};
    }
    state.put("tasks", task, to_json(now));
  }
};

// Operations of an event: with all a caller could give.
Operation operation_of(Scene& scene, Event event, const Actor& who) {
  Json args = {{"task", scene.task},
               {"why", "because"},
               {"commit", std::string(40, 'a')},
               {"agent", who.person ? "ada" : who.name},
               {"host", "h"},
               {"lease", 900}};
  if (!scene.fence.empty() && (event == Event::claim || event == Event::start)) args["replaces"] = scene.fence;
  return scene.make.op("task." + std::string(event_name(event)), args, who);
}

}  // namespace

TEST_CASE("every event in every status leads where the table says") {
  REQUIRE(kExpected.size() == std::size(kEvents));
  for (const Event event : kEvents) {
    std::string got;
    for (const Status status : kStatuses) got += letter(after(status, event));
    INFO(event_name(event));
    CHECK(got == kExpected.at(event));
  }
}

TEST_CASE("each event has exactly one row, with a meaning") {
  std::set<Event> seen;
  for (const Transition& row : transitions()) {
    CHECK(seen.insert(row.event).second);
    CHECK(std::string(row.meaning).size() > 5);
    CHECK(std::is_sorted(row.from.begin(), row.from.end()));
  }
  CHECK(seen.size() == std::size(kEvents));
}

TEST_CASE("names of statuses go both ways") {
  for (const Status status : kStatuses) CHECK(parse_status(status_name(status)) == status);
  CHECK_FALSE(parse_status("blocked").has_value());
  CHECK_FALSE(parse_status("").has_value());
}

TEST_CASE("an operation leaves the status the table says, or changes nothing") {
  for (const Event event : kEvents) {
    for (const Status status : kStatuses) {
      for (const Actor& who : {kLead, agent("ada"), agent("bob")}) {
        for (const bool held : {false, true}) {
          Scene scene(status, held);
          const Json before = scene.state.object("tasks", scene.task);
          const Outcome outcome = perform(scene.state, operation_of(scene, event, who));
          INFO(event_name(event) << " when " << status_name(status) << " by " << who.name << (held ? ", held" : ""));
          if (outcome.refusal) {
            CHECK(outcome.changes.empty());
            CHECK(scene.state.object("tasks", scene.task) == before);
            CHECK_FALSE(outcome.refusal->message.empty());
            continue;
          }
          CHECK(letter(after(status, event)) == letter(scene.state.task(scene.task)->status));
          CHECK(after(status, event).has_value());
          CHECK_FALSE(outcome.summary.empty());
        }
      }
    }
  }
}

TEST_CASE("the lead may do what the table allows, with nothing in the way") {
  for (const Event event : kEvents) {
    if (event == Event::unblock) continue;  // needs a hold: below
    for (const Status status : kStatuses) {
      Scene scene(status);
      const Outcome outcome = perform(scene.state, operation_of(scene, event, kLead));
      INFO(event_name(event) << " when " << status_name(status));
      CHECK(outcome.refusal.has_value() == !after(status, event).has_value());
      if (outcome.refusal) CHECK(outcome.refusal->kind == Kind::wrong_status);
    }
  }
  Scene held(Status::pending, true);
  CHECK_FALSE(perform(held.state, operation_of(held, Event::unblock, kLead)).refusal);
  CHECK_FALSE(held.state.task(held.task)->held());
}

TEST_CASE("operations that are no event of the table leave the status alone") {
  for (const Status status : kStatuses) {
    for (const auto& [kind, more] : std::map<std::string, Json>{{"task.note", {{"text", "x"}}},
                                                                {"task.edit", {{"set", {{"title", "New"}}}}},
                                                                {"task.renew", {{"lease", 60}}},
                                                                {"task.dep", {{"add", Json::array()}}}}) {
      Scene scene(status);
      Json args = more;
      args["task"] = scene.task;
      const Outcome outcome = perform(scene.state, scene.make.op(kind, args));
      INFO(kind << " when " << status_name(status));
      if (outcome.refusal) CHECK(outcome.changes.empty());
      CHECK(scene.state.task(scene.task)->status == status);
    }
  }
}

TEST_CASE("who is not the holder, or holds by an old fence, writes nothing") {
  for (const char* kind : {"task.submit", "task.complete", "task.fail", "task.release", "task.renew", "task.rework"}) {
    Scene scene(Status::in_progress);
    Json args = {{"task", scene.task}, {"why", "x"}, {"commit", std::string(40, 'a')}, {"lease", 60}};
    const Outcome other = apply(scene.state, scene.make.op(kind, args, agent("bob")));
    REQUIRE(other.refusal);
    CHECK(other.refusal->kind == Kind::fenced);
    args["fence"] = scene.make.id();
    const Outcome revived = apply(scene.state, scene.make.op(kind, args, agent("ada")));
    REQUIRE(revived.refusal);
    CHECK(revived.refusal->kind == Kind::fenced);
    args["fence"] = scene.fence;
    CHECK_FALSE(apply(scene.state, scene.make.op(kind, args, agent("ada"))).refusal);
  }
}

TEST_CASE("a failure on a tree is one iteration, however often it is met") {
  Scene scene(Status::in_progress);
  const auto fail = [&](const std::string& tree) {
    const Json args = {{"task", scene.task},
                       {"why", "gate 'test' fails\nline 3"},
                       {"iteration", true},
                       {"tree", tree},
                       {"fence", scene.fence}};
    const Outcome outcome = perform(scene.state, scene.make.op("task.rework", args, agent("ada")));
    REQUIRE_FALSE(outcome.refusal);
    return scene.state.task(scene.task)->iteration;
  };
  CHECK(fail("t1") == 1);
  CHECK(fail("t1") == 1);
  CHECK(fail("t2") == 2);
  CHECK(fail("t1") == 2);
  const auto task = scene.state.task(scene.task);
  CHECK(task->status == Status::in_progress);
  CHECK(task->claim->fence == scene.fence);
  CHECK(task->reason == "gate 'test' fails\nline 3");
  // What is handed over is turned down no longer; what was counted stays.
  REQUIRE_FALSE(
      perform(scene.state, scene.make.op("task.submit", {{"task", scene.task}, {"fence", scene.fence}, {"commit", "c"}},
                                         agent("ada")))
          .refusal);
  CHECK(scene.state.task(scene.task)->reason.empty());
  CHECK(scene.state.task(scene.task)->failed_trees == std::vector<std::string>{"t1", "t2"});
}

TEST_CASE("newer commits are submitted by whoever submitted, with every tick made again") {
  Scene scene(Status::in_progress);
  Task task = *scene.state.task(scene.task);
  task.accept = {Criterion{"works", true, "ada", "seen", "c1", Json::object()}};
  scene.state.put("tasks", scene.task, to_json(task));
  const auto submit = [&](const std::string& commit, const std::string& who) {
    const auto outcome = perform(
        scene.state,
        scene.make.op("task.submit", {{"task", scene.task}, {"fence", scene.fence}, {"commit", commit}}, agent(who)));
    return outcome.refusal ? std::string(kind_name(outcome.refusal->kind)) : "";
  };
  CHECK(submit("c1", "ada").empty());
  CHECK(submit("c1", "ada") == "wrong_status");
  CHECK(submit("c2", "bob") == "fenced");
  CHECK(submit("c2", "ada") == "gate_failed");
  // Turned down, they count, and what was submitted stays in review.
  const Json args = {{"task", scene.task}, {"why", "gate 'test' fails"}, {"iteration", true}, {"newer", true},
                     {"tree", "t"},        {"fence", scene.fence}};
  CHECK(perform(scene.state, scene.make.op("task.rework", args, agent("bob"))).refusal);
  REQUIRE_FALSE(perform(scene.state, scene.make.op("task.rework", args, agent("ada"))).refusal);
  CHECK(scene.state.task(scene.task)->status == Status::in_review);
  CHECK(scene.state.task(scene.task)->iteration == 1);
  REQUIRE_FALSE(
      perform(scene.state,
              scene.make.op("task.accept", {{"task", scene.task}, {"index", 1}, {"evidence", "seen"}, {"commit", "c2"}},
                            agent("ada")))
          .refusal);
  CHECK(submit("c2", "ada").empty());
  CHECK(scene.state.task(scene.task)->commit == "c2");
  CHECK(scene.state.task(scene.task)->status == Status::in_review);
}

TEST_CASE("what is held is neither submitted nor completed") {
  for (const char* kind : {"task.submit", "task.complete"}) {
    Scene scene(Status::in_progress, true);
    const Outcome outcome = perform(scene.state, scene.make.op(kind, {{"task", scene.task}, {"commit", "c"}}));
    REQUIRE(outcome.refusal);
    CHECK(outcome.refusal->kind == Kind::wrong_status);
    CHECK(outcome.refusal->hints.front() == "git agent-task unblock api");
  }
}

TEST_CASE("a claim has one winner, and a takeover fences the old holder off") {
  Scene scene(Status::pending);
  const auto first = scene.make.claim(scene.task, "ada");
  REQUIRE_FALSE(perform(scene.state, first).refusal);
  const auto second = perform(scene.state, scene.make.claim(scene.task, "bob"));
  REQUIRE(second.refusal);
  CHECK(second.refusal->kind == Kind::claim_lost);
  auto steal = scene.make.claim(scene.task, "bob");
  steal.args["replaces"] = first.id;
  REQUIRE_FALSE(perform(scene.state, steal).refusal);
  CHECK(scene.state.task(scene.task)->claim->fence == steal.id);
  const auto late =
      perform(scene.state,
              scene.make.op("task.submit", {{"task", scene.task}, {"fence", first.id}, {"commit", "c"}}, agent("ada")));
  REQUIRE(late.refusal);
  CHECK(late.refusal->kind == Kind::fenced);
}

TEST_CASE("malformed arguments are a refusal, never an exception") {
  const std::vector<Json> oddities = {nullptr, 1, "x", Json::array({1, "a"}), true, {{"a", {{"b", nullptr}}}}};
  const std::vector<std::string> keys = {"task", "tasks",   "set",     "add",   "remove", "run",
                                         "bead", "restore", "commits", "merge", "index",  "text"};
  for (const char* kind :
       {"task.add",    "task.edit",     "task.dep",    "task.claim", "task.renew",   "task.release", "task.start",
        "task.submit", "task.complete", "task.fail",   "task.block", "task.unblock", "task.cancel",  "task.reopen",
        "task.rework", "task.note",     "task.accept", "bead.add",   "run.start",    "run.end",      "merge.begin",
        "merge.end",   "merge.abort",   "clean",       "undo",       "refused"}) {
    for (const Json& odd : oddities) {
      Scene scene(Status::in_review);
      CHECK_NOTHROW(apply(scene.state, scene.make.op(kind, odd)));
      for (const std::string& key : keys) {
        Json args = {{"task", scene.task}};
        args[key] = odd;
        INFO(kind << " " << args.dump());
        CHECK_NOTHROW(apply(scene.state, scene.make.op(kind, args)));
      }
    }
  }
}

TEST_CASE("an object that could not be read back is refused") {
  MemoryState state;
  Maker make;
  Json deep = 1;
  for (int i = 0; i < 40; ++i) deep = {{"a", deep}};
  CHECK(perform(state, make.add("deep", "", {}, {{"extension", deep}})).refusal);
  CHECK(perform(state, make.add("big", "", {}, {{"extension", {UINT64_MAX}}})).refusal);
  const auto add = make.add("long");
  REQUIRE_FALSE(perform(state, add).refusal);
  int notes = 0;
  while (notes < 20 &&
         !perform(state, make.op("task.note", {{"task", added_id(add)}, {"text", std::string(250'000, 'x')}})).refusal)
    ++notes;
  CHECK(notes == 3);
}

TEST_CASE("a number that cannot be kept is refused") {
  Scene scene(Status::pending);
  auto claim = scene.make.claim(scene.task, "ada");
  claim.args["start"] = -1;
  CHECK(apply(scene.state, claim).refusal);
}

TEST_CASE("an object whose id could name another file is refused") {
  Scene scene(Status::in_review);
  const Json bead = {{"id", "../tasks/x"}, {"kind", "outcome"}, {"text", "t"}};
  CHECK(apply(scene.state, scene.make.op("bead.add", {{"bead", bead}})).refusal);
  CHECK(apply(scene.state, scene.make.op("run.start", {{"run", {{"id", "a/b"}}}})).refusal);
  auto merge = scene.make.op("merge.begin", {{"task", scene.task}});
  CHECK_FALSE(apply(scene.state, merge).refusal);
  merge.id = "..";
  CHECK(apply(scene.state, merge).refusal);
}
