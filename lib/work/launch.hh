// How an agent's client is started: which profile, which command line, which environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "work/runs.hh"

namespace ga::work {

struct Launch {
  std::string profile, client, model;
  std::vector<std::string> argv;  ///< program first, absolute; with placeholders
};

/// The profile named, else the policy's, else the only client installed. Throws Error(environment) with what was looked
/// for, Error(not_trusted) for a command from the repository that no person has trusted.
Launch choose_launch(Project& project, const std::string& profile, const std::string& slug);
/// The run's command line with every placeholder but {prompt} filled in.
std::vector<std::string> command_line(Project& project, const Launch& launch, const RunRecord& run);
/// What the client is told: the briefing, cut to what fits into one argument.
std::string prompt_text(Project& project, const RunRecord& run);
/// Variables of the runner and of the client; an empty value removes one.
std::map<std::string, std::string> agent_environment(Project& project, const RunRecord& run);

std::filesystem::path briefing_file(Project& project, const std::string& slug);

}  // namespace ga::work
