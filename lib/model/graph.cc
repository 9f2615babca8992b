#include "model/graph.hh"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "util/text.hh"

namespace ga::model {
namespace {

constexpr std::size_t kMaxDepth = 64;

using Ids = std::vector<std::string>;

// What the graph's rules ask of tasks, each asked once: reading an object costs a parse.
class Links {
 public:
  struct Node {
    bool exists = false;
    std::string slug, parent;
    Ids needs;
  };

  explicit Links(State& state) : state_(state) {}

  const Node& node(const std::string& id) {
    const auto [at, fresh] = nodes_.try_emplace(id);
    if (fresh) at->second = read(id);
    return at->second;
  }
  const std::string& parent(const std::string& id) { return node(id).parent; }
  std::string name(const std::string& id) {
    const Node& task = node(id);
    return task.slug.empty() ? id.substr(0, 8) : task.slug;
  }
  const Ids& children(const std::string& id) {
    const auto [at, fresh] = children_.try_emplace(id);
    if (fresh) at->second = state_.children(id);
    return at->second;
  }
  const Ids& dependents(const std::string& id) {
    const auto [at, fresh] = dependents_.try_emplace(id);
    if (fresh) at->second = state_.dependents(id);
    return at->second;
  }

 private:
  Node read(const std::string& id) {
    Node node;
    state_.read("tasks", id, [&](const Json& json) {
      if (json.is_object())
        node = {true, get_string(json, "slug"), get_string(json, "parent"), get_strings(json, "needs")};
    });
    return node;
  }

  State& state_;
  std::unordered_map<std::string, Node> nodes_;
  std::unordered_map<std::string, Ids> children_, dependents_;
};

bool contains(const Ids& list, const std::string& id) { return std::find(list.begin(), list.end(), id) != list.end(); }

Ids ancestors_of(Links& links, const std::string& task) {
  Ids chain;
  for (std::string parent = links.parent(task); !parent.empty() && chain.size() < kMaxDepth;
       parent = links.parent(parent))
    chain.push_back(parent);
  return chain;
}

std::string lifted(Links& links, const std::string& task, const std::string& on) {
  Ids line = ancestors_of(links, task);
  if (task == on || contains(line, on)) return "";
  line.insert(line.begin(), task);
  // Climb from `on` until the parent is on the line of `task` (or there is none left).
  std::string current = on;
  for (std::size_t level = 0; level < kMaxDepth; ++level) {
    const std::string& parent = links.parent(current);
    if (parent.empty() || contains(line, parent)) return current;
    current = parent;
  }
  return current;
}

std::string describe_path(Links& links, const Ids& path) {
  std::string text;
  for (const std::string& id : path) text += (text.empty() ? "" : " -> ") + links.name(id);
  return text;
}

// What completion of `id` waits for directly.
Ids waits_for(Links& links, const std::string& id) {
  Ids next;
  for (const std::string& need : links.node(id).needs)
    if (std::string waited = lifted(links, id, need); !waited.empty()) next.push_back(std::move(waited));
  const Ids& children = links.children(id);
  next.insert(next.end(), children.begin(), children.end());
  return next;
}

Ids path_between(Links& links, const std::string& from, const std::string& to) {
  if (from == to) return {from};
  std::unordered_map<std::string, std::string> came_from{{from, ""}};
  Ids queue{from};
  while (!queue.empty()) {
    const std::string here = queue.back();
    queue.pop_back();
    for (const std::string& next : waits_for(links, here)) {
      if (!came_from.emplace(next, here).second) continue;
      if (next == to) {
        Ids path;
        for (std::string at = to; !at.empty(); at = came_from[at]) path.push_back(at);
        std::reverse(path.begin(), path.end());
        return path;
      }
      queue.push_back(next);
    }
  }
  return {};
}

// The tasks and everything below them.
Ids subtrees(Links& links, const Ids& tops) {
  Ids list;
  std::unordered_set<std::string> seen;
  for (const std::string& top : tops)
    if (seen.insert(top).second) list.push_back(top);
  for (std::size_t i = 0; i < list.size(); ++i)
    for (const std::string& child : links.children(list[i]))
      if (seen.insert(child).second) list.push_back(child);
  return list;
}

// One task's own links: everything it names is there, and can be waited for.
std::string own_links_problem(Links& links, const std::string& id) {
  const Links::Node& task = links.node(id);
  if (!task.exists) return "";
  const Ids above = ancestors_of(links, id);
  if (contains(above, id)) return "'" + task.slug + "' would lie below itself";
  if (above.size() >= kMaxDepth) return "tasks nest at most " + std::to_string(kMaxDepth) + " levels deep";
  if (!task.parent.empty() && !links.node(task.parent).exists) return "the parent of '" + task.slug + "' is not there";
  for (const std::string& need : task.needs) {
    if (need == id) return "a task cannot need itself";
    if (!links.node(need).exists) return "'" + task.slug + "' needs '" + sanitize_line(need) + "', which is no task";
    if (lifted(links, id, need).empty())
      return "'" + task.slug + "' lies below '" + links.name(need) + "', which completes only after it";
  }
  return "";
}

Ids cycle_from(Links& links, const Ids& from) {
  struct Step {
    std::string id;
    Ids next;
    std::size_t at = 0;
  };
  std::unordered_map<std::string, bool> open;  // true: on the way; false: done, no cycle behind it
  for (const std::string& start : from) {
    if (open.count(start) != 0) continue;
    std::vector<Step> way{{start, waits_for(links, start)}};
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
        way.push_back({next, waits_for(links, next)});
      } else if (known->second) {
        Ids cycle;
        for (const Step& step : way)
          if (!cycle.empty() || step.id == next) cycle.push_back(step.id);
        cycle.push_back(next);
        return cycle;
      }
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> ancestors(State& state, const std::string& task) {
  Links links(state);
  return ancestors_of(links, task);
}

std::string lift(State& state, const std::string& task, const std::string& on) {
  Links links(state);
  return lifted(links, task, on);
}

std::vector<std::string> waiting_path(State& state, const std::string& from, const std::string& to) {
  Links links(state);
  return path_between(links, from, to);
}

std::vector<std::string> find_cycle(State& state, const std::vector<std::string>& from) {
  Links links(state);
  return cycle_from(links, from);
}

namespace {

// Walks the waiting graph depth first and takes an edge out wherever the way comes back to itself.
class CycleBreaker {
 public:
  CycleBreaker(Links& links, const std::function<std::int64_t(const Need&)>& age) : links_(links), age_(age) {}

  std::vector<Need> run(const Ids& tasks) {
    for (const std::string& id : tasks) drop_impossible(id);
    for (const std::string& id : tasks)
      if (open_.count(id) == 0) walk(id);
    return std::move(dropped_);
  }

 private:
  struct Edge {
    std::string to, need;  ///< need: "" for a child
  };
  struct Step {
    std::string id;
    std::vector<Edge> next;
    std::size_t at = 0;
  };

  void drop_impossible(const std::string& id) {
    for (const std::string& need : links_.node(id).needs)
      if (age_({id, need}) >= 0 && lifted(links_, id, need).empty()) drop({id, need});
  }
  void drop(const Need& need) {
    gone_.insert(need.task + need.on);
    dropped_.push_back(need);
  }
  void enter(const std::string& id) {
    Step step{id, {}};
    for (const std::string& need : links_.node(id).needs)
      if (gone_.count(id + need) == 0)
        if (std::string waited = lifted(links_, id, need); !waited.empty())
          step.next.push_back({std::move(waited), need});
    for (const std::string& child : links_.children(id)) step.next.push_back({child, ""});
    open_[id] = true;
    way_.push_back(std::move(step));
  }
  void walk(const std::string& start) {
    for (enter(start); !way_.empty();) {
      Step& here = way_.back();
      if (here.at == here.next.size()) {
        open_[here.id] = false;
        way_.pop_back();
        continue;
      }
      const std::string next = here.next[here.at++].to;
      const auto known = open_.find(next);
      if (known == open_.end()) enter(next);
      else if (known->second) break_cycle(next);
    }
  }
  // The way from the step of `first` to its end is a cycle: its newest need goes, and the walk is taken up there.
  void break_cycle(const std::string& first) {
    std::size_t newest = way_.size();
    std::int64_t best = -1;
    for (std::size_t i = way_.size(); i-- > 0;) {
      const Edge& edge = way_[i].next[way_[i].at - 1];
      const std::int64_t age = edge.need.empty() ? -1 : age_({way_[i].id, edge.need});
      if (age > best) {
        best = age;
        newest = i;
      }
      if (way_[i].id == first) break;
    }
    if (newest == way_.size()) return;  // nothing of it may go
    drop({way_[newest].id, way_[newest].next[way_[newest].at - 1].need});
    for (; way_.size() > newest + 1; way_.pop_back()) open_.erase(way_.back().id);
  }

  Links& links_;
  const std::function<std::int64_t(const Need&)>& age_;
  std::unordered_map<std::string, bool> open_;  // true: on the way; false: nothing behind it comes back
  std::vector<Step> way_;
  std::unordered_set<std::string> gone_;
  std::vector<Need> dropped_;
};

}  // namespace

std::vector<Need> needs_to_drop(State& state, const std::vector<std::string>& tasks,
                                const std::function<std::int64_t(const Need&)>& age) {
  Links links(state);
  return CycleBreaker(links, age).run(tasks);
}

std::string dependency_problem(State& state, const std::string& task, const std::string& on) {
  if (task == on) return "a task cannot need itself";
  Links links(state);
  const std::string waited = lifted(links, task, on);
  if (waited.empty())
    return "'" + links.name(task) + "' lies below '" + links.name(on) + "', which completes only after it";
  const Ids path = path_between(links, waited, task);
  if (path.empty()) return "";
  return "that would be a cycle: " + links.name(task) + " -> " + describe_path(links, path);
}

std::string parent_problem(State& state, const std::string& task, const std::string& parent) {
  if (task == parent) return "a task cannot be its own parent";
  Links links(state);
  if (contains(ancestors_of(links, parent), task))
    return "'" + links.name(parent) + "' lies below '" + links.name(task) + "'";
  auto moved = state.task(task);
  if (!moved) return "";
  moved->parent = parent;
  MemoryState after(&state);
  after.put("tasks", task, to_json(*moved));
  return links_problem(after, {task});
}

std::string links_problem(State& state, const std::vector<std::string>& tasks) {
  Links links(state);
  const Ids moved = subtrees(links, tasks);
  Ids touched = moved;
  std::unordered_set<std::string> seen(moved.begin(), moved.end());
  for (const std::string& id : moved)
    for (const std::string& needing : links.dependents(id))
      if (seen.insert(needing).second) touched.push_back(needing);
  for (const std::string& id : touched)
    if (std::string problem = own_links_problem(links, id); !problem.empty()) return problem;
  // Nobody waits for a task without parent, dependents and children: it is on no cycle.
  const auto alone = [&](const std::string& id) {
    return links.parent(id).empty() && links.dependents(id).empty() && links.children(id).empty();
  };
  touched.erase(std::remove_if(touched.begin(), touched.end(), alone), touched.end());
  const Ids cycle = cycle_from(links, touched);
  return cycle.empty() ? "" : "that would be a cycle: " + describe_path(links, cycle);
}

std::vector<std::string> blockers(State& state, const Task& task) {
  Links links(state);
  Ids waiting;
  std::unordered_set<std::string> seen;
  for (const std::string& need : task.needs) {
    const std::string waited = lifted(links, task.id, need);
    // A need that can never be (its target is an ancestor) came by sync; it is reported, not waited for.
    if (waited.empty() || !seen.insert(waited).second) continue;
    const auto other = state.task(waited);
    if (!other || !other->finished()) waiting.push_back(waited);
  }
  return waiting;
}

std::optional<Refusal> children_refusal(State& state, const Task& task) {
  Ids open;
  for (const std::string& id : state.children(task.id))
    if (const auto child = state.task(id); child && !child->finished() && child->status != Status::cancelled)
      open.push_back(child->slug);
  if (open.empty()) return std::nullopt;
  return Refusal{Kind::wrong_status,
                 "'" + task.slug + "' has unfinished children: " + join(open, ", "),
                 {"finish, merge or cancel them first"},
                 {{"children", open}}};
}

bool same_line(State& state, const std::string& a, const std::string& b) {
  if (a == b) return true;
  Links links(state);
  return contains(ancestors_of(links, a), b) || contains(ancestors_of(links, b), a);
}

}  // namespace ga::model
