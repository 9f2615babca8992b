// Opening a repository and saying clearly why one cannot be opened. Included by lib/git only.
#pragma once

#include <filesystem>

#include "git/handle.hh"

namespace ga::git {

/// Opens the repository of a path, or of the current directory and environment when it is empty.
RepositoryHandle open_repository(const std::filesystem::path& path);

}  // namespace ga::git
