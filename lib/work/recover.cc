// What the next command does about runs that a crash left.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "util/fault.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/reviews.hh"
#include "work/runner.hh"
#include "work/runs.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

bool needs_help(const RunRecord& run) {
  if (run.state == "starting") return true;  // its lock tells whether the spin is under way
  return run.state == "running" && !is_alive(run.runner);
}

/// The state a run ended in, from what became of its task.
std::string outcome_of(Project& project, const RunRecord& run) {
  project.index().refresh(project.ledger().tip());
  const auto task = project.index().task(run.task);
  if (!task) return "exited";
  if (is_review_run(run)) return has_verdict(project, run) ? "done" : "exited";
  if (task->status == model::Status::in_review || task->status == model::Status::completed) return "done";
  if (task->status == model::Status::failed) return "failed";
  return "exited";
}

void release_claim(Project& project, const RunRecord& run) {
  const auto held = [&](model::State& state) {
    const auto task = state.task(run.task);
    return task && task->claim && task->claim->fence == run.fence;
  };
  project.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
    if (!held(state)) return std::nullopt;
    return project.operation(
        "task.release",
        {{"task", run.task}, {"fence", run.fence}, {"drop_branch", run.new_branch}, {"drop_parents", run.parents}});
  });
}

void adopt(Project& project, const RunRecord& run) {
  start_runner(project, run.slug, /*adopt=*/true);
  for (int i = 0; i < 200; ++i) {
    const auto now = load_run(project, run.slug);
    if (!now || now->state != "running" || is_alive(now->runner)) return;
    ::usleep(10'000);
  }
}

void end_in_ledger(Project& project, const RunRecord& run) {
  project.ledger().transact_if([&](model::State& ledger) -> std::optional<model::Operation> {
    const Json stored = ledger.object("runs", run.id);
    if (!stored.is_object() || model::run_from_json(stored).ended != 0) return std::nullopt;
    return project.operation(
        "run.end",
        {{"run", run.id}, {"state", run.state}, {"exit_code", std::max(run.exit_code, 0)}, {"reason", run.reason}});
  });
}

}  // namespace

void roll_back(Project& project, const RunRecord& run) {
  std::vector<std::pair<std::string, git::Oid>> parents;
  for (const std::string& id : run.parents)
    if (const auto parent = project.ledger().state().task(id); parent && !parent->branch.empty())
      parents.emplace_back(parent->branch, git::Oid::parse(parent->base));
  release_claim(project, run);
  RunRecord ended = run;
  ended.state = "not_started";
  end_in_ledger(project, ended);
  const fs::path worktree = run.worktree;
  if (is_review_run(run)) remove_review(project, run.slug.substr(0, run.slug.find('.')));
  else if (run.new_worktree && !worktree_git_dir(project, worktree).empty()) remove_worktree(project, worktree);
  if (run.new_branch && !run.base.empty())
    project.repo().cas_ref(run.branch, git::Oid::parse(run.base), {}, "agent: rolled back");
  for (const auto& [branch, base] : parents) project.repo().cas_ref(branch, base, {}, "agent: rolled back");
  remove_run(project, run.slug);
}

void record_end(Project& project, RunRecord& run, const std::string& state, int exit_code, const std::string& reason) {
  run.state = state;
  run.exit_code = exit_code;
  run.reason = reason;
  run.ended = now();
  save_run(project, run);
  fault_point("run.after-record");
  end_in_ledger(project, run);
}

void recover_run(Project& project, const std::string& slug) {
  auto run = load_run(project, slug);
  if (!run || !needs_help(*run)) return;
  // A runner that lives holds its lock, also before it has written its name into the record.
  auto no_runner = FileLock::try_acquire(runner_lock(project, slug));
  if (!no_runner) return;
  if (is_alive(*run)) {
    no_runner->release();
    return adopt(project, *run);
  }
  end_remains(*run);  // they would go on beside the agent that is started next
  if (run->state == "starting") return roll_back(project, *run);
  std::string reason = trim(read_file(stop_file(project, slug)).value_or(""));
  const bool stopped = !reason.empty();
  remove_tree(stop_file(project, slug));
  if (!stopped) reason = "its runner died; how the client ended is not known";
  const std::string outcome = outcome_of(project, *run);
  record_end(project, *run, stopped && outcome == "exited" ? "stopped" : outcome, -1, reason);
}

void recover_runs(Project& project) {
  for (const RunRecord& run : load_runs(project)) {
    if (!needs_help(run)) continue;
    const auto lock = FileLock::try_acquire(project.agent_dir() / "locks" / (run.slug + ".spin"));
    if (!lock) continue;  // a spin or another recovery is at it
    try {
      recover_run(project, run.slug);
    } catch (const Error&) {
      // The next command tries again; `spin` and `clean` of that feature say what is in the way.
    }
  }
}

}  // namespace ga::work
