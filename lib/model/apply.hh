// Shared by the files that judge operations; not for others.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/graph.hh"
#include "model/operation.hh"
#include "util/text.hh"

namespace ga::model::detail {

/// Ends the judging of an operation with a refusal; caught in apply().
struct Refused {
  Refusal refusal;
};
[[noreturn]] inline void refuse(Kind kind, std::string message, std::vector<std::string> hints = {},
                                Json data = Json::object()) {
  throw Refused{{kind, std::move(message), std::move(hints), std::move(data)}};
}

/// One operation being judged: reads the state, collects changes in `state` (visible to later reads).
class Judge {
 public:
  Judge(State& state, const Operation& op) : op(op), state(&state) {}

  const Operation& op;
  MemoryState state;
  Outcome outcome;

  std::string arg(const char* key) const { return get_string(op.args, key); }
  /// The task an argument names; refused when it is not there.
  Task task(const char* key = "task");
  /// Refuses unless the event is allowed, and sets the new status.
  void step(Task& task, Event event);
  /// Refuses unless the actor holds the claim (by fence, or by name), or is the lead or a person.
  void require_holder(const Task& task) const;
  void require_lead(const std::string& what) const;
  /// A parent ends after its children.
  void require_children_finished(const Task& task);
  /// The process of args (host, pid, start, boot) becomes the one whose life is the claim's.
  void move_claim(Claim& claim) const;
  void save(Task& task);  ///< sets `updated`
  void save(const Bead& bead);
  void put(const std::string& folder, const std::string& id, Json value);
  /// Writes the bead in args.bead, if any.
  void save_bead(const std::string& commit = "");
  void summary(const std::string& verb, const Task& task);
  /// Leaves the messages of args.tell. What makes no sense in it is left out, for it is told and not judged.
  void leave_messages();
  /// The kind is a newer version's: nothing changes.
  void leave_alone();
  bool is_lead() const { return op.actor.person || op.actor.role == "lead"; }
  bool has_changes() const { return !changed_.empty(); }
  /// The outcome with all changes; nothing is asked of the judge afterwards.
  Outcome finish();

 private:
  using Name = std::pair<std::string, std::string>;  // folder, id
  bool known_ = true;                                // the kind of operation is
  std::vector<Name> changed_;                        // in the order of their first change
  std::set<Name> seen_;
};

inline constexpr std::size_t kMaxText = 256 * 1024;  // of a description, a note or a plan
/// Refuses texts that are too long or say nothing, assignees and path patterns that are none.
void check_texts(const Task& task);
/// Refuses a parent that is not there or takes no more children.
void require_open_parent(Judge& judge, const Task& task);
void add_tasks(Judge& judge);     // task.add
void import_tasks(Judge& judge);  // task.import
/// A claim may bring its task along, so that spinning a new feature is one operation.
void add_claimed_task(Judge& judge);

void apply_task_operation(Judge& judge);      // task.*
void apply_review_operation(Judge& judge);    // review.*
void apply_team_operation(Judge& judge);      // bead.*, run.*, merge.*, clean, undo, refused
void apply_trust_operation(Judge& judge);     // approval.*, plan.*
void apply_learning_operation(Judge& judge);  // reflect, learn.*

}  // namespace ga::model::detail
