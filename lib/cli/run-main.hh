// From argv to exit code: the only place that catches.
#pragma once

#include <string>
#include <vector>

namespace ga::cli {

/// Runs `git-agent ARGS...` or, called through an installed link, `git-agent-NAME ARGS...`.
/// Answers: 0, 1, 3, 4, 128, 129 as git-agent(1) lists them. A closed standard output ends quietly;
/// one that cannot be written (full disk) is an error (128).
int run_main(int argc, char** argv);

/// Completion candidates for the words of a command line ("task", "re"), one a line.
std::vector<std::string> complete(const std::vector<std::string>& words);
/// The completion script for bash, zsh or fish.
std::string completion_script(const std::string& shell);

}  // namespace ga::cli
