#include "clients/profiles.hh"

namespace ga::clients {

// Nobody is there to answer a client's questions, so each line tells it not to ask. What an agent is held to does not
// depend on its client: it works in a worktree of its own, and gates judge what it hands in.
const std::vector<LaunchProfile>& builtin_profiles() {
  static const std::vector<LaunchProfile> profiles = {
      {.name = "claude",
       .program = "claude",
       .argv = {"--output-format", "stream-json", "--verbose", "--permission-mode", "bypassPermissions", "-p",
                "{prompt}"},
       .model_option = {"--model", "{model}"}},
      // Its sandbox makes Git directories read-only; a commit in a linked worktree writes to both.
      {.name = "codex",
       .program = "codex",
       .argv = {"exec", "--json", "--skip-git-repo-check", "-s", "workspace-write", "--add-dir", "{common_dir}",
                "--add-dir", "{git_dir}", "-C", "{worktree}", "{prompt}"},
       .model_option = {"-m", "{model}"}},
      {.name = "gemini",
       .program = "gemini",
       .argv = {"-o", "stream-json", "--approval-mode", "yolo", "--skip-trust", "-p", "{prompt}"},
       .model_option = {"-m", "{model}"}},
      {.name = "opencode",
       .program = "opencode",
       .argv = {"run", "--format", "json", "--dir", "{worktree}", "--auto", "{prompt}"},
       .model_option = {"-m", "{model}"}},
      // A shell script of the person's, for tests and for agents that think in advance.
      {.name = "script", .program = "", .argv = {"-eu", "{script}"}, .model_option = {}},
  };
  return profiles;
}

const LaunchProfile* find_profile(std::string_view name) {
  for (const LaunchProfile& profile : builtin_profiles())
    if (profile.name == name) return &profile;
  return nullptr;
}

std::vector<std::string> fill_in(std::vector<std::string> words, const std::map<std::string, std::string>& values) {
  for (std::string& word : words) {
    std::string filled;
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t open = word.find('{', at);
      const std::size_t close = open == std::string::npos ? open : word.find('}', open);
      if (close == std::string::npos) {
        filled += word.substr(at);
        break;
      }
      const auto value = values.find(word.substr(open + 1, close - open - 1));
      filled += word.substr(at, open - at);
      filled += value == values.end() ? word.substr(open, close - open + 1) : value->second;
      at = close + 1;
    }
    word = filled;
  }
  return words;
}

}  // namespace ga::clients
