// Backups: whatever is about to be removed is first kept under refs/agent-local/backup/<slug>/<time>.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// What a backup commit holds. Its tree: `branch` (parent 1 is the branch's tip), `index/` the staged tree, `worktree/`
/// tracked files as they are plus untracked ones, `meta` (JSON: slug, task, branch, worktree, base, time, untracked,
/// ignored).
struct Backup {
  std::string ref;
  git::Oid commit;
  std::string slug, branch, task;
  std::filesystem::path worktree;
  Time time = 0;
};

/// Snapshots branch and work tree; never touches index or files of the worktree.
Backup make_backup(Project& project, const std::string& slug, const std::string& task, const std::string& branch,
                   const std::filesystem::path& worktree);
std::vector<Backup> list_backups(Project& project, const std::string& slug = "");
/// Restores branch, worktree content, staged state, untracked files. Throws when something is in the way.
void restore_backup(Project& project, const Backup& backup);

}  // namespace ga::work
