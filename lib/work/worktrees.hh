// Worktrees of features: where they are, making and removing them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "util/process.hh"
#include "work/project.hh"

namespace ga::work {

/// Where the feature's worktree is or would be: <config agent.worktreeDir, default ../<repository>.agents>/<slug>. Where that
/// would be in another repository's work tree (as for a submodule), <common>/agent/worktrees/<slug>.
std::filesystem::path worktree_path(Project& project, const std::string& slug);
/// The worktree that has this branch (full ref) checked out; reads <common>/worktrees/*/HEAD, starts no process.
std::optional<std::filesystem::path> worktree_of_branch(Project& project, const std::string& branch);

struct NewWorktree {
  std::string slug, branch;       ///< branch: full ref
  git::Oid base;                  ///< where a new branch starts; an existing branch is used as it is
  std::vector<std::string> only;  ///< sparse cone directories; empty: everything
  bool copy_included = true;      ///< copy what .worktreeinclude names
};
/// Throws Error(usage) when `only` names what is no directory of the branch (or of the base of a new one).
void check_cone(Project& project, const NewWorktree& wanted);
/// Makes branch and worktree. The metadata step is serialised between processes (parallel `git worktree add` contends
/// on the configuration), the checkout runs outside that lock. Marks it as an agent's worktree by the file
/// `agent-worktree` (holding the task's id) in its private Git directory, locks it with a reason, copies what
/// .worktreeinclude names. On failure everything made here is removed again.
std::filesystem::path add_worktree(Project& project, const NewWorktree& wanted, const std::string& task_id,
                                   const std::function<void(const std::string&)>& progress = {});
/// Removes a worktree (files renamed away first, deleted after) and its metadata; the branch stays.
void remove_worktree(Project& project, const std::filesystem::path& path);
/// Writes why the worktree is locked against `git worktree prune` and `remove`: the process that works in it.
void lock_worktree(const std::filesystem::path& git_dir, const std::string& slug, const ProcessId& process);
/// Makes the submodules that the main worktree has, borrowing its objects. Throws when one cannot be made.
void add_submodules(Project& project, const std::filesystem::path& worktree,
                    const std::function<void(const std::string&)>& progress = {});
/// The marker's task id when `git_dir` belongs to an agent's worktree; "" otherwise.
std::string agent_worktree_task(const std::filesystem::path& git_dir);

/// Copies ignored files that .worktreeinclude (gitignore syntax) names from the main worktree, never overwriting, never
/// following links out of the tree; by reflink where possible.
std::size_t copy_included_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace ga::work
