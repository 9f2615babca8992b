#include "work/launch.hh"

#include <algorithm>
#include <cstdlib>

#include "clients/profiles.hh"
#include "gates/trust.hh"
#include "model/names.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/briefing.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

// One argument may have 128 KiB on Linux.
constexpr std::size_t kMaxPrompt = 96 * 1024;

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> client_names() {
  std::vector<std::string> names;
  for (const auto& profile : clients::builtin_profiles())
    if (!profile.program.empty()) names.push_back(profile.name);
  return names;
}

/// The script of the `script` profile: only ever the person's own choice.
std::string find_script(Project& project, const std::string& slug) {
  std::string chosen = env("GIT_AGENT_SCRIPT");
  if (chosen.empty()) chosen = project.config().get("agent.script").value_or("");
  if (chosen.empty())
    fail_environment(
        "the profile 'script' has no script",
        {"set GIT_AGENT_SCRIPT, or git config agent.script, to a shell script or to a directory with " + slug + ".sh"});
  std::error_code error;
  fs::path path = fs::absolute(chosen, error);
  if (fs::is_directory(path, error)) path /= model::path_slug(slug) + ".sh";
  if (!fs::is_regular_file(path, error))
    fail_environment(
        "no script for '" + slug + "': there is no '" + path.string() + "'",
        {"GIT_AGENT_SCRIPT or agent.script names a script, or a directory of scripts named after features"});
  return path.string();
}

/// The profile to use when none is named.
std::string default_profile(Project& project) {
  if (!project.policy().default_profile.empty()) return project.policy().default_profile;
  std::vector<std::string> found;
  for (const std::string& name : client_names())
    if (!find_program(clients::find_profile(name)->program).empty()) found.push_back(name);
  if (found.size() == 1) return found.front();
  if (found.empty())
    fail_environment("no agent client is installed: looked for " + join(client_names(), ", ") + " on PATH",
                     {"install one, or describe yours in .git-agent.toml as [profile.NAME] command = [...]",
                      "'--no-launch' makes the worktree and starts nothing"});
  fail_environment(
      "which client? " + join(found, ", ") + " are installed",
      {"choose with --profile, or for everybody: [team] profile = \"" + found.front() + "\" in .git-agent.toml"});
}

Launch from_command(Project& project, const gates::Profile& profile) {
  if (!gates::is_trusted(project.repo().common_dir(), project.policy()))
    throw Error(Kind::not_trusted,
                "the command of profile '" + sanitize_line(profile.name) +
                    "' comes with the repository and is not trusted",
                {"look at it with 'git agent-gate list', then say so with 'git agent-gate trust " +
                 project.policy().trust_hash() + "'"})
        .next({"git", "agent-gate", "trust", project.policy().trust_hash()});
  Launch launch{profile.name, profile.client.empty() ? profile.name : profile.client, profile.model, profile.command};
  const std::string program = find_program(launch.argv.front());
  if (program.empty() && launch.argv.front().find('/') == std::string::npos)
    fail_environment("profile '" + sanitize_line(profile.name) + "' starts '" + sanitize_line(launch.argv.front()) +
                     "', which is not on PATH");
  if (!program.empty()) launch.argv.front() = program;
  return launch;
}

Launch from_builtin(Project& project, const std::string& name, const std::string& client, const std::string& model,
                    const std::string& slug) {
  const clients::LaunchProfile* profile = clients::find_profile(client);
  if (profile == nullptr) {
    std::vector<std::string> known = client_names();
    known.push_back("script");
    for (const auto& [own, unused] : project.policy().profiles) known.push_back(own);
    fail_environment("no profile '" + sanitize_line(name) + "'", {"there are " + join(known, ", ")});
  }
  Launch launch{name, profile->name, model, profile->argv};
  if (!model.empty() && !launch.argv.empty()) {
    // Before the prompt, which is the last word, and the option that takes it.
    const bool optioned = launch.argv.size() > 1 && launch.argv[launch.argv.size() - 2] == "-p";
    launch.argv.insert(launch.argv.end() - (optioned ? 2 : 1), profile->model_option.begin(),
                       profile->model_option.end());
  }
  if (profile->name == "script") {
    launch.argv = clients::fill_in(launch.argv, {{"script", find_script(project, slug)}});
    launch.argv.insert(launch.argv.begin(), "/bin/sh");
    return launch;
  }
  const std::string program = find_program(profile->program);
  if (program.empty())
    fail_environment("the client '" + profile->program + "' is not on PATH",
                     {"install it, or choose another --profile"});
  launch.argv.insert(launch.argv.begin(), program);
  return launch;
}

}  // namespace

fs::path briefing_file(Project& project, const std::string& slug) {
  return project.agent_dir() / "briefings" / (model::path_slug(slug) + ".md");
}

Launch choose_launch(Project& project, const std::string& wanted, const std::string& slug) {
  const std::string name = wanted.empty() ? default_profile(project) : wanted;
  const auto& own = project.policy().profiles;
  if (const auto found = own.find(name); found != own.end()) {
    const gates::Profile& profile = found->second;
    if (!profile.command.empty()) return from_command(project, profile);
    return from_builtin(project, name, profile.client.empty() ? name : profile.client, profile.model, slug);
  }
  return from_builtin(project, name, name, "", slug);
}

std::vector<std::string> command_line(Project& project, const Launch& launch, const RunRecord& run) {
  return clients::fill_in(launch.argv, {{"briefing", briefing_file(project, run.slug).string()},
                                        {"worktree", run.worktree},
                                        {"common_dir", project.repo().common_dir().string()},
                                        {"git_dir", worktree_git_dir(project, run.worktree).string()},
                                        {"model", launch.model}});
}

std::string prompt_text(Project& project, const RunRecord& run) {
  std::string text = read_file(briefing_file(project, run.slug)).value_or("");
  std::erase(text, '\0');
  if (text.size() <= kMaxPrompt) return text;
  return std::string(utf8_prefix(text, kMaxPrompt)) + "\n\n(cut; the whole briefing: git agent-brief)\n";
}

std::map<std::string, std::string> agent_environment(Project& project, const RunRecord& run) {
  const std::string self = self_path();
  const auto person = [&](const char* key) { return project.config().get(key).value_or(""); };
  std::map<std::string, std::string> vars = {
      {"GIT_AGENT_NAME", run.agent},
      {"GIT_AGENT_ROLE", run.role},
      {"GIT_AGENT_TASK", run.slug.substr(0, run.slug.find('.'))},  // a reviewer's run has a '.', no slug has
      {"GIT_AGENT_BRIEFING", briefing_file(project, run.slug).string()},
      {"GIT_AGENT_WORKTREE", run.worktree},
      {"GIT_AGENT_BASE", run.base},
      {"GIT_AGENT_BIN", self},
      {"GIT_AGENT_FENCE", run.fence},
      {"GIT_AGENT_CLIENT", run.client},
      {"GIT_AUTHOR_NAME", run.agent + " (agent)"},
      {"PATH", fs::path(self).parent_path().string() + ":" + env("PATH")},
  };
  // Some clients hide the person's configuration from Git: say whose commits these are.
  if (const std::string email = person("user.email"); !email.empty()) {
    vars["GIT_AUTHOR_EMAIL"] = email;
    vars["GIT_COMMITTER_EMAIL"] = email;
  }
  if (const std::string name = person("user.name"); !name.empty()) vars["GIT_COMMITTER_NAME"] = name;
  return vars;
}

}  // namespace ga::work
