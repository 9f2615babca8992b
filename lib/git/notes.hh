// Notes trees in Git's 2/38 fan-out, written by compare-and-swap (`git notes add` loses concurrent
// writes: it updates the ref without an expected old value).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "git/repository.hh"

namespace ga::git {

/// The note on an object in a notes tree; "" when there is none.
std::string read_note(const Repository& repo, const Oid& notes_tree, const Oid& object);
/// A notes tree with these notes replaced ("" removes one).
Oid write_notes(Repository& repo, const Oid& notes_tree, const std::vector<std::pair<Oid, std::string>>& notes);

}  // namespace ga::git
