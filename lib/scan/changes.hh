// Scanning what is to come: the blobs by which a tree differs from another, and those that commits bring.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "git/repository.hh"
#include "scan/allow.hh"
#include "scan/files.hh"

namespace ga::scan {

/// A blob under a path, and the commit that brings it (zero: none yet).
struct NewBlob {
  git::Oid blob, commit;
  std::string path;
};

/// Every blob under every path that is in `tree` or in one of `commits` (oldest first) and was not there before: not in
/// `base_tree` under that path, nor in a parent of the commit. What a later commit takes away again is among them, for it is
/// in the history for good; what a merge only takes over from a parent is not. Each blob and path once.
std::vector<NewBlob> new_blobs(const git::Repository& repo, const git::Oid& base_tree, const git::Oid& tree,
                               const std::vector<git::Oid>& commits);

struct ChangeScan {
  git::Oid base_tree, tree;
  std::vector<git::Oid> commits;
  const Allowed* allowed = nullptr;  ///< what is let pass; it must be from the base's side
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Scans them. A finding that the base has under the same path, by the same rule and with the same secret, stops nothing
/// (Finding::blocks is false), and is left out when its line has an allow comment there. The scanner must have
/// AllowComments::reported. A blob that is missing is a finding "not-scanned".
Scan scan_changes(const Scanner& scanner, const git::Repository& repo, const ChangeScan& what);

}  // namespace ga::scan
