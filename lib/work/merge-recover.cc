// Ending merges that a killed process began.
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/merge-steps.hh"
#include "work/move.hh"

namespace ga::work {

std::string clone_id(Project& project) {
  return sha256_hex(host_name() + "\n" + fs::weakly_canonical(project.repo().common_dir()).string()).substr(0, 16);
}

std::filesystem::path merge_lock(Project& project) { return project.agent_dir() / "merge.lock"; }

void end_merge(Project& project, const Json& pending) {
  Json args = {{"merge", get_string(pending, "id")}};
  for (const char* key : {"task", "target", "old", "new", "commits", "gates", "bead", "tip", "branch"})
    if (pending.contains(key)) args[key] = pending[key];
  project.commit("merge.end", std::move(args));
  fault_point("merge.after-end");
}

void abort_merge(Project& project, const Json& pending, const std::string& why) {
  project.commit("merge.abort",
                 {{"task", get_string(pending, "task")}, {"merge", get_string(pending, "id")}, {"why", why}});
}

namespace {

bool is_open(Project& project, const Json& pending) {
  auto state = project.ledger().state();
  return state.object("pending", get_string(pending, "id")).is_object();
}

void recover_one(Project& project, const Json& pending) {
  if (!is_open(project, pending)) return;
  git::Repository& repo = project.repo();
  const git::Oid next = git::Oid::parse(get_string(pending, "new"));
  const git::Oid tip = repo.ref(get_string(pending, "target"));
  const bool there = !tip.zero() && !next.zero() && repo.has_object(next) && repo.is_ancestor(next, tip);
  const auto task = project.ledger().state().task(get_string(pending, "task"));
  const bool open = task && (task->status == model::Status::in_review || task->status == model::Status::in_progress);
  if (!there)
    return abort_merge(project, pending, "interrupted before " + branch_name(get_string(pending, "target")) + " moved");
  if (!open) return abort_merge(project, pending, "the task was ended otherwise");
  try {
    end_merge(project, pending);
  } catch (const Error& error) {
    if (error.kind() == Kind::environment) throw;
    return abort_merge(project, pending, error.what());  // it does not hold any more
  }
  const git::Oid before = git::Oid::parse(get_string(pending, "tip"));
  if (!before.zero()) follow(project, task->slug, get_string(pending, "branch"), before, next);
}

}  // namespace

void recover_pending(Project& project) {
  const std::string mine = clone_id(project);
  for (const Json& pending : project.index().objects("pending"))
    if (get_string(pending, "clone") == mine) recover_one(project, pending);
}

void recover_merges(Project& project) {
  if (project.ledger().tip().zero() || project.index().objects("pending", "", 1).empty()) return;
  if (const auto lock = FileLock::try_acquire(merge_lock(project))) recover_pending(project);
}

}  // namespace ga::work
