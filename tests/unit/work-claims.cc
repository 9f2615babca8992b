// What operations of a spin and its runner do to the state.
#include "catch.hh"
#include "model/operation.hh"

using namespace ga;
using namespace ga::model;

namespace {

const std::string kParent(32, 'a'), kChild(32, 'b'), kOther(32, 'c');

Task make(const std::string& id, const std::string& slug, const std::string& parent = "") {
  Task task;
  task.id = id;
  task.slug = slug;
  task.title = slug;
  task.parent = parent;
  return task;
}

Operation op(const std::string& kind, Json args, const std::string& id = std::string(32, '1')) {
  return {id, kind, {"me", "lead", true}, 1000, std::move(args)};
}

void commit(MemoryState& state, const Operation& operation) {
  const Outcome outcome = apply(state, operation);
  INFO((outcome.refusal ? outcome.refusal->message : ""));
  REQUIRE_FALSE(outcome.refusal.has_value());
  for (const ObjectChange& change : outcome.changes) state.put(change.folder, change.id, change.value);
}

Json spin_args(const Task& task) {
  return {{"task", task.id},
          {"agent", "api"},
          {"host", "h"},
          {"pid", 7},
          {"start", 70},
          {"boot", "b"},
          {"lease", 900},
          {"branch", "refs/heads/agent/" + task.slug},
          {"base", std::string(40, '0')},
          {"target", "refs/heads/main"}};
}

}  // namespace

TEST_CASE("a claim brings its task and its ancestors' branches along", "[model]") {
  MemoryState state;
  state.put("tasks", kParent, to_json(make(kParent, "whole")));
  const Task child = make(kChild, "part", kParent);
  Json args = spin_args(child);
  args["add"] = to_json(child);
  args["parents"] = Json::array(
      {{{"task", kParent}, {"branch", "refs/heads/agent/whole"}, {"base", "x"}, {"target", "refs/heads/main"}}});
  commit(state, op("task.claim", args));
  CHECK(state.task(kChild)->status == Status::in_progress);
  CHECK(state.task(kChild)->branch == "refs/heads/agent/part");
  CHECK(state.task(kParent)->branch == "refs/heads/agent/whole");
  CHECK(state.task(kParent)->status == Status::pending);

  commit(state,
         op("task.release",
            {{"task", kChild}, {"fence", std::string(32, '1')}, {"drop_branch", true}, {"drop_parents", {kParent}}}));
  CHECK(state.task(kChild)->status == Status::pending);
  CHECK(state.task(kChild)->branch.empty());
  CHECK(state.task(kParent)->branch.empty());
}

TEST_CASE("only ancestors get a branch with a claim, and only the task claimed is added", "[model]") {
  MemoryState state;
  state.put("tasks", kOther, to_json(make(kOther, "other")));
  const Task child = make(kChild, "part");
  Json args = spin_args(child);
  args["add"] = to_json(child);
  args["parents"] = Json::array({{{"task", kOther}, {"branch", "refs/heads/agent/other"}}});
  CHECK(apply(state, op("task.claim", args)).refusal.has_value());
  args.erase("parents");
  args["add"] = to_json(make(kParent, "whole"));
  CHECK(apply(state, op("task.claim", args)).refusal.has_value());
}

TEST_CASE("the claim becomes the runner's, unless it is another one by then", "[model]") {
  MemoryState state;
  const Task task = make(kChild, "part");
  state.put("tasks", kChild, to_json(task));
  commit(state, op("task.claim", spin_args(task)));
  Json start = {{"run", {{"id", std::string(32, '2')}, {"task", kChild}, {"agent", "api"}}},
                {"fence", std::string(32, '1')},
                {"host", "h"},
                {"pid", 99},
                {"start", 990},
                {"boot", "b"},
                {"lease", 900}};
  commit(state, op("run.start", start, std::string(32, '2')));
  CHECK(state.task(kChild)->claim->pid == 99);
  CHECK(state.task(kChild)->claim->fence == std::string(32, '1'));
  start["pid"] = 5;
  start["fence"] = "stale";
  commit(state, op("run.start", start, std::string(32, '3')));
  CHECK(state.task(kChild)->claim->pid == 99);
  commit(state, op("task.renew", {{"task", kChild},
                                  {"fence", std::string(32, '1')},
                                  {"lease", 900},
                                  {"host", "h"},
                                  {"pid", 8},
                                  {"start", 1},
                                  {"boot", "b"}}));
  CHECK(state.task(kChild)->claim->pid == 8);
}

TEST_CASE("a claim given back keeps the paths while work lies on a branch", "[model]") {
  MemoryState state;
  Task task = make(kChild, "part");
  task.owns = {"src/**"};
  state.put("tasks", kChild, to_json(task));
  commit(state, op("task.claim", spin_args(task)));
  const std::string fence(32, '1');
  commit(state, op("task.release", {{"task", kChild}, {"fence", fence}}));
  CHECK(state.task(kChild)->locked == std::vector<std::string>{"src/**"});
  commit(state, op("task.claim", spin_args(task)));
  commit(state, op("task.release", {{"task", kChild}, {"fence", fence}, {"drop_branch", true}}));
  CHECK(state.task(kChild)->locked.empty());
}
