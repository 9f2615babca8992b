// Spinning: one task, one branch, one worktree, one agent.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/task.hh"
#include "work/runs.hh"

namespace ga::work {

struct SpinRequest {
  std::string slug;                     ///< of the feature
  std::optional<model::Task> new_task;  ///< added with the claim when there is no task of that slug
  std::string agent, profile, role;     ///< empty: as before, else the slug; see choose_launch(); builder
  std::string base;                     ///< revision a new branch starts from
  std::vector<std::string> only;
  bool copy_included = true;
  bool launch = true;
  std::string why;  ///< of a takeover or a new agent, for the record
};

struct SpinResult {
  model::Task task;
  RunRecord run;
  bool resumed = false;
};

/// Claim, branch, worktree, set-up, briefing, runner. Whatever fails, everything made here is taken back. Throws
/// Error(wip), Error(locked) and the like before anything is made, Error(agent_alive) when an agent is at work.
SpinResult spin(Project& project, const SpinRequest& request,
                const std::function<void(const std::string&)>& progress = {});

/// Stops an agent: snapshot, then SIGTERM to its process group, SIGKILL after five seconds or `now`. Its claim is
/// given back, branch and worktree stay. Throws Error(not_found) when none is at work.
struct StopResult {
  RunRecord run;
  std::string backup;  ///< the ref; "" when it could not be made
  std::vector<std::string> warnings;
};
StopResult stop(Project& project, const std::string& slug, bool now, const std::string& why);

/// A name for a fresh agent on the same task: "api" - "api-2" - "api-3".
std::string next_agent_name(const std::string& name);

}  // namespace ga::work
