#include "work/move.hh"

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>
#include <thread>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/runs.hh"

namespace ga::work {
namespace {

namespace fs = std::filesystem;

// What lies in a worktree's private directory while something is going on there.
struct Going {
  const char* file;
  const char* what;
};
constexpr Going kGoing[] = {
    {"rebase-merge", "a rebase is going on"}, {"rebase-apply", "a rebase or 'git am' is going on"},
    {"MERGE_HEAD", "a merge is going on"},    {"CHERRY_PICK_HEAD", "a cherry-pick is going on"},
    {"REVERT_HEAD", "a revert is going on"},  {"BISECT_LOG", "a bisect is going on"},
};

// Git holds index.lock for the moment in which it writes the index (another merge does, and any 'git status'): that is
// waited for. A lock that stays belongs to a longer command or to one that was killed.
constexpr int kMoveAttempts = 5;
constexpr int kIndexLockWaits = 100;
constexpr auto kIndexLockPause = std::chrono::milliseconds(50);

bool index_lock_stays(const fs::path& git_dir) {
  std::error_code error;
  for (int n = 0; n < kIndexLockWaits; ++n) {
    if (!fs::exists(git_dir / "index.lock", error)) return false;
    std::this_thread::sleep_for(kIndexLockPause);
  }
  return true;
}

std::string going_on(Project& project, const fs::path& git_dir) {
  if (const std::string what = what_goes_on(project, git_dir); !what.empty()) return what;
  return index_lock_stays(git_dir) ? "another git process is at work (index.lock)" : "";
}

// The branch that a rebase or bisect, which detached HEAD, gives back at its end.
bool comes_back_to(const fs::path& git_dir, const std::string& branch) {
  for (const char* file : {"rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"}) {
    const std::string name = trim(read_file(git_dir / file).value_or(""));
    if (!name.empty() && (name == branch || "refs/heads/" + name == branch)) return true;
  }
  return false;
}

std::string listed(const std::vector<std::string>& paths) {
  std::vector<std::string> shown;
  for (const std::string& path : paths) {
    if (shown.size() == 3) break;
    shown.push_back(sanitize_line(path));
  }
  return join(shown, ", ") +
         (paths.size() > shown.size() ? " and " + std::to_string(paths.size() - shown.size()) + " more" : "");
}

// Files of a worktree that the move would overwrite: changed ones, and those Git does not track (ignored ones too,
// which Git itself overwrites without a word).
std::vector<std::string> in_the_way(Project& project, const fs::path& worktree, const git::WorktreeStatus& status,
                                    const git::Oid& old_tree, const git::Oid& next_tree) {
  std::set<std::string> dirty(status.staged.begin(), status.staged.end());
  dirty.insert(status.unstaged.begin(), status.unstaged.end());
  std::vector<std::string> found;
  for (const git::Change& change : git::diff_trees(project.repo(), old_tree, next_tree)) {
    std::error_code error;
    const bool untracked =
        change.old_mode == 0 && fs::is_regular_file(fs::symlink_status(worktree / change.path, error));
    if (untracked || dirty.contains(change.path)) found.push_back(change.path);
  }
  return found;
}

git::GitOptions inside(const fs::path& worktree) {
  git::GitOptions options;
  options.cwd = worktree;
  options.env["GIT_AGENT_INTERNAL"] = "1";
  return options;
}

Error busy(const std::string& branch, const fs::path& worktree, const std::string& why) {
  return Error(Kind::target_busy,
               "'" + branch_name(branch) + "' is checked out at " + worktree.string() + ", and " + why,
               {"finish or commit that there, then try again"});
}

}  // namespace

std::string branch_name(const std::string& ref) { return starts_with(ref, "refs/heads/") ? ref.substr(11) : ref; }
std::string branch_ref(const std::string& name) { return starts_with(name, "refs/") ? name : "refs/heads/" + name; }

std::optional<git::WorktreeInfo> holder_of(Project& project, const std::string& branch) {
  for (git::WorktreeInfo& tree : git::list_worktrees(project.repo().common_dir())) {
    std::error_code error;
    if (tree.bare || !fs::is_directory(tree.path, error)) continue;
    if (tree.branch == branch) return tree;
    if (!tree.branch.empty()) continue;
    if (const fs::path dir = worktree_git_dir(project, tree.path); !dir.empty() && comes_back_to(dir, branch))
      return tree;
  }
  return std::nullopt;
}

std::string what_goes_on(Project& project, const fs::path& git_dir) {
  std::error_code error;
  for (const Going& row : kGoing)
    if (fs::exists(git_dir / row.file, error) || project.repo().head_of(git_dir, row.file).id) return row.what;
  return "";
}

std::string busy_reason(Project& project, const fs::path& worktree, const std::string& branch, const git::Oid& old_tree,
                        const git::Oid& next_tree) {
  const fs::path git_dir = worktree_git_dir(project, worktree);
  if (git_dir.empty()) return "its private Git directory is missing";
  if (const std::string why = going_on(project, git_dir); !why.empty()) return why;
  if (project.repo().head_of(git_dir).branch != branch) return "its HEAD is elsewhere";
  const git::WorktreeStatus status = git::worktree_status(worktree);
  if (!status.unmerged.empty()) return "it has unmerged files: " + listed(status.unmerged);
  const auto files = in_the_way(project, worktree, status, old_tree, next_tree);
  return files.empty() ? "" : "it has changes of its own in files that this touches: " + listed(files);
}

void require_movable(Project& project, const std::string& branch, const git::Oid& old_tree, const git::Oid& next_tree) {
  if (old_tree == next_tree) return;
  const auto holder = holder_of(project, branch);
  if (!holder) return;
  const std::string why = busy_reason(project, holder->path, branch, old_tree, next_tree);
  if (!why.empty()) throw busy(branch, holder->path, why);
}

Moved move_forward(Project& project, const std::string& branch, const git::Oid& old, const git::Oid& next,
                   const std::string& why) {
  if (project.branch_tip(branch) != old) return Moved::lost;
  if (old == next) return Moved::moved;
  const auto holder = holder_of(project, branch);
  if (!holder) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      const git::Cas done = project.repo().cas_ref(branch, old, next, why);
      if (done == git::Cas::committed) return Moved::moved;
      if (done == git::Cas::lost) return Moved::lost;
    }
    throw Error(Kind::target_busy, "'" + branch_name(branch) + "' is locked by another git process",
                {"try again; if no git runs, remove " + (project.repo().common_dir() / (branch + ".lock")).string()});
  }
  std::string failure;
  // Between the look and the move another git may take the index for a moment, hence more than once.
  for (int attempt = 0; attempt < kMoveAttempts; ++attempt) {
    require_movable(project, branch, git::tree_of(project.repo(), old), git::tree_of(project.repo(), next));
    const Result result = git::git({"merge", "--ff-only", "--no-stat", "-q", next.hex()}, inside(holder->path));
    const git::Oid now = project.branch_tip(branch);
    if (now == next || (!now.zero() && project.repo().is_ancestor(next, now))) return Moved::moved;
    if (now != old) return Moved::lost;
    failure = sanitize_line(result.err);
    if (failure.find("index.lock") == std::string::npos) break;
  }
  throw busy(branch, holder->path, "git could not update it: " + failure);
}

std::string follow(Project& project, const std::string& slug, const std::string& branch, const git::Oid& old,
                   const git::Oid& next) {
  const git::Oid tip = project.branch_tip(branch);
  if (tip == next || tip.zero()) return "";
  if (tip != old) return "it has newer commits";
  const auto holder = holder_of(project, branch);
  if (!holder)
    return project.repo().cas_ref(branch, old, next, "agent-merge: follows to the merged commit") == git::Cas::committed
               ? ""
               : "somebody else moves it";
  if (feature_holder(project, slug, std::nullopt) == Holder::alive) return "an agent is at work in its worktree";
  const fs::path git_dir = worktree_git_dir(project, holder->path);
  if (const std::string why = going_on(project, git_dir); !why.empty()) return why + " in its worktree";
  if (!git::worktree_status(holder->path).clean()) return "its worktree has changes that are not committed";
  const Result result = git::git({"reset", "--keep", "-q", next.hex()}, inside(holder->path));
  return result.ok() ? "" : "git could not update its worktree: " + sanitize_line(result.err);
}

Holder feature_holder(Project& project, const std::string& slug, const std::optional<model::Task>& task) {
  const auto run = load_run(project, slug);
  if (run && is_alive(*run)) return Holder::alive;
  if (!task || !task->claim) return Holder::dead;
  // Prepared without an agent: the process of the claim is only the shell that asked for it.
  if (run && run->state == "prepared" && run->task == task->id && run->fence == task->claim->fence) return Holder::dead;
  switch (holder_state(*task->claim)) {
  case Holder::alive:
    return Holder::alive;
  case Holder::dead:
    return Holder::dead;
  case Holder::unknown:
    break;
  }
  return task->claim->expires > now() ? Holder::unknown : Holder::dead;
}

std::vector<std::string> ending_command(Project& project, const std::string& slug,
                                        const std::optional<model::Task>& task) {
  if (const auto run = load_run(project, slug); run && is_alive(*run)) return {"git", "agent-run", "stop", slug};
  if (task && task->claim && task->claim->host == host_name()) return {"git", "agent-task", "release", slug};
  return {};
}

}  // namespace ga::work
