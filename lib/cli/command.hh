// How a command is written. This header is the recipe:
//
//  1. git-agent/<name>.cc: a run function per verb and one row:
//       static int run_ready(Context& ctx, const Args& args) {...}
//       const CommandRow cmd_task = {.name = "task", .summary = "...", .group = Group::plan,
//         .verbs = {{.name = "ready", .usage = "[--limit N]", .summary = "tasks that can start now",
//                    .options = {{.name = "limit", .arg = "N", .help = "show at most N"}},
//                    .run = run_ready}, ...}};
//     A command without verbs has one verb whose name is "".
//  2. its name in git-agent/meson.build, man/git-agent-<name>.1.scd, tests/e2e/<name>.t. Configuring fails
//     while one of them is missing.
//
// From these rows come parsing, -h, the check of the manual and the completion of three shells.
// Every verb also takes -h, --help, --json; parsing is done by the C library's getopt_long, whose tables are
// made from the rows (start-up cost: none).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/json.hh"

namespace ga::cli {

class Context;
class Args;

enum class Group { plan, spawn, monitor, verify, integrate, retro, hidden };
/// What completes an argument: nothing, files, task ids and slugs, agents' names, gates, branches, words.
enum class Completes { nothing, file, task, feature, agent, gate, profile, branch, words };

struct Option {
  const char* name;           ///< long name without dashes
  char letter = 0;            ///< short name
  const char* arg = nullptr;  ///< "N", "TEXT"...; null: a switch
  const char* help = "";
  bool repeated = false;  ///< may stand several times
  bool hidden = false;
  Completes completes = Completes::nothing;
  const char* words = nullptr;  ///< space-separated, for Completes::words
};

struct Verb {
  const char* name = "";
  const char* usage = "";  ///< after the command's and verb's name, e.g. "ID [-m WHY]"
  const char* summary = "";
  std::vector<Option> options;
  int min_args = 0, max_args = 0;               ///< positional arguments; max -1: any number
  int (*run)(Context&, const Args&) = nullptr;  ///< gives the exit code
  Completes completes = Completes::nothing;     ///< of positional arguments
  bool raw = false;                             ///< arguments are handed over unparsed (hooks)
  bool hidden = false;
};

struct CommandRow {
  const char* name;
  const char* summary;
  Group group;
  std::vector<Verb> verbs;  ///< the first is used when no verb's name is given and its name is ""
};

/// All commands, in the order of git-agent/meson.build.
const std::vector<const CommandRow*>& all_commands();
/// nullptr when there is none of that name.
const CommandRow* find_command(std::string_view name);
const Verb* find_verb(const CommandRow& command, std::string_view name);

/// The parsed arguments of one verb.
class Args {
 public:
  bool has(std::string_view option) const;
  std::string get(std::string_view option, std::string fallback = "") const;  ///< the last value
  std::vector<std::string> get_all(std::string_view option) const;
  /// A whole number in [low, high]; Error(usage) naming the option otherwise.
  std::int64_t get_number(std::string_view option, std::int64_t low, std::int64_t high, std::int64_t fallback) const;
  /// A duration in seconds; Error(usage) otherwise.
  std::int64_t get_duration(std::string_view option, std::int64_t fallback) const;
  const std::vector<std::string>& positional() const { return positional_; }
  std::string at(std::size_t index) const;  ///< positional or ""

  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> positional_;
};

/// Parses argv (without program, command and verb names). Throws Error(usage) with a suggestion for a
/// misspelt option. "--" ends options.
Args parse_args(const CommandRow& command, const Verb& verb, const std::vector<std::string>& argv);

/// "usage: git agent-task ready [--limit N] ..." and the option lines, at most 80 columns.
std::string usage_text(const CommandRow& command, const Verb* verb);
/// The SYNOPSIS lines of a command as they must stand in its manual page.
std::vector<std::string> synopsis_lines(const CommandRow& command);

}  // namespace ga::cli
