// Runs: the lives of agents on this machine. One file per feature, <common>/agent/runs/<slug>.json, written
// atomically by whoever changes it (spin, then the runner); the team's view of it is in the ledger (run.start,
// run.end).
//
// A spin writes its record with state "starting" before it claims anything: killed half-way, the next command
// finds there what is to be taken back. Two locks go with a record, both released by the kernel when their
// holder dies: <common>/agent/locks/<slug>.spin is held while a spin or a recovery changes it, and
// <slug>.run by the runner for as long as it lives, so that a feature never has two.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "util/fs.hh"
#include "util/process.hh"
#include "work/project.hh"

namespace ga::work {

struct RunRecord {
  std::string id, task, slug, agent, role, profile, client;
  std::string branch, base, worktree, log, fence;
  ProcessId runner, process;  ///< our runner, and the client it started
  pid_t session = 0;          ///< of the client: that of the runner that started it
  /// starting; prepared (made without an agent); running; and how it ended: done (in review or completed), failed (the
  /// agent gave up), stopped, not_started, exited (none of these)
  std::string state;
  int exit_code = 0;   ///< -1: not known
  std::string reason;  ///< why it ended
  Time started = 0, ended = 0;
  std::vector<std::string> argv;                  ///< "{prompt}" stands for the briefing's text
  std::int64_t log_offset = 0;                    ///< where this run begins in the log
  bool new_branch = false, new_worktree = false;  ///< made by the spin that is under way
  std::vector<std::string> parents;               ///< ancestors' ids that get their branches with it
};
Json to_json(const RunRecord& run);
RunRecord run_record_from_json(const Json& json);
/// What --json shows of a run.
Json view(const RunRecord& run);

std::filesystem::path run_file(Project& project, const std::string& slug);
std::optional<RunRecord> load_run(Project& project, const std::string& slug);
std::vector<RunRecord> load_runs(Project& project);
void save_run(Project& project, const RunRecord& run);
void remove_run(Project& project, const std::string& slug);

/// Held while a spin, a stop or a recovery changes a feature's run. Error(timeout) after `seconds`.
FileLock lock_run(Project& project, const std::string& slug, double seconds);
/// The lock a runner holds while it lives.
std::filesystem::path runner_lock(Project& project, const std::string& slug);
/// While this file is there the client's end was asked for; it holds the reason.
std::filesystem::path stop_file(Project& project, const std::string& slug);

/// The client's process still runs.
bool is_alive(const RunRecord& run);
/// An agent is at work or about to: its client or its runner lives, or a spin is under way.
bool is_at_work(Project& project, const RunRecord& run);
/// Ends what a client that is gone left running: its process group, and what says in its environment that it belongs to
/// the run. Only in the run's own session, so that a number that somebody else has now is never touched.
void end_remains(const RunRecord& run);
/// The state in one word, judged by the live processes.
std::string state_now(Project& project, const RunRecord& run);
/// The last lines the client wrote in this run, at most `bytes`, safe to show.
std::string last_lines(const RunRecord& run, std::size_t lines, std::size_t bytes = 2048);

/// Brings runs whose runner died back under control: a live client gets a new runner that adopts it, a dead one is
/// recorded as exited, a spin that was killed is taken back. Cheap when nothing is wrong. Called by every command that
/// looks at runs; never throws for a single run that resists.
void recover_runs(Project& project);
/// The same for one feature whose lock the caller holds; throws.
void recover_run(Project& project, const std::string& slug);
/// Takes back what a spin made: its claim, its worktree, its branch while that has no commits of its own, its record.
void roll_back(Project& project, const RunRecord& run);
/// Records the end of a run, here and in the ledger.
void record_end(Project& project, RunRecord& run, const std::string& state, int exit_code, const std::string& reason);

/// The run whose runner is an ancestor of this process, or whose environment this is.
std::optional<RunRecord> current_run(Project& project);

}  // namespace ga::work
