// What people decide: approvals, and the verdicts on plans. Whether a signature holds is not judged here, for that takes
// a program and the time: whoever relies on an approval verifies it.
#include "model/apply.hh"
#include "model/approval.hh"
#include "model/names.hh"

namespace ga::model::detail {
namespace {

constexpr std::size_t kMaxStatement = 64 * 1024, kMaxSignature = 64 * 1024;
constexpr std::size_t kMaxReason = 16 * 1024;

const Json& member(const Json& object, const char* key) {
  static const Json none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

// Without a signature it is worth what the actor's word is worth, and that is the lead's to give.
Approval read_approval(Judge& judge, const Json& object) {
  Approval approval = approval_from_json(object);
  if (approval.statement.empty() || approval.statement.size() > kMaxStatement ||
      approval.signature.size() > kMaxSignature)
    refuse(Kind::usage, "an approval of no statement, or of one that is too long");
  if (approval.statement.find('\0') != std::string::npos || approval.signature.find('\0') != std::string::npos)
    refuse(Kind::usage, "an approval that is no text");
  if (approval.id != approval_id(approval.statement, approval.signature))
    refuse(Kind::usage, "an approval whose id is not made of its statement");
  if (approval.signature.empty()) judge.require_lead("an approval without a signature");
  approval.why = std::string(utf8_prefix(approval.why, kMaxReason));
  approval.time = judge.op.time;
  return approval;
}

// Twice is once: the first one stays as it is.
void save_approval(Judge& judge, const Approval& approval) {
  if (judge.state.object("approvals", approval.id).is_object()) return;
  judge.put("approvals", approval.id, to_json(approval));
}

void add_approval(Judge& judge) {
  const Approval approval = read_approval(judge, member(judge.op.args, "approval"));
  const bool known = judge.state.object("approvals", approval.id).is_object();
  save_approval(judge, approval);
  if (!known) judge.save_bead();
  judge.outcome.summary = "approval " + approval.id.substr(0, 8) + ": " + sanitize_line(fit(approval.kind, 20)) +
                          (known ? " (known already)" : "") + (approval.signature.empty() ? " (unsigned)" : "") + " (" +
                          sanitize_line(judge.op.actor.name) + ")";
}

// ---- plans --------------------------------------------------------------------------------------

Plan stored_plan(Judge& judge, const std::string& id) {
  const Json object = judge.state.object("plans", id);
  return object.is_object() ? plan_from_json(object) : Plan{};
}

void save(Judge& judge, const Plan& plan) { judge.put("plans", plan.id, to_json(plan)); }

Plan read_plan(Judge& judge, const Task& task) {
  const Json& object = member(judge.op.args, "plan");
  Plan plan;
  plan.id = get_string(object, "id");
  plan.text = get_string(object, "text");
  if (!is_id(plan.id)) refuse(Kind::usage, "a plan without a valid id");
  if (judge.state.object("plans", plan.id).is_object()) refuse(Kind::wrong_status, "that plan is there already");
  if (trim(plan.text).empty()) refuse(Kind::usage, "the plan says nothing");
  if (plan.text.size() > kMaxText) refuse(Kind::usage, "the plan is too long (at most 256 KiB)");
  plan.task = task.id;
  plan.content = plan_content(plan.text);
  plan.by = judge.op.actor.name;
  plan.time = judge.op.time;
  plan.state = "submitted";
  plan.replaces = task.plan;
  return plan;
}

void require_another(const Task& task, const Plan& plan, const Plan& before) {
  if (before.content != plan.content || before.state == "replaced") return;
  const std::string same = "the plan of '" + task.slug + "' ";
  if (before.state == "rejected")
    refuse(Kind::wrong_status, same + "is word for word the one that was rejected",
           {"change what the reason asks for: git agent-plan show " + task.slug});
  refuse(Kind::wrong_status, same + "is " + before.state + " already, word for word",
         {"git agent-plan show " + task.slug});
}

void submit_plan(Judge& judge) {
  Task task = judge.task();
  if (!task.open())
    refuse(Kind::wrong_status,
           "'" + task.slug + "' is " + std::string(status_name(task.status)) + ", and plans nothing any more",
           {"open it again first: git agent-task reopen " + task.slug + " -m WHY"});
  if (task.claim) judge.require_holder(task);
  const Plan plan = read_plan(judge, task);
  if (Plan before = stored_plan(judge, task.plan); !before.id.empty()) {
    require_another(task, plan, before);
    // A rejected one stays rejected: the next is shown as the difference to it.
    if (before.state != "rejected") {
      before.state = "replaced";
      save(judge, before);
    }
  }
  task.plan = plan.id;
  task.plan_state = plan.state;
  save(judge, plan);
  judge.save(task);
  judge.save_bead();
  judge.summary("plan submitted", task);
}

// The plan that is decided about must be the newest one, and exactly the one the decision is about.
Plan decided_plan(Judge& judge, const Task& task) {
  judge.require_lead("deciding about plans");
  const std::string id = judge.arg("plan");
  Plan plan = stored_plan(judge, id);
  if (plan.id.empty() || plan.task != task.id)
    refuse(Kind::not_found, "'" + task.slug + "' has no such plan", {"git agent-plan submit --task " + task.slug});
  if (task.plan != id)
    refuse(Kind::target_moved, "'" + task.slug + "' has a newer plan than that one",
           {"look at it first: git agent-plan show " + task.slug});
  return plan;
}

void decide(Judge& judge, Task& task, Plan& plan, const char* state) {
  plan.state = state;
  plan.decided_by = judge.op.actor.name;
  plan.decided = judge.op.time;
  task.plan_state = state;
  save(judge, plan);
  judge.save(task);
  judge.save_bead();
}

void approve_plan(Judge& judge) {
  Task task = judge.task();
  Plan plan = decided_plan(judge, task);
  if (judge.arg("content") != plan.content)
    refuse(Kind::target_moved, "that is not what the plan of '" + task.slug + "' says",
           {"look at it first: git agent-plan show " + task.slug});
  const Json& object = member(judge.op.args, "approval");
  plan.approval.clear();
  if (object.is_object()) {
    const Approval approval = read_approval(judge, object);
    save_approval(judge, approval);
    plan.approval = approval.id;
  } else if (plan.state == "approved") {
    refuse(Kind::wrong_status, "the plan of '" + task.slug + "' is approved already",
           {"git agent-plan show " + task.slug});
  }
  plan.reason.clear();
  decide(judge, task, plan, "approved");
  judge.summary("plan approved", task);
}

void reject_plan(Judge& judge) {
  Task task = judge.task();
  Plan plan = decided_plan(judge, task);
  plan.reason = std::string(utf8_prefix(trim(judge.arg("why")), kMaxReason));
  if (plan.reason.empty()) refuse(Kind::usage, "say why with -m");
  if (plan.state == "rejected")
    refuse(Kind::wrong_status, "the plan of '" + task.slug + "' is rejected already",
           {"git agent-plan show " + task.slug});
  plan.approval.clear();
  decide(judge, task, plan, "rejected");
  judge.summary("plan rejected: " + sanitize_line(fit(plan.reason, 80)), task);
}

}  // namespace

void apply_trust_operation(Judge& judge) {
  const std::string& kind = judge.op.kind;
  if (kind == "approval.add") return add_approval(judge);
  if (kind == "plan.submit") return submit_plan(judge);
  if (kind == "plan.approve") return approve_plan(judge);
  if (kind == "plan.reject") return reject_plan(judge);
  judge.leave_alone();
}

}  // namespace ga::model::detail
