// The task graph: dependencies, parents, what blocks what.
//
// A child's result reaches the outside only when its parent merges. So a dependency that crosses parents is
// *lifted*: `a needs b` waits for the ancestor of b (or b itself) that is a sibling of a or of an ancestor of a.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/operation.hh"

namespace ga::model {

/// The task whose completion `task` waits for when it needs `on` (see above). When `task` is an
/// ancestor of `on`, the child of `task` on the way to `on`. "" when `on` is an ancestor of `task`,
/// which could never be.
std::string lift(State& state, const std::string& task, const std::string& on);

/// A way along which completion of `from` waits for completion of `to` (`from` itself counts); the ids on
/// it, empty when there is none. Edges: lifted needs, and parent to child.
std::vector<std::string> waiting_path(State& state, const std::string& from, const std::string& to);

/// Why `task` may not need `on`: "" when it may; else a sentence with the cycle.
std::string dependency_problem(State& state, const std::string& task, const std::string& on);
/// Why `task` may not become a child of `parent` ("": of none); "" when it may.
std::string parent_problem(State& state, const std::string& task, const std::string& parent);
/// What is wrong with the links of these tasks as the state has them: a parent or need that does not exist, a need
/// that can never be, nesting too deep, a cycle. A parent also decides how the needs of others are lifted, so
/// whatever needs a task below these is judged too. "" when all is well.
std::string links_problem(State& state, const std::vector<std::string>& tasks);
/// A cycle of the waiting graph that can be reached from one of these tasks, its first id repeated at the end; empty
/// when there is none.
std::vector<std::string> find_cycle(State& state, const std::vector<std::string>& from);

/// A dependency: `task` needs `on`.
struct Need {
  std::string task, on;
};
/// Dependencies that have to go so that none of these tasks waits for itself: those that can never be, and of every cycle
/// the newest one. `age` says how new one is (more: newer); one below 0 stays whatever it closes.
std::vector<Need> needs_to_drop(State& state, const std::vector<std::string>& tasks,
                                const std::function<std::int64_t(const Need&)>& age);

/// Unfinished tasks that `task` waits for, lifted, in the order of its needs, no repetition.
std::vector<std::string> blockers(State& state, const Task& task);
/// Why this task cannot end yet: children that are neither completed nor cancelled. nullopt when there is none.
std::optional<Refusal> children_refusal(State& state, const Task& task);
/// Ancestors, nearest first; stops at 64 levels.
std::vector<std::string> ancestors(State& state, const std::string& task);
/// `a` is `b`, an ancestor or a descendant of it.
bool same_line(State& state, const std::string& a, const std::string& b);

}  // namespace ga::model
