// The rows of all commands, in the order of git-agent/meson.build.
#include "cli/command.hh"

namespace ga::cli {

#define GA_COMMAND(name) extern const CommandRow cmd_##name;
#include "commands.inc"
#undef GA_COMMAND

const std::vector<const CommandRow*>& all_commands() {
  static const std::vector<const CommandRow*> commands = {
#define GA_COMMAND(name) &cmd_##name,
#include "commands.inc"
#undef GA_COMMAND
  };
  return commands;
}

}  // namespace ga::cli
