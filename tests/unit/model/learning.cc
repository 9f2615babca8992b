#include "model/learning.hh"

#include "catch.hh"
#include "model/operation.hh"
#include "model/state.hh"

using namespace ga;
using namespace ga::model;

TEST_CASE("a reflection's answers are found by headings, by numbers, and by their words") {
  const auto headed = read_reflection("# Reflection\nhello\n## What surprised me\nthe cache\nis cold\n\n"
                                      "## Prompt\nsay the port\n## One pattern for AGENTS.md\n- STYLE: tabs\n");
  CHECK(headed.problem.empty());
  CHECK(headed.reflection.surprise == "the cache\nis cold");
  CHECK(headed.reflection.pattern == "- STYLE: tabs");
  CHECK(headed.reflection.improvement == "say the port");
  const auto numbered =
      read_reflection("1. What surprised me? the cache\n2) use make\n3. One prompt improvement: none");
  CHECK(numbered.problem.empty());
  CHECK(numbered.reflection.surprise == "the cache");
  CHECK(numbered.reflection.pattern == "use make");
  CHECK(numbered.reflection.improvement.empty());
}

TEST_CASE("a reflection that leaves a question out, or says nothing at all, is none") {
  CHECK(read_reflection("## Surprise\nx\n## Pattern\ny\n").problem == "it does not answer \"One prompt improvement\"");
  CHECK(read_reflection("").problem == "it does not answer \"What surprised me?\"");
  CHECK(read_reflection("1. none\n2. n/a\n3. -\n").problem == "all three answers say nothing");
  // The form as it is printed, comments and all, answers nothing.
  CHECK(read_reflection(reflection_template()).problem == "all three answers say nothing");
}

TEST_CASE("a proposal is one line with its section or role") {
  const Learning rule = proposal("- GOTCHAS: run `make gen`\n  first", "rule");
  CHECK(rule.text == "run `make gen` first");
  CHECK(rule.section == "GOTCHAS");
  CHECK(proposal("Note: look twice", "rule").text == "Note: look twice");
  CHECK(proposal("reviewer: read the diff twice", "prompt").section == "reviewer");
  CHECK(proposal("read it twice", "prompt").section == "builder");
  CHECK(proposal(std::string(2000, 'x'), "rule").text.size() == kMaxLearning);
}

TEST_CASE("rules that say the same or the opposite are told apart from others") {
  CHECK(compare_rules("Run the tests with make check", "Always run tests with `make check`.") == Likeness::same);
  CHECK(compare_rules("Never commit generated files", "Commit generated files") == Likeness::opposite);
  CHECK(compare_rules("Indent with tabs", "Indent with spaces") == Likeness::opposite);
  CHECK(compare_rules("Use npm to install packages", "Use pnpm to install packages") == Likeness::opposite);
  CHECK(compare_rules("Indent with tabs", "Close the database after each test") == Likeness::none);
  CHECK(compare_rules("", "x") == Likeness::none);
}

namespace {

std::string id_of(char c) { return std::string(32, c); }

Operation operation(const std::string& kind, Json args, bool person = false) {
  return {id_of('e'),      kind,          {person ? "lead" : "ada", person ? "lead" : "builder", person}, 5000,
          std::move(args), Json::object()};
}

Outcome play(MemoryState& state, const Operation& op) {
  Outcome outcome = apply(state, op);
  for (const ObjectChange& change : outcome.changes) state.put(change.folder, change.id, change.value);
  return outcome;
}

MemoryState with_proposal() {
  MemoryState state;
  Task task;
  task.id = id_of('a');
  task.slug = "api";
  task.title = "API";
  task.worker = "ada";
  state.put("tasks", task.id, to_json(task));
  Learning learning;
  learning.id = id_of('b');
  learning.kind = "rule";
  learning.text = "Run make gen first";
  learning.section = "GOTCHAS";
  Reflection reflection;
  reflection.id = id_of('c');
  reflection.surprise = "gen";
  const Outcome made = play(state, operation("reflect", {{"task", task.id},
                                                         {"reflection", to_json(reflection)},
                                                         {"learnings", Json::array({to_json(learning)})}}));
  REQUIRE(!made.refusal);
  return state;
}

}  // namespace

TEST_CASE("a reflection marks its task and queues what it proposes, as its author's") {
  MemoryState state = with_proposal();
  CHECK(state.task(id_of('a'))->reflected == 5000);
  const Learning learning = learning_from_json(state.object("learnings", id_of('b')));
  CHECK(learning.state == "proposed");
  CHECK(learning.by == "ada");
  CHECK(learning.task == id_of('a'));
  // Another agent has no word in it.
  Operation other = operation("reflect", {{"task", id_of('a')}, {"reflection", {{"id", id_of('d')}}}});
  other.actor.name = "bob";
  REQUIRE(apply(state, other).refusal);
}

TEST_CASE("only the lead decides about a learning, once, and about the line that was seen") {
  MemoryState state = with_proposal();
  const Json seen = {{"learning", id_of('b')}, {"text", "Run make gen first"}, {"section", "GOTCHAS"}};
  CHECK(apply(state, operation("learn.approve", seen)).refusal->kind == Kind::not_lead);
  Json changed = seen;
  changed["text"] = "Run it";
  CHECK(apply(state, operation("learn.approve", changed, true)).refusal->kind == Kind::target_moved);
  CHECK(apply(state, operation("learn.reject", {{"learning", id_of('b')}, {"why", " "}}, true)).refusal->kind ==
        Kind::usage);
  REQUIRE(!play(state, operation("learn.edit", {{"learning", id_of('b')}, {"text", "Run it"}})).refusal);
  REQUIRE(!play(state, operation("learn.approve", changed, true)).refusal);
  CHECK(learning_from_json(state.object("learnings", id_of('b'))).decided_by == "lead");
  CHECK(apply(state, operation("learn.reject", {{"learning", id_of('b')}, {"why", "no"}}, true)).refusal->kind ==
        Kind::wrong_status);
}

TEST_CASE("a line with hidden characters, of no kind or too long is no proposal") {
  MemoryState state = with_proposal();
  for (const char* text : {"a\xE2\x80\xAE"
                           "b",
                           "two\nlines", ""}) {
    CHECK(apply(state, operation("learn.edit", {{"learning", id_of('b')}, {"text", text}, {"section", "STYLE"}}))
              .refusal.has_value() == (*text != '\0'));
  }
  CHECK(apply(state, operation("learn.edit", {{"learning", id_of('b')}, {"text", std::string(501, 'x')}}))
            .refusal->kind == Kind::usage);
}
