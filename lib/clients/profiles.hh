// Built-in profiles: how agent clients are started without a person at the keyboard. Data, one row a client.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ga::clients {

struct LaunchProfile {
  std::string name;
  std::string program;                    ///< looked for on PATH; "" when the profile brings none
  std::vector<std::string> argv;          ///< after the program; with the placeholders below
  std::vector<std::string> model_option;  ///< inserted before argv's last word when a model is chosen
};

// Placeholders: {prompt} the briefing's text, {briefing} its file, {worktree}, {common_dir} and {git_dir} the
// repository's shared and the worktree's own Git directory, {model}.

/// In the order in which clients are looked for.
const std::vector<LaunchProfile>& builtin_profiles();
/// nullptr when there is none of that name.
const LaunchProfile* find_profile(std::string_view name);
/// Placeholders replaced within each word; unknown ones stay.
std::vector<std::string> fill_in(std::vector<std::string> words, const std::map<std::string, std::string>& values);

}  // namespace ga::clients
