// What completion of the three shells is made of.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hh"

namespace ga::cli {

/// Where candidates come from that are not in the rows (tasks, agents, gates...): "WORD" or
/// "WORD\tDESCRIPTION". nullptr: nowhere. It may throw: completion then offers nothing.
extern std::vector<std::string> (*dynamic_candidates)(Completes);
/// Those of the repository we are in; what main() sets dynamic_candidates to.
std::vector<std::string> repository_candidates(Completes what);

/// Stands alone in the answer of complete() when the shell shall offer files.
extern const char complete_files[];

/// The files that are installed for a shell, by name: git-agent.bash...
struct CompletionFile {
  std::string name, text;
};
std::vector<CompletionFile> completion_files();

}  // namespace ga::cli
