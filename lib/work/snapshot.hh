// Snapshots of a work tree as Git trees, made with a private copy of its index.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "git/oid.hh"

namespace ga::work {

struct Snapshot {
  git::Oid index_tree;              ///< what is staged, without unmerged paths
  std::vector<std::string> stages;  ///< index entries of the unmerged paths: "MODE ID STAGE\tPATH"
  git::Oid worktree_tree;           ///< the files as they are; zero when the directory is gone
  std::vector<std::string> untracked, unmerged, ignored, dropped;
};

/// Takes a snapshot. `git_dir` is the worktree's private directory, `scratch` a directory for temporary files, `zero_id`
/// that of the repository.
/// The index and the files are only read.
Snapshot take_snapshot(const std::filesystem::path& worktree, const std::filesystem::path& git_dir,
                       const std::filesystem::path& scratch, const std::string& zero_id);

}  // namespace ga::work
