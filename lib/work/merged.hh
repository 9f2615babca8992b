// Whether a branch's work is in another branch, however it got there.
#pragma once

#include <map>
#include <string>

#include "work/project.hh"

namespace ga::work {

/// How the work of a branch's tip came into the target, as a phrase ("merged", "squash-merged"...); "" when some of
/// it is not there. Knows: an ancestor; merges in the ledger; every commit there by patch id (rebased); the whole as one
/// commit there (squashed); or a merge that would change nothing.
std::string how_merged(Project& project, const git::Oid& tip, const std::string& target,
                       const std::optional<model::Task>& task);

/// The commits of the target, not older than the branch, that carry commits of the branch by their patch, or all of it as
/// one: old to new. For a branch that was rebased or squashed into it without git-agent.
std::map<git::Oid, git::Oid> found_in_target(Project& project, const git::Oid& tip, const git::Oid& target);

}  // namespace ga::work
