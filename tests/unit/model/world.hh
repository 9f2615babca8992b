// A small world for tests of operations: a state in memory, actors, and ids that count.
#pragma once

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "model/graph.hh"
#include "model/operation.hh"

namespace ga::test {

inline std::string id_of(std::uint64_t number) {
  char text[33];
  // Scattered, so that prefixes differ; never an accident of order.
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(number * 0x9e3779b97f4a7c15ull),
                static_cast<unsigned long long>(number));
  return text;
}

inline const model::Actor kLead{"Lead", "lead", true};
inline model::Actor agent(const std::string& name) { return {name, "builder", false}; }

/// Makes operations with new ids and times that go on.
class Maker {
 public:
  explicit Maker(std::uint64_t first = 1) : next_(first) {}
  std::string id() { return id_of(next_++); }
  model::Operation op(const std::string& kind, Json args, const model::Actor& who = kLead) {
    return {id(), kind, who, 1'700'000'000 + static_cast<Time>(next_), std::move(args)};
  }
  /// task.add of one task; its id is in args.tasks[0].id.
  model::Operation add(const std::string& slug, const std::string& parent = "",
                       const std::vector<std::string>& needs = {}, Json more = Json::object(),
                       const model::Actor& who = kLead) {
    Json task = std::move(more);
    task["id"] = id();
    task["slug"] = slug;
    task["title"] = "Task " + slug;
    if (!parent.empty()) task["parent"] = parent;
    if (!needs.empty()) task["needs"] = needs;
    return op("task.add", {{"tasks", Json::array({task})}}, who);
  }
  model::Operation claim(const std::string& task, const std::string& name, const std::string& kind = "task.claim") {
    return op(kind,
              {{"task", task}, {"agent", name}, {"host", "h"}, {"pid", 7}, {"start", 8}, {"boot", "b"}, {"lease", 900}},
              agent(name));
  }

 private:
  std::uint64_t next_;
};

inline std::string added_id(const model::Operation& add) { return get_string(add.args["tasks"][0], "id"); }

/// Judges and, when it holds, changes the state.
inline model::Outcome perform(model::MemoryState& state, const model::Operation& op) {
  model::Outcome outcome = model::apply(state, op);
  if (!outcome.refusal)
    for (const model::ObjectChange& change : outcome.changes) state.put(change.folder, change.id, change.value);
  return outcome;
}

/// Every task of a state.
inline std::vector<model::Task> tasks_of(const model::MemoryState& state) {
  std::vector<model::Task> list;
  for (const auto& [key, value] : state.all())
    if (key.first == "tasks" && value.is_object()) list.push_back(model::task_from_json(value));
  return list;
}

/// Random choices that a seed fixes.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  bool chance(int percent) { return static_cast<int>(below(100)) < percent; }
  template <typename T>
  const T& pick(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937 engine_;
};

/// One random edit of links among the tasks that are there.
inline model::Operation random_link(Maker& make, Dice& dice, const std::vector<std::string>& ids, int number) {
  const std::string& a = dice.pick(ids);
  const std::string& b = dice.pick(ids);
  switch (dice.below(5)) {
  case 0:
    return make.add("t" + std::to_string(number) + "x", dice.chance(60) ? a : "",
                    dice.chance(60) ? std::vector{b} : std::vector<std::string>{});
  case 1:
    return make.op("task.edit", {{"task", a}, {"set", {{"parent", dice.chance(25) ? "" : b}}}});
  case 2:
    return make.op("task.dep", {{"task", a}, {"remove", {b}}});
  default:
    return make.op("task.dep", {{"task", a}, {"add", {b}}});
  }
}

}  // namespace ga::test
