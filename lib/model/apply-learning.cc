// Reflections, and what becomes of the lines they propose.
#include "model/apply.hh"
#include "model/learning.hh"
#include "model/names.hh"

namespace ga::model::detail {
namespace {

constexpr std::size_t kMaxAnswer = 8 * 1024, kMaxReason = 16 * 1024, kMaxProposals = 8;

const Json& member(const Json& object, const char* key) {
  static const Json none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

void save(Judge& judge, const Learning& learning) { judge.put("learnings", learning.id, to_json(learning)); }

void check_line(const Learning& learning) {
  if (learning.kind != "rule" && learning.kind != "prompt") refuse(Kind::usage, "a learning of no known kind");
  if (trim(learning.text).empty()) refuse(Kind::usage, "the line says nothing");
  if (learning.text.size() > kMaxLearning) refuse(Kind::usage, "the line is too long (at most 500 bytes)");
  if (sanitize_line(learning.text) != learning.text || sanitize_line(learning.section) != learning.section)
    refuse(Kind::usage, "the line holds control or invisible characters");
  if (learning.kind == "prompt" && !is_agent_name(learning.section))
    refuse(Kind::usage, "'" + sanitize_line(fit(learning.section, 40)) + "' is no role");
  if (learning.section.empty() || learning.section.size() > 100) refuse(Kind::usage, "a section has a short name");
}

void propose(Judge& judge, const Json& object, const Reflection& reflection) {
  Learning learning = learning_from_json(object);
  if (judge.state.object("learnings", learning.id).is_object())
    refuse(Kind::wrong_status, "that learning is there already");
  learning.state = "proposed";
  learning.task = reflection.task;
  learning.by = judge.op.actor.name;
  learning.reflection = reflection.id;
  learning.time = judge.op.time;
  learning.reason = learning.decided_by = learning.commit = learning.approval = "";
  learning.decided = 0;
  check_line(learning);
  save(judge, learning);
}

void reflect(Judge& judge) {
  Task task = judge.task();
  if (!judge.is_lead() && task.worker != judge.op.actor.name) judge.require_holder(task);
  Reflection reflection = reflection_from_json(member(judge.op.args, "reflection"));
  reflection.task = task.id;
  reflection.by = judge.op.actor.name;
  reflection.time = judge.op.time;
  for (const std::string* answer : {&reflection.surprise, &reflection.pattern, &reflection.improvement})
    if (answer->size() > kMaxAnswer) refuse(Kind::usage, "an answer is too long (at most 8 KiB)");
  if (judge.state.object("reflections", reflection.id).is_object())
    refuse(Kind::wrong_status, "that reflection is there already");
  judge.put("reflections", reflection.id, to_json(reflection));
  const Json& proposals = member(judge.op.args, "learnings");
  for (std::size_t n = 0; proposals.is_array() && n < proposals.size() && n < kMaxProposals; ++n)
    propose(judge, proposals[n], reflection);
  task.reflected = judge.op.time;
  judge.save(task);
  judge.save_bead();
  judge.summary("reflection", task);
}

Learning open_learning(Judge& judge) {
  const std::string id = judge.arg("learning");
  const Json object = judge.state.object("learnings", id);
  if (!object.is_object())
    refuse(Kind::not_found, "no learning '" + sanitize_line(fit(id, 40)) + "'", {"see 'git agent-learn list --all'"});
  Learning learning = learning_from_json(object);
  if (learning.state != "proposed")
    refuse(Kind::wrong_status, "it is " + sanitize_line(learning.state) + " already" +
                                   (learning.decided_by.empty() ? "" : ", by " + sanitize_line(learning.decided_by)));
  return learning;
}

void say(Judge& judge, const std::string& verb, const Learning& learning) {
  judge.outcome.summary = "learning " + learning.id.substr(0, 8) + ": " + verb + ": " +
                          sanitize_line(fit(learning.text, 60)) + " (" + sanitize_line(judge.op.actor.name) + ")";
}

void edit_learning(Judge& judge) {
  Learning learning = open_learning(judge);
  if (!judge.is_lead() && learning.by != judge.op.actor.name) judge.require_lead("editing somebody else's learning");
  if (const std::string text = judge.arg("text"); !text.empty()) learning.text = text;
  if (const std::string section = judge.arg("section"); !section.empty()) learning.section = section;
  check_line(learning);
  save(judge, learning);
  say(judge, "edited", learning);
}

void decide(Judge& judge, Learning& learning, const char* state) {
  learning.state = state;
  learning.decided_by = judge.op.actor.name;
  learning.decided = judge.op.time;
  save(judge, learning);
  judge.save_bead();
  say(judge, state, learning);
}

// What was approved is the line as the approver saw it.
void approve_learning(Judge& judge) {
  judge.require_lead("approving a learning");
  Learning learning = open_learning(judge);
  if (judge.arg("text") != learning.text || judge.arg("section") != learning.section)
    refuse(Kind::target_moved, "the line was edited meanwhile",
           {"look at it first: git agent-learn show " + learning.id});
  learning.commit = judge.arg("commit");
  learning.approval = judge.arg("approval");
  decide(judge, learning, "approved");
}

void reject_learning(Judge& judge) {
  judge.require_lead("rejecting a learning");
  Learning learning = open_learning(judge);
  learning.reason = std::string(utf8_prefix(trim(judge.arg("why")), kMaxReason));
  if (learning.reason.empty()) refuse(Kind::usage, "say why with -m");
  decide(judge, learning, "rejected");
}

}  // namespace

void apply_learning_operation(Judge& judge) {
  const std::string& kind = judge.op.kind;
  if (kind == "reflect") return reflect(judge);
  if (kind == "learn.edit") return edit_learning(judge);
  if (kind == "learn.approve") return approve_learning(judge);
  if (kind == "learn.reject") return reject_learning(judge);
  judge.leave_alone();
}

}  // namespace ga::model::detail
