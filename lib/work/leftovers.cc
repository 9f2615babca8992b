// What is left of features, and what may become of it.
#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "git/cli.hh"
#include "model/graph.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/clean.hh"
#include "work/merged.hh"
#include "work/move.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr const char* kAgentBranches = "refs/heads/agent/";
constexpr std::size_t kShown = 4;

bool is_main(Project& project, const fs::path& git_dir) { return git_dir == project.repo().common_dir(); }

std::optional<model::Task> task_of_branch(Project& project, const std::string& branch) {
  std::optional<model::Task> found;
  for (const std::string& id : project.index().tasks_on_branch(branch))
    if (auto task = project.index().task(id); task && (!found || task->open())) found = std::move(task);
  if (!found && starts_with(branch, kAgentBranches))
    if (const std::string id = project.index().task_by_slug(branch.substr(std::string_view(kAgentBranches).size()));
        !id.empty())
      found = project.index().task(id);
  return found;
}

Leftover of_worktree(Project& project, const git::WorktreeInfo& tree, const fs::path& git_dir) {
  Leftover what;
  what.worktree = tree.path;
  what.git_dir = git_dir;
  const std::string marker = agent_worktree_task(git_dir);
  what.ours = !marker.empty();
  what.branch = tree.branch;
  if (what.branch.empty())
    for (const char* file : {"rebase-merge/head-name", "rebase-apply/head-name"})
      if (what.branch.empty()) what.branch = trim(read_file(git_dir / file).value_or(""));
  what.task = what.ours ? project.index().task(marker) : std::nullopt;
  if (!what.task && !what.branch.empty()) what.task = task_of_branch(project, what.branch);
  // HEAD may be detached, or on a branch of the agent's own: the feature's branch is the task's.
  if (what.task && what.branch.empty()) what.branch = what.task->branch;
  what.name = what.task             ? what.task->slug
              : what.branch.empty() ? tree.path.filename().string()
                                    : branch_name(what.branch);
  return what;
}

Leftover of_branch(Project& project, const std::string& branch) {
  Leftover what;
  what.branch = branch;
  what.task = task_of_branch(project, branch);
  what.name = what.task ? what.task->slug : branch_name(branch);
  return what;
}

std::vector<Leftover> worktree_leftovers(Project& project) {
  std::vector<Leftover> found;
  for (const git::WorktreeInfo& tree : git::list_worktrees(project.repo().common_dir())) {
    const fs::path git_dir = worktree_git_dir(project, tree.path);
    if (!tree.bare && !git_dir.empty()) found.push_back(of_worktree(project, tree, git_dir));
  }
  return found;
}

// ---- judging ------------------------------------------------------------------------------------

CleanItem keep(const Leftover& what, Kind kind, std::string reason) {
  CleanItem item;
  item.what = what;
  item.kind = kind;
  item.reason = std::move(reason);
  return item;
}

std::string count_of(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string some_of(const std::vector<std::string>& paths, const std::string& what) {
  std::vector<std::string> shown;
  for (const std::string& path : paths)
    if (shown.size() < kShown) shown.push_back(sanitize_line(path));
  return count_of(paths.size(), what) + " (" + join(shown, ", ") + (paths.size() > kShown ? ", ..." : "") + ")";
}

// Where a child's work goes: its nearest ancestor's branch; else the target.
std::vector<std::string> targets_of(Project& project, const Leftover& what) {
  std::vector<std::string> targets = {project.target_ref()};
  if (!what.task) return targets;
  auto state = project.ledger().state();
  for (const std::string& id : model::ancestors(state, what.task->id))
    if (const auto parent = state.task(id);
        parent && !parent->branch.empty() && !project.branch_tip(parent->branch).zero())
      targets.push_back(parent->branch);
  return targets;
}

// Those branches, and where merges of ours have brought it: `agent-merge --into` says another one.
std::vector<std::string> merged_targets(Project& project, const Leftover& what) {
  std::vector<std::string> targets = targets_of(project, what);
  if (!what.task) return targets;
  for (const Json& merge : project.index().objects("merges", what.task->id)) {
    const std::string target = get_string(merge, "target");
    const bool new_one = std::find(targets.begin(), targets.end(), target) == targets.end();
    if (new_one && !target.empty() && !project.branch_tip(target).zero()) targets.push_back(target);
  }
  return targets;
}

// How its work came into which branch; "" when some of it did not.
std::string merged_where(Project& project, const Leftover& what, std::string& into) {
  const git::Oid tip = project.branch_tip(what.branch);
  for (const std::string& target : merged_targets(project, what)) {
    if (target == what.branch) continue;
    const std::string how = how_merged(project, tip, target, what.task);
    if (how.empty()) continue;
    into = target;
    return how + (starts_with(how, "all of") || starts_with(how, "nothing") ? "" : " into " + branch_name(target));
  }
  return "";
}

// What the target has just so, in the index and in the directory, would be no loss: a git that was killed while it moved
// the worktree to the merged commit leaves such files.
void forget_what_is_in(const std::string& target, const fs::path& worktree, std::vector<std::string>& paths) {
  if (paths.empty()) return;
  std::set<std::string> differing;
  git::GitOptions options;
  options.cwd = worktree;
  for (const bool cached : {false, true}) {
    std::vector<std::string> command = {"diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", target, "--"};
    if (cached) command.insert(command.begin() + 1, "--cached");
    for (std::string& path : split(git::git_or_fail(command, options), '\0')) differing.insert(std::move(path));
  }
  paths.erase(std::remove_if(paths.begin(), paths.end(), [&](const auto& path) { return differing.count(path) == 0; }),
              paths.end());
}

// Work in the directory that no commit holds.
void list_uncommitted(Project& project, const Leftover& what, CleanItem& item) {
  std::error_code error;
  if (what.worktree.empty() || !fs::is_directory(what.worktree, error)) return;
  git::WorktreeStatus status = git::worktree_status(what.worktree);
  if (const std::string target = targets_of(project, what).back(); !project.branch_tip(target).zero())
    for (auto* list : {&status.staged, &status.unstaged}) forget_what_is_in(target, what.worktree, *list);
  if (!status.unmerged.empty()) item.lost.push_back(some_of(status.unmerged, "unmerged file"));
  if (!status.staged.empty()) item.lost.push_back(some_of(status.staged, "staged file"));
  if (!status.unstaged.empty()) item.lost.push_back(some_of(status.unstaged, "changed file"));
  if (!status.untracked.empty()) item.lost.push_back(some_of(status.untracked, "untracked file"));
}

void list_commits(Project& project, const Leftover& what, CleanItem& item) {
  const git::Oid tip = project.branch_tip(what.branch);
  const git::Oid target = project.branch_tip(targets_of(project, what).back());
  if (tip.zero()) return;
  const auto commits = project.repo().commits_between(target, tip);
  std::vector<std::string> subjects;
  for (auto it = commits.rbegin(); it != commits.rend() && subjects.size() < commits.size(); ++it)
    if (const auto commit = project.repo().read_commit(*it)) subjects.push_back(commit->subject());
  if (!subjects.empty()) item.lost.insert(item.lost.begin(), some_of(subjects, "commit"));
}

// A branch that HEAD of the worktree left behind keeps commits of its own.
void list_detached(Project& project, const Leftover& what, CleanItem& item) {
  if (what.git_dir.empty()) return;
  const git::Oid head = project.repo().head_of(what.git_dir).id;
  const git::Oid tip = project.branch_tip(what.branch);
  if (head.zero() || project.repo().is_ancestor(head, project.branch_tip(project.target_ref()))) return;
  if (tip.zero() || !project.repo().is_ancestor(head, tip))
    item.lost.push_back("commits on a detached HEAD (" + head.brief() + ")");
}

std::string foreign_lock(const fs::path& git_dir) {
  const auto reason = git_dir.empty() ? std::nullopt : read_file(git_dir / "locked");
  return !reason || starts_with(*reason, "git-agent ")
             ? ""
             : "its worktree is locked" + (trim(*reason).empty() ? "" : ": " + sanitize_line(*reason));
}

std::string unfinished_child(Project& project, const Leftover& what) {
  if (!what.task) return "";
  for (const std::string& id : project.index().children(what.task->id))
    if (const auto child = project.index().task(id);
        child && child->open() && !child->branch.empty() && !project.branch_tip(child->branch).zero())
      return child->slug;
  return "";
}

// What no --force changes. Empty reason: nothing.
CleanItem judge_absolutely(Project& project, const Leftover& what, bool named) {
  if (!what.git_dir.empty() && is_main(project, what.git_dir))
    return keep(what, Kind::target_busy, "it is the main worktree, which is never removed");
  if (!what.branch.empty() && what.branch == project.target_ref())
    return keep(what, Kind::target_busy, "it is the target branch");
  if (!what.ours && !what.worktree.empty() && !named)
    return keep(what, Kind::unmerged, "its worktree was not made by git-agent");
  switch (feature_holder(project, what.name, what.task)) {
  case Holder::alive:
    return keep(what, Kind::agent_alive,
                "an agent is at work on it" +
                    (what.task && what.task->claim ? ": " + sanitize_line(what.task->claim->agent) : ""));
  case Holder::unknown:
    return keep(what, Kind::agent_alive,
                "an agent on " + sanitize_line(what.task->claim->host) + " may be at work on it until " +
                    format_time(what.task->claim->expires));
  case Holder::dead:
    break;
  }
  if (const std::string child = unfinished_child(project, what); !child.empty())
    return keep(what, Kind::unmerged, "its child '" + child + "' is not finished");
  if (const std::string lock = foreign_lock(what.git_dir); !lock.empty()) return keep(what, Kind::locked, lock);
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (!error && !what.worktree.empty() && fs::is_directory(what.worktree, error) && is_inside(what.worktree, here))
    return keep(what, Kind::target_busy, "you are in its worktree; go elsewhere first");
  if (!what.worktree.empty() && fs::is_directory(what.worktree, error))
    if (const auto unsaved = unsaved_submodules(what.worktree); !unsaved.empty())
      return keep(what, Kind::unmerged, join(unsaved, "; ") + ", which no backup can hold: push or discard that first");
  return keep(what, Kind::unmerged, "");
}

}  // namespace

std::vector<Leftover> find_leftovers(Project& project) {
  std::map<std::string, Leftover> found;
  std::vector<std::string> held;
  for (Leftover& what : worktree_leftovers(project)) {
    held.push_back(what.branch);
    if (what.ours) found.emplace(what.name, std::move(what));
  }
  for (const auto& [branch, tip] : project.repo().refs(kAgentBranches)) {
    if (std::find(held.begin(), held.end(), branch) != held.end()) continue;
    Leftover what = of_branch(project, branch);
    found.emplace(what.name, std::move(what));
  }
  std::vector<Leftover> list;
  for (auto& [name, what] : found) list.push_back(std::move(what));
  return list;
}

Leftover find_leftover(Project& project, const std::string& name) {
  std::optional<model::Task> task;
  try {
    task = project.task(name);
  } catch (const Error& error) {
    if (error.kind() != Kind::not_found) throw;
  }
  std::error_code error;
  const fs::path path = fs::weakly_canonical(name, error);
  const std::string branch = branch_ref(name);
  for (Leftover& what : worktree_leftovers(project)) {
    const bool same_task = task && what.task && what.task->id == task->id && (what.ours || what.branch == task->branch);
    if (same_task || what.branch == branch || (!path.empty() && fs::weakly_canonical(what.worktree, error) == path))
      return std::move(what);
  }
  for (const std::string& candidate :
       {task ? task->branch : branch, task ? kAgentBranches + task->slug : branch, branch})
    if (!candidate.empty() && !project.branch_tip(candidate).zero()) return of_branch(project, candidate);
  if (task && !task->branch.empty()) {
    // Removed already, but the ledger does not know: killed half-way, or by hand.
    Leftover what;
    what.name = task->slug;
    what.task = task;
    return what;
  }
  throw Error(Kind::not_found,
              "nothing is left of '" + sanitize_line(fit(name, 80)) + "': neither a worktree nor a branch",
              {"see what can be cleaned: git agent-clean"});
}

CleanItem judge_leftover(Project& project, const Leftover& what, bool force, bool named) {
  CleanItem item = judge_absolutely(project, what, named);
  if (!item.reason.empty()) return item;
  const bool by_hand = !what.ours && !what.worktree.empty();
  const std::string how = what.branch.empty() ? "nothing left" : merged_where(project, what, item.into);
  list_uncommitted(project, what, item);
  list_detached(project, what, item);
  if (how.empty()) list_commits(project, what, item);
  item.merged = !how.empty() && item.lost.empty();
  if (item.merged && (!by_hand || force)) {
    std::error_code error;
    item.remove = true;
    item.reason =
        !what.worktree.empty() && !fs::exists(what.worktree, error) ? how + ", and its directory is gone" : how;
    return item;
  }
  item.remove = force;
  if (by_hand && !force) item.reason = "its worktree was not made by git-agent; say --force to remove it";
  else
    item.reason = (force ? "removed by force: " : "not in " + branch_name(targets_of(project, what).back()) + ": ") +
                  join(item.lost, "; ");
  return item;
}

Time last_activity(Project& project, const Leftover& what) {
  Time last = what.task ? what.task->updated : 0;
  if (const auto commit = project.repo().read_commit(project.branch_tip(what.branch)))
    last = std::max<Time>(last, commit->committer.time);
  for (const char* file : {"index", "HEAD", "logs/HEAD", "reftable/tables.list"}) {
    std::error_code error;
    const auto changed = fs::last_write_time(what.git_dir / file, error);
    if (error || what.git_dir.empty()) continue;
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(fs::file_time_type::clock::now() - changed).count();
    last = std::max<Time>(last, now() - age);
  }
  return last;
}

}  // namespace ga::work
