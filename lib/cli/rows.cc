#include "cli/command.hh"
#include "util/text.hh"

namespace ga::cli {

const CommandRow* find_command(std::string_view name) {
  for (const CommandRow* command : all_commands())
    if (name == command->name) return command;
  return nullptr;
}

const Verb* find_verb(const CommandRow& command, std::string_view name) {
  for (const Verb& verb : command.verbs)
    if (name == verb.name) return &verb;
  return nullptr;
}

std::vector<std::string> synopsis_lines(const CommandRow& command) {
  std::vector<std::string> lines;
  for (const Verb& verb : command.verbs) {
    if (verb.hidden) continue;
    std::string line = std::string("git agent-") + command.name;
    if (*verb.name) line += std::string(" ") + verb.name;
    if (*verb.usage) line += std::string(" ") + verb.usage;
    lines.push_back(line);
  }
  return lines;
}

}  // namespace ga::cli
