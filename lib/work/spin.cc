#include "work/spin.hh"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "model/graph.hh"
#include "model/names.hh"
#include "util/fault.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/briefing.hh"
#include "work/capacity.hh"
#include "work/launch.hh"
#include "work/merge.hh"
#include "work/move.hh"
#include "work/runner.hh"
#include "work/sync.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr double kSpinLockSeconds = 120;
constexpr double kStartSeconds = 30;

/// One spin from request to running agent.
class Spin {
 public:
  Spin(Project& project, const SpinRequest& request, const std::function<void(const std::string&)>& progress)
      : project_(project), request_(request), progress_(progress) {}

  SpinResult execute();

 private:
  void find_task();
  void judge_state();
  void judge_holder();
  void reopen_failed();
  void plan_branch();
  void plan_parents();
  void plan_worktree();
  void plan_run();
  void claim();
  void make_parent_branches();
  void make_worktree();
  void start();
  void wait_for_start(const ProcessId& runner);
  void say(const std::string& text) const {
    if (progress_) progress_(text);
  }

  Project& project_;
  const SpinRequest& request_;
  const std::function<void(const std::string&)>& progress_;

  model::Task task_;
  bool adds_ = false;  ///< the claim brings the task along
  std::string replaces_, why_;
  std::string target_;  ///< full ref
  git::Oid start_;      ///< where a new branch starts
  Json parents_ = Json::array();
  std::optional<fs::path> existing_;
  std::optional<RunRecord> before_;
  Launch launch_;
  RunRecord run_;
  bool resumed_ = false;
};

void Spin::find_task() {
  const std::string id = project_.index().task_by_slug(request_.slug);
  if (!id.empty()) {
    task_ = project_.known_task(id);
    return;
  }
  if (!request_.new_task) throw Error(Kind::not_found, "no task '" + sanitize_line(request_.slug) + "'");
  task_ = *request_.new_task;
  adds_ = true;
}

void Spin::judge_state() {
  using S = model::Status;
  const std::string& name = task_.slug;
  if (task_.status == S::in_review)
    throw Error(Kind::wrong_status, "'" + name + "' is in review: its work is handed in",
                {"look at it with 'git agent-task show " + name + "', take it with 'git agent-merge " + name + "'"});
  if (task_.status == S::completed || task_.status == S::cancelled)
    throw Error(Kind::wrong_status, "'" + name + "' is " + std::string(model::status_name(task_.status)),
                {"work on it again after 'git agent-task reopen " + name + "'"});
}

/// An agent at work is never disturbed; a claim whose holder is gone is taken over.
void Spin::judge_holder() {
  before_ = load_run(project_, task_.slug);
  if (before_ && before_->task == task_.id && is_alive(*before_))
    throw Error(Kind::agent_alive, "the agent '" + before_->agent + "' is at work on '" + task_.slug + "'",
                {"watch it with 'git agent-run attach " + task_.slug + "', end it with 'git agent-run stop " +
                 task_.slug + "'"})
        .next({"git", "agent-run", "attach", task_.slug})
        .with_data({{"run", view(*before_)}});
  if (!task_.claim) return;
  const model::Claim& claim = *task_.claim;
  const bool idle_here = before_ && before_->fence == claim.fence;  // exited, or made without an agent
  const bool mine = claim.agent == project_.actor().name;
  if (!idle_here && !mine && !may_take_over(claim, now()))
    throw Error(
        Kind::claim_lost,
        "'" + task_.slug + "' is claimed by " + claim.agent + (claim.host.empty() ? "" : " on " + claim.host),
        {"it can be taken over when that process is gone and the lease is over (" + format_time(claim.expires) + ")"});
  replaces_ = claim.fence;
  why_ = !request_.why.empty() ? request_.why
         : mine                ? "handed to an agent"
         : idle_here           ? (before_->state == "prepared" ? "an agent starts" : "the agent had " + before_->state)
                               : "the process of " + claim.agent + " is gone";
}

/// A failed task is pending again first; its branch and worktree are still there.
void Spin::reopen_failed() {
  if (task_.status != model::Status::failed) return;
  const std::string reason = task_.reason;
  project_.ledger().transact([&](model::State&) {
    return project_.operation("task.reopen", {{"task", task_.id}, {"why", reason}});
  });
}

void Spin::plan_parents() {
  auto& repo = project_.repo();
  target_ = project_.target_ref();
  start_ = repo.ref(target_);
  if (start_.zero())
    fail_environment("the branch '" + branch_name(target_) + "' has no commit", {"make the first commit, then spin"});
  std::vector<model::Task> line;  // outermost first
  for (std::string id = task_.parent; !id.empty() && line.size() < 64;) {
    const auto parent = project_.index().task(id);
    if (!parent) break;
    line.insert(line.begin(), *parent);
    id = parent->parent;
  }
  for (const model::Task& parent : line) {
    const std::string branch = parent.branch.empty() ? "refs/heads/agent/" + parent.slug : parent.branch;
    const git::Oid tip = repo.ref(branch);
    if (parent.branch.empty())
      parents_.push_back(
          {{"task", parent.id}, {"branch", branch}, {"base", (tip.zero() ? start_ : tip).hex()}, {"target", target_}});
    if (!tip.zero()) start_ = tip;
    target_ = branch;
  }
}

void Spin::plan_branch() {
  plan_parents();
  run_.branch = task_.branch.empty() ? "refs/heads/agent/" + task_.slug : task_.branch;
  if (!task_.target.empty()) target_ = task_.target;
  if (!request_.base.empty()) {
    start_ = project_.repo().resolve_commit(request_.base);
    if (start_.zero()) fail_usage("--base '" + sanitize_line(request_.base) + "' names no commit");
  }
  const git::Oid tip = project_.repo().ref(run_.branch);
  run_.new_branch = tip.zero();
  if (!tip.zero() && !request_.base.empty())
    fail_usage("--base is for a new branch; '" + branch_name(run_.branch) + "' exists already");
  const git::Oid fork = tip.zero() ? start_ : project_.repo().merge_base(tip, start_);
  run_.base = !task_.base.empty() && !tip.zero() ? task_.base : (fork.zero() ? tip : fork).hex();
}

void Spin::plan_worktree() {
  existing_ = worktree_of_branch(project_, run_.branch);
  if (existing_ && *existing_ == project_.repo().main_work_dir())
    fail_environment("'" + branch_name(run_.branch) +
                         "' is checked out in the main worktree, where no agent is started",
                     {"switch that worktree to another branch: git switch " + branch_name(target_)});
  const fs::path own = worktree_path(project_, task_.slug);
  // Its HEAD may be detached, in the middle of something.
  const fs::path git_dir = worktree_git_dir(project_, own);
  std::error_code none;
  const bool there = fs::exists(fs::symlink_status(own / ".git", none));
  if (!existing_ && there && !git_dir.empty() && agent_worktree_task(git_dir) == task_.id) existing_ = own;
  run_.worktree = (existing_ ? *existing_ : own).string();
  run_.new_worktree = !existing_;
  // A directory that somebody deleted: what was staged there is in the worktree's index only.
  if (!existing_ && !there && !git_dir.empty()) make_backup(project_, task_.slug, task_.id, run_.branch, own);
}

void Spin::plan_run() {
  run_.id = new_id();
  run_.task = task_.id;
  run_.slug = task_.slug;
  run_.role = !request_.role.empty() ? request_.role : before_ && !before_->role.empty() ? before_->role : "builder";
  run_.agent = !request_.agent.empty()                ? request_.agent
               : before_ && before_->task == task_.id ? before_->agent
                                                      : task_.slug;
  run_.profile = launch_.profile;
  run_.client = launch_.client;
  run_.log = request_.launch ? (project_.agent_dir() / "logs" / (model::path_slug(task_.slug) + ".log")).string() : "";
  run_.state = "starting";
  run_.runner = this_process();
  run_.started = now();
  if (run_.role == "lead") project_.require_lead("spinning a lead");
  for (const std::string* name : {&run_.agent, &run_.role})
    if (!model::is_agent_name(*name))
      fail_usage("'" + sanitize_line(fit(*name, 60)) + "' is no agent's name",
                 {"use lower-case letters, digits, '-' and '_'"});
  for (const RunRecord& other : load_runs(project_))
    if (other.slug != run_.slug && other.agent == run_.agent && is_at_work(project_, other))
      throw Error(Kind::agent_alive, "the agent '" + run_.agent + "' is at work on '" + other.slug + "'",
                  {"give this one another --name"});
}

void Spin::claim() {
  Json args = request_.launch ? Json{{"task", task_.id},        {"agent", run_.agent},    {"host", host_name()},
                                     {"lease", kLeaseSeconds},  {"pid", run_.runner.pid}, {"start", run_.runner.start},
                                     {"boot", run_.runner.boot}}
                              : project_.claim_args(task_, run_.agent);
  args["branch"] = run_.branch;
  args["base"] = run_.base;
  args["target"] = target_;
  if (adds_) args["add"] = model::to_json(task_);
  if (!parents_.empty()) args["parents"] = parents_;
  if (!replaces_.empty()) args["replaces"] = replaces_;
  if (!why_.empty()) args["why"] = why_;
  // Asked before anything is written: a claim that is taken over, or a task that comes along, is not easily given back.
  if (claims_are_remote(project_)) sync_ledger(project_, {});
  model::Operation op = project_.operation("task.claim", std::move(args));
  run_.fence = op.id;
  for (const Json& parent : parents_) run_.parents.push_back(get_string(parent, "task"));
  save_run(project_, run_);
  fault_point("spin.before-claim");
  project_.ledger().transact([&](model::State& state) {
    if (adds_ && !state.task_by_slug(task_.slug).empty())
      throw Error(Kind::claim_lost, "'" + task_.slug + "' was added by somebody else meanwhile",
                  {"spin it again to see how it stands"});
    require_capacity(project_, task_, request_.launch);
    return op;
  });
  fault_point("spin.after-claim");
  confirm_claim(project_, {task_.id, run_.fence}, true);
}

void Spin::make_parent_branches() {
  for (const Json& parent : parents_)
    project_.repo().cas_ref(get_string(parent, "branch"), {}, git::Oid::parse(get_string(parent, "base")),
                            "agent: for " + task_.slug);
}

void Spin::make_worktree() {
  auto& repo = project_.repo();
  if (run_.new_branch) {
    git::Cas made = git::Cas::busy;
    for (int attempt = 0; attempt < 50 && made == git::Cas::busy; ++attempt)
      made = repo.cas_ref(run_.branch, {}, git::Oid::parse(run_.base), "agent: spin " + task_.slug);
    if (made == git::Cas::busy)
      fail_environment("the branch '" + branch_name(run_.branch) + "' cannot be made: it stays locked", {"try again"});
  }
  fault_point("spin.after-branch");
  if (existing_) {
    const fs::path git_dir = worktree_git_dir(project_, *existing_);
    if (agent_worktree_task(git_dir) != task_.id) write_file_atomic(git_dir / "agent-worktree", task_.id + "\n");
    lock_worktree(git_dir, task_.slug, this_process());
  } else {
    add_worktree(project_, {task_.slug, run_.branch, git::Oid::parse(run_.base), request_.only, request_.copy_included},
                 task_.id, progress_);
  }
  fault_point("spin.after-worktree");
}

void Spin::wait_for_start(const ProcessId& runner) {
  const double until = monotonic_seconds() + kStartSeconds;
  while (monotonic_seconds() < until) {
    const auto now = load_run(project_, task_.slug);
    if (!now || now->id != run_.id)
      fail_environment("the run of '" + task_.slug + "' was taken back by another command", {"spin it again"});
    if (now->state != "starting") {
      run_ = *now;
      if (run_.state == "not_started") fail_environment(run_.reason, {"nothing is left of this spin"});
      return;
    }
    run_ = *now;
    if (!is_alive(runner) && load_run(project_, task_.slug)->state == "starting") break;
    ::usleep(2000);
  }
  fail_environment("the runner of '" + task_.slug + "' did not start",
                   {"its last words are in " + (project_.agent_dir() / "logs" / "runners.err").string()});
}

void Spin::start() {
  project_.index().refresh(project_.ledger().tip());
  task_ = project_.known_task(task_.id);
  write_briefing(project_, task_);
  fault_point("spin.after-briefing");
  if (!request_.launch) {
    run_.state = "prepared";
    run_.runner = {};
    return save_run(project_, run_);
  }
  say("starting " + run_.profile);
  run_.argv = command_line(project_, launch_, run_);
  run_.runner = {};
  save_run(project_, run_);
  remove_tree(stop_file(project_, task_.slug));
  const ProcessId runner = process_identity(start_runner(project_, task_.slug, /*adopt=*/false));
  fault_point("spin.after-runner");
  wait_for_start(runner);
}

SpinResult Spin::execute() {
  recover_runs(project_);
  recover_merges(project_);
  const FileLock lock = lock_run(project_, request_.slug, kSpinLockSeconds);
  recover_run(project_, request_.slug);
  project_.index().refresh(project_.ledger().tip());
  find_task();
  judge_state();
  judge_holder();
  plan_branch();
  plan_worktree();
  resumed_ = !run_.new_branch && !adds_ && !task_.branch.empty();
  if (request_.launch) {
    // As before, when it goes on; a profile that is gone since is no reason to stop.
    const bool same = request_.profile.empty() && before_ && !before_->profile.empty() && before_->task == task_.id;
    launch_ = choose_launch(project_, same ? before_->profile : request_.profile, task_.slug);
  }
  plan_run();
  if (!existing_)
    check_cone(project_, {task_.slug, run_.branch, git::Oid::parse(run_.base), request_.only, request_.copy_included});
  require_capacity(project_, task_, request_.launch);
  reopen_failed();
  try {
    claim();
    make_parent_branches();
    make_worktree();
    start();
  } catch (...) {
    roll_back(project_, run_);
    if (before_) save_run(project_, *before_);
    throw;
  }
  project_.index().refresh(project_.ledger().tip());
  return {project_.known_task(task_.id), run_, resumed_};
}

}  // namespace

SpinResult spin(Project& project, const SpinRequest& request, const std::function<void(const std::string&)>& progress) {
  return Spin(project, request, progress).execute();
}

std::string next_agent_name(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  const std::string digits = dash == std::string::npos ? "" : name.substr(dash + 1);
  const bool numbered = !digits.empty() && digits.size() < 5 &&
                        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::string stem = numbered ? name.substr(0, dash) : name;
  const std::string tail = "-" + std::to_string(numbered ? std::stoi(digits) + 1 : 2);
  return stem.substr(0, 63 - tail.size()) + tail;
}

}  // namespace ga::work
