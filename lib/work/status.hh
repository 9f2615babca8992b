// What goes on: agents, tasks, and what waits for a person.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"
#include "work/unaccounted.hh"

namespace ga::work {

struct AgentStatus {
  std::string name, role, task, slug;  ///< task: id
  std::string state;                   ///< as run records say: running, exited, ...
  std::string reason;                  ///< why it ended
  bool at_work = false;
  bool over = false;  ///< its task is completed, failed or cancelled
  Time started = 0, ended = 0;
  int iteration = 0, max_iterations = 0;
  std::string last_line;  ///< of its log, safe to show
};

/// Something only a person can move on.
struct Waiting {
  std::string what;                  ///< one line, safe to show
  std::string kind;                  ///< plan, review, reviewer, agent, failed, conflict, trust, unaccounted
  std::string task;                  ///< id or ""
  Time since = 0;                    ///< 0: not known
  std::vector<std::string> command;  ///< to paste
};

struct Conflict {
  std::string first, second;  ///< slugs
  std::vector<std::string> paths;
};

struct Counts {
  std::int64_t pending = 0, ready = 0, blocked = 0, in_progress = 0, in_review = 0, completed = 0, failed = 0,
               cancelled = 0;
};

struct Status {
  std::vector<AgentStatus> agents;  ///< at work first
  Counts counts;
  std::vector<Waiting> waiting;  ///< oldest first
  std::vector<Json> messages;    ///< to who looks, newest first, of the last days
  int wip_now = 0, wip_limit = 0;
  std::vector<Unaccounted> unaccounted;
  std::vector<Conflict> conflicts;
  bool conflicts_known = false;  ///< they were looked for
};
Json to_json(const Status& status);

/// Reads the ledger's index, the run records and the target's newest commits; starts no process per worktree.
Status read_status(Project& project);
/// Counts of tasks; `index` may be of another time.
Counts count_tasks(index::Index& index);
Json to_json(const Counts& counts);

/// Merges the branches of live features with each other in memory (`git merge-tree`), pair by pair: at most `max_pairs`.
void predict_conflicts(Project& project, Status& status, std::size_t max_pairs);

}  // namespace ga::work
