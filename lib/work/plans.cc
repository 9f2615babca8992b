#include "work/plans.hh"

#include <algorithm>

#include "util/glob.hh"
#include "util/line-diff.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

constexpr std::size_t kMaxQuoted = 16 * 1024;  // of a plan in a bead, which becomes a note

std::string slug_of(Project& project, const std::string& task) {
  const auto found = project.index().task(task);
  return found ? found->slug : "";
}

std::string quoted(const std::string& text) {
  std::string out;
  for (const std::string& line : split_lines(utf8_prefix(trim(text), kMaxQuoted))) out += "> " + line + "\n";
  return out;
}

Json decision_bead(Project& project, const model::Task& task, const model::Plan& plan, const std::string& verdict,
                   const std::string& evidence) {
  return project.bead("decision", verdict + "\n" + quoted(plan.text), task.id, evidence);
}

Json message(const std::string& to, const std::string& text) {
  return Json::array({{{"id", new_id()}, {"to", to}, {"text", text}}});
}

// Who is told: who submitted it, and who works on the task by now.
Json tell(const model::Task& task, const model::Plan& plan, const std::string& text) {
  Json list = message(plan.by, text);
  const std::string worker = task.claim ? task.claim->agent : task.worker;
  if (!worker.empty() && worker != plan.by) list.push_back(message(worker, text).front());
  return list;
}

model::Plan stored(Project& project, const std::string& id) {
  if (auto plan = plan_by_id(project, id)) return *plan;
  throw Error(Kind::not_found, "the plan " + sanitize_line(id.substr(0, 8)) + " is gone", {"see 'git agent-log'"});
}

// Signed by a curator for exactly this plan.
std::string signature_problem(Project& project, const model::Task& task, const model::Plan& plan) {
  const Authority rules = authority(project);
  if (!rules.configured()) return "";
  const Json object = project.ledger().state().object("approvals", plan.approval);
  if (plan.approval.empty() || !object.is_object()) return "it was approved without a curator's signature";
  const model::Approval approval = model::approval_from_json(object);
  const auto statement = trust::parse_statement(approval.statement);
  if (!statement || statement->kind != "plan" || statement->task != task.id || statement->content != plan.content ||
      plan.content != model::plan_content(plan.text))
    return "its approval is about something else";
  return approval_problem(rules, approval, *statement);
}

Error not_approved(const model::Task& task, const std::string& what, const std::string& why, const std::string& by) {
  std::vector<std::string> hints;
  if (task.plan_state == "submitted")
    hints = {"wait for the decision: git agent-plan wait " + task.slug,
             "the lead decides: git agent-plan approve " + task.slug};
  else if (task.plan_state == "rejected")
    hints = {"read why, then hand in another: git agent-plan show " + task.slug,
             "git agent-plan submit -F FILE --task " + task.slug};
  else if (task.plan_state == "approved") hints = {"a curator approves it: git agent-plan approve " + task.slug};
  else hints = {"hand one in: git agent-plan submit -F FILE --task " + task.slug};
  const std::string reason = by == "task" ? "'" + task.slug + "' needs an approved plan"
                                          : "what touches " + sanitize_line(by) + " needs an approved plan";
  return Error(Kind::not_approved, what + " is refused: " + reason + ", and " + why, hints)
      .with_data({{"task", task.id}, {"plan", {{"required", true}, {"state", string_or_null(task.plan_state)}}}});
}

}  // namespace

std::optional<model::Plan> plan_by_id(Project& project, const std::string& id) {
  if (id.empty()) return std::nullopt;
  const Json object = project.ledger().state().object("plans", id);
  if (!object.is_object()) return std::nullopt;
  return model::plan_from_json(object);
}

std::optional<model::Plan> plan_of(Project& project, const model::Task& task) { return plan_by_id(project, task.plan); }

std::vector<model::Plan> plans(Project& project, bool pending) {
  std::vector<model::Plan> found;
  project.index().each_object("plans", "", [&](const Json& object) {
    model::Plan plan = model::plan_from_json(object);
    const auto task = project.index().task(plan.task);
    if (!task || task->plan != plan.id || (pending && (plan.state != "submitted" || !task->open()))) return true;
    found.push_back(std::move(plan));
    return true;
  });
  if (pending) std::reverse(found.begin(), found.end());
  return found;
}

Json to_json(Project& project, const model::Plan& plan) {
  Json approved;
  if (!plan.approval.empty()) {
    const Json object = project.ledger().state().object("approvals", plan.approval);
    if (object.is_object()) approved = !get_string(object, "signature").empty();
  }
  if (plan.state == "approved" && approved.is_null()) approved = false;
  return {{"id", plan.id},
          {"task", plan.task},
          {"slug", string_or_null(slug_of(project, plan.task))},
          {"text", plan.text},
          {"content", plan.content},
          {"state", plan.state},
          {"by", string_or_null(plan.by)},
          {"time", format_time(plan.time)},
          {"reason", string_or_null(plan.reason)},
          {"decided_by", string_or_null(plan.decided_by)},
          {"decided", plan.decided > 0 ? Json(format_time(plan.decided)) : Json()},
          {"approval", string_or_null(plan.approval)},
          {"signed", approved},
          {"replaces", string_or_null(plan.replaces)}};
}

std::string plan_difference(Project& project, const model::Plan& plan) {
  const auto before = plan_by_id(project, plan.replaces);
  return before ? sanitize(line_difference(before->text, plan.text)) : "";
}

model::Plan submit_plan(Project& project, const model::Task& task, const std::string& text) {
  const std::string id = new_id();
  project.commit("plan.submit", {{"task", task.id}, {"plan", {{"id", id}, {"text", normalize_utf8(text)}}}});
  return stored(project, id);
}

model::Plan approve_plan(Project& project, const model::Task& task, const model::Plan& plan, const std::string& why) {
  const Authority rules = authority(project);
  if (!rules.problem.empty()) throw Error(Kind::guarded, rules.problem, {"see CURATORS in git-agent-guard(1)"});
  Json args = {{"task", task.id}, {"plan", plan.id}, {"content", plan.content}};
  trust::Statement statement;
  statement.kind = "plan";
  statement.task = task.id;
  statement.content = plan.content;
  const model::Approval approval = approve(project, rules, statement, why, task.id);
  args["approval"] = model::to_json(approval);
  const std::string verdict = "Plan approved by " + approver(approval) + (trim(why).empty() ? "" : ": " + trim(why));
  args["bead"] = decision_bead(project, task, plan, verdict, "approval " + approval.id);
  args["tell"] =
      tell(task, plan, "your plan for '" + task.slug + "' is approved" + (trim(why).empty() ? "" : ": " + trim(why)));
  project.commit("plan.approve", std::move(args));
  return stored(project, plan.id);
}

model::Plan reject_plan(Project& project, const model::Task& task, const model::Plan& plan, const std::string& why) {
  const std::string reason = normalize_utf8(trim(why));
  Json args = {{"task", task.id}, {"plan", plan.id}, {"why", reason}};
  args["bead"] =
      decision_bead(project, task, plan, "Plan rejected by " + project.actor().name + ": " + reason, "plan " + plan.id);
  args["tell"] = tell(task, plan, "your plan for '" + task.slug + "' is rejected: " + reason);
  project.commit("plan.reject", std::move(args));
  return stored(project, plan.id);
}

std::string plan_asked_by(const gates::Policy& policy, const model::Task& task, const std::vector<std::string>& paths) {
  if (task.plan_required) return "task";
  for (const std::string& pattern : policy.plan_required_for) {
    const Glob glob(pattern);
    for (const std::string& path : paths)
      if (glob.matches(path)) return pattern;
  }
  return "";
}

std::vector<std::string> changed_paths(Project& project, const model::Task& task, const git::Oid& commit) {
  std::vector<std::string> paths;
  if (commit.zero() || project.policy().plan_required_for.empty()) return paths;
  git::Repository& repo = project.repo();
  const git::Oid base = repo.merge_base(commit, repo.ref(task.target.empty() ? project.target_ref() : task.target));
  for (const git::Change& change : git::diff_trees(repo, git::tree_of(repo, base), git::tree_of(repo, commit)))
    paths.push_back(change.path);
  return paths;
}

void require_plan(Project& project, const gates::Policy& policy, const model::Task& task,
                  const std::vector<std::string>& paths, const std::string& what) {
  const std::string by = plan_asked_by(policy, task, paths);
  if (by.empty()) return;
  if (task.plan_state == "submitted") throw not_approved(task, what, "its plan waits for the decision", by);
  if (task.plan_state == "rejected") throw not_approved(task, what, "its plan was rejected", by);
  const auto plan = plan_of(project, task);
  if (task.plan_state != "approved" || !plan) throw not_approved(task, what, "there is none", by);
  const std::string problem = signature_problem(project, task, *plan);
  if (!problem.empty()) throw not_approved(task, what, "the approval of its plan does not count: " + problem, by);
}

}  // namespace ga::work
