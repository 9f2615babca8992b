// Child processes: argument vectors only, never a shell string built from data.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ga {

struct Command {
  std::vector<std::string> argv;
  std::string cwd;                                    ///< empty: ours
  std::optional<std::vector<std::string>> clean_env;  ///< "NAME=value" list replacing the environment; else ours
  std::map<std::string, std::string> set_env;         ///< added or replaced
  std::vector<std::string> unset_env;                 ///< removed
  std::string input;                                  ///< standard input; empty: /dev/null
  bool inherit_stdin = false;
  bool inherit_output = false;          ///< child writes to our standard output and error
  std::string output_file;              ///< when set: stdout and stderr appended there
  bool merge_output = false;            ///< standard error goes into `out` too
  double timeout_seconds = 0;           ///< 0: none; else the process group is killed at the deadline
  bool own_group = false;               ///< start in its own process group (implied by a timeout)
  std::size_t max_output = 64u << 20;   ///< what is kept of each stream; the rest is read and dropped
  std::function<void(pid_t)> on_start;  ///< told the child's pid as soon as it runs
};

struct Result {
  int exit_code = -1;  ///< 0..255; 128+N for a signal N; 127 when the program could not start
  bool timed_out = false;
  bool truncated = false;
  std::string out, err;
  bool ok() const { return exit_code == 0 && !timed_out; }
};

/// Runs and waits. Never throws for what the child does; why a program could not start is in `err`. On
/// a time-out the whole process group gets SIGTERM, then SIGKILL after one second. Input is a file in
/// memory, not a pipe. What the child leaves running in the background is not waited for, even when it
/// keeps our pipes open.
Result run(const Command& command);

/// Starts a detached process in its own session (double fork, SIGHUP ignored, stdin /dev/null, output
/// to command.output_file or /dev/null) and returns its pid, which is its process group too. All other
/// descriptors are closed. Throws Error(environment) when the program cannot start.
pid_t spawn_detached(const Command& command);

/// Replaces this process. Returns only by throwing Error(environment).
[[noreturn]] void exec_replace(const std::vector<std::string>& argv);

/// Identity of a process that survives pid reuse: pid, start time in clock ticks, boot id.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start = 0;
  std::string boot;
  bool operator==(const ProcessId&) const = default;
};
ProcessId this_process();
/// The identity of a running process; pid 0 when there is none.
ProcessId process_identity(pid_t pid);
/// True when that very process still runs on this boot (a zombie does not count).
bool is_alive(const ProcessId& process);
/// The parent of a running process, 0 when unknown.
pid_t parent_of(pid_t pid);
/// This machine's name, and the id of its current boot.
std::string host_name();
std::string boot_id();
/// The first executable of that name on PATH, or "". Relative directories on PATH are passed over.
std::string find_program(const std::string& name);
/// Absolute path of the running git-agent executable.
std::string self_path();

/// Splits like a POSIX shell would (quotes and backslashes, no expansion); nullopt when a quote is
/// not closed.
std::optional<std::vector<std::string>> split_words(std::string_view text);
/// Quotes one word for pasting into a POSIX shell; plain words stay as they are.
std::string shell_quote(std::string_view word);
std::string shell_join(const std::vector<std::string>& words);

}  // namespace ga
