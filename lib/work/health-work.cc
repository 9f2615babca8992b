// What is derived from the ledger, and what stands around it: index, notes, locks, runs, worktrees, merges.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <set>

#include "model/graph.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/health.hh"
#include "work/runs.hh"
#include "work/unaccounted.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

// Only we write the ledger's refs, and not for long; others' locks may be held while their hooks run.
constexpr std::time_t kStaleSeconds = 2, kStaleForOthers = 15 * 60;
constexpr std::size_t kNamed = 10;

bool is_stale(const fs::path& path, std::time_t seconds = kStaleSeconds) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && std::time(nullptr) - info.st_mtime >= seconds;
}

bool dies_unfinished(Project& project, const RunRecord& run) {
  return (run.state == "running" || run.state == "starting") && !is_at_work(project, run);
}

void check_run_records(Examination& e) {
  if (e.options.fix) {
    std::set<std::string> dead;
    for (const RunRecord& run : load_runs(e.project))
      if (dies_unfinished(e.project, run)) dead.insert(run.slug);
    recover_runs(e.project);
    for (const RunRecord& run : load_runs(e.project))
      if (dead.count(run.slug) != 0)
        e.report("runs", Severity::warning, "the runner of '" + sanitize_line(run.slug) + "' had died", "").fixed =
            !dies_unfinished(e.project, run);
    return;
  }
  for (const RunRecord& run : load_runs(e.project))
    if (dies_unfinished(e.project, run))
      e.report("runs", Severity::warning,
               "the runner of '" + sanitize_line(run.slug) + "' has died and nobody has recorded it",
               "git agent-doctor --fix");
}

void check_worktrees(Examination& e) {
  for (const RunRecord& run : load_runs(e.project)) {
    const auto task = e.project.index().task(run.task);
    if (!task)
      e.report("runs", Severity::warning,
               "the run of '" + sanitize_line(run.slug) + "' belongs to no task of the ledger",
               "git agent-clean " + run.slug);
    else if (task->open() && !run.worktree.empty() && !fs::exists(run.worktree))
      e.report("runs", Severity::warning,
               "the worktree of '" + sanitize_line(run.slug) + "' is gone: " + sanitize_line(run.worktree),
               "git agent-clean " + run.slug);
  }
}

void check_branches(Examination& e) {
  for (const model::Status status : {model::Status::in_progress, model::Status::in_review})
    for (const model::Task& task : e.project.index().tasks({.status = status})) {
      if (task.branch.empty()) continue;
      const bool here = !task.claim || task.claim->host == host_name();
      if (here && e.project.branch_tip(task.branch).zero())
        e.report("runs", Severity::warning,
                 "the branch of '" + sanitize_line(task.slug) + "' is not here: " + sanitize_line(task.branch),
                 "fetch it from the clone that has it, or git agent-task release " + task.slug);
    }
}

// A claim whose holder is dead stays until somebody takes it over: worth a word, no damage.
void check_claims(Examination& e) {
  for (const model::Task& task : e.project.index().tasks({.status = model::Status::in_progress})) {
    if (!task.claim || !may_take_over(*task.claim, now())) continue;
    const auto run = load_run(e.project, task.slug);
    if (run && is_at_work(e.project, *run)) continue;
    e.report("runs", Severity::warning,
             "'" + sanitize_line(task.slug) + "' is claimed by " + sanitize_line(task.claim->agent) + ", who is gone",
             task.branch.empty() ? "git agent-task release " + task.slug : "git agent-spin " + task.slug);
  }
}

// Removes the lock file of a ref while holding the lock that every writer of ours takes.
bool remove_ref_lock(Project& project, const fs::path& path) {
  const auto lock = FileLock::try_acquire(project.repo().common_dir() / "agent" / "lock");
  return lock && is_stale(path) && ::unlink(path.c_str()) == 0;
}

}  // namespace

void check_index(Examination& e) {
  const auto differences = e.project.index().verify(e.scratch());
  if (differences.empty()) return;
  const bool fixed = e.options.fix && (e.project.index().rebuild(), e.project.index().verify(e.scratch()).empty());
  for (const std::string& difference : differences)
    e.report("index", Severity::warning, "the index is not what the ledger says: " + sanitize_line(difference),
             "git agent-doctor --fix")
        .fixed = fixed;
}

void check_notes(Examination& e) {
  const auto wrong = e.project.index().wrong_notes();
  if (wrong.empty()) return;
  if (e.options.fix) e.project.index().repair_notes(wrong);
  const bool fixed = e.options.fix && e.project.index().wrong_notes().empty();
  std::string some;
  for (std::size_t i = 0; i < std::min(wrong.size(), kNamed); ++i) some += (i == 0 ? "" : ", ") + wrong[i].brief();
  e.report("notes", Severity::warning,
           "refs/notes/agent does not say what the ledger's beads say on " + std::to_string(wrong.size()) +
               " commits: " + some,
           "git agent-doctor --fix")
      .fixed = fixed;
}

namespace {

std::vector<fs::path> locks_below(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code none;
  for (fs::recursive_directory_iterator it(folder, none), end; !none && it != end; it.increment(none))
    if (it->path().extension() == ".lock" && is_stale(it->path(), kStaleForOthers)) found.push_back(it->path());
  std::sort(found.begin(), found.end());
  return found;
}

// Of refs, which Git locks for a moment, at the end of what it does.
void check_ref_locks(Examination& e) {
  const fs::path common = e.project.repo().common_dir();
  for (const fs::path& folder : {common / "refs/heads/agent", common / "refs/agent-local"})
    for (const fs::path& path : locks_below(folder)) {
      const bool fixed = e.options.fix && ::unlink(path.c_str()) == 0;
      e.report("locks", Severity::error, "a process that was killed has left " + sanitize_line(path.string()),
               "git agent-doctor --fix")
          .fixed = fixed;
    }
}

// Of worktrees, which a commit holds as long as its editor is open and its hooks run: never removed, only told of.
void check_worktree_locks(Examination& e) {
  for (const git::WorktreeInfo& tree : git::list_worktrees(e.project.repo().common_dir())) {
    const fs::path dir = worktree_git_dir(e.project, tree.path);
    if (agent_worktree_task(dir).empty()) continue;
    for (const fs::path& path : locks_below(dir))
      e.report("locks", Severity::warning,
               "the worktree " + sanitize_line(tree.path.string()) + " has been locked for long by " +
                   sanitize_line(path.filename().string()),
               "if no git is at work there any more: rm " + shell_quote(path.string()));
  }
}

}  // namespace

void check_locks(Examination& e) {
  check_ref_locks(e);
  check_worktree_locks(e);
  const fs::path common = e.project.repo().common_dir();
  for (const char* ref : {ledger::kLedgerRef, "refs/notes/agent"}) {
    const fs::path path = common / (std::string(ref) + ".lock");
    if (!is_stale(path)) continue;
    const bool fixed = e.options.fix && remove_ref_lock(e.project, path);
    e.report("locks", Severity::error,
             std::string(ref) + " is locked by a file that a dead process left: " + sanitize_line(path.string()),
             "git agent-doctor --fix")
        .fixed = fixed;
  }
  // The one lock for all refs in tables is Git's own, and may be held for long.
  if (const fs::path path = common / "reftable" / "tables.list.lock"; is_stale(path))
    e.report("locks", Severity::error, "all refs are locked by " + sanitize_line(path.string()),
             "if no git is at work any more: rm " + shell_quote(path.string()));
}

// One file, one owner: tasks of one line share theirs.
void check_owners(Examination& e) {
  auto state = e.project.ledger().state();
  const auto ids = e.project.index().locked_tasks();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto one = state.task(ids[i]);
    for (std::size_t j = i + 1; one && j < ids.size(); ++j) {
      const auto other = state.task(ids[j]);
      if (!other || model::same_line(state, one->id, other->id)) continue;
      const auto shared = [&](const std::string& mine) {
        return std::any_of(other->locked.begin(), other->locked.end(),
                           [&](const std::string& theirs) { return globs_overlap(mine, theirs); });
      };
      const auto path = std::find_if(one->locked.begin(), one->locked.end(), shared);
      if (path == one->locked.end()) continue;
      e.report("owners", Severity::error,
               "'" + sanitize_line(*path) + "' is owned by '" + sanitize_line(one->slug) + "' and '" +
                   sanitize_line(other->slug) + "' at the same time",
               "release one of them: git agent-task release " + other->slug);
    }
  }
}

void check_runs(Examination& e) {
  check_run_records(e);
  check_worktrees(e);
  check_branches(e);
  check_claims(e);
}

void check_merges(Examination& e) {
  for (const Json& pending : e.project.index().objects("pending")) {
    const auto task = e.project.index().task(get_string(pending, "task"));
    e.report("merges", Severity::warning,
             "the merge of '" + sanitize_line(task ? task->slug : get_string(pending, "task")) +
                 "' was begun and not ended",
             "git agent-merge " + (task ? task->slug : "FEATURE"));
  }
  for (const Unaccounted& commit : unaccounted_commits(e.project, std::numeric_limits<std::int32_t>::max()))
    e.report("merges", Severity::warning,
             "the target has " + commit.commit.brief() + " by " + sanitize_line(commit.author) +
                 ", which no merge brought: " + sanitize_line(fit(commit.subject, 60)),
             shell_join(commit.command));
}

}  // namespace ga::work
