// Trust in a repository's commands: given by a person, to their exact content, kept outside the repository in
// <user config dir>/trust/<repository>/<hash>, where <repository> is the hash of the real common directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gates/policy.hh"

namespace ga::gates {

/// The directory of what a person trusts in this repository. The real common directory names it, so that neither a link nor
/// a forged `commondir` file borrows another repository's trust by name alone.
std::filesystem::path trust_store(const std::filesystem::path& common_dir);
bool is_trusted(const std::filesystem::path& common_dir, const Policy& policy);
void trust(const std::filesystem::path& common_dir, const Policy& policy);
/// The executable text trusted last in this repository; "" when none was.
std::string last_trusted_text(const std::filesystem::path& common_dir);

}  // namespace ga::gates
