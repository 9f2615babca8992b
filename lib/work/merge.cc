#include "work/merge.hh"

#include <algorithm>
#include <array>

#include "model/graph.hh"
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/judging.hh"
#include "work/merge-steps.hh"
#include "work/merged.hh"
#include "work/move.hh"
#include "work/plans.hh"
#include "work/reviews.hh"
#include "work/shown.hh"
#include "work/task-flow.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr int kAttempts = 3;
constexpr std::size_t kReportBytes = 1500;
constexpr double kLockSeconds = 1800;  // another merge may hold it while its gates run

// One merge being done.
struct Job {
  Project& project;
  const MergeRequest& request;
  MergeResult result;
  gates::Policy policy;
  bool child = false;  ///< goes into an ancestor's branch
  git::Oid tip;        ///< what was submitted
  FileLock lock;       ///< of merges in this repository
  git::Oid judged;     ///< the tree that result.verdicts are about

  void progress(const std::string& text) const {
    if (request.progress) request.progress(text);
  }
  void note(const std::string& text) const {
    if (request.note) request.note(text);
  }
  const std::string& slug() const { return result.task.slug; }
  Json data() const { return {{"merge", to_json(result)}}; }
};

// ---- what is merged, into what, by whom ---------------------------------------------------------

// The branch of the nearest ancestor that has one; "" for a feature.
std::string ancestor_branch(Project& project, const model::Task& task) {
  auto state = project.ledger().state();
  for (const std::string& id : model::ancestors(state, task.id))
    if (const auto parent = state.task(id); parent && !parent->branch.empty()) return parent->branch;
  return "";
}

std::string target_of(Project& project, const MergeRequest& request, const std::optional<model::Task>& task,
                      bool& child) {
  if (!request.into.empty()) return branch_ref(request.into);
  const std::string parent = task ? ancestor_branch(project, *task) : "";
  // Whatever the ledger says: what goes into the target itself is a feature's merge.
  child = !parent.empty() && parent != project.target_ref();
  return child ? parent : project.target_ref();
}

// The policy of the side that is to be protected. For a child that is the feature's target.
gates::Policy policy_for(Project& project, const MergeRequest& request, const std::string& target) {
  const git::Oid tip = project.branch_tip(target);
  const auto commit = request.into.empty() || tip.zero() ? std::nullopt : project.repo().read_commit(tip);
  if (commit && project.repo().entry_at(commit->tree, gates::kPolicyFile))
    return gates::policy_at(project.repo(), tip, branch_name(target) + ":" + gates::kPolicyFile);
  return project.policy();
}

void require_permission(const Job& job) {
  const model::Actor& actor = job.project.actor();
  if (actor.person || actor.role == "lead") return;
  if (!job.request.into.empty()) job.project.require_lead("merging into a branch of one's choice");
  if (job.child || job.policy.merge_by == "green") return;
  job.project.require_lead("merging a feature into '" + branch_name(job.result.target) + "'");
}

Error not_done(const model::Task& task) {
  using model::Status;
  const std::string state = "'" + task.slug + "' is " + std::string(model::status_name(task.status));
  if (task.status == Status::completed)
    return Error(Kind::wrong_status, state + (task.commit.empty() ? "" : ": merged at " + task.commit.substr(0, 10)),
                 {"git agent-task show " + task.slug});
  if (task.status == Status::failed || task.status == Status::cancelled)
    return Error(Kind::wrong_status, state, {"open it again with 'git agent-task reopen " + task.slug + " -m WHY'"});
  std::vector<std::string> hints;
  if (task.claim) hints.push_back("see what it does: git agent-run logs " + task.slug);
  else hints.push_back("let an agent work on it: git agent-spin " + task.slug);
  hints.push_back("to take its branch as it stands: git agent-merge " + task.slug + " --adopt");
  const std::string who =
      task.claim ? ": " + sanitize_line(task.claim->agent) + " works on it" : ", and nobody works on it";
  return Error(Kind::not_done, state + ", not done yet" + who, hints)
      .with_data({{"status", model::status_name(task.status)}});
}

// A person merges what they have seen; agents act on what is handed in.
void require_version(const Job& job) {
  Project& project = job.project;
  const model::Task& task = job.result.task;
  if (!project.actor().person && job.request.at.empty()) return;
  const std::string before = last_shown(project, "review", task.id);
  require_shown(project, {"review", task.id, job.tip.hex(), job.request.at, [&] {
                            job.note("'" + task.slug + "' has changed since you saw it, from " + before.substr(0, 10) +
                                     " to " + job.tip.brief() + ":\n" +
                                     version_difference(project, before, job.tip.hex()));
                          }});
}

// Who merges by green gates has a passed review too; a child's merge asks for one where the policy does.
void require_review(const Job& job) {
  const model::Actor& actor = job.project.actor();
  const bool by_green = !job.child && !actor.person && actor.role != "lead";
  model::Task task = job.result.task;
  require_reviewed(job.project, job.policy, task, by_green);
}

// Before gates run for nothing; the operation is refused too.
void require_children_finished(const Job& job) {
  auto state = job.project.ledger().state();
  if (const auto refusal = model::children_refusal(state, job.result.task)) throw model::to_error(*refusal);
}

// The submitted commit, which must still be the branch's tip.
git::Oid submitted(Project& project, const model::Task& task) {
  const git::Oid commit = git::Oid::parse(task.commit);
  if (commit.zero()) throw not_done(task);
  const git::Oid tip = task.branch.empty() ? commit : project.branch_tip(task.branch);
  if (tip.zero() || tip == commit) return commit;
  throw Error(Kind::not_done,
              "'" + task.slug + "' has commits after the one that was submitted (" + commit.brief() + ", now " +
                  tip.brief() + ")",
              {"let them be judged too: git agent-task done " + task.slug,
               "or take the branch as it stands: git agent-merge " + task.slug + " --adopt"});
}

// ---- judging ------------------------------------------------------------------------------------

// `failed` is the tree that gates turned down; zero when nothing judged the work.
void send_back(const Job& job, const std::string& why, const git::Oid& failed = {}) {
  if (job.request.dry_run) return;
  Json args = {{"task", job.result.task.id}, {"why", why}, {"iteration", !failed.zero()}};
  if (!failed.zero()) {
    args["tree"] = failed.hex();
    args["bead"] = job.project.bead("gate", "Turned down at merge: " + why, job.result.task.id, "tree " + failed.hex());
    args["bead"]["commit"] = job.tip.hex();
    args["bead"]["gates"] = gates::verdicts_record(job.result.verdicts, kMergeEvent);
  }
  job.project.commit("task.rework", std::move(args));
}

[[noreturn]] void fail_conflict(const Job& job, const Rebase& plan) {
  std::vector<std::string> shown;
  Json conflicts = Json::array();
  for (const std::string& path : plan.conflicts) {
    shown.push_back(sanitize_line(path));
    conflicts.push_back({{"path", path}});
  }
  const auto commit = job.project.repo().read_commit(plan.stopped_at);
  const std::string target = branch_name(job.result.target);
  const std::string why = "the merge into " + target + " conflicts in " + join(shown, ", ") +
                          (commit ? " at '" + sanitize_line(commit->subject()) + "'" : "");
  send_back(job, why + "; rebase onto " + target + " and resolve it there");
  Json data = job.data();
  data["merge"]["conflicts"] = conflicts;
  // Looking alone has not sent it back, and what is in review is not spun.
  if (job.request.dry_run)
    throw Error(
        Kind::merge_conflict, why,
        {"rebase it by hand in its worktree (git rebase " + target + "), or send it back by merging without --dry-run"})
        .with_data(data);
  throw Error(Kind::merge_conflict, why + "; nothing has been moved",
              {"let an agent resolve it, in the same worktree: git agent-spin " + job.slug(),
               "or by hand there: git rebase " + target})
      .with_data(data)
      .next({"git", "agent-spin", job.slug()});
}

[[noreturn]] void fail_guarded(const Job& job, const GuardedChange& change) {
  const std::string& path = change.change.path;
  const bool in_commit = !change.commit.zero();
  Json data = job.data();
  data["path"] = path;
  data["commit"] = string_or_null(in_commit ? change.commit.hex() : "");
  data["change"] = to_json(change);
  const std::string where =
      in_commit ? "commit " + change.commit.brief() + " ('" + sanitize_line(change.subject) + "') changes"
                : "the result changes";
  const std::string problem =
      change.problem == kNobodyApproved ? ", and nobody has approved that" : ": " + change.problem;
  const std::vector<std::string> approve = {"git", "agent-guard", "approve", job.slug()};
  throw Error(Kind::guarded, where + " the protected file " + sanitize_line(path) + problem,
              {"look at it and approve it, where it is wanted: " + shell_join(approve),
               "else take it out of the branch's commits, then submit them again: git agent-task done " + job.slug()})
      .with_data(data)
      .next(approve);
}

// By content: every commit that is to come, and the whole against the target.
void check_protected(const Job& job, const Rebase& plan) {
  Guard guard = guard_of(job.project, job.policy, plan.onto);
  std::string told;
  const git::Oid base = required_tree(job.project, plan.onto);
  const auto require = [&](const std::vector<GuardedChange>& changes) {
    if (told.empty() && !(told = guard.notice()).empty()) job.note(told);
    for (const GuardedChange& change : changes)
      if (!change.problem.empty()) fail_guarded(job, change);
  };
  if (job.request.style != MergeStyle::squash) {
    git::Oid before = base;
    for (const Pick& pick : plan.picks) {
      require(guard.step(before, pick.tree, &pick.original));
      before = pick.tree;
    }
  }
  require(guard.step(base, plan.tree));
  require_readable(job.project.repo(), base, plan.tree,
                   "mend it on the branch, then submit it again: git agent-task done " + job.slug());
}

// A plan is asked for by the task, or by any path on the way.
void check_plan(const Job& job, const Rebase& plan) {
  const model::Task& task = job.result.task;
  if (plan.empty() || (!task.plan_required && job.policy.plan_required_for.empty())) return;
  std::vector<std::string> paths;
  git::Oid before = required_tree(job.project, plan.onto);
  for (const Pick& pick : plan.picks) {
    for (const git::Change& change : git::diff_trees(job.project.repo(), before, pick.tree))
      paths.push_back(change.path);
    before = pick.tree;
  }
  require_plan(job.project, job.policy, task, paths, "the merge");
}

Json verdicts_json(const std::vector<gates::Verdict>& verdicts) {
  Json list = Json::array();
  for (const gates::Verdict& verdict : verdicts) list.push_back(gates::to_json(verdict));
  return list;
}

void judge(Job& job, const Rebase& plan) {
  gates::GateRequest gate;
  gate.tree = plan.tree;
  gate.base_tree = required_tree(job.project, plan.onto);
  gate.event = kMergeEvent;
  gate.by_agent = false;  // our own code runs them, whoever asked
  // Files remember verdicts, and whoever works in this account can write files: only what this process saw counts.
  gate.use_cache = false;
  if (job.request.style != MergeStyle::squash)
    for (const Pick& pick : plan.picks) gate.commits.push_back(pick.original.id);
  gate.progress = job.request.progress;
  const fs::path main_dir = job.project.repo().main_work_dir();
  if (!main_dir.empty())
    gate.prepare = [main_dir](const fs::path& checkout) { copy_included_files(main_dir, checkout); };
  // The target moved, and the result is the same.
  if (job.judged != plan.tree || job.judged.zero()) job.result.verdicts = judge_tree(job.project, job.policy, gate);
  job.judged = plan.tree;
  const auto red = std::find_if(job.result.verdicts.begin(), job.result.verdicts.end(),
                                [](const gates::Verdict& v) { return !v.passed(); });
  if (red == job.result.verdicts.end()) {
    const model::Actor& actor = job.project.actor();
    const bool unjudged =
        !gates::was_tested(job.result.verdicts) && !job.child && !actor.person && actor.role != "lead";
    if (unjudged) job.project.require_lead("merging a feature that no gate has judged");
    return;
  }
  const std::string report = gates::failures_text(job.result.verdicts, kReportBytes);
  const std::string what =
      "gate '" + sanitize_line(red->gate) + "' " +
      (red->outcome == gates::Outcome::fail ? "fails" : std::string(gates::outcome_name(red->outcome))) +
      " on the result of merging into " + branch_name(job.result.target);
  // A gate that could not run says nothing about the work.
  const bool about_work = gates::is_about_work(*red);
  if (about_work) send_back(job, what + "\n" + gates::refusal_text(*red), plan.tree);
  std::vector<std::string> hints;
  hints.push_back(about_work ? "let an agent mend it, in the same worktree: git agent-spin " + job.slug()
                             : "mend what keeps the gate from running, then merge again");
  std::vector<std::string> next = {"git", "agent-merge", job.slug()};
  if (about_work) next = {"git", "agent-spin", job.slug()};
  throw Error(Kind::gate_failed, what + "; nothing has been moved\n" + trim(report), hints)
      .with_data(job.data())
      .next(std::move(next));
}

// ---- moving -------------------------------------------------------------------------------------

Json begin_args(Job& job, const std::string& gates) {
  MergeResult& result = job.result;
  Json commits = Json::object(), verdicts = Json::array();
  for (const auto& [before, after] : result.commits) commits[before.hex()] = after.hex();
  for (const gates::Verdict& verdict : result.verdicts)
    verdicts.push_back({{"gate", verdict.gate}, {"verdict", gates::outcome_name(verdict.outcome)}});
  return {{"task", result.task.id},
          {"target", result.target},
          {"old", result.old.hex()},
          {"new", result.next.hex()},
          {"commits", commits},
          {"gates", verdicts},
          {"tip", job.tip.hex()},
          {"branch", result.task.branch},
          {"clone", clone_id(job.project)},
          {"bead", merge_bead(job.project, result, gates)}};
}

// Commits that were rewritten stay reachable: a squash must not be their end.
void keep_original(Job& job) {
  git::Repository& repo = job.project.repo();
  if (repo.is_ancestor(job.tip, job.result.next)) return;
  repo.cas_ref("refs/agent-local/merged/" + job.slug() + "/" + job.tip.brief(12), {}, job.tip,
               "agent-merge: as submitted");
}

// Ledger, target, ledger. False when somebody else has moved the target meanwhile.
bool move_target(Job& job, const std::string& gates) {
  MergeResult& result = job.result;
  Project& project = job.project;
  if (!job.lock.held()) job.lock = FileLock::acquire(merge_lock(project), kLockSeconds, "another merge");
  if (project.branch_tip(result.target) != result.old) return false;
  const auto now = project.ledger().state().task(result.task.id);
  if (!now || now->commit != result.task.commit || now->status != model::Status::in_review)
    throw Error(Kind::target_moved, "'" + job.slug() + "' was changed while it was being merged",
                {"look at it (git agent-task show " + job.slug() + "), then try again"});
  keep_original(job);
  fault_point("merge.before-begin");
  Json pending = begin_args(job, gates);
  pending["id"] = project.commit("merge.begin", pending).op.id;
  fault_point("merge.after-begin");
  try {
    if (move_forward(project, result.target, result.old, result.next, "agent-merge: " + job.slug()) == Moved::lost) {
      abort_merge(project, pending, branch_name(result.target) + " was moved by somebody else");
      return false;
    }
  } catch (const Error& error) {
    abort_merge(project, pending, error.what());
    throw;
  }
  fault_point("merge.after-move");
  end_merge(project, pending);
  return true;
}

void finish(Job& job) {
  MergeResult& result = job.result;
  Project& project = job.project;
  job.lock.release();
  if (!gates::was_tested(result.verdicts) && result.next != result.old)
    job.note("no test gate judged this merge; its commits say \"unverified: no test gate\"");
  if (!result.task.branch.empty() && result.task.branch != result.target) {
    const std::string stays = follow(project, job.slug(), result.task.branch, job.tip, result.next);
    if (!stays.empty()) job.note("the branch " + branch_name(result.task.branch) + " stays where it was: " + stays);
  }
  fault_point("merge.after-branch");
  remove_review(project, job.slug());
  result.task = project.known_task(result.task.id);
  for (const std::string& id : newly_ready(project, result.task.id))
    if (auto task = project.index().task(id)) result.unblocked.push_back(std::move(*task));
}

// Early, before gates run for nothing. What looks like somebody's changes may be another merge that is just moving the
// target, so a refusal counts only when no merge is at work. False when the target has moved.
bool target_is_free(Job& job, const git::Oid& next_tree) {
  const auto look = [&] {
    require_movable(job.project, job.result.target, required_tree(job.project, job.result.old), next_tree);
  };
  try {
    look();
    return true;
  } catch (const Error&) {
    if (job.lock.held()) throw;
  }
  const FileLock quiet = FileLock::acquire(merge_lock(job.project), kLockSeconds, "another merge");
  if (job.project.branch_tip(job.result.target) != job.result.old) return false;
  look();
  return true;
}

// One whole attempt; false when the target moved under it.
bool attempt(Job& job) {
  MergeResult& result = job.result;
  Project& project = job.project;
  result.old = project.branch_tip(result.target);
  if (result.old.zero())
    fail_environment("the target branch '" + branch_name(result.target) + "' has no commit",
                     {"set it with 'git config agent.target BRANCH', or say --into BRANCH"});
  job.progress("rebasing " + job.slug() + " onto " + branch_name(result.target));
  Rebase plan = plan_rebase(project, job.tip, result.old);
  if (!plan.clean()) {
    // Squashed or rebased into the target by hand, it conflicts with itself: there is nothing to resolve.
    if (how_merged(project, job.tip, result.target, std::nullopt).empty()) fail_conflict(job, plan);
    plan = plan_nothing(project, job.tip, result.old);
  }
  if (plan.flattened) job.note("merges in the branch hold changes of their own, so it becomes one commit");
  check_protected(job, plan);
  check_plan(job, plan);
  if (!target_is_free(job, plan.tree)) return false;
  if (job.request.dry_run) {
    result.commits.clear();
    for (const Pick& pick : plan.picks) result.commits.emplace_back(pick.original.id, git::Oid{});
    for (const gates::Gate& gate : job.policy.gates_on("merge")) result.planned_gates.push_back(gate.name);
    return true;
  }
  if (plan.empty()) job.note("everything in '" + job.slug() + "' is in " + branch_name(result.target) + " already");
  else judge(job, plan);
  const std::string gates = plan.empty() ? kNothingToJudge : gates_summary(result.verdicts);
  result.next = write_result(project, result.task, plan, job.request.style, result.target, gates, result.commits);
  if (plan.empty()) name_present(project, plan.tip, plan.onto, result.commits);
  return move_target(job, gates);
}

// ---- a merge that a killed process had begun ----------------------------------------------------

std::optional<MergeResult> completed_by_recovery(Project& project, const model::Task& before) {
  const auto task = project.index().task(before.id);
  if (!task || task->status != model::Status::completed || before.status == model::Status::completed)
    return std::nullopt;
  MergeResult result;
  result.recovered = true;
  result.task = *task;
  for (const Json& merge : project.index().objects("merges", task->id, 1)) {
    result.target = get_string(merge, "target");
    result.old = git::Oid::parse(get_string(merge, "old"));
    result.next = git::Oid::parse(get_string(merge, "new"));
    if (merge.contains("commits"))
      for (const auto& [key, value] : merge["commits"].items())
        if (value.is_string())
          result.commits.emplace_back(git::Oid::parse(key), git::Oid::parse(value.get<std::string>()));
  }
  for (const std::string& id : newly_ready(project, task->id))
    if (auto ready = project.index().task(id)) result.unblocked.push_back(std::move(*ready));
  return result;
}

std::optional<model::Task> wanted_task(Project& project, const MergeRequest& request) {
  if (!request.adopt) return project.task_or_here(request.feature);
  try {
    return project.task_or_here(request.feature);
  } catch (const Error& error) {
    if (error.kind() == Kind::not_found) return std::nullopt;
    throw;
  }
}

}  // namespace

Json to_json(const MergeResult& result) {
  Json commits = Json::object(), unblocked = Json::array();
  for (const auto& [before, after] : result.commits)
    commits[before.hex()] = string_or_null(after.zero() ? "" : after.hex());
  for (const model::Task& task : result.unblocked) unblocked.push_back(task.id);
  return {{"target", branch_name(result.target)},
          {"old", string_or_null(result.old.zero() ? "" : result.old.hex())},
          {"new", string_or_null(result.next.zero() ? "" : result.next.hex())},
          {"commits", commits},
          {"gates", verdicts_json(result.verdicts)},
          {"conflicts", Json::array()},
          {"unblocked", unblocked}};
}

namespace {

// What is refused is refused before the branch is taken over, which would be recorded. A conflict is no refusal: the task
// comes back with it.
void look_before_adopting(Project& project, const MergeRequest& request) {
  MergeRequest look = request;
  look.dry_run = true;
  try {
    merge_feature(project, look);
  } catch (const Error& error) {
    if (error.kind() != Kind::merge_conflict) throw;
  }
}

}  // namespace

MergeResult merge_feature(Project& project, const MergeRequest& request) {
  if (request.adopt && !request.dry_run) look_before_adopting(project, request);
  Job job{.project = project, .request = request};
  std::optional<model::Task> task = wanted_task(project, request);
  recover_merges(project);
  if (task)
    if (auto done = completed_by_recovery(project, *task)) return *done;
  job.result.target = target_of(project, request, task, job.child);
  if (request.adopt)
    task = adopt_branch(project, request.feature.empty() ? task->slug : request.feature, job.result.target,
                        request.dry_run);
  else task = project.known_task(task->id);
  job.result.task = *task;
  job.policy = policy_for(project, request, job.result.target);
  const bool as_it_stands = request.adopt && request.dry_run;
  if (!as_it_stands && task->status != model::Status::in_review) throw not_done(*task);
  require_permission(job);
  require_children_finished(job);
  job.tip = as_it_stands ? git::Oid::parse(task->commit) : submitted(project, *task);
  require_version(job);
  if (!as_it_stands) require_review(job);
  for (int n = 0; n < kAttempts; ++n) {
    if (n > 0) job.note(branch_name(job.result.target) + " has moved meanwhile: again");
    // The last attempt keeps other merges out from the beginning, so that only a plain git can be faster.
    if (n == kAttempts - 1) job.lock = FileLock::acquire(merge_lock(project), kLockSeconds, "another merge");
    if (!attempt(job)) {
      job.lock.release();
      continue;
    }
    if (!request.dry_run) finish(job);
    return std::move(job.result);
  }
  throw Error(Kind::target_moved,
              branch_name(job.result.target) + " keeps moving while '" + job.slug() + "' is being merged",
              {"try again: git agent-merge " + job.slug()})
      .next({"git", "agent-merge", job.slug()});
}

}  // namespace ga::work
