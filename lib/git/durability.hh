// Whether writes reach the disk before they count.
#pragma once

#include <string_view>

#include "git/repository.hh"

namespace ga::git {

/// Whether Git's own settings ask for loose objects or refs to be flushed: core.fsync (git-config(1), its list of
/// components), or the older core.fsyncObjectFiles. What is not said is Git's default: neither of them.
bool asks_for_durability(std::string_view core_fsync, std::string_view core_fsync_object_files);

/// set_durable() as the repository's configuration says; looks once. Called before a ref moves or a pack is written, so that
/// who only reads does not pay for it.
void follow_durability_settings(const Repository& repo);

}  // namespace ga::git
