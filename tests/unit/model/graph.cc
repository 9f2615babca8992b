// The waiting graph: against a model that knows no shortcuts, and on random edits.
#include "model/graph.hh"

#include <algorithm>
#include <map>
#include <set>

#include "catch.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

// From the topmost ancestor down to the task itself.
std::vector<std::string> line_from_top(const std::map<std::string, Task>& tasks, const std::string& id) {
  std::vector<std::string> line{id};
  while (tasks.count(line.front()) != 0 && !tasks.at(line.front()).parent.empty() && line.size() < 100)
    line.insert(line.begin(), tasks.at(line.front()).parent);
  return line;
}

// Where the two lines part, the task on the side of `on`.
std::string plain_lift(const std::map<std::string, Task>& tasks, const std::string& task, const std::string& on) {
  const auto mine = line_from_top(tasks, task), theirs = line_from_top(tasks, on);
  for (std::size_t i = 0; i < theirs.size(); ++i)
    if (i >= mine.size() || mine[i] != theirs[i]) return theirs[i];
  return "";
}

std::map<std::string, Task> by_id(const MemoryState& state) {
  std::map<std::string, Task> map;
  for (Task& task : tasks_of(state)) map.emplace(task.id, std::move(task));
  return map;
}

// Whether some task waits for itself, by closing the relation.
bool has_cycle(const std::map<std::string, Task>& tasks) {
  std::map<std::string, std::set<std::string>> waits;
  for (const auto& [id, task] : tasks) {
    for (const std::string& need : task.needs) waits[id].insert(plain_lift(tasks, id, need));
    if (!task.parent.empty()) waits[task.parent].insert(id);
  }
  for (const auto& [middle, ignored] : tasks)
    for (auto& [from, to] : waits)
      if (to.count(middle) != 0) to.insert(waits[middle].begin(), waits[middle].end());
  return std::any_of(waits.begin(), waits.end(),
                     [](const auto& entry) { return entry.second.count(entry.first) != 0; });
}

std::set<std::string> plain_blockers(const std::map<std::string, Task>& tasks, const Task& task) {
  std::set<std::string> waiting;
  for (const std::string& need : task.needs) {
    const std::string lifted = plain_lift(tasks, task.id, need);
    if (!lifted.empty() && (tasks.count(lifted) == 0 || tasks.at(lifted).status != Status::completed))
      waiting.insert(lifted);
  }
  return waiting;
}

std::string add(MemoryState& state, Maker& make, const std::string& slug, const std::string& parent = "",
                const std::vector<std::string>& needs = {}) {
  const auto op = make.add(slug, parent, needs);
  REQUIRE_FALSE(perform(state, op).refusal);
  return added_id(op);
}

Operation reparent(Maker& make, const std::string& task, const std::string& parent) {
  return make.op("task.edit", {{"task", task}, {"set", {{"parent", parent}}}});
}

Operation need(Maker& make, const std::string& task, const std::string& on) {
  return make.op("task.dep", {{"task", task}, {"add", {on}}});
}

}  // namespace

TEST_CASE("a dependency across parents waits for the sibling's ancestor") {
  MemoryState state;
  Maker make;
  const auto p = add(state, make, "p"), q = add(state, make, "q");
  const auto p1 = add(state, make, "p1", p), q1 = add(state, make, "q1", q), q11 = add(state, make, "q11", q1);
  CHECK(lift(state, p1, q11) == q);
  CHECK(lift(state, p, q11) == q);
  CHECK(lift(state, q, q11) == q1);
  CHECK(lift(state, q1, q11) == q11);
  CHECK(lift(state, q11, q).empty());
  CHECK(lift(state, q, q).empty());
  const auto q2 = add(state, make, "q2", q);
  CHECK(lift(state, q2, q11) == q1);
}

TEST_CASE("moving a task must not turn what others need into a cycle") {
  MemoryState state;
  Maker make;
  SECTION("under a task that waits for one that needs it") {
    const auto p = add(state, make, "p"), t = add(state, make, "t"), c = add(state, make, "child", t);
    const auto x = add(state, make, "x", "", {c});
    REQUIRE_FALSE(perform(state, need(make, p, x)).refusal);
    const auto outcome = perform(state, reparent(make, t, p));
    REQUIRE(outcome.refusal);
    CHECK(outcome.refusal->message.find("cycle") != std::string::npos);
  }
  SECTION("out of a parent that needs it") {
    const auto p = add(state, make, "p"), x = add(state, make, "x", p), t = add(state, make, "t", p, {x});
    REQUIRE_FALSE(perform(state, need(make, p, t)).refusal);
    CHECK(perform(state, reparent(make, t, "")).refusal);
  }
  SECTION("below a task that it needs") {
    const auto p = add(state, make, "p"), t = add(state, make, "t", "", {p});
    CHECK(perform(state, reparent(make, t, p)).refusal);
  }
  SECTION("below itself") {
    const auto p = add(state, make, "p"), t = add(state, make, "t", p);
    CHECK(perform(state, reparent(make, p, t)).refusal);
    CHECK(perform(state, reparent(make, p, p)).refusal);
  }
}

TEST_CASE("a batch is judged as a whole") {
  MemoryState state;
  Maker make;
  Json a = {{"id", make.id()}, {"slug", "task-a"}, {"title", "A"}},
       b = {{"id", make.id()}, {"slug", "task-b"}, {"title", "B"}};
  a["needs"] = Json::array({b["id"]});
  b["needs"] = Json::array({a["id"]});
  CHECK(perform(state, make.op("task.add", {{"tasks", {a, b}}})).refusal);
  b.erase("needs");
  CHECK_FALSE(perform(state, make.op("task.add", {{"tasks", {a, b}}})).refusal);
  Json c = {{"id", make.id()}, {"slug", "task-c"}, {"title", "C"}},
       d = {{"id", make.id()}, {"slug", "task-d"}, {"title", "D"}};
  c["parent"] = d["id"];
  d["parent"] = c["id"];
  CHECK(perform(state, make.op("task.add", {{"tasks", {c, d}}})).refusal);
}

TEST_CASE("tasks nest to a limit, whatever way they got there") {
  MemoryState state;
  Maker make;
  std::string below;
  int levels = 0;
  for (;; ++levels) {
    const auto op = make.add("l" + std::to_string(levels) + "x", below);
    if (perform(state, op).refusal) break;
    below = added_id(op);
    REQUIRE(levels < 100);
  }
  CHECK(levels == 64);
  const auto top = add(state, make, "top"), under = add(state, make, "under", top);
  (void)under;
  const auto lowest_but_one = state.task(below)->parent;
  CHECK(perform(state, reparent(make, top, lowest_but_one)).refusal);
}

TEST_CASE("no accepted sequence of edits ever yields a cycle") {
  const unsigned seed = GENERATE(range(1u, 41u));
  Dice dice(seed);
  Maker make;
  MemoryState state;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(add(state, make, "s" + std::to_string(i) + "x"));
  int accepted = 0, refused = 0;
  for (int step = 0; step < 120; ++step) {
    if (ids.size() > 16 && dice.chance(20)) continue;
    const auto op = random_link(make, dice, ids, step);
    const auto outcome = perform(state, op);
    (outcome.refusal ? refused : accepted) += 1;
    if (op.kind == "task.add" && !outcome.refusal) ids.push_back(added_id(op));
    const auto tasks = by_id(state);
    INFO("seed " << seed << " step " << step << ": " << to_text(op));
    REQUIRE_FALSE(has_cycle(tasks));
    if (outcome.refusal) CHECK(outcome.changes.empty());
  }
  CHECK(accepted > 20);
  CHECK(refused > 5);
  // lift() and blockers() say what the plain model says.
  for (const std::string& id : ids)
    if (dice.chance(40)) {
      Task task = *state.task(id);
      task.status = Status::completed;
      state.put("tasks", id, to_json(task));
    }
  const auto tasks = by_id(state);
  for (const std::string& a : ids) {
    for (const std::string& b : ids) CHECK(lift(state, a, b) == plain_lift(tasks, a, b));
    const auto got = blockers(state, tasks.at(a));
    CHECK(std::set<std::string>(got.begin(), got.end()) == plain_blockers(tasks, tasks.at(a)));
    CHECK(std::set<std::string>(got.begin(), got.end()).size() == got.size());
  }
}

TEST_CASE("what is refused as a cycle is one") {
  const unsigned seed = GENERATE(range(100u, 120u));
  Dice dice(seed);
  Maker make;
  MemoryState state;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add(state, make, "s" + std::to_string(i) + "x"));
  for (int step = 0; step < 100; ++step) {
    const auto op = random_link(make, dice, ids, step);
    auto tasks = by_id(state);
    const auto outcome = perform(state, op);
    if (op.kind == "task.add" && !outcome.refusal) ids.push_back(added_id(op));
    if (!outcome.refusal || op.kind == "task.add") continue;
    // Made all the same, the plain model must see why not.
    Task& task = tasks.at(get_string(op.args, "task"));
    if (op.kind == "task.edit") task.parent = get_string(op.args["set"], "parent");
    if (op.kind == "task.dep") task.needs.push_back(op.args["add"][0]);
    bool never = false;
    for (const auto& [id, each] : tasks)
      for (const std::string& on : each.needs) never = never || plain_lift(tasks, id, on).empty();
    INFO("seed " << seed << ": " << to_text(op) << outcome.refusal->message);
    CHECK((never || has_cycle(tasks)));
  }
}
