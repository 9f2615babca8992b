// The task object of --json: every field present, null or [] when there is nothing.
#include <algorithm>

#include "model/imported.hh"
#include "util/text.hh"
#include "work/project.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

Json accept_view(const model::Task& task, const std::string& commit) {
  Json list = Json::array();
  for (const model::Criterion& c : task.accept) {
    list.push_back({{"text", c.text},
                    {"done", c.met_at(commit)},
                    {"by", string_or_null(c.by)},
                    {"evidence", string_or_null(c.evidence)},
                    {"commit", string_or_null(c.commit)}});
  }
  return list;
}

Json claim_view(const model::Task& task) {
  if (!task.claim) return nullptr;
  return {{"agent", task.claim->agent},
          {"host", string_or_null(task.claim->host)},
          {"pid", task.claim->pid != 0 ? Json(task.claim->pid) : Json()},
          {"fence", task.claim->fence},
          {"expires", format_time(task.claim->expires)}};
}

}  // namespace

std::string Project::judged_commit(const model::Task& task) {
  using S = model::Status;
  if (task.status == S::in_review) return task.commit;
  const bool bound = std::any_of(task.accept.begin(), task.accept.end(),
                                 [](const model::Criterion& c) { return c.done && !c.commit.empty(); });
  if (!bound || task.branch.empty() || (task.status != S::pending && task.status != S::in_progress)) return "";
  const git::Oid tip = branch_tip(task.branch);
  return tip.zero() ? "" : tip.hex();
}

Json Project::view(const model::Task& task) {
  const auto waiting = index().blockers(task.id);
  const bool blocked = (task.held() || !waiting.empty()) &&
                       (task.status == model::Status::pending || task.status == model::Status::in_progress);
  Json notes = Json::array();
  for (const model::ProgressNote& note : task.notes)
    notes.push_back({{"time", format_time(note.time)}, {"by", note.by}, {"text", note.text}});
  const auto origin = model::origin_of(task);
  const auto worktree = task.branch.empty() ? std::nullopt : worktree_of_branch(*this, task.branch);
  return {
      {"id", task.id},
      {"slug", task.slug},
      {"title", task.title},
      {"description", task.description},
      {"status", blocked ? "blocked" : std::string(model::status_name(task.status))},
      {"reason", string_or_null(task.held() ? task.hold : task.reason)},
      {"ready", task.status == model::Status::pending && !blocked && index().unfinished_children(task.id).empty()},
      {"priority", task.priority},
      {"phase", string_or_null(task.phase)},
      {"labels", task.labels},
      {"assignee", string_or_null(task.assignee)},
      {"needs", task.needs},
      {"needed_by", index().dependents(task.id)},
      {"blocked_by", waiting},
      {"parent", string_or_null(task.parent)},
      {"children", index().children(task.id)},
      {"owns", task.owns},
      {"accept", accept_view(task, judged_commit(task))},
      {"plan", {{"required", task.plan_required}, {"state", string_or_null(task.plan_state)}}},
      {"claim", claim_view(task)},
      {"branch", string_or_null(starts_with(task.branch, "refs/heads/") ? task.branch.substr(11) : task.branch)},
      {"worktree", worktree ? Json(worktree->string()) : Json()},
      {"commit", string_or_null(task.commit)},
      {"review", {{"state", string_or_null(task.review_state)}, {"commit", string_or_null(task.review_commit)}}},
      {"iteration", task.iteration},
      {"budget_tokens", task.budget_tokens != 0 ? Json(task.budget_tokens) : Json()},
      {"notes", notes},
      {"origin", origin ? Json{{"from", origin->from}, {"id", origin->id}} : Json()},
      {"created", format_time(task.created)},
      {"created_by", string_or_null(task.created_by)},
      {"updated", format_time(task.updated)},
  };
}

}  // namespace ga::work
