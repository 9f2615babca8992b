// What beads, runs, merges, clean-ups, undo and refusals do to the ledger.
#include <algorithm>
#include <utility>

#include "model/apply.hh"
#include "model/names.hh"
#include "util/glob.hh"

namespace ga::model::detail {
namespace {

void run_start(Judge& judge) {
  const Run run = run_from_json(judge.op.args.value("run", Json::object()));
  if (run.id.empty()) refuse(Kind::usage, "a run without an id");
  judge.put("runs", run.id, to_json(run));
  // Whoever made the claim hands it to the runner, which lives as long as the agent.
  auto task = judge.state.task(run.task);
  if (task && task->claim && task->claim->fence == judge.arg("fence")) {
    judge.move_claim(*task->claim);
    task->claim->expires =
        judge.op.time + std::clamp<std::int64_t>(get_int(judge.op.args, "lease", 900), 1, 30 * 86400);
    judge.save(*task);
  }
  judge.outcome.summary =
      "run " + run.id.substr(0, 8) + ": " + sanitize_line(run.agent) + " starts (" + sanitize_line(run.profile) + ")";
}

void run_end(Judge& judge) {
  const Json stored = judge.state.object("runs", judge.arg("run"));
  if (!stored.is_object()) refuse(Kind::not_found, "no such run");
  Run run = run_from_json(stored);
  if (run.ended != 0) refuse(Kind::wrong_status, "that run has ended already");
  run.state = judge.arg("state");
  run.exit_code = static_cast<int>(get_int(judge.op.args, "exit_code"));
  run.reason = judge.arg("reason");
  run.ended = judge.op.time;
  judge.put("runs", run.id, to_json(run));
  judge.save_bead();
  judge.outcome.summary =
      "run " + run.id.substr(0, 8) + ": " + sanitize_line(run.agent) + " " + sanitize_line(run.state);
}

void merge_begin(Judge& judge) {
  Task task = judge.task();
  if (task.status != Status::in_review)
    refuse(
        Kind::not_done, "'" + task.slug + "' is " + std::string(status_name(task.status)) + ", not in review",
        {task.worker.empty() ? "git agent-spin " + task.slug : task.worker + " works on it; see 'git agent-status'"});
  judge.require_children_finished(task);
  Json pending = judge.op.args;
  pending["id"] = judge.op.id;
  judge.put("pending", judge.op.id, pending);
  judge.summary("merge begins", task);
}

// Beads follow their commits, and those without one come to rest on the merged tip. The commits of children came
// by this branch, so their beads follow too.
void move_beads(Judge& judge, const std::string& task, const Json& commits, const std::string& tip, int level = 0) {
  if (level < 64)
    for (const std::string& child : judge.state.children(task)) move_beads(judge, child, commits, tip, level + 1);
  for (const std::string& id : judge.state.beads_of(task)) {
    Bead bead = bead_from_json(judge.state.object("beads", id));
    std::string commit = bead.commit.empty() ? tip : get_string(commits, bead.commit.c_str(), bead.commit);
    if (commit == bead.commit) continue;
    bead.commit = std::move(commit);
    judge.save(bead);
  }
}

void end_pending(Judge& judge) {
  const std::string merge = judge.arg("merge");
  if (judge.state.object("pending", merge).is_object()) judge.put("pending", merge, Json());
}

void merge_end(Judge& judge) {
  Task task = judge.task();
  const std::string tip = judge.arg("new");
  judge.step(task, Event::complete);
  task.commit = tip;
  task.claim.reset();
  task.locked.clear();
  task.reason.clear();
  judge.save(task);
  judge.save_bead(tip);
  move_beads(judge, task.id, judge.op.args.value("commits", Json::object()), tip);
  end_pending(judge);
  Json record = judge.op.args;
  record.erase("bead");
  record["id"] = judge.op.id;
  record["by"] = judge.op.actor.name;
  record["time"] = format_time(judge.op.time);
  judge.put("merges", judge.op.id, record);
  judge.summary("merged into " + sanitize_line(judge.arg("target")), task);
}

void merge_abort(Judge& judge) {
  end_pending(judge);
  judge.outcome.summary = "merge given up: " + sanitize_line(judge.arg("why"));
}

void clean(Judge& judge) {
  for (const std::string& id : get_strings(judge.op.args, "tasks")) {
    auto task = judge.state.task(id);
    if (!task) continue;
    task->locked.clear();
    task->claim.reset();
    if (task->status == Status::in_progress || task->status == Status::in_review) task->status = Status::pending;
    if (!task->finished()) task->branch.clear();
    judge.save(*task);
  }
  judge.save_bead();
  judge.outcome.summary = "clean: " + std::to_string(get_strings(judge.op.args, "tasks").size()) + " removed";
}

// Paths have one owner: what comes back may have been taken by others since.
void check_locks(Judge& judge, const Task& task) {
  for (const std::string& other_id : judge.state.locked_tasks()) {
    const auto other = judge.state.task(other_id);
    if (!other || same_line(judge.state, task.id, other_id)) continue;
    for (const std::string& mine : task.locked)
      for (const std::string& theirs : other->locked)
        if (globs_overlap(mine, theirs))
          refuse(Kind::locked, "'" + mine + "' is owned by '" + other->slug + "' by now",
                 {"it is free again when '" + other->slug + "' is merged or cleaned"},
                 {{"owner", other->id}, {"glob", theirs}});
  }
}

// The state after an undo keeps all the rules: links, names, locks.
void check_restored(Judge& judge, const std::vector<std::string>& tasks) {
  for (const std::string& id : tasks) {
    const auto task = judge.state.task(id);
    if (task) {
      check_locks(judge, *task);
      continue;
    }
    std::vector<std::string> users = judge.state.children(id);
    for (std::string& user : judge.state.dependents(id)) users.push_back(std::move(user));
    if (users.empty()) continue;
    const auto user = judge.state.task(users.front());
    refuse(Kind::wrong_status, "'" + (user ? user->slug : users.front()) + "' refers to the task that would go",
           {"change or undo that first; see 'git agent-log'"});
  }
  const std::string problem = links_problem(judge.state, tasks);
  if (!problem.empty()) refuse(Kind::wrong_status, "it cannot be undone any more: " + problem);
}

// The names of a restored task are a stranger's: they become branches and directories.
void check_names(Judge& judge, const Json& value, const Json& current) {
  const std::string slug = get_string(value, "slug");
  if (!is_slug(slug)) refuse(Kind::usage, "'" + sanitize_line(slug) + "' is not a valid slug");
  if (get_string(current, "slug") != slug && !judge.state.task_by_slug(slug).empty())
    refuse(Kind::wrong_status, "the name '" + sanitize_line(slug) + "' belongs to another task by now");
}

void restore_one(Judge& judge, const Json& item) {
  const std::string folder = get_string(item, "folder"), id = get_string(item, "id");
  if ((folder != "tasks" && folder != "beads") || !is_id(id))
    refuse(Kind::usage, "only tasks and beads can be restored");
  const Json current = judge.state.object(folder, id);
  if (object_hash(current) != get_string(item, "expect"))
    refuse(Kind::wrong_status, "a later operation changed " + folder + "/" + id.substr(0, 8),
           {"undo the later operation first; see 'git agent-log'"});
  const Json value = item.contains("value") && item["value"].is_object() ? item["value"] : Json();
  if (value.is_object() && get_string(value, "id") != id) refuse(Kind::usage, "the object to restore has another id");
  if (folder == "tasks" && value.is_object()) check_names(judge, value, current);
  judge.put(folder, id, value);
}

void undo(Judge& judge) {
  const Json& list = judge.op.args.contains("restore") ? judge.op.args["restore"] : Json();
  if (!list.is_array() || list.empty()) refuse(Kind::usage, "nothing to restore");
  std::vector<std::string> tasks;
  for (const Json& item : list) {
    restore_one(judge, item);
    if (get_string(item, "folder") == "tasks") tasks.push_back(get_string(item, "id"));
  }
  check_restored(judge, tasks);
  judge.save_bead();
  judge.outcome.summary =
      "undo " + sanitize_line(judge.arg("op").substr(0, 8)) + " (" + sanitize_line(judge.op.actor.name) + ")";
}

// It stands in the ledger for good: nothing in it may be refused, what makes no sense is left out.
void record_refusal(Judge& judge) {
  judge.outcome.summary = "refused: " + sanitize_line(judge.arg("kind")) + ": " + sanitize_line(judge.arg("reason"));
}

void bead_add(Judge& judge) {
  if (trim(get_string(judge.op.args.value("bead", Json::object()), "text")).empty())
    refuse(Kind::usage, "the bead says nothing");
  judge.save_bead();
  if (!judge.has_changes()) refuse(Kind::usage, "no bead");
  judge.outcome.summary = "bead: " + sanitize_line(fit(get_string(judge.op.args["bead"], "text"), 60)) + " (" +
                          sanitize_line(judge.op.actor.name) + ")";
}

}  // namespace

void apply_team_operation(Judge& judge) {
  const std::string& kind = judge.op.kind;
  if (kind == "bead.add") return bead_add(judge);
  if (kind == "run.start") return run_start(judge);
  if (kind == "run.end") return run_end(judge);
  if (kind == "merge.begin") return merge_begin(judge);
  if (kind == "merge.end") return merge_end(judge);
  if (kind == "merge.abort") return merge_abort(judge);
  if (kind == "clean") return clean(judge);
  if (kind == "undo") return undo(judge);
  if (kind == "refused") return record_refusal(judge);
  judge.leave_alone();
}

}  // namespace ga::model::detail
