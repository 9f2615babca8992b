// What is written is read back: operations, tasks, beads, runs, with what newer writers add.
#include "catch.hh"
#include "model/names.hh"
#include "model/world.hh"
#include "util/toml.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

Json full_task() {
  return parse_json(R"({
    "id": "0123456789abcdef0123456789abcdef", "slug": "api", "title": "Write \"the\" API — ünï",
    "description": "line one\nline two\n\ttab and ''' and \"\"\" and \\ end", "status": "in_progress",
    "reason": "r", "hold": "h", "priority": 0, "rank": 3, "phase": "build", "assignee": "@builder",
    "parent": "11111111111111111111111111111111", "labels": ["a", "b c"], "needs": ["22222222222222222222222222222222"],
    "owns": ["src/**"], "accept": [{"text": "t", "done": true, "by": "ada", "evidence": "gate:test", "commit": "c", "weight": 3}],
    "notes": [{"time": "2026-01-02T03:04:05Z", "by": "ada", "text": "n", "mood": "good"}],
    "plan_required": true, "plan_state": "submitted",
    "claim": {"agent": "ada", "host": "h", "boot": "b", "fence": "f", "pid": 12, "start": 99, "since": "2026-01-02T03:04:05Z", "expires": "2026-01-02T03:19:05Z", "seat": 2},
    "locked": ["src/**"], "branch": "refs/heads/agent/api", "base": "x", "target": "refs/heads/main", "commit": "y",
    "worker": "ada", "review_state": "passed", "review_commit": "y", "iteration": 2, "budget_tokens": 1000,
    "created": "2026-01-02T03:04:05Z", "updated": "2026-01-02T03:04:06Z", "created_by": "Lead",
    "sprint": "s1", "cost": {"usd": 1.5, "tokens": [1, 2]}
  })",
                    "test");
}

}  // namespace

TEST_CASE("a task keeps every member, also those it does not know") {
  const Json task = full_task();
  CHECK(to_json(task_from_json(task)) == task);
  CHECK(parse_toml(write_toml(task), "t") == task);
  CHECK(write_toml(to_json(task_from_json(parse_toml(write_toml(task), "t")))) == write_toml(task));
}

TEST_CASE("unknown members survive operations") {
  MemoryState state;
  Maker make;
  Json task = full_task();
  task.erase("parent");
  task.erase("needs");
  task.erase("hold");
  state.put("tasks", get_string(task, "id"), task);
  const std::string id = get_string(task, "id");
  for (const auto& op :
       {make.op("task.note", {{"task", id}, {"text", "more"}}), make.op("task.renew", {{"task", id}, {"lease", 60}}),
        make.op("task.edit", {{"task", id}, {"set", {{"title", "New"}, {"labels", {"z"}}}}})}) {
    INFO(op.kind);
    REQUIRE_FALSE(perform(state, op).refusal);
    const Json now = state.object("tasks", id);
    CHECK(now["sprint"] == "s1");
    CHECK(now["cost"] == task["cost"]);
    CHECK(now["claim"]["seat"] == 2);
    CHECK(now["accept"][0]["weight"] == 3);
    CHECK(now["notes"][0]["mood"] == "good");
  }
}

TEST_CASE("an editor cannot tick a criterion, nor a new task bring what only work gives") {
  MemoryState state;
  Maker make;
  const auto add = make.add("api", "", {},
                            {{"plan_state", "approved"},
                             {"review_state", "passed"},
                             {"locked", {"src/**"}},
                             {"status", "completed"},
                             {"iteration", 5}});
  REQUIRE_FALSE(perform(state, add).refusal);
  const auto task = *state.task(added_id(add));
  CHECK(task.status == Status::pending);
  CHECK(task.plan_state.empty());
  CHECK(task.review_state.empty());
  CHECK(task.locked.empty());
  CHECK(task.iteration == 0);
  REQUIRE_FALSE(perform(state, make.op("task.edit", {{"task", task.id},
                                                     {"set", {{"accept", {{{"text", "works"}, {"done", true}}}}}}}))
                    .refusal);
  CHECK_FALSE(state.task(task.id)->accept.at(0).done);
  REQUIRE_FALSE(
      perform(state, make.op("task.accept", {{"task", task.id}, {"index", 1}, {"evidence", "seen"}})).refusal);
  REQUIRE_FALSE(perform(state, make.op("task.edit", {{"task", task.id},
                                                     {"set", {{"accept", {{{"text", "new"}}, {{"text", "works"}}}}}}}))
                    .refusal);
  CHECK_FALSE(state.task(task.id)->accept.at(0).done);
  CHECK(state.task(task.id)->accept.at(1).done);
}

TEST_CASE("any object is a task of some kind") {
  for (const Json& odd : std::vector<Json>{
           nullptr,
           3,
           "x",
           Json::array({1}),
           Json::object(),
           {{"claim", 3}, {"accept", {1, "x"}}, {"notes", "x"}, {"priority", "high"}, {"labels", {1, "a"}}}})
    CHECK_NOTHROW(to_json(task_from_json(odd)));
}

TEST_CASE("an operation's text is canonical and goes both ways") {
  Maker make;
  Operation op =
      make.op("task.note", {{"task", "t"}, {"text", "ü\n\"q\""}, {"nested", {{"b", {1, 2, nullptr}}, {"a", 1.5}}}},
              agent("ada"));
  const std::string text = to_text(op);
  CHECK(text.back() == '\n');
  CHECK(to_text(operation_from_text(text)) == text);
  const Operation back = operation_from_text(text);
  CHECK(back.id == op.id);
  CHECK(back.kind == op.kind);
  CHECK(back.time == op.time);
  CHECK(back.args == op.args);
  CHECK(back.actor.name == "ada");
  CHECK(back.actor.role == "builder");
  CHECK_FALSE(back.actor.person);
}

TEST_CASE("members that a newer writer gives an operation stay") {
  const std::string text =
      R"({"actor":{"key":"SHA256:x","name":"ada","person":false,"role":"builder"},"args":{},"id":"1","kind":"x.y","signature":"zzz","time":"2026-01-02T03:04:05Z"})"
      "\n";
  CHECK(to_text(operation_from_text(text)) == text);
}

TEST_CASE("what is no operation is refused with a message") {
  for (const char* bad : {"", "[]", "{}", "null", "{\"id\":\"x\"}", "{\"kind\":\"x\"}", "not json"})
    CHECK_THROWS_AS(operation_from_text(bad), Error);
}

TEST_CASE("beads and runs keep unknown members") {
  const Json bead = {{"id", "b"},
                     {"kind", "decision"},
                     {"text", "t"},
                     {"task", "x"},
                     {"commit", "c"},
                     {"agent", "ada"},
                     {"client", "cl"},
                     {"model", "m"},
                     {"evidence", "e"},
                     {"supersedes", "s"},
                     {"time", "2026-01-02T03:04:05Z"},
                     {"cost", {{"usd", 2}}}};
  CHECK(to_json(bead_from_json(bead)) == bead);
  const Json run = {{"id", "r"},
                    {"task", "x"},
                    {"agent", "ada"},
                    {"profile", "p"},
                    {"client", "c"},
                    {"host", "h"},
                    {"branch", "b"},
                    {"base", "o"},
                    {"state", "exited"},
                    {"exit_code", 3},
                    {"reason", "r"},
                    {"started", "2026-01-02T03:04:05Z"},
                    {"ended", "2026-01-02T03:04:06Z"},
                    {"tokens", 12}};
  CHECK(to_json(run_from_json(run)) == run);
}

TEST_CASE("a note is safe to show and names where it comes from") {
  Bead bead;
  bead.id = id_of(1);
  bead.kind = "gotcha";
  bead.text = "first\nsecond \x1b[31m";
  bead.agent = "ada";
  const std::string note = note_text(bead, "api");
  CHECK(note.find("Gotcha [") == 0);
  CHECK(note.find("task api, by ada") != std::string::npos);
  CHECK(note.find('\x1b') == std::string::npos);
}

TEST_CASE("slugs cannot be taken for ids, options or special names") {
  for (const char* good : {"api", "x", "x1", "add-login", "a_b", "beadz", "0-1"}) CHECK(is_slug(good));
  for (const char* bad :
       {"", "-a", "a-", "A", "a", "7", "add", "dead", "beef01", "head", "con", "a.b", "a/b", "..", "a b", "ü", "_a"}) {
    INFO(bad);
    CHECK_FALSE(is_slug(bad));
  }
  CHECK(is_slug(std::string(63, 'x')));
  CHECK_FALSE(is_slug(std::string(64, 'x')));
  CHECK(is_id_prefix("dead"));
  CHECK(is_id_prefix("d"));
  CHECK_FALSE(is_id_prefix("x"));
  CHECK_FALSE(is_id_prefix(""));
  for (const char* title : {"Team", "add", "head", "7", "CON", "Write it"}) CHECK(is_slug(slug_for(title)));
  for (const char* who : {"", "ada", "@builder", "Ada Lovelace"}) CHECK(is_assignee(who));
  for (const char* who : {"@", "@@", "@a b", "a@b", " ", "a\nb"}) CHECK_FALSE(is_assignee(who));
}

TEST_CASE("what leads elsewhere is no part of a path") {
  for (const char* fine : {"parser", "agent/old-branch", "a.b", "v1.2/x_y"}) CHECK(path_slug(fine) == fine);
  for (const char* bad : {"", "../x", "a/../b", "/etc", "a//b", "a/", ".hidden", "-rf", "a/-rf", "a\nb", "a\x1b[0m"})
    CHECK_THROWS_AS(path_slug(bad), Error);
}
