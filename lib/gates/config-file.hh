// The two configuration files of init: .git/config, of which one line is ours, and <common>/agent/config, which is ours.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ga::gates {

using Settings = std::vector<std::pair<std::string, std::string>>;  ///< "section.key", value; in order

/// The text of a configuration file; values quoted as Git reads them.
std::string config_text(const Settings& settings);
/// Text that includes FILE (beside the including one) where the private Git directory lies below `git_dir/`; the path is
/// taken literally (git-config(1), "Conditional includes").
std::string include_for_git_dir(const std::string& git_dir, const std::string& file);
/// The settings of our file, as git reads them; empty when it is not there.
Settings read_settings(const std::filesystem::path& file);

/// Whether .git/config includes our file.
bool has_include(const std::string& config);
/// The text with our include as its last lines, and the text without it: exact inverses.
std::string with_include(const std::string& config);
std::string without_include(std::string config);

/// Rewrites a configuration file under its lock (FILE.lock, as git does it); true when the text changed.
bool edit_config(const std::filesystem::path& file, const std::function<std::string(const std::string&)>& edit);

}  // namespace ga::gates
