// What the task.* operations do.
#include <algorithm>
#include <array>
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
constexpr std::size_t kMaxText = 256 * 1024;

// ---- adding -------------------------------------------------------------------------------------

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

void drop_repetitions(std::vector<std::string>& list) {
  std::set<std::string> seen;
  list.erase(
      std::remove_if(list.begin(), list.end(), [&](const std::string& item) { return !seen.insert(item).second; }),
      list.end());
}

// What only other operations give.
void forget_work(Task& task) {
  task.claim.reset();
  for (std::string* member : {&task.plan_state, &task.branch, &task.base, &task.target, &task.commit, &task.worker,
                              &task.review_state, &task.review_commit})
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

void add(Judge& judge) {
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

// ---- importing ----------------------------------------------------------------------------------

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

void import(Judge& judge) {
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

// ---- editing ------------------------------------------------------------------------------------

// A claim may bring its task along, so that spinning a new feature is one operation.
void add_claimed(Judge& judge) {
  const Json& object = judge.op.args.contains("add") ? judge.op.args["add"] : Json();
  if (!object.is_object()) return;
  Task task = read_new_task(judge, object);
  if (task.id != judge.arg("task")) refuse(Kind::usage, "the task added is not the one claimed");
  judge.save(task);
  check_links(judge, {task}, {task.id});
}

void edit(Judge& judge) {
  Task task = judge.task();
  const Json& set = judge.op.args.contains("set") ? judge.op.args["set"] : Json::object();
  if (!judge.is_lead() && task.claim) judge.require_holder(task);
  Json merged = to_json(task);
  static constexpr std::array kEditable = {"title",    "description",   "priority",     "phase",
                                           "assignee", "parent",        "labels",       "owns",
                                           "accept",   "budget_tokens", "plan_required"};
  for (const auto& [key, value] : set.items()) {
    const bool known =
        std::any_of(kEditable.begin(), kEditable.end(), [&, &k = key](const char* name) { return k == name; });
    if (!known) refuse(Kind::usage, "'" + sanitize_line(key) + "' cannot be edited");
    merged[key] = value;
  }
  const Task before = task;
  task = task_from_json(merged);
  check_texts(task);
  // Criteria keep their ticks when their text stays; only task.accept ticks.
  for (Criterion& c : task.accept) {
    c = Criterion{c.text, false, "", "", "", c.extra};
    for (const Criterion& old : before.accept)
      if (old.text == c.text) c = old;
  }
  if (task.parent != before.parent) {
    require_open_parent(judge, task);
    if (!task.branch.empty())
      refuse(Kind::wrong_status, "'" + task.slug + "' has a branch already, made for where it merges now",
             {"give it up first: git agent-clean " + task.slug});
    const std::string problem = parent_problem(judge.state, task.id, task.parent);
    if (!problem.empty()) refuse(Kind::usage, "'" + task.slug + "' cannot move there: " + problem);
  }
  judge.save(task);
  judge.summary("edit", task);
}

void change_dependencies(Judge& judge) {
  Task task = judge.task();
  for (const std::string& on : get_strings(judge.op.args, "remove"))
    task.needs.erase(std::remove(task.needs.begin(), task.needs.end(), on), task.needs.end());
  judge.save(task);
  for (const std::string& on : get_strings(judge.op.args, "add")) {
    if (std::find(task.needs.begin(), task.needs.end(), on) != task.needs.end()) continue;
    if (!judge.state.task(on)) refuse(Kind::not_found, "no task '" + sanitize_line(on) + "'");
    const std::string problem = dependency_problem(judge.state, task.id, on);
    if (!problem.empty()) refuse(Kind::usage, "'" + task.slug + "' cannot need that: " + problem);
    task.needs.push_back(on);
    judge.save(task);
  }
  judge.summary("dependencies", task);
}

// ---- claims -------------------------------------------------------------------------------------

std::vector<std::string> names_of(Judge& judge, const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids)
    if (const auto task = judge.state.task(id)) names.push_back(task->slug);
  return names;
}

// Paths are owned by one task line at a time: refuse when another one holds an overlapping pattern.
void take_locks(Judge& judge, Task& task) {
  for (const std::string& other_id : judge.state.locked_tasks()) {
    if (task.owns.empty()) break;
    if (same_line(judge.state, task.id, other_id)) continue;
    const auto other = judge.state.task(other_id);
    if (!other) continue;
    for (const std::string& mine : task.owns)
      for (const std::string& theirs : other->locked)
        if (globs_overlap(mine, theirs))
          refuse(Kind::locked,
                 "'" + mine + "' is owned by '" + other->slug + "'" +
                     (other->worker.empty() ? "" : " (" + other->worker + ")"),
                 {"it is free again when '" + other->slug + "' is merged or cleaned"},
                 {{"owner", other->id}, {"glob", theirs}});
  }
  task.locked = task.owns;
}

void check_claimable(Judge& judge, const Task& task) {
  if (task.held())
    refuse(Kind::wrong_status, "'" + task.slug + "' is blocked: " + sanitize_line(task.hold),
           {"git agent-task unblock " + task.slug});
  const auto waiting = blockers(judge.state, task);
  if (!waiting.empty())
    refuse(Kind::wrong_status, "'" + task.slug + "' is blocked by " + join(names_of(judge, waiting), ", "),
           {"git agent-task ready --explain"}, {{"blocked_by", waiting}});
  if (!task.assignee.empty() && !judge.op.actor.person) {
    const std::string who = judge.arg("agent");
    const bool mine = task.assignee == who || task.assignee == "@" + judge.op.actor.role;
    if (!mine)
      refuse(Kind::not_lead, "'" + task.slug + "' is assigned to " + sanitize_line(task.assignee),
             {"git agent-task next"});
  }
}

void set_claim(Judge& judge, Task& task) {
  Claim claim;
  claim.agent = judge.arg("agent");
  if (!is_agent_name(claim.agent) && !judge.op.actor.person)
    refuse(Kind::usage, "'" + sanitize_line(claim.agent) + "' is no agent's name");
  claim.host = judge.arg("host");
  claim.boot = judge.arg("boot");
  claim.pid = get_int(judge.op.args, "pid");
  claim.start = static_cast<std::uint64_t>(get_int(judge.op.args, "start"));
  claim.fence = judge.op.id;
  claim.since = judge.op.time;
  claim.expires = judge.op.time + std::clamp<std::int64_t>(get_int(judge.op.args, "lease", 900), 1, 30 * 86400);
  task.claim = claim;
  task.worker = claim.agent;
  for (const auto& [key, member] : {std::pair{"branch", &task.branch}, {"base", &task.base}, {"target", &task.target}})
    if (const std::string value = judge.arg(key); !value.empty()) *member = value;
}

// A child's branch starts from its parent's: ancestors that have none get theirs with the claim.
void set_parent_branches(Judge& judge, const Task& task) {
  const Json& list = judge.op.args.contains("parents") ? judge.op.args["parents"] : Json();
  if (!list.is_array()) return;
  const auto line = ancestors(judge.state, task.id);
  for (const Json& entry : list) {
    auto parent = judge.state.task(get_string(entry, "task"));
    if (!parent || std::find(line.begin(), line.end(), parent->id) == line.end())
      refuse(Kind::usage, "a branch for a task that is no ancestor");
    if (!parent->branch.empty()) continue;
    parent->branch = get_string(entry, "branch");
    parent->base = get_string(entry, "base");
    parent->target = get_string(entry, "target");
    judge.save(*parent);
  }
}

void drop_parent_branches(Judge& judge, const Task& task) {
  const auto line = ancestors(judge.state, task.id);
  for (const std::string& id : get_strings(judge.op.args, "drop_parents")) {
    auto parent = judge.state.task(id);
    if (!parent || std::find(line.begin(), line.end(), id) == line.end()) continue;
    parent->branch.clear();
    parent->base.clear();
    parent->target.clear();
    judge.save(*parent);
  }
}

void claim(Judge& judge, Event event) {
  add_claimed(judge);
  Task task = judge.task();
  const std::string replaces = judge.arg("replaces");
  if (task.claim && task.claim->fence != replaces) {
    const bool mine = task.claim->agent == judge.arg("agent") && event == Event::start;
    if (!mine)
      refuse(Kind::claim_lost,
             "'" + task.slug + "' is claimed by " + task.claim->agent +
                 (task.claim->host.empty() ? "" : " on " + task.claim->host),
             {"take other work with 'git agent-task next'"}, {{"holder", task.claim->agent}});
  }
  const bool from_review = task.status == Status::in_review;
  judge.step(task, event);
  if (!from_review) check_claimable(judge, task);
  take_locks(judge, task);
  const bool already_mine = task.claim && task.claim->fence != replaces;
  if (!already_mine) set_claim(judge, task);
  if (from_review) task.review_state.clear();
  judge.save(task);
  set_parent_branches(judge, task);
  const std::string why = judge.arg("why");
  judge.summary(std::string(event_name(event)) +
                    (replaces.empty() ? "" : ", taken over" + (why.empty() ? "" : ": " + sanitize_line(why))),
                task);
}

void renew(Judge& judge) {
  Task task = judge.task();
  judge.require_holder(task);
  if (!task.claim) refuse(Kind::fenced, "nobody holds '" + task.slug + "'");
  judge.move_claim(*task.claim);
  task.claim->expires = judge.op.time + std::clamp<std::int64_t>(get_int(judge.op.args, "lease", 900), 1, 30 * 86400);
  judge.save(task);
  judge.summary("renew", task);
}

void release(Judge& judge) {
  Task task = judge.task();
  judge.require_holder(task);
  judge.step(task, Event::release);
  task.claim.reset();
  if (get_bool(judge.op.args, "drop_branch")) {
    task.branch.clear();
    task.base.clear();
    task.target.clear();
  }
  // Work that lies on a branch keeps its paths until it is merged or cleaned.
  if (task.branch.empty()) task.locked.clear();
  judge.save(task);
  drop_parent_branches(judge, task);
  judge.summary("release", task);
}

// ---- the end of work ----------------------------------------------------------------------------

void require_criteria(const Task& task, const std::string& commit) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < task.accept.size(); ++i) {
    const Criterion& c = task.accept[i];
    if (!c.met_at(commit))
      open.push_back(std::to_string(i + 1) + ". " + sanitize_line(c.text) +
                     (c.done ? " (ticked at an older commit)" : ""));
  }
  if (!open.empty())
    refuse(Kind::gate_failed, "not every acceptance criterion of '" + task.slug + "' is met: " + join(open, "; "),
           {"tick each with 'git agent-task accept " + task.slug + " N EVIDENCE'"}, {{"criteria", open}});
}

void require_plan(const Task& task) {
  if (task.plan_required && task.plan_state != "approved")
    refuse(Kind::not_approved, "'" + task.slug + "' needs an approved plan first",
           {"no command approves plans yet: 'git agent-task cancel " + task.slug +
            " -m WHY', then add it again without --plan-required"});
}

// Submitting ended the claim, so newer commits are handed in by whoever did that (or the lead), if nobody took over.
void require_submitter(Judge& judge, const Task& task, const std::string& commit) {
  if (judge.is_lead() || task.worker != judge.op.actor.name) judge.require_holder(task);
  if (task.commit == commit)
    refuse(Kind::wrong_status, "'" + task.slug + "' is in review at that commit already",
           {"git agent-task show " + task.slug});
}

void finish(Judge& judge, Event event) {
  Task task = judge.task();
  const std::string commit = judge.arg("commit");
  const bool again = event == Event::submit && task.status == Status::in_review;
  if (again) require_submitter(judge, task, commit);
  else judge.require_holder(task);
  judge.step(task, event);
  if (task.held())
    refuse(Kind::wrong_status, "'" + task.slug + "' is held: " + sanitize_line(task.hold),
           {"git agent-task unblock " + task.slug});
  require_plan(task);
  judge.require_children_finished(task);
  require_criteria(task, commit);
  if (!commit.empty()) task.commit = commit;
  task.claim.reset();
  if (event == Event::complete) task.locked.clear();
  task.review_state.clear();
  task.reason.clear();
  if (const std::string text = judge.arg("text"); !text.empty())
    task.notes.push_back({judge.op.time, judge.op.actor.name, text});
  judge.save(task);
  judge.save_bead();
  judge.summary(event == Event::complete ? "complete" : "submit", task);
}

void end_without_result(Judge& judge, Event event) {
  Task task = judge.task();
  if (event == Event::fail || !judge.is_lead()) judge.require_holder(task);
  judge.step(task, event);
  if (event == Event::cancel) judge.require_children_finished(task);
  task.reason = judge.arg("why");
  if (task.reason.empty()) refuse(Kind::usage, "say why with -m");
  task.claim.reset();
  if (task.branch.empty() || event == Event::cancel) task.locked.clear();
  judge.save(task);
  judge.save_bead();
  judge.summary(std::string(event_name(event)) + ": " + sanitize_line(task.reason), task);
}

void hold(Judge& judge, Event event) {
  Task task = judge.task();
  if (event == Event::block && !judge.is_lead() && task.claim) judge.require_holder(task);
  judge.step(task, event);
  if (event == Event::block) {
    task.hold = judge.arg("why");
    if (task.hold.empty()) refuse(Kind::usage, "say why with -m");
  } else {
    if (!task.held())
      refuse(Kind::wrong_status, "'" + task.slug + "' is not held; what blocks it are its dependencies",
             {"git agent-task ready --explain"});
    task.hold.clear();
  }
  judge.save(task);
  judge.summary(std::string(event_name(event)), task);
}

void reopen(Judge& judge) {
  Task task = judge.task();
  judge.step(task, Event::reopen);
  task.reason = judge.arg("why");
  task.claim.reset();
  task.review_state.clear();
  for (Criterion& c : task.accept) c.done = false;
  judge.save(task);
  judge.summary("reopen", task);
}

// Only a failure on a tree that has not failed yet is an iteration: asking again is no new attempt.
bool is_new_failure(Judge& judge, Task& task) {
  constexpr std::size_t kRemembered = 64;
  if (!get_bool(judge.op.args, "iteration")) return false;
  const std::string tree = judge.arg("tree");
  if (tree.empty()) return true;
  auto& known = task.failed_trees;
  if (std::find(known.begin(), known.end(), tree) != known.end()) return false;
  known.push_back(tree);
  if (known.size() > kRemembered) known.erase(known.begin());
  return true;
}

void rework(Judge& judge) {
  Task task = judge.task();
  // Newer commits that are turned down leave what was submitted in review.
  const bool newer = task.status == Status::in_review && get_bool(judge.op.args, "newer");
  const bool at_work = task.status == Status::in_progress || newer;
  if (at_work && !(newer && task.worker == judge.op.actor.name)) judge.require_holder(task);
  if (!newer) {
    judge.step(task, Event::rework);
    task.review_state.clear();
  }
  task.reason = judge.arg("why");
  if (is_new_failure(judge, task)) ++task.iteration;
  judge.save(task);
  judge.save_bead();
  const std::string what = at_work ? "done refused, iteration " + std::to_string(task.iteration) : "rework";
  judge.summary(what + ": " + sanitize_line(fit(split_lines(task.reason + "\n").front(), 120)), task);
}

// ---- the progress log and criteria --------------------------------------------------------------

void note(Judge& judge) {
  Task task = judge.task();
  const std::string text = judge.arg("text");
  if (trim(text).empty()) refuse(Kind::usage, "the note is empty");
  if (text.size() > kMaxText) refuse(Kind::usage, "the note is too long (at most 256 KiB)");
  task.notes.push_back({judge.op.time, judge.op.actor.name, text});
  judge.save(task);
  judge.summary("note", task);
}

void accept(Judge& judge) {
  Task task = judge.task();
  if (task.claim) judge.require_holder(task);
  const std::int64_t index = get_int(judge.op.args, "index");
  if (index < 1 || index > static_cast<std::int64_t>(task.accept.size()))
    refuse(Kind::not_found, "'" + task.slug + "' has " + std::to_string(task.accept.size()) +
                                " acceptance criteria, no number " + std::to_string(index));
  Criterion& c = task.accept[static_cast<std::size_t>(index - 1)];
  c.done = !get_bool(judge.op.args, "undo");
  c.by = c.done ? judge.op.actor.name : "";
  c.evidence = c.done ? judge.arg("evidence") : "";
  c.commit = c.done ? judge.arg("commit") : "";
  judge.save(task);
  judge.summary("criterion " + std::to_string(index) + (c.done ? " met" : " open again"), task);
}

}  // namespace

void apply_task_operation(Judge& judge) {
  const std::string& kind = judge.op.kind;
  if (kind == "task.add") return add(judge);
  if (kind == "task.import") return import(judge);
  if (kind == "task.edit") return edit(judge);
  if (kind == "task.dep") return change_dependencies(judge);
  if (kind == "task.claim") return claim(judge, Event::claim);
  if (kind == "task.start") return claim(judge, Event::start);
  if (kind == "task.renew") return renew(judge);
  if (kind == "task.release") return release(judge);
  if (kind == "task.submit") return finish(judge, Event::submit);
  if (kind == "task.complete") return finish(judge, Event::complete);
  if (kind == "task.fail") return end_without_result(judge, Event::fail);
  if (kind == "task.cancel") return end_without_result(judge, Event::cancel);
  if (kind == "task.block") return hold(judge, Event::block);
  if (kind == "task.unblock") return hold(judge, Event::unblock);
  if (kind == "task.reopen") return reopen(judge);
  if (kind == "task.rework") return rework(judge);
  if (kind == "task.note") return note(judge);
  if (kind == "task.accept") return accept(judge);
  judge.outcome.summary = sanitize_line(kind) + " (made by a newer version)";
}

}  // namespace ga::model::detail
