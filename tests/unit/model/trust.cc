// Approvals and plans: who may decide, about which version, and what stays.
#include "catch.hh"
#include "model/approval.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::model;
using namespace ga::test;

namespace {

Json approval(const std::string& statement, const std::string& signature) {
  return {{"id", approval_id(statement, signature)},
          {"kind", "guard"},
          {"statement", statement},
          {"signature", signature},
          {"curator", "lead@example.org"}};
}

struct Planned {
  MemoryState state;
  Maker make;
  std::string task, plan;

  explicit Planned(const std::string& text = "First do this.\n") {
    const auto add = make.add("api", "", {}, {{"plan_required", true}});
    perform(state, add);
    task = added_id(add);
    perform(state, make.claim(task, "ada"));
    submit(text);
  }
  Outcome submit(const std::string& text, const Actor& who = agent("ada")) {
    plan = make.id();
    return perform(state, make.op("plan.submit", {{"task", task}, {"plan", {{"id", plan}, {"text", text}}}}, who));
  }
  Outcome approve(const std::string& text, const Actor& who = kLead) {
    return perform(state,
                   make.op("plan.approve", {{"task", task}, {"plan", plan}, {"content", plan_content(text)}}, who));
  }
  Outcome reject(const std::string& why, Json more = Json::object()) {
    more.update({{"task", task}, {"plan", plan}, {"why", why}});
    return perform(state, make.op("plan.reject", more));
  }
  Task now() { return *state.task(task); }
};

Kind kind_of(const Outcome& outcome) {
  REQUIRE(outcome.refusal);
  return outcome.refusal->kind;
}

}  // namespace

TEST_CASE("whoever holds a task cannot do away with the plan that is asked for") {
  Planned planned;
  const Json args = {{"task", planned.task}, {"set", {{"plan_required", false}}}};
  CHECK(kind_of(perform(planned.state, planned.make.op("task.edit", args, agent("ada")))) == Kind::not_lead);
  CHECK(planned.now().plan_required);
  CHECK_FALSE(perform(planned.state, planned.make.op("task.edit", args, kLead)).refusal);
  CHECK_FALSE(planned.now().plan_required);
}

TEST_CASE("an approval is named by what it says, and stands once") {
  MemoryState state;
  Maker make;
  const Json signed_one = approval("statement\n", "signature");
  CHECK_FALSE(perform(state, make.op("approval.add", {{"approval", signed_one}}, agent("ada"))).refusal);
  const Json stored = state.object("approvals", get_string(signed_one, "id"));
  CHECK(get_string(stored, "statement") == "statement\n");
  const Outcome again = perform(state, make.op("approval.add", {{"approval", signed_one}}));
  CHECK_FALSE(again.refusal);
  CHECK(again.changes.empty());
  CHECK(state.object("approvals", get_string(signed_one, "id")) == stored);

  Json other = signed_one;
  other["statement"] = "another\n";
  CHECK(kind_of(perform(state, make.op("approval.add", {{"approval", other}}))) == Kind::usage);
}

TEST_CASE("an approval without a signature is the lead's to give") {
  MemoryState state;
  Maker make;
  const Json bare = approval("statement\n", "");
  CHECK(kind_of(perform(state, make.op("approval.add", {{"approval", bare}}, agent("ada")))) == Kind::not_lead);
  CHECK_FALSE(perform(state, make.op("approval.add", {{"approval", bare}})).refusal);
}

TEST_CASE("a task that needs a plan is done when its newest plan is approved") {
  Planned p;
  const auto done = [&] { return perform(p.state, p.make.op("task.complete", {{"task", p.task}}, agent("ada"))); };
  CHECK(p.now().plan_state == "submitted");
  CHECK(kind_of(done()) == Kind::not_approved);
  CHECK(kind_of(p.approve("First do this.\n", agent("ada"))) == Kind::not_lead);
  CHECK(kind_of(p.approve("something else\n")) == Kind::target_moved);
  CHECK_FALSE(p.approve("First do this.\n").refusal);
  CHECK(kind_of(p.approve("First do this.\n")) == Kind::wrong_status);
  // Another plan voids the approval of the one before.
  CHECK_FALSE(p.submit("Something cheaper.\n").refusal);
  CHECK(kind_of(done()) == Kind::not_approved);
  CHECK_FALSE(p.approve("Something cheaper.\n").refusal);
  CHECK_FALSE(done().refusal);
}

TEST_CASE("a decision is about the newest plan") {
  Planned p;
  const std::string first = p.plan;
  p.submit("Second thoughts.\n");
  p.plan = first;
  CHECK(kind_of(p.approve("First do this.\n")) == Kind::target_moved);
  CHECK(kind_of(p.reject("no")) == Kind::target_moved);
}

TEST_CASE("a rejected plan keeps its reason and tells its author") {
  Planned p;
  CHECK(kind_of(p.reject(" ")) == Kind::usage);
  const std::string message = p.make.id();
  CHECK_FALSE(
      p.reject("no migration", {{"tell", {{{"id", message}, {"to", "ada"}, {"text", "no migration"}}}}}).refusal);
  CHECK(p.now().plan_state == "rejected");
  const Json told = p.state.object("messages", message);
  CHECK(get_string(told, "from") == "Lead");
  CHECK(get_string(told, "to") == "ada");
  CHECK(get_string(told, "task") == p.task);
  const std::string rejected = p.plan;
  CHECK(kind_of(p.submit("First do this.\n")) == Kind::wrong_status);
  CHECK_FALSE(p.submit("First migrate.\n").refusal);
  CHECK(get_string(p.state.object("plans", p.plan), "replaces") == rejected);
  CHECK(get_string(p.state.object("plans", rejected), "state") == "rejected");
}

TEST_CASE("only who holds the task plans it") {
  Planned p;
  CHECK(kind_of(p.submit("Mine.\n", agent("eve"))) == Kind::fenced);
  CHECK(kind_of(p.submit("", agent("ada"))) == Kind::usage);
}

TEST_CASE("any operation may leave messages; those of unknown kinds leave none") {
  MemoryState state;
  Maker make;
  const auto add = make.add("api");
  perform(state, add);
  const std::string id = make.id();
  const Json tell = Json::array({{{"id", id}, {"to", "ada"}, {"text", "hello"}}, {{"id", "x"}, {"to", "y"}}, 7});
  CHECK(perform(state, make.op("plan.unheard-of", {{"tell", tell}})).changes.empty());
  CHECK(perform(state, make.op("unheard-of", {{"tell", tell}})).changes.empty());
  const Outcome noted = perform(state, make.op("task.note", {{"task", added_id(add)}, {"text", "n"}, {"tell", tell}}));
  CHECK(noted.changes.size() == 2);
  CHECK(get_string(state.object("messages", id), "text") == "hello");
}
