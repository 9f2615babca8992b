// Other trackers' files as they are read and planned, before anything is written.
#include "catch.hh"
#include "interop/export.hh"
#include "interop/foreign-json.hh"
#include "interop/plan.hh"
#include "model/imported.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::interop;
using namespace ga::test;

namespace {

Reading read(const std::string& format, const std::string& text) {
  return find_format(format)->read({{"tasks/file.md", text}});
}

// Imports as the command does; the plan it followed.
ImportPlan import(model::MemoryState& state, Maker& make, const std::string& text, const std::string& format = "beads",
                  const model::Actor& who = kLead) {
  ImportPlan plan = plan_import(state, format, read(format, text));
  if (!plan.tasks.empty()) {
    const auto outcome = perform(state, make.op("task.import", {{"from", format}, {"tasks", plan.tasks}}, who));
    INFO((outcome.refusal ? outcome.refusal->message : ""));
    REQUIRE_FALSE(outcome.refusal);
  }
  return plan;
}

model::Task task(model::MemoryState& state, const std::string& id, const std::string& from = "beads") {
  const auto found = state.task(model::import_id(from, id));
  REQUIRE(found);
  return *found;
}

std::string issue(const std::string& id, const std::string& members = "") {
  return R"({"id":")" + id + R"(","title":")" + id + "\"" + (members.empty() ? "" : "," + members) + "}\n";
}

std::string needs(const std::string& id, const std::string& on, const std::string& since) {
  return issue(id, R"("dependencies":[{"issue_id":")" + id + R"(","depends_on_id":")" + on +
                       R"(","type":"blocks","created_at":")" + since + R"("}])");
}

}  // namespace

TEST_CASE("moments of all trackers compare as their times do") {
  const auto at = [](const char* text) {
    const auto moment = parse_moment(text);
    return moment ? format_time(moment->seconds) : "none";
  };
  CHECK(at("2025-11-24T13:58:03.677572681Z") == "2025-11-24T13:58:03Z");
  CHECK(at("2025-11-24T13:58:03+02:30") == "2025-11-24T11:28:03Z");
  CHECK(at("2025-11-24T13:58:03.5-0100") == "2025-11-24T14:58:03Z");
  CHECK(at("20251124T135803Z") == "2025-11-24T13:58:03Z");
  CHECK(at("2025-11-24 13:58") == "2025-11-24T13:58:00Z");
  CHECK(at("2025-11-24") == "2025-11-24T00:00:00Z");
  CHECK(at("24-11-25") == "2025-11-24T00:00:00Z");
  CHECK(at("24/11/2025") == "2025-11-24T00:00:00Z");
  for (const char* text :
       {"", "soon", "2025-13-01", "2025-02-30", "2025-11-24T25:00:00Z", "2025-11-24T10:00:00X", "2025"})
    CHECK(at(text) == std::string("none"));
  CHECK(parse_moment("2025-11-24T13:58:03Z")->text < parse_moment("2025-11-24T13:58:03.1Z")->text);
  CHECK(parse_moment("2025-11-24T13:58:03.09Z")->text < parse_moment("2025-11-24T13:58:03.1Z")->text);
  CHECK(parse_moment("2025-11-24T13:58:03.10Z")->text == parse_moment("2025-11-24T13:58:03.1Z")->text);
}

TEST_CASE("pieces of JSON are found by brackets and quotes, with their lines") {
  const std::string text = "{\n \"a\": [1, {\"b\": \"],}\\\"\"},\n  broken here, 3],\n \"c\": \"x\" }";
  const Piece root = root_of(text);
  const auto list = piece(root, "a");
  REQUIRE(list);
  const auto elements = pieces(*list);
  REQUIRE(elements.size() == 4);
  CHECK(elements[1].text == "{\"b\": \"],}\\\"\"}");
  CHECK(elements[2].text == "broken here");
  CHECK(elements[2].line == 3);
  CHECK(piece(root, "c")->text == "\"x\"");
  CHECK(piece(root, "c")->line == 4);
  CHECK(pieces(root_of("[1, [2, 3")).size() == 2);
  CHECK(pieces(root_of("")).empty());
}

TEST_CASE("criteria are the items of a list, or the whole text") {
  const auto list = criteria_of("To do:\n- [x] one\n- two\n  goes on\n3. three\n");
  REQUIRE(list.size() == 3);
  CHECK(list[0].text == "one");
  CHECK(list[0].done);
  CHECK(list[1].text == "two goes on");
  CHECK(list[2].text == "three");
  const auto prose = criteria_of("It works.\nAlways.");
  REQUIRE(prose.size() == 1);
  CHECK(prose[0].text == "It works.\nAlways.");
  CHECK(criteria_of("\n \n").empty());
}

TEST_CASE("of a cycle the newest need goes, and nothing else") {
  model::MemoryState state;
  Maker make;
  const auto plan = import(state, make,
                           needs("a", "b", "2025-01-03T00:00:00Z") + needs("b", "c", "2025-01-01T00:00:00Z") +
                               needs("c", "a", "2025-01-02T00:00:00Z") + needs("d", "a", "2025-01-09T00:00:00Z"));
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].id == "a");
  CHECK(task(state, "a").needs.empty());
  CHECK(task(state, "b").needs.size() == 1);
  CHECK(task(state, "d").needs.size() == 1);
}

TEST_CASE("a cycle through parents is found, also with tasks that are here already") {
  model::MemoryState state;
  Maker make;
  const std::string family = issue("p") + issue("p.1") + issue("q") + issue("q.1");
  CHECK(import(state, make, family).warnings.empty());
  // q.1 needs p.1 means q waits for p; p.1 needing q.1 closes it.
  perform(state, make.op("task.dep", {{"task", task(state, "q.1").id}, {"add", {task(state, "p.1").id}}}));
  const auto plan = import(state, make, issue("p") + needs("p.1", "q.1", "2025-01-01T00:00:00Z"));
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].id == "p.1");
  CHECK(task(state, "p.1").needs.empty());
  CHECK(task(state, "q.1").needs.size() == 1);
  // A need on what the task is part of can never be.
  CHECK(import(state, make, needs("q.1", "q", "2025-01-01T00:00:00Z")).warnings.size() == 1);
}

TEST_CASE("parents that make no tree are left out") {
  model::MemoryState state;
  Maker make;
  const auto below = [](const std::string& id, const std::string& parent) {
    return issue(id, R"("dependencies":[{"depends_on_id":")" + parent + R"(","type":"parent-child"}])");
  };
  std::string text = below("a", "b") + below("b", "a") + below("c", "a");
  for (int i = 0; i < 100; ++i) text += below("n" + std::to_string(i + 1), "n" + std::to_string(i));
  import(state, make, text + issue("n0"));
  for (const model::Task& each : tasks_of(state)) CHECK(model::ancestors(state, each.id).size() < 60);
}

TEST_CASE("the newest of several records counts, and deleted ones as they are dated") {
  model::MemoryState state;
  Maker make;
  const auto dated = [](const std::string& id, const std::string& when, const std::string& status) {
    return issue(id, R"("updated_at":")" + when + R"(","status":")" + status + "\"");
  };
  const auto plan =
      import(state, make,
             dated("a", "2025-01-02T00:00:00.2Z", "closed") + dated("a", "2025-01-02T00:00:00.1Z", "open") +
                 dated("b", "2025-01-02T00:00:00Z", "tombstone") + dated("b", "2025-01-01T00:00:00Z", "open") +
                 dated("c", "2025-01-01T00:00:00Z", "tombstone") + dated("c", "2025-01-02T00:00:00Z", "open"));
  CHECK(plan.imported() == 2);
  CHECK(task(state, "a").finished());
  CHECK_FALSE(state.task(model::import_id("beads", "b")));
  CHECK(task(state, "c").open());
}

TEST_CASE("members edited here stay, members changed there come") {
  model::MemoryState state;
  Maker make;
  import(state, make,
         issue("a", R"("description":"old","priority":1,"labels":["x"],"acceptance_criteria":"- one\n- two")"));
  const std::string id = task(state, "a").id;
  perform(state, make.op("task.edit", {{"task", id}, {"set", {{"priority", 4}, {"title", "Mine"}}}}));
  perform(state, make.op("task.accept", {{"task", id}, {"index", 1}, {"evidence", "seen"}, {"commit", ""}}));
  import(state, make, issue("a", R"("description":"new","priority":1,"acceptance_criteria":"- one\n- three","x":1)"));
  const model::Task now = task(state, "a");
  CHECK(now.title == "Mine");
  CHECK(now.priority == 4);
  CHECK(now.description == "new");
  CHECK(now.labels.empty());
  REQUIRE(now.accept.size() == 2);
  CHECK(now.accept[0].done);
  CHECK(now.accept[1].text == "three");
  CHECK(original_record(now)["x"] == 1);
}

TEST_CASE("clones that import different versions apart agree, in either order") {
  const std::string old_text = issue("a", R"("updated_at":"2025-01-01T00:00:00Z","description":"old")");
  const std::string new_text =
      issue("a", R"("updated_at":"2025-01-02T00:00:00Z","description":"new","status":"closed")");
  for (const bool old_first : {true, false}) {
    Maker make;
    model::MemoryState empty, state;
    std::vector<model::Operation> operations;
    for (const std::string& text : {old_text, new_text})
      operations.push_back(make.op(
          "task.import", {{"from", "beads"}, {"tasks", plan_import(empty, "beads", read("beads", text)).tasks}}));
    for (const std::size_t i : {old_first ? 0 : 1, old_first ? 1 : 0})
      REQUIRE_FALSE(perform(state, operations[i]).refusal);
    CHECK(task(state, "a").description == "new");
    CHECK(task(state, "a").finished());
    CHECK(tasks_of(state).size() == 1);
  }
}

TEST_CASE("an operation from elsewhere cannot pass another task off as imported") {
  model::MemoryState state;
  Maker make;
  const auto add = make.add("api");
  perform(state, add);
  const auto outcome =
      perform(state, make.op("task.import", {{"from", "beads"},
                                             {"tasks",
                                              {{{"id", added_id(add)},
                                                {"slug", "api"},
                                                {"title", "Other"},
                                                {"origin", {{"from", "beads"}, {"id", "bd-1"}, {"record", "{}"}}}}}}}));
  REQUIRE(outcome.refusal);
  CHECK(outcome.refusal->kind == Kind::usage);
}

TEST_CASE("readers take any bytes") {
  Dice dice(7);
  const std::vector<std::string> scraps = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           "\"",
                                           ",",
                                           ":",
                                           "\n",
                                           "\r",
                                           "\xff",
                                           "---\n",
                                           "id: ",
                                           "\"id\"",
                                           "\"tasks\"",
                                           "1",
                                           "- ",
                                           "null",
                                           "\\u0000",
                                           "\"userStories\"",
                                           "&a *a",
                                           "title: x\n",
                                           "## ",
                                           "<<<<<<< ",
                                           "\"title\":\"t\"",
                                           std::string("\0", 1)};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t n = dice.below(40); n > 0; --n) text += dice.pick(scraps);
    for (const char* format : {"beads", "ralph", "taskmaster", "backlog", "taskwarrior", "github"}) {
      model::MemoryState state;
      INFO(format << ": " << text);
      CHECK_NOTHROW(plan_import(state, format, read(format, text)));
    }
  }
}
