#include "model/graph.hh"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "util/text.hh"

namespace ga::model {
namespace {

constexpr std::size_t kMaxDepth = 64;

std::string name_of(State& state, const std::string& id) {
  const auto task = state.task(id);
  return task && !task->slug.empty() ? task->slug : id.substr(0, 8);
}

std::string parent_of(State& state, const std::string& id) { return get_string(state.object("tasks", id), "parent"); }

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
  for (std::string parent = parent_of(state, task); !parent.empty() && chain.size() < kMaxDepth;
       parent = parent_of(state, parent))
    chain.push_back(parent);
  return chain;
}

std::string lift(State& state, const std::string& task, const std::string& on) {
  std::vector<std::string> above = ancestors(state, task);
  if (std::find(above.begin(), above.end(), on) != above.end() || task == on) return "";
  above.insert(above.begin(), task);
  // Climb from `on` until the parent is on the line of `task` (or there is none left).
  std::string current = on;
  for (std::size_t level = 0; level < kMaxDepth; ++level) {
    const std::string parent = parent_of(state, current);
    if (parent.empty() || std::find(above.begin(), above.end(), parent) != above.end()) return current;
    current = parent;
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
  auto moved = state.task(task);
  if (!moved) return "";
  moved->parent = parent;
  MemoryState after(&state);
  after.put("tasks", task, to_json(*moved));
  return links_problem(after, {task});
}

namespace {

// The tasks and everything below them.
std::vector<std::string> subtrees(State& state, const std::vector<std::string>& tops) {
  std::vector<std::string> list;
  std::unordered_set<std::string> seen;
  for (const std::string& top : tops)
    if (seen.insert(top).second) list.push_back(top);
  for (std::size_t i = 0; i < list.size(); ++i)
    for (std::string& child : state.children(list[i]))
      if (seen.insert(child).second) list.push_back(std::move(child));
  return list;
}

// One task's own links: everything it names is there, and can be waited for.
std::string own_links_problem(State& state, const std::string& id) {
  const auto task = state.task(id);
  if (!task) return "";
  const auto above = ancestors(state, id);
  if (std::find(above.begin(), above.end(), id) != above.end()) return "'" + task->slug + "' would lie below itself";
  if (above.size() >= kMaxDepth) return "tasks nest at most " + std::to_string(kMaxDepth) + " levels deep";
  if (!task->parent.empty() && !state.task(task->parent)) return "the parent of '" + task->slug + "' is not there";
  for (const std::string& need : task->needs) {
    if (need == id) return "a task cannot need itself";
    if (!state.task(need)) return "'" + task->slug + "' needs '" + sanitize_line(need) + "', which is no task";
    if (lift(state, id, need).empty())
      return "'" + task->slug + "' lies below '" + name_of(state, need) + "', which completes only after it";
  }
  return "";
}

}  // namespace

std::string links_problem(State& state, const std::vector<std::string>& tasks) {
  const auto moved = subtrees(state, tasks);
  std::vector<std::string> touched = moved;
  std::unordered_set<std::string> seen(moved.begin(), moved.end());
  for (const std::string& id : moved)
    for (std::string& needing : state.dependents(id))
      if (seen.insert(needing).second) touched.push_back(std::move(needing));
  for (const std::string& id : touched)
    if (std::string problem = own_links_problem(state, id); !problem.empty()) return problem;
  // Nobody waits for a task without parent, dependents and children: it is on no cycle.
  touched.erase(std::remove_if(touched.begin(), touched.end(),
                               [&](const std::string& id) {
                                 return parent_of(state, id).empty() && state.dependents(id).empty() && state.children(id).empty();
                               }),
                touched.end());
  const auto cycle = find_cycle(state, touched);
  return cycle.empty() ? "" : "that would be a cycle: " + describe_path(state, cycle);
}

std::vector<std::string> find_cycle(State& state, const std::vector<std::string>& from) {
  struct Step {
    std::string id;
    std::vector<std::string> next;
    std::size_t at = 0;
  };
  std::unordered_map<std::string, bool> open;  // true: on the way; false: done, no cycle behind it
  for (const std::string& start : from) {
    if (open.count(start) != 0) continue;
    std::vector<Step> way{{start, waits_for(state, start)}};
    open[start] = true;
    while (!way.empty()) {
      Step& here = way.back();
      if (here.at == here.next.size()) {
        open[here.id] = false;
        way.pop_back();
        continue;
      }
      const std::string next = here.next[here.at++];
      const auto known = open.find(next);
      if (known == open.end()) {
        open[next] = true;
        way.push_back({next, waits_for(state, next)});
      } else if (known->second) {
        std::vector<std::string> cycle;
        for (const Step& step : way)
          if (!cycle.empty() || step.id == next) cycle.push_back(step.id);
        cycle.push_back(next);
        return cycle;
      }
    }
  }
  return {};
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
