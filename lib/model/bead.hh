// A bead: the immutable record of one decision or outcome, with where it comes from.
#pragma once

#include <string>
#include <vector>

#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

struct Bead {
  std::string id;
  std::string kind;  ///< decision, outcome, gotcha, failure, merge, gate, review, flaky, undo
  std::string text;
  std::string task;    ///< id or ""
  std::string commit;  ///< full id of the commit it is noted on, "" while it belongs to none
  std::string agent, client, model;
  std::string evidence;
  std::string supersedes;  ///< id of the bead that this one takes the place of, or ""
  std::string operation;   ///< id of the ledger operation that made it
  Time time = 0;
  Json extra = Json::object();  ///< other members, kept: `gates` has the verdicts it is about (gates::verdicts_record)
};
Json to_json(const Bead& bead);
Bead bead_from_json(const Json& object);
/// The paragraph a bead makes in `git log` notes.
std::string note_text(const Bead& bead, const std::string& task_slug);

/// One life of an agent in a worktree, as the team sees it (the live details are local to its machine).
struct Run {
  std::string id, task, agent, profile, client, host, branch, base;
  std::string state;  ///< running, exited, done, failed, stopped
  int exit_code = 0;
  std::string reason;
  Time started = 0, ended = 0;
  Json extra = Json::object();
};
Json to_json(const Run& run);
Run run_from_json(const Json& object);

}  // namespace ga::model
