// Rebasing in memory: commits become trees on another base, nobody's work tree, index or ref is touched.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "git/repository.hh"
#include "work/project.hh"

namespace ga::work {

/// One commit that is to stand on the new base: what it was, and its tree there.
struct Pick {
  git::CommitInfo original;
  git::Oid tree;
};

struct Rebase {
  git::Oid onto, tip;                       ///< as asked
  git::Oid tree;                            ///< of the result
  std::vector<Pick> picks;                  ///< oldest first
  std::map<git::Oid, std::size_t> dropped;  ///< commits without effect there: how many picks stood before them
  std::vector<std::string> conflicts;       ///< paths; nothing else is valid then but `stopped_at`
  git::Oid stopped_at;
  bool flattened = false;  ///< merges in the branch could only be kept as one commit

  bool clean() const { return conflicts.empty(); }
  /// Nothing of the branch is missing in `onto`.
  bool empty() const { return picks.empty(); }
};

/// Plans the rebase of onto..tip onto `onto`, as `git rebase` does it: no merges, nothing whose change is there
/// already, nothing that becomes empty. A branch whose merges hold changes of their own is taken as one commit.
Rebase plan_rebase(Project& project, const git::Oid& tip, const git::Oid& onto);
/// The plan that drops all of onto..tip, for a branch whose work is in `onto` in another shape.
Rebase plan_nothing(Project& project, const git::Oid& tip, const git::Oid& onto);

/// The tree of a commit that must be there; Error(environment) when it is missing.
git::Oid required_tree(Project& project, const git::Oid& commit);

/// The tree of a three-way merge of two commits; zero, and the paths, when it conflicts.
git::Oid merged_tree(Project& project, const git::Oid& ours, const git::Oid& theirs,
                     std::vector<std::string>* conflicts = nullptr);

/// How a commit is written: author of the original, committer the person now, signed when commit.gpgSign says so.
struct CommitWriter {
  explicit CommitWriter(Project& project);
  /// Gives the original's own id when nothing about it changes.
  git::Oid rewrite(const git::CommitInfo& original, const git::Oid& tree, const std::vector<git::Oid>& parents,
                   const std::string& message);
  git::Oid write(const git::Oid& tree, const std::vector<git::Oid>& parents, const git::Signature& author,
                 const std::string& message, const std::string& encoding = "");
  const git::Signature& committer() const { return committer_; }

 private:
  Project& project_;
  git::Signature committer_;
  bool sign_;
};

}  // namespace ga::work
