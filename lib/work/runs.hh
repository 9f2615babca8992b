// Runs: the lives of agents on this machine. One file per feature, <common>/agent/runs/<slug>.json, written
// atomically by whoever changes it (spin, then the runner); the team's view of it is in the ledger (run.start,
// run.end).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "util/process.hh"
#include "work/project.hh"

namespace ga::work {

struct RunRecord {
  std::string id, task, slug, agent, role, profile, client;
  std::string branch, base, worktree, log, fence;
  ProcessId runner, process;      ///< our runner, and the client it started
  std::string state;              ///< starting, running, exited, stopped
  int exit_code = 0;
  std::string reason;             ///< why it ended
  Time started = 0, ended = 0;
  std::vector<std::string> argv;
};
Json to_json(const RunRecord& run);
RunRecord run_record_from_json(const Json& json);

std::filesystem::path run_file(Project& project, const std::string& slug);
std::optional<RunRecord> load_run(Project& project, const std::string& slug);
std::vector<RunRecord> load_runs(Project& project);
void save_run(Project& project, const RunRecord& run);

/// What a run looks like right now, judged by the live processes: running, exited, stopped, lost...
/// "alive" means the client's process still runs.
bool is_alive(const RunRecord& run);

/// Brings runs whose runner died back under control: a live client gets a new runner that adopts it, a dead one is
/// recorded as exited. Cheap when nothing is wrong. Called by every command that looks at runs.
void recover_runs(Project& project);

/// The run whose runner is an ancestor of this process, or whose environment this is.
std::optional<RunRecord> current_run(Project& project);

}  // namespace ga::work
