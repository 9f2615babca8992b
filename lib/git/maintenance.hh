// Keeping loose objects and packs few.
#pragma once

#include <cstddef>

#include "git/repository.hh"

namespace ga::git {

/// About how many loose objects there are: Git's own guess, by which one of the 256 directories stands for all.
std::size_t loose_objects(const Repository& repo);

/// Starts, detached, what is needed now: packing some thousand loose objects as git-gc(1) does (found by walking history,
/// so that they lie beside what they resemble), or, when there are many packs, rolling the small ones up into larger ones
/// (git-repack(1), --geometric: their number grows with the logarithm of their size, and a large pack is left alone). Git's
/// own `maintenance run --auto` waits for more and gathers up to fifty packs, all of which every process opens. Nothing
/// where gc.auto or maintenance.auto says that Git keeps its hands off, nor while Git's own maintenance is at work. Never
/// fails. Safe beside writers: nothing is removed that is not in the new pack.
void maintain_in_background(const Repository& repo);

}  // namespace ga::git
