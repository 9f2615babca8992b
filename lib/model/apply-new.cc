// How tasks come into the ledger: made here, imported, or brought along by the claim that makes them.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/apply.hh"
#include "model/imported.hh"
#include "model/names.hh"
#include "util/glob.hh"

namespace ga::model::detail {
namespace {

constexpr std::size_t kMaxTitle = 500;

// The slug wanted, or with the first number that is free; of many it is found by halving.
std::string free_slug(State& state, const std::string& wanted) {
  if (state.task_by_slug(wanted).empty()) return wanted;
  const auto numbered = [&](int n) {
    const std::string tail = "-" + std::to_string(n);
    return std::string(utf8_prefix(wanted, 63 - tail.size())) + tail;
  };
  const auto is_taken = [&](int n) { return !state.task_by_slug(numbered(n)).empty(); };
  int free = 2;
  while (is_taken(free)) free *= 2;
  for (int taken = free / 2; free - taken > 1;) {
    const int middle = taken + (free - taken) / 2;
    (is_taken(middle) ? taken : free) = middle;
  }
  return numbered(free);
}

void drop_repetitions(std::vector<std::string>& list) {
  std::set<std::string> seen;
  list.erase(
      std::remove_if(list.begin(), list.end(), [&](const std::string& item) { return !seen.insert(item).second; }),
      list.end());
}

// What only other operations give.
void forget_work(Task& task) {
  task.claim.reset();
  for (std::string* member : {&task.plan_state, &task.plan, &task.branch, &task.base, &task.target, &task.commit,
                              &task.worker, &task.review_state, &task.review_commit})
    member->clear();
  task.locked.clear();
  task.failed_trees.clear();
  task.iteration = 0;
}

Task read_new_task(Judge& judge, const Json& object) {
  Task task = task_from_json(object);
  if (!is_id(task.id)) refuse(Kind::usage, "a task without a valid id");
  if (judge.state.has_task(task.id)) refuse(Kind::wrong_status, "task " + task.id.substr(0, 8) + " exists already");
  if (!is_slug(task.slug)) refuse(Kind::usage, "'" + sanitize_line(task.slug) + "' is not a valid slug");
  check_texts(task);
  task.slug = free_slug(judge.state, task.slug);
  task.status = Status::pending;
  forget_work(task);
  drop_repetitions(task.needs);
  task.created = judge.op.time;
  task.created_by = judge.op.actor.name;
  return task;
}

void check_links(Judge& judge, const std::vector<Task>& added, const std::vector<std::string>& ids) {
  for (const Task& task : added) {
    require_open_parent(judge, task);
    for (const std::string& need : task.needs)
      if (!judge.state.has_task(need))
        refuse(Kind::not_found, "'" + task.slug + "' needs '" + sanitize_line(need) + "', which is no task");
  }
  const std::string problem = links_problem(judge.state, ids);
  if (!problem.empty()) refuse(Kind::usage, problem);
}

const Json& origin_member(const Task& task) {
  static const Json none;
  const auto found = task.extra.find("origin");
  return found == task.extra.end() ? none : *found;
}

// As it comes from elsewhere: with an end, a hold and a past, but nobody at work on it.
Task read_imported(const Json& object) {
  Task task = task_from_json(object);
  const Json& origin = origin_member(task);
  if (task.id != import_id(get_string(origin, "from"), get_string(origin, "id")))
    refuse(Kind::usage, "an imported task whose id is not made of where it is from");
  if (!is_slug(task.slug)) refuse(Kind::usage, "'" + sanitize_line(task.slug) + "' is not a valid slug");
  check_texts(task);
  if (task.status == Status::in_progress || task.status == Status::in_review) task.status = Status::pending;
  if (!task.open()) task.hold.clear();
  forget_work(task);
  drop_repetitions(task.needs);
  return task;
}

// What holds of tasks that are worked on here holds of imported ones too: a parent does not end before its children, and
// takes no open ones when it has. `before` is what stood here of the tasks that changed.
void keep_family_rules(Judge& judge, const std::vector<std::string>& ids, const std::map<std::string, Task>& before) {
  const auto has_open_children = [&](const std::string& id) {
    for (const std::string& child : judge.state.children(id))
      if (const auto task = judge.state.task(child); task && task->open()) return true;
    return false;
  };
  for (bool again = true; again;) {
    again = false;
    for (const auto& [id, old] : before) {
      auto task = judge.state.task(id);
      if (!task || task->open() || !old.open() || !has_open_children(id)) continue;
      task->status = old.status;
      task->hold = old.hold;
      task->reason = old.reason;
      judge.save(*task);
      again = true;
    }
  }
  for (const std::string& id : ids) {
    auto task = judge.state.task(id);
    if (!task || !task->open() || task->parent.empty()) continue;
    const auto parent = judge.state.task(task->parent);
    const auto old = before.find(id);
    const bool was_there = old != before.end() && old->second.parent == task->parent && old->second.open();
    if (!parent || parent->open() || was_there) continue;
    task->parent.clear();
    judge.save(*task);
  }
}

}  // namespace

void check_texts(const Task& task) {
  if (trim(task.title).empty()) refuse(Kind::usage, "a task needs a title");
  if (task.title.size() > kMaxTitle)
    refuse(Kind::usage,
           "the title is too long (" + std::to_string(task.title.size()) + " bytes, at most " +
               std::to_string(kMaxTitle) + ")",
           {"put the details into -d or -F"});
  if (task.description.size() > kMaxText) refuse(Kind::usage, "the description is too long (at most 256 KiB)");
  if (!is_assignee(task.assignee))
    refuse(Kind::usage, "'" + sanitize_line(fit(task.assignee, 60)) + "' is nobody a task can be assigned to",
           {"use an agent's NAME, or @ROLE"});
  for (const std::string& glob : task.owns) {
    const std::string problem = glob_error(glob);
    if (!problem.empty()) refuse(Kind::usage, "'" + sanitize_line(glob) + "' is no path pattern: " + problem);
  }
}

// What ends before its parts are there would leave them nowhere to go.
void require_open_parent(Judge& judge, const Task& task) {
  if (task.parent.empty()) return;
  const auto parent = judge.state.task(task.parent);
  if (!parent) refuse(Kind::not_found, "no task '" + sanitize_line(task.parent) + "' for a parent");
  if (parent->status == Status::completed || parent->status == Status::cancelled)
    refuse(Kind::wrong_status,
           "'" + parent->slug + "' is " + std::string(status_name(parent->status)) + " and takes no more children",
           {"open it again first: git agent-task reopen " + parent->slug + " -m WHY"});
}

void add_tasks(Judge& judge) {
  const Json& list = judge.op.args.contains("tasks") ? judge.op.args["tasks"] : Json();
  if (!list.is_array() || list.empty()) refuse(Kind::usage, "nothing to add");
  std::vector<Task> added;
  std::vector<std::string> ids;
  for (const Json& object : list) {
    Task task = read_new_task(judge, object);
    judge.save(task);
    ids.push_back(task.id);
    added.push_back(std::move(task));
  }
  check_links(judge, added, ids);
  if (added.size() == 1) judge.summary("add", added.front());
  else
    judge.outcome.summary =
        "task: add " + std::to_string(added.size()) + " tasks (" + sanitize_line(judge.op.actor.name) + ")";
}

void import_tasks(Judge& judge) {
  const Json& list = judge.op.args.contains("tasks") ? judge.op.args["tasks"] : Json();
  if (!list.is_array() || list.empty()) refuse(Kind::usage, "nothing to import");
  std::vector<std::string> ids;
  std::map<std::string, Task> before;
  std::size_t added = 0;
  for (const Json& object : list) {
    Task task = read_imported(object);
    if (const auto mine = judge.state.task(task.id)) {
      auto merged = merge_import(*mine, task);
      if (!merged) continue;
      judge.require_lead("changing tasks that are there by an import");
      before.emplace(task.id, *mine);
      task = *std::move(merged);
    } else {
      if (get_bool(origin_member(task), "deleted")) continue;
      task.slug = free_slug(judge.state, task.slug);
      if (task.created <= 0) task.created = judge.op.time;
      if (task.created_by.empty()) task.created_by = judge.op.actor.name;
      ++added;
    }
    judge.save(task);
    ids.push_back(task.id);
  }
  keep_family_rules(judge, ids, before);
  if (const std::string problem = links_problem(judge.state, ids); !problem.empty()) refuse(Kind::usage, problem);
  judge.outcome.summary = "task: import " + std::to_string(added) + " new, " + std::to_string(ids.size() - added) +
                          " changed tasks from " + sanitize_line(fit(judge.arg("from"), 20)) + " (" +
                          sanitize_line(judge.op.actor.name) + ")";
}

void add_claimed_task(Judge& judge) {
  const Json& object = judge.op.args.contains("add") ? judge.op.args["add"] : Json();
  if (!object.is_object()) return;
  Task task = read_new_task(judge, object);
  if (task.id != judge.arg("task")) refuse(Kind::usage, "the task added is not the one claimed");
  judge.save(task);
  check_links(judge, {task}, {task.id});
}

}  // namespace ga::model::detail
