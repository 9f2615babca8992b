// Which of the protected files (policy.hh) a change touches.
#pragma once

#include <string>
#include <vector>

#include "gates/policy.hh"
#include "git/repository.hh"

namespace ga::gates {

/// Content changes of protected files between two trees, in the order of their paths: by their own names, through symbolic
/// links that stand under protected names before or after, or by links and other repositories set in the place of a directory
/// that may hold them. Modes are content.
std::vector<git::Change> protected_file_changes(const git::Repository& repo, const Policy& policy,
                                                const git::Oid& before_tree, const git::Oid& after_tree);
}  // namespace ga::gates
