#include "model/graph.hh"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ga::model {
namespace {

constexpr std::size_t kMaxDepth = 64;

std::string name_of(State& state, const std::string& id) {
  const auto task = state.task(id);
  return task && !task->slug.empty() ? task->slug : id.substr(0, 8);
}

std::string describe_path(State& state, const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& id : path) text += (text.empty() ? "" : " -> ") + name_of(state, id);
  return text;
}

// What completion of `id` waits for directly.
std::vector<std::string> waits_for(State& state, const std::string& id) {
  std::vector<std::string> next;
  if (const auto task = state.task(id)) {
    for (const std::string& need : task->needs) {
      const std::string lifted = lift(state, id, need);
      if (!lifted.empty()) next.push_back(lifted);
    }
  }
  for (std::string& child : state.children(id)) next.push_back(std::move(child));
  return next;
}

}  // namespace

std::vector<std::string> ancestors(State& state, const std::string& task) {
  std::vector<std::string> chain;
  auto current = state.task(task);
  while (current && !current->parent.empty() && chain.size() < kMaxDepth) {
    chain.push_back(current->parent);
    current = state.task(current->parent);
  }
  return chain;
}

std::string lift(State& state, const std::string& task, const std::string& on) {
  std::vector<std::string> above = ancestors(state, task);
  if (std::find(above.begin(), above.end(), on) != above.end() || task == on) return "";
  above.insert(above.begin(), task);
  // Climb from `on` until the parent is on the line of `task` (or there is none left).
  std::string current = on;
  for (std::size_t level = 0; level < kMaxDepth; ++level) {
    const auto here = state.task(current);
    if (!here || here->parent.empty()) return current;
    if (std::find(above.begin(), above.end(), here->parent) != above.end()) return current;
    current = here->parent;
  }
  return current;
}

std::vector<std::string> waiting_path(State& state, const std::string& from, const std::string& to) {
  if (from == to) return {from};
  std::unordered_map<std::string, std::string> came_from{{from, ""}};
  std::vector<std::string> queue{from};
  while (!queue.empty()) {
    const std::string here = queue.back();
    queue.pop_back();
    for (const std::string& next : waits_for(state, here)) {
      if (!came_from.emplace(next, here).second) continue;
      if (next == to) {
        std::vector<std::string> path;
        for (std::string at = to; !at.empty(); at = came_from[at]) path.push_back(at);
        std::reverse(path.begin(), path.end());
        return path;
      }
      queue.push_back(next);
    }
  }
  return {};
}

std::string dependency_problem(State& state, const std::string& task, const std::string& on) {
  if (task == on) return "a task cannot need itself";
  const std::string lifted = lift(state, task, on);
  if (lifted.empty())
    return "'" + name_of(state, task) + "' lies below '" + name_of(state, on) + "', which completes only after it";
  const auto path = waiting_path(state, lifted, task);
  if (path.empty()) return "";
  return "that would be a cycle: " + name_of(state, task) + " -> " + describe_path(state, path);
}

std::string parent_problem(State& state, const std::string& task, const std::string& parent) {
  if (task == parent) return "a task cannot be its own parent";
  const auto above = ancestors(state, parent);
  if (std::find(above.begin(), above.end(), task) != above.end())
    return "'" + name_of(state, parent) + "' lies below '" + name_of(state, task) + "'";
  if (above.size() + 1 >= kMaxDepth) return "tasks nest at most " + std::to_string(kMaxDepth) + " levels deep";
  // The parent will wait for the task; the task must not already wait for the parent or its line.
  for (const std::string& ancestor : [&] { auto line = above; line.insert(line.begin(), parent); return line; }()) {
    const auto path = waiting_path(state, task, ancestor);
    if (!path.empty()) return "that would be a cycle: " + name_of(state, ancestor) + " -> " + describe_path(state, path);
  }
  return "";
}

std::vector<std::string> blockers(State& state, const Task& task) {
  std::vector<std::string> waiting;
  std::unordered_set<std::string> seen;
  for (const std::string& need : task.needs) {
    const std::string lifted = lift(state, task.id, need);
    // A need that can never be (its target is an ancestor) came by sync; it is reported, not waited for.
    if (lifted.empty() || !seen.insert(lifted).second) continue;
    const auto other = state.task(lifted);
    if (!other || !other->finished()) waiting.push_back(lifted);
  }
  return waiting;
}

bool same_line(State& state, const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto above_a = ancestors(state, a);
  if (std::find(above_a.begin(), above_a.end(), b) != above_a.end()) return true;
  const auto above_b = ancestors(state, b);
  return std::find(above_b.begin(), above_b.end(), a) != above_b.end();
}

}  // namespace ga::model
