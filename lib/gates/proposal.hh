// The first .git-agent.toml of a repository: its gates are what the repository already has to test itself.
#pragma once

#include <filesystem>
#include <string>

namespace ga::gates {

/// A commented policy for the files in a directory.
std::string propose_policy(const std::filesystem::path& dir);

}  // namespace ga::gates
