// Commits of the ledger that came from elsewhere: looked at before anything follows them.
#pragma once

#include <string>
#include <vector>

#include "git/repository.hh"

namespace ga::ledger {

struct Foreign {
  std::string problem;         ///< "" when the commits may be followed
  std::size_t operations = 0;  ///< so many of them were looked at
};

/// The commits after `base` (zero: from the beginning) up to `tip`. They are checked, not executed again: one line of
/// commits that begins at `base` or at the first commit every ledger has, each with a readable operation under an id of
/// its own, changing nothing but objects in their places, each of which parses and carries the id of its file. What an
/// operation of this kind would have done is for doctor. Costs as much as there are changed objects.
/// Throws Error(newer_version) when they ask for a newer writer, Error(environment) when they are no ledger at all.
Foreign examine(git::Repository& repo, const git::Oid& base, const git::Oid& tip);

}  // namespace ga::ledger
