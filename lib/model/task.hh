// A task: one piece of work, and the one table that says how it may change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

/// The stored status. "blocked" is not stored: it is computed (see graph.hh) or is a pending or
/// in_progress task with a hold.
enum class Status { pending, in_progress, in_review, completed, failed, cancelled };
std::string_view status_name(Status status);
std::optional<Status> parse_status(std::string_view name);

/// What happens to a task. The names are the operation kinds "task.NAME" of the ledger.
enum class Event { claim, release, start, submit, complete, fail, block, unblock, cancel, reopen, rework };
std::string_view event_name(Event event);

/// One row of the state machine: `from` statuses (in order of the enum) lead to `to`.
struct Transition {
  Event event;
  std::vector<Status> from;
  std::optional<Status> to;  ///< empty: the status stays
  const char* meaning;       ///< as it stands in git-agent-task(1)
};
/// The state machine, whole. git-agent-task(1) holds the same table; a test compares them.
const std::vector<Transition>& transitions();
/// The status after an event; nullopt when the event is not allowed in that status.
std::optional<Status> after(Status status, Event event);

/// A lease on a task. `fence` is the id of the claim's operation: whoever writes for the holder names
/// it, and a takeover changes it, so a revived process can write nothing more.
struct Claim {
  std::string agent, host, boot, fence;
  std::int64_t pid = 0;
  std::uint64_t start = 0;  ///< process start in clock ticks
  Time since = 0, expires = 0;
  Json extra = Json::object();
};

struct Criterion {
  std::string text;
  bool done = false;
  std::string by, evidence, commit;  ///< void when the branch gets a newer commit
  Json extra = Json::object();

  /// Ticked, and at that commit; "" for either means that commits do not matter.
  bool met_at(const std::string& at) const { return done && (commit.empty() || at.empty() || commit == at); }
};

struct ProgressNote {
  Time time = 0;
  std::string by, text;
  Json extra = Json::object();
};

/// One task as it stands in the ledger. Unknown members of the file, also those of
/// its claim, criteria and notes, are kept in `extra` and written back.
struct Task {
  std::string id, slug, title, description;
  Status status = Status::pending;
  std::string reason;  ///< of the last fail, cancel, reopen, rework
  std::string hold;    ///< reason of `task block`; "" when not held
  int priority = 2;    ///< 0 most urgent .. 4
  int rank = 0;        ///< place within the batch it was added by
  std::string phase, assignee, parent;
  std::vector<std::string> labels, needs, owns;
  std::vector<Criterion> accept;
  std::vector<ProgressNote> notes;
  bool plan_required = false;
  std::string plan_state;  ///< "", submitted, approved, rejected
  std::string plan;        ///< id of the newest one submitted
  std::optional<Claim> claim;
  std::vector<std::string> locked;   ///< path patterns it holds, from `owns` at claim until merge or clean
  std::string branch, base, target;  ///< full refs; base is the commit it started from; target where it merges
  std::string commit;                ///< the submitted commit (in_review), or the merged one (completed)
  std::string worker;                ///< agent that last worked on it
  /// requested, passed, failed or self-declared (a verdict that does not count), of that commit; "" for none.
  std::string review_state, review_commit;
  int iteration = 0;
  std::vector<std::string> failed_trees;  ///< trees that gates or a review turned down: each is one iteration, once
  std::int64_t budget_tokens = 0;
  Time created = 0, updated = 0;
  std::string created_by;
  Time reflected = 0;  ///< when whoever works on it last wrote a reflection; 0: never
  Json extra = Json::object();

  bool held() const { return !hold.empty(); }
  bool finished() const { return status == Status::completed; }
  bool open() const { return status != Status::completed && status != Status::cancelled && status != Status::failed; }
};

/// The ledger's form of a task and back. from_json() accepts every object; wrongly typed members count
/// as missing.
Json to_json(const Task& task);
Task task_from_json(const Json& object);

}  // namespace ga::model
