// Whether a branch's work is in another branch, however it got there.
#pragma once

#include <string>

#include "work/project.hh"

namespace ga::work {

/// How the work of a branch's tip came into the target, as a phrase ("merged", "squash-merged"...); "" when some of
/// it is not there. Knows: an ancestor; merges in the ledger; every commit there by patch id (rebased); the whole as one
/// commit there (squashed); or a merge that would change nothing.
std::string how_merged(Project& project, const git::Oid& tip, const std::string& target, const std::optional<model::Task>& task);

}  // namespace ga::work
