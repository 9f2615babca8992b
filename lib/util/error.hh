// Errors that end a command.
//
//   throw Error(Kind::not_found, "no task 'api'", {"see the tasks with 'git agent-task list'"});
//
// Exceptions are for what ends the command; answers a caller expects (a lost race, an empty list,
// a failed gate inside a report) are return values. Only lib/cli/run-main.cc catches.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "util/json.hh"

namespace ga {

/// Every kind of failure a user or program can meet, the `error.kind` of --json.
/// git-agent(1) lists them; the exit code follows from the kind (exit_code()).
enum class Kind {
  // 1: the answer is no
  empty,
  not_found,
  gate_failed,
  review_failed,
  // 3: safe to retry or resolve
  claim_lost,
  target_moved,
  target_busy,
  merge_conflict,
  timeout,
  newer_version,
  agent_alive,
  // 4: refused by policy
  not_approved,
  locked,
  guarded,
  over_budget,
  wip,
  not_trusted,
  iteration_limit,
  reflection_due,
  fenced,
  not_lead,
  not_done,
  unmerged,
  wrong_status,
  // 128: environment or repository
  environment,
  // 129: usage
  usage,
};

/// The word for a kind as it stands in JSON, e.g. "merge_conflict".
std::string_view kind_name(Kind kind);
/// The process exit code for a kind: 1, 3, 4, 128 or 129.
int exit_code(Kind kind);
/// Every kind, in the order of the enum; used by the manual's test.
const std::vector<Kind>& all_kinds();

/// A failure that ends the command: what is wrong, then what to do.
class Error : public std::runtime_error {
 public:
  Error(Kind kind, const std::string& message, std::vector<std::string> hints = {});
  /// The command to run next as an argument vector (`error.next` in JSON).
  Error&& next(std::vector<std::string> argv) &&;
  /// What can be acted on although the command failed (`data` in JSON); an object.
  Error&& with_data(Json data) &&;

  Kind kind() const { return kind_; }
  const std::vector<std::string>& hints() const { return hints_; }
  const std::vector<std::string>& next_command() const { return next_; }
  const Json& data() const { return data_; }

 private:
  Kind kind_;
  std::vector<std::string> hints_;
  std::vector<std::string> next_;
  Json data_ = Json::object();
};

/// Shorthands for the two kinds every layer needs.
[[noreturn]] void fail_environment(const std::string& message, std::vector<std::string> hints = {});
[[noreturn]] void fail_usage(const std::string& message, std::vector<std::string> hints = {});

/// A broken promise inside git-agent itself: prints where and how to report it, then aborts.
[[noreturn]] void bug_at(const char* file, int line, const std::string& what);
#define GA_BUG(what) ::ga::bug_at(__FILE__, __LINE__, (what))

}  // namespace ga
