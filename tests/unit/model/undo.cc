// The operation `undo`: restores exactly, and never breaks a rule.
#include "catch.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

// What an undo of an outcome's changes has to say, given the state before it.
Json restore(MemoryState& before, const std::vector<ObjectChange>& changes) {
  Json list = Json::array();
  for (const ObjectChange& change : changes)
    list.push_back({{"folder", change.folder},
                    {"id", change.id},
                    {"expect", object_hash(change.value)},
                    {"value", before.object(change.folder, change.id)}});
  return list;
}

struct Undoable {
  Outcome outcome;
  Operation undo;
};

// Performs an operation and gives the one that takes it back.
Undoable act(MemoryState& state, Maker& make, const Operation& op) {
  MemoryState before = state;
  Outcome outcome = perform(state, op);
  REQUIRE_FALSE(outcome.refusal);
  return {outcome, make.op("undo", {{"op", op.id}, {"restore", restore(before, outcome.changes)}})};
}

}  // namespace

TEST_CASE("undo restores every object to what it was") {
  MemoryState state;
  Maker make;
  const auto add = make.add("api", "", {}, {{"accept", Json::array({{{"text", "works"}}})}});
  perform(state, add);
  const std::string id = added_id(add);
  const Json bead = {{"id", make.id()}, {"kind", "outcome"}, {"text", "t"}, {"task", id}};
  for (const auto& op : {make.op("task.edit", {{"task", id}, {"set", {{"title", "New"}}}}),
                         make.op("task.note", {{"task", id}, {"text", "n"}}),
                         make.op("task.cancel", {{"task", id}, {"why", "x"}, {"bead", bead}}), make.claim(id, "ada"),
                         make.add("other")}) {
    INFO(op.kind);
    const Json task_before = state.object("tasks", id);
    const auto made = act(state, make, op);
    REQUIRE_FALSE(perform(state, made.undo).refusal);
    CHECK(state.object("tasks", id) == task_before);
    for (const ObjectChange& change : made.outcome.changes)
      if (change.id != id) CHECK(state.object(change.folder, change.id).is_null());
  }
}

TEST_CASE("an undo is refused when the object has changed since") {
  MemoryState state;
  Maker make;
  const auto add = make.add("api");
  perform(state, add);
  const auto made = act(state, make, make.op("task.edit", {{"task", added_id(add)}, {"set", {{"title", "New"}}}}));
  perform(state, make.op("task.note", {{"task", added_id(add)}, {"text", "n"}}));
  const auto outcome = perform(state, made.undo);
  REQUIRE(outcome.refusal);
  CHECK(outcome.refusal->kind == Kind::wrong_status);
}

TEST_CASE("an undo breaks no rule") {
  MemoryState state;
  Maker make;
  const auto a = make.add("a1x"), b = make.add("b1x");
  SECTION("a task that others refer to stays") {
    const auto made = act(state, make, a);
    perform(state, b);
    perform(state, make.op("task.dep", {{"task", added_id(b)}, {"add", {added_id(a)}}}));
    CHECK(perform(state, made.undo).refusal);
  }
  SECTION("no cycle comes back") {
    perform(state, a);
    perform(state, b);
    perform(state, make.op("task.dep", {{"task", added_id(a)}, {"add", {added_id(b)}}}));
    const auto made = act(state, make, make.op("task.dep", {{"task", added_id(a)}, {"remove", {added_id(b)}}}));
    REQUIRE_FALSE(perform(state, make.op("task.dep", {{"task", added_id(b)}, {"add", {added_id(a)}}})).refusal);
    CHECK(perform(state, made.undo).refusal);
  }
  SECTION("a name that was given away is not taken back") {
    const auto made = act(state, make, a);
    const auto undone = act(state, make, made.undo);
    perform(state, make.add("a1x"));
    CHECK(perform(state, undone.undo).refusal);
  }
  SECTION("paths that another task owns by now are not taken back") {
    const auto first = make.add("first", "", {}, {{"owns", {"src/**"}}}),
               second = make.add("second", "", {}, {{"owns", {"src/a.c"}}});
    perform(state, first);
    perform(state, second);
    const auto claim = make.claim(added_id(first), "ada");
    perform(state, claim);
    const auto made =
        act(state, make, make.op("task.release", {{"task", added_id(first)}, {"fence", claim.id}}, agent("ada")));
    REQUIRE_FALSE(perform(state, make.claim(added_id(second), "bob")).refusal);
    const auto outcome = perform(state, made.undo);
    REQUIRE(outcome.refusal);
    CHECK(outcome.refusal->kind == Kind::locked);
  }
  SECTION("only tasks and beads are restored") {
    const Json merge = {{"folder", "merges"}, {"id", make.id()}, {"expect", ""}, {"value", {{"id", "x"}}}};
    CHECK(perform(state, make.op("undo", {{"op", "x"}, {"restore", Json::array({merge})}})).refusal);
    CHECK(perform(state, make.op("undo", {{"op", "x"}, {"restore", Json::array()}})).refusal);
  }
}

TEST_CASE("an undo made up by somebody brings no other name or id") {
  MemoryState state;
  Maker make;
  const auto a = make.add("a1x"), b = make.add("b1x");
  perform(state, a);
  perform(state, b);
  const Json now = state.object("tasks", added_id(a));
  const auto undo_to = [&](const char* key, const std::string& text) {
    Json value = now;
    value[key] = text;
    return perform(
        state,
        make.op("undo",
                {{"restore",
                  Json::array(
                      {{{"folder", "tasks"}, {"id", added_id(a)}, {"expect", object_hash(now)}, {"value", value}}})}}));
  };
  CHECK(undo_to("slug", "../../x").refusal);
  CHECK(undo_to("slug", "b1x").refusal);
  CHECK(undo_to("id", added_id(b)).refusal);
  CHECK_FALSE(undo_to("title", "New").refusal);
}
