// Opening a repository and saying clearly why one cannot be opened. Included by lib/git only.
#pragma once

#include <filesystem>

#include "git/handle.hh"
#include "git/store.hh"

namespace ga::git {

/// Opens the repository of a path, or of the current directory and environment when it is empty, and says what formats it
/// has: they decide which of the handle's functions may be used (store.hh).
RepositoryHandle open_repository(const std::filesystem::path& path, Formats& formats);

}  // namespace ga::git
