// What the task.* operations do to tasks that are there; apply-new.cc has those that make them.
#include <algorithm>
#include <array>
#include <utility>

#include "model/apply.hh"
#include "model/names.hh"
#include "util/glob.hh"

namespace ga::model::detail {
namespace {

// ---- editing ------------------------------------------------------------------------------------

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
  // Whoever must ask does not decide that there is nothing to ask.
  if (before.plan_required && !task.plan_required) judge.require_lead("letting a task go without an approved plan");
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
  // Whoever has worked on it does not review it.
  if (!task.worker.empty() && task.worker != claim.agent) {
    constexpr std::size_t kRemembered = 64;
    std::vector<std::string> before = get_strings(task.extra, "workers");
    std::erase(before, task.worker);
    before.push_back(task.worker);
    if (before.size() > kRemembered) before.erase(before.begin());
    task.extra["workers"] = before;
  }
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
  add_claimed_task(judge);
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
           {task.plan_state == "submitted" ? "the lead decides: git agent-plan approve " + task.slug
                                           : "hand one in: git agent-plan submit -F FILE --task " + task.slug});
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
  if (kind == "task.add") return add_tasks(judge);
  if (kind == "task.import") return import_tasks(judge);
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
  judge.leave_alone();
}

}  // namespace ga::model::detail
