// Backups: whatever is about to be removed is first kept under refs/agent-local/backup/<slug>/<time>.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

inline constexpr const char* kBackupPrefix = "refs/agent-local/backup/";

/// What a backup commit holds. Its tree: `branch` (parent 1 is the branch's tip), `index/` the staged tree, `worktree/`
/// tracked files as they are plus untracked ones, `meta` (JSON: slug, task, branch, worktree, base, time, untracked,
/// ignored). With unmerged paths there is no `index/`. Further parents: what else only that worktree held (a detached
/// HEAD, the autostash of a rebase, refs/worktree/).
struct Backup {
  std::string ref;
  git::Oid commit;
  std::string slug, branch, task;
  std::filesystem::path worktree;
  Time time = 0;
  std::vector<std::string> ignored;   ///< ignored files that were kept
  std::vector<std::string> dropped;   ///< ignored files and directories that were not
  std::vector<std::string> warnings;  ///< what no backup can hold, e.g. changes inside a submodule
};

/// Snapshots branch and work tree; never touches index or files of the worktree. `worktree` may be empty or gone:
/// then the branch is kept, and the staged files when Git still has the worktree's index.
Backup make_backup(Project& project, const std::string& slug, const std::string& task, const std::string& branch,
                   const std::filesystem::path& worktree);
/// Backups of a feature (or all), newest first.
std::vector<Backup> list_backups(Project& project, const std::string& slug = "");
/// Restores branch, worktree content, staged state, untracked files. Throws when something is in the way; nothing
/// has been changed then.
void restore_backup(Project& project, const Backup& backup);

/// The private Git directory of a worktree, <common>/worktrees/<id>; empty when Git knows none there. Found without
/// the worktree's own files, so that it works after an `rm -rf`.
std::filesystem::path worktree_git_dir(Project& project, const std::filesystem::path& worktree);
/// Submodules of a worktree whose content exists nowhere else: changed files or commits that no remote has.
std::vector<std::string> unsaved_submodules(const std::filesystem::path& worktree);

}  // namespace ga::work
