// A ledger in memory that operations change, and what holds after each of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fuzz.hh"
#include "model/graph.hh"
#include "model/names.hh"
#include "model/operation.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::fuzz {

class LedgerWorld {
 public:
  /// An object as it was before the last operation.
  struct Replaced {
    std::string folder, id;
    Json value;
  };

  /// Judges an operation, checks what comes of it, and changes the state by it.
  model::Outcome perform(const model::Operation& op) {
    const auto before = statuses();
    model::Outcome outcome = model::apply(state, op);
    if (outcome.refusal) {
      HOLDS(outcome.changes.empty());
      HOLDS(!outcome.refusal->message.empty());
      return outcome;
    }
    replaced.clear();
    for (const model::ObjectChange& change : outcome.changes) {
      check_storable(change);
      replaced.push_back({change.folder, change.id, state.object(change.folder, change.id)});
      state.put(change.folder, change.id, change.value);
    }
    check_statuses(op, before);
    return outcome;
  }

  // Names become branches and directories; links that wait in a circle would never end.
  void check_names_and_links() {
    const std::vector<std::string> ids = ids_in("tasks");
    for (const std::string& id : ids) {
      const model::Task task = *state.task(id);
      HOLDS(task.id == id);
      HOLDS(model::is_slug(task.slug));
      HOLDS(state.task_by_slug(task.slug) == id);
    }
    HOLDS(model::links_problem(state, ids).empty());
    HOLDS(model::find_cycle(state, ids).empty());
  }

  std::vector<std::string> ids_in(const std::string& folder) const {
    std::vector<std::string> ids;
    for (const auto& [key, value] : state.all())
      if (key.first == folder && value.is_object()) ids.push_back(key.second);
    return ids;
  }

  model::MemoryState state;
  std::vector<Replaced> replaced;

 private:
  std::map<std::string, model::Status> statuses() {
    std::map<std::string, model::Status> found;
    for (const auto& [key, value] : state.all())
      if (key.first == "tasks" && value.is_object())
        found[key.second] = model::parse_status(get_string(value, "status")).value_or(model::Status::pending);
    return found;
  }

  // An object is written as a file named after its id, and has to come back as it was.
  void check_storable(const model::ObjectChange& change) {
    HOLDS(model::is_id(change.id));
    HOLDS(change.value.is_null() || change.value.is_object());
    if (change.value.is_null()) return;
    HOLDS(get_string(change.value, "id") == change.id);
    const std::string text = write_toml(change.value);
    HOLDS(canonical(parse_toml(text, change.id)) == canonical(kept_by_toml(change.value)));
  }

  // The table of the state machine, and nothing but the task's own event changes a status.
  void check_statuses(const model::Operation& op, const std::map<std::string, model::Status>& before) {
    if (!starts_with(op.kind, "task.")) return;
    for (const auto& [id, status] : statuses()) {
      const auto old = before.find(id);
      const model::Status was = old == before.end() ? model::Status::pending : old->second;
      const bool meant = get_string(op.args, "task") == id;
      HOLDS(status == (meant ? expected(op.kind, was) : was));
    }
  }

  static model::Status expected(const std::string& kind, model::Status was) {
    for (const model::Transition& row : model::transitions()) {
      if (kind != "task." + std::string(model::event_name(row.event))) continue;
      const auto next = model::after(was, row.event);
      HOLDS(next.has_value());
      return *next;
    }
    return was;
  }
};

}  // namespace ga::fuzz
