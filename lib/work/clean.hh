// Removing features' worktrees and branches, never their work: what is removed is backed up first.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "work/backup.hh"
#include "work/project.hh"

namespace ga::work {

/// One feature with what is left of it: a worktree, a branch, or both.
struct Leftover {
  std::string name;  ///< slug of its task, else the branch's name
  std::optional<model::Task> task;
  std::string branch;                       ///< full ref, "" when there is none (any more)
  std::filesystem::path worktree, git_dir;  ///< "" when there is none; the directory may be gone
  bool ours = false;                        ///< the worktree was made by git-agent
};

/// What is to become of a leftover.
struct CleanItem {
  Leftover what;
  bool remove = false;
  bool merged = false;         ///< nothing of it is missing in the target
  std::string into;            ///< full ref of the branch that has its work, when one has
  Kind kind = Kind::unmerged;  ///< why it is refused, when it is
  std::string reason;
  std::string backup;                ///< ref
  std::vector<std::string> lost;     ///< what only this feature holds, for people
  std::vector<std::string> dropped;  ///< ignored files that no backup holds
};

struct CleanRequest {
  std::vector<std::string> features;  ///< slugs, ids, branches or paths of worktrees; empty: by the switches
  bool merged = false;
  std::int64_t stale = -1;  ///< seconds without any activity
  bool force = false, dry_run = false;
  std::function<void(const std::string&)> progress, note;
};

struct CleanResult {
  std::vector<CleanItem> removed, kept;
};

/// Cleans up. Without features and switches it only judges, as after a dry run. A named feature that may not be
/// removed throws (agent_alive, unmerged...) before anything has changed.
CleanResult clean_features(Project& project, const CleanRequest& request);

/// Brings back what the newest `clean` removed (of one feature when named). Throws not_found when there is none.
std::vector<Backup> undo_clean(Project& project, const std::string& feature,
                               const std::function<void(const std::string&)>& note);

// ---- parts, shared by the files of clean ----------------------------------------------------------

/// Every worktree of ours and every agent/ branch, by name.
std::vector<Leftover> find_leftovers(Project& project);
/// The leftover a person names; throws not_found.
Leftover find_leftover(Project& project, const std::string& name);
/// Whether it may be removed, and why (not).
CleanItem judge_leftover(Project& project, const Leftover& what, bool force, bool named);
/// Time of the last sign of life.
Time last_activity(Project& project, const Leftover& what);

}  // namespace ga::work
