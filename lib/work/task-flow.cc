#include "work/task-flow.hh"

#include <algorithm>
#include <utility>

#include "gates/post-task.hh"
#include "model/graph.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/text.hh"
#include "work/capacity.hh"
#include "work/git-hooks.hh"
#include "work/judging.hh"
#include "work/learnings.hh"
#include "work/merge.hh"
#include "work/move.hh"
#include "work/plans.hh"
#include "work/sync.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr int kLostClaims = 20;           // claims lost to other clones, one after the other
constexpr std::int64_t kCandidates = 64;  // ready tasks tried in one transaction
constexpr std::int64_t kSpread = 1024;    // so far down the list clones may begin, to keep out of each other's way

// The claim operation when the model would accept it now.
std::optional<model::Operation> try_claim(Project& project, model::State& state, const model::Task& task,
                                          const std::string& replaces, const std::string& why) {
  Json args = project.claim_args(task, project.actor().name);
  if (!replaces.empty()) args["replaces"] = replaces;
  if (!why.empty()) args["why"] = why;
  model::Operation op = project.operation("task.claim", std::move(args));
  if (model::apply(state, op).refusal) return std::nullopt;
  return op;
}

std::string takeover_reason(const model::Claim& claim) {
  return holder_state(claim) == Holder::dead ? "the process of " + claim.agent + " is gone"
                                             : "the lease of " + claim.agent + " is over";
}

std::string numbered(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// The search for the next task, within one transaction.
class Search {
 public:
  /// `lost`: where clones share the tasks, how many this call has claimed and lost to others.
  Search(Project& project, model::State& state, const std::optional<model::Task>& here, std::optional<int> lost)
      : project_(project), state_(state), index_(project.index()), here_(here), lost_(lost) {}

  NextTask found;
  /// The claim of what was found; none when it is the actor's already, or there is nothing.
  std::optional<model::Operation> run() {
    std::vector<model::Task> parents;
    for (model::Task& task : own()) {
      if (index_.unfinished_children(task.id).empty()) return keep(std::move(task));
      parents.push_back(std::move(task));
    }
    // A task comes after its children: one of them that is ready goes before their parent, which is ours already.
    for (const model::Task& parent : parents)
      if (auto op = ready_below(parent.id)) return op;
    if (!parents.empty()) return keep(std::move(parents.front()));
    if (is_over_capacity()) return std::nullopt;
    const std::string below = here_ ? here_->id : "";
    if (auto op = ready_below(below)) return op;
    if (auto op = abandoned_below(below)) return op;
    explain(below);
    return std::nullopt;
  }

 private:
  std::vector<model::Task> own() {
    index::TaskFilter mine;
    mine.status = model::Status::in_progress;
    mine.claimed_by = project_.actor().name;
    mine.below = here_ ? here_->id : "";
    auto tasks = index_.tasks(mine);
    std::erase_if(tasks, [&](const model::Task& task) { return here_ && task.id == here_->id; });
    return tasks;
  }

  std::nullopt_t keep(model::Task task) {
    found.already_mine = true;
    found.task = std::move(task);
    return std::nullopt;
  }

  index::TaskFilter ready_filter(const std::string& below) const {
    index::TaskFilter ready;
    ready.ready_only = true;
    ready.assignee_or_any = project_.actor().name;
    ready.assignee_role = project_.actor().role;
    ready.below = below;
    return ready;
  }

  std::optional<model::Operation> ready_below(const std::string& below) {
    index::TaskFilter ready = ready_filter(below);
    if (lost_)
      if (auto op = ready_in(own_stretch(ready))) return op;
    // Most often the first one will do; a wider look only when it does not.
    for (const std::int64_t limit : {std::int64_t{1}, kCandidates}) {
      ready.limit = limit;
      if (auto op = ready_in(ready)) return op;
    }
    return std::nullopt;
  }

  std::optional<model::Operation> ready_in(const index::TaskFilter& ready) {
    for (const model::Task& candidate : index_.tasks(ready)) {
      const auto current = state_.task(candidate.id);
      if (!current) continue;
      if (auto op = try_claim(project_, state_, *current, "", "")) {
        found.task = current;
        return op;
      }
    }
    return std::nullopt;
  }

  // Clones that all want the first task of the list would collide each time. So each begins somewhere among those of the
  // first one's priority and goes on from there, until it meets another clone: then it begins elsewhere, and looks
  // further with each claim it loses, also where others are more urgent: those go to whoever is faster.
  index::TaskFilter own_stretch(index::TaskFilter ready) {
    const fs::path file = project_.agent_dir() / "claims.from";
    ready.limit = 1;
    const auto first = index_.tasks(ready);
    if (first.empty()) return ready;
    ready.priority = first.front().priority;
    ready.from = trim(read_file(file).value_or(""));
    if (*lost_ == 0 && !ready.from.empty() && !index_.tasks(ready).empty()) {
      ready.limit = kCandidates;
      return ready;
    }
    ready.from.clear();
    ready.limit = kSpread;
    const std::int64_t equals = index_.count(ready);
    const std::int64_t wanted = *lost_ > 0 ? std::int64_t{8} << std::min(*lost_, 7) : 0;
    if (wanted > equals) ready.priority.reset();
    ready.limit = std::max(equals, wanted);
    ready.offset = random_below(static_cast<std::uint32_t>(std::max<std::int64_t>(index_.count(ready), 1)));
    ready.limit = 1;
    const auto chosen = index_.tasks(ready);
    if (!chosen.empty()) write_file_atomic(file, chosen.front().id + "\n");
    ready.limit = kCandidates;
    return ready;
  }

  // Work whose holder is gone, except features with a branch: `spin` resumes those in their worktree.
  std::optional<model::Operation> abandoned_below(const std::string& below) {
    index::TaskFilter abandoned;
    abandoned.status = model::Status::in_progress;
    abandoned.below = below;
    for (const model::Task& task : index_.tasks(abandoned)) {
      if (!task.branch.empty() || task.held() || (task.claim && !may_take_over(*task.claim, now()))) continue;
      if (!index_.unfinished_children(task.id).empty()) continue;
      const std::string why = task.claim ? takeover_reason(*task.claim) : "nobody held it";
      if (auto op = try_claim(project_, state_, task, task.claim ? task.claim->fence : "", why)) {
        found.task = task;
        return op;
      }
    }
    return std::nullopt;
  }

  // Another agent at work would be one too many. Persons decide themselves, and who has a worktree is counted already.
  bool is_over_capacity() {
    if (project_.actor().person || here_) return false;
    const std::size_t busy = at_work(project_).size();
    if (busy == 0) return false;  // most often, and then the policy need not be read
    const int limit = project_.policy().wip;
    if (static_cast<int>(busy) < limit) return false;
    none("wip", numbered(busy, "agent is", "agents are") + " at work, and [team] wip is " + std::to_string(limit));
    return true;
  }

  void none(const std::string& reason, const std::string& says) {
    found.reason = reason;
    found.says = says;
  }

  void explain(const std::string& below) {
    index::TaskFilter open, ready;
    open.open_only = ready.ready_only = true;
    open.below = ready.below = below;
    if (index_.count(open) == 0) return none("all_done", "every task is done");
    // Ready for this actor and not to be had: their paths are locked.
    if (index_.count(ready) > 0 && index_.count(ready_filter(below)) == 0)
      return none("all_claimed", "every task that is ready is assigned to others");
    open.status = model::Status::pending;
    if (index_.count(open) > 0) return none("all_blocked", "every open task is blocked");
    none("all_claimed", "every open task is claimed");
  }

  Project& project_;
  model::State& state_;
  index::Index& index_;
  const std::optional<model::Task>& here_;
  std::optional<int> lost_;
};

// What was found and claimed here, by nobody else in this clone.
NextTask claim_next_here(Project& project, std::optional<int> lost, std::string& fence) {
  NextTask next;
  const auto here = project.task_here();
  const auto done = project.ledger().transact_if([&](model::State& state) {
    Search search(project, state, here, lost);
    auto claim = search.run();
    next = std::move(search.found);
    return claim;
  });
  if (done) fence = done->op.id;
  else if (next.task && next.task->claim) fence = next.task->claim->fence;
  return next;
}

}  // namespace

NextTask claim_next(Project& project) {
  const bool shared = claims_are_remote(project);
  for (int lost = 0;; ++lost) {
    std::string fence;
    NextTask next = claim_next_here(project, shared ? std::optional(lost) : std::nullopt, fence);
    if (!next.task) return next;
    try {
      next.task = confirm_claim(project, {next.task->id, fence}, !next.already_mine);
      return next;
    } catch (const Error& error) {
      if (error.kind() != Kind::claim_lost || lost + 1 == kLostClaims) throw;
    }
  }
}

namespace {

Error still_held(Project& project, const model::Task& task) {
  const model::Claim& claim = *task.claim;
  const std::string until = format_time(claim.expires);
  if (holder_state(claim) == Holder::dead)
    return Error(Kind::claim_lost,
                 "the process of " + claim.agent + " is gone, but its lease on '" + task.slug + "' runs until " + until,
                 {"take it over then; the lead can end it now: git agent-task release " + task.slug});
  const auto ending = ending_command(project, task.slug, task);
  return Error(Kind::agent_alive,
               "'" + task.slug + "' is held by " + claim.agent + ", which is at work (lease until " + until + ")",
               {ending.empty() ? "wait until the lease is over" : "the lead can end that: " + shell_join(ending),
                "or take other work with 'git agent-task next'"});
}

}  // namespace

model::Task claim_task(Project& project, const model::Task& wanted, const std::string& kind, bool steal) {
  const std::string me = project.actor().name;
  std::string held;  // the fence that stays when nothing is written, or only the status changes
  const auto done = project.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
    const auto task = state.task(wanted.id);
    if (!task) throw Error(Kind::not_found, "task '" + wanted.slug + "' is gone");
    Json args = project.claim_args(*task, me);
    held = task->claim && task->claim->agent == me ? task->claim->fence : "";
    if (task->claim) {
      const bool mine = task->claim->agent == me;
      if (mine && (kind == "task.claim" || task->status == model::Status::in_progress)) return std::nullopt;
      if (!mine && steal) {
        if (!may_take_over(*task->claim, now())) throw still_held(project, *task);
        args["replaces"] = task->claim->fence;
        args["why"] = takeover_reason(*task->claim);
      } else if (!mine && may_take_over(*task->claim, now())) {
        throw Error(Kind::claim_lost,
                    "'" + task->slug + "' is claimed by " + task->claim->agent + ", but " +
                        takeover_reason(*task->claim),
                    {"take it over with 'git agent-task claim --steal " + task->slug + "'"})
            .next({"git", "agent-task", "claim", "--steal", task->slug});
      }
    }
    return project.operation(kind, std::move(args));
  });
  const auto now = project.ledger().state().task(wanted.id);
  const bool kept = !done || (now && now->claim && now->claim->fence == held);
  return confirm_claim(project, {wanted.id, kept ? held : done->op.id}, !kept);
}

namespace {

// Throws the refusal the ledger would give, before anything slow is run.
void require_acceptable(Project& project, const model::Operation& op) {
  auto state = project.ledger().state();
  const model::Outcome outcome = model::apply(state, op);
  if (outcome.refusal) throw model::to_error(*outcome.refusal);
}

void require_clean_worktree(Project& project, const model::Task& task) {
  const auto worktree = worktree_of_branch(project, task.branch);
  if (!worktree) return;
  const git::WorktreeStatus status = git::worktree_status(*worktree);
  if (status.clean()) return;
  Json data = {{"staged", status.staged},
               {"unstaged", status.unstaged},
               {"untracked", status.untracked},
               {"unmerged", status.unmerged}};
  std::vector<std::string> paths;
  for (const auto* list : {&status.unmerged, &status.staged, &status.unstaged, &status.untracked})
    for (const std::string& path : *list)
      if (paths.size() < 5) paths.push_back(sanitize_line(path));
  throw Error(Kind::gate_failed, "the worktree of '" + task.slug + "' has uncommitted work: " + join(paths, ", "),
              {"commit what belongs to the task and remove the rest, then say done again"})
      .with_data(data);
}

constexpr const char* kTaskDone = "task-done";  // the gates' event

// What gates say against new work is an iteration, told to whoever tries next. Nothing new, nothing to record.
void record_failure(Project& project, const model::Task& task, const git::Oid& commit,
                    const std::vector<gates::Verdict>& verdicts) {
  std::string why;
  for (const gates::Verdict& verdict : verdicts)
    if (gates::is_about_work(verdict)) why += gates::refusal_text(verdict);
  if (why.empty()) return;
  const std::string tree = verdicts.front().tree.hex();
  const auto now = project.ledger().state().task(task.id);
  const bool known =
      now && std::find(now->failed_trees.begin(), now->failed_trees.end(), tree) != now->failed_trees.end();
  if (known) return;
  Json bead = project.bead("gate", "Turned down: " + why, task.id, "tree " + tree);
  bead["commit"] = commit.hex();
  bead["gates"] = gates::verdicts_record(verdicts, kTaskDone);
  project.commit("task.rework", {{"task", task.id},
                                 {"why", why},
                                 {"iteration", true},
                                 {"newer", true},
                                 {"tree", tree},
                                 {"bead", std::move(bead)}});
}

std::vector<gates::Verdict> run_done_gates(Project& project, const model::Task& task, const git::Oid& commit,
                                           const std::function<void(const std::string&)>& progress) {
  const auto info = project.repo().read_commit(commit);
  const git::Oid base =
      project.repo().merge_base(commit, project.repo().ref(task.target.empty() ? project.target_ref() : task.target));
  const auto base_info = base.zero() ? std::nullopt : project.repo().read_commit(base);
  gates::GateRequest request;
  request.tree = info->tree;
  if (base_info) request.base_tree = base_info->tree;
  request.event = kTaskDone;
  request.by_agent = !project.actor().person;
  request.progress = progress;
  request.prepare = prepare_checkout(project);
  request.commits = project.repo().commits_between(base, commit);
  auto verdicts = judge_tree(project, project.policy(), request);
  record_failure(project, task, commit, verdicts);
  gates::require_green(verdicts, "'" + task.slug + "'");
  return verdicts;
}

// The hook `post-task` has the last word, as Git's own hooks have. What it printed, when it agrees.
std::string require_hook(Project& project, const model::Task& task, const git::Oid& commit) {
  const auto worktree = task.branch.empty() ? std::nullopt : worktree_of_branch(project, task.branch);
  const auto here =
      worktree.value_or(project.repo().work_dir().empty() ? project.repo().git_dir() : project.repo().work_dir());
  const Result hook = gates::run_post_task_hook(project.repo(), here, task.id, commit);
  if (hook.ok()) return sanitize(trim(hook.out));
  throw Error(Kind::gate_failed,
              "the post-task hook refuses '" + task.slug + "'" +
                  (hook.out.empty() ? "" : ": " + sanitize(trim(hook.out))),
              {"mend what it names, then say done again"})
      .with_data({{"hook", "post-task"}, {"exit_code", hook.exit_code}, {"output", sanitize(hook.out)}});
}

// Where the policy asks agents for one. A person's word is enough.
void require_reflection(Project& project, const model::Task& task) {
  if (project.actor().person || project.policy().reflection != "required" || !owes_reflection(task)) return;
  throw Error(
      Kind::reflection_due, "'" + task.slug + "' is done when its reflection is written",
      {"answer the three questions: git agent-reflect --template >REFLECTION.md, fill it in, then git agent-reflect",
       "then say done again"})
      .next({"git", "agent-reflect", "--template"});  // not the program
}

std::string outcome_text(const model::Task& task, const std::string& text) {
  return text.empty() ? task.title : task.title + "\n" + text;
}

}  // namespace

DoneReport finish_task(Project& project, const model::Task& task, const std::string& text,
                       const std::function<void(const std::string&)>& progress) {
  DoneReport report;
  recover_merges(project);
  Json args = {{"task", task.id}, {"text", normalize_utf8(text)}};
  const bool has_branch = !task.branch.empty();
  git::Oid commit;
  if (has_branch) {
    commit = project.branch_tip(task.branch);
    if (commit.zero())
      throw Error(Kind::environment, "the branch of '" + task.slug + "', " + task.branch + ", is gone",
                  {"git agent-clean --undo " + task.slug, "or git agent-task cancel " + task.slug + " -m WHY"});
    args["commit"] = commit.hex();
    report.without_commits = commit.hex() == task.base;
    if (task.status == model::Status::in_review && task.commit == commit.hex()) {
      report.task = task;
      report.in_review_already = true;
      return report;
    }
  }
  args["bead"] = project.bead("outcome", outcome_text(task, text), task.id);
  if (has_branch) args["bead"]["commit"] = commit.hex();
  const std::string kind = has_branch ? "task.submit" : "task.complete";
  const std::string fence = project.fence_for(task);
  if (!fence.empty()) args["fence"] = fence;
  require_acceptable(project, project.operation(kind, args));
  require_reflection(project, task);
  require_plan(project, project.policy(), task, changed_paths(project, task, commit), "'done' of '" + task.slug + "'");
  if (has_branch) {
    require_clean_worktree(project, task);
    report.gates = run_done_gates(project, task, commit, progress);
    args["bead"]["gates"] = gates::verdicts_record(report.gates, kTaskDone);
  }
  report.hook_output = require_hook(project, task, commit);
  project.commit(kind, std::move(args));
  report.task = project.known_task(task.id);
  if (!has_branch) report.unblocked = newly_ready(project, task.id);
  return report;
}

std::vector<std::string> newly_ready(Project& project, const std::string& completed) {
  index::Index& index = project.index();
  std::vector<std::string> ready;
  std::vector<std::string> waiting = index.dependents(completed);
  // Needs on descendants are lifted to this task, so their dependents count too.
  index::TaskFilter below;
  below.below = completed;
  index.each_task(below, [&](const model::Task& task) {
    for (std::string& id : index.dependents(task.id)) waiting.push_back(std::move(id));
    return true;
  });
  // With the last of its children finished, a task is next itself.
  if (const auto task = index.task(completed); task && !task->parent.empty()) waiting.push_back(task->parent);
  std::sort(waiting.begin(), waiting.end());
  waiting.erase(std::unique(waiting.begin(), waiting.end()), waiting.end());
  for (std::string& id : waiting)
    if (index.is_ready(id)) ready.push_back(std::move(id));
  return ready;
}

namespace {

std::string unfinished_children(index::Index& index, const model::Task& task) {
  constexpr std::size_t kNamed = 5;
  const auto ids = index.unfinished_children(task.id);
  std::vector<std::string> names;
  for (const std::string& id : ids)
    if (const auto child = names.size() < kNamed ? index.task(id) : std::nullopt)
      names.push_back(child->slug + " (" + std::string(model::status_name(child->status)) + ")");
  const std::string more =
      ids.size() > names.size() ? " and " + std::to_string(ids.size() - names.size()) + " more" : "";
  return names.empty() ? "" : "comes after its unfinished children: " + join(names, ", ") + more;
}

}  // namespace

std::string explain_not_ready(Project& project, const model::Task& task) {
  using model::Status;
  if (task.held()) return "held: " + sanitize_line(task.hold);
  std::vector<std::string> reasons;
  for (const std::string& id : project.index().blockers(task.id)) {
    const auto other = project.index().task(id);
    if (!other) {
      reasons.push_back("needs " + id.substr(0, 8) + ", which is not known here");
      continue;
    }
    const bool direct = std::find(task.needs.begin(), task.needs.end(), id) != task.needs.end();
    std::string line = "needs " + other->slug + " (" + std::string(model::status_name(other->status)) + ")";
    if (other->status == Status::failed || other->status == Status::cancelled)
      line += ": reopen it, or remove the dependency";
    if (!direct) line += ", which holds what it needs";
    reasons.push_back(line);
  }
  if (!reasons.empty()) return join(reasons, "; ");
  switch (task.status) {
  case Status::in_progress:
    return task.claim ? "claimed by " + sanitize_line(task.claim->agent) : "in progress, nobody holds it";
  case Status::in_review:
    return "waits for its merge: git agent-merge " + task.slug;
  case Status::failed:
    return "failed: " + sanitize_line(task.reason);
  case Status::cancelled:
    return "cancelled: " + sanitize_line(task.reason);
  case Status::completed:
    return "completed";
  case Status::pending:
    break;
  }
  if (const std::string children = unfinished_children(project.index(), task); !children.empty()) return children;
  if (!task.assignee.empty()) return "assigned to " + sanitize_line(task.assignee);
  return "ready";
}

namespace {

using Report = std::function<void(const LintFinding&)>;

// What the rules about several tasks ask of one.
struct Linked {
  std::string id, slug;
  std::vector<std::string> links;  ///< needs or owned paths
};

void lint_one(Project& project, const model::Task& task, const Report& report) {
  const auto add = [&](const char* rule, const std::string& message) { report({task.id, task.slug, rule, message}); };
  const bool has_children = !project.index().children(task.id).empty();
  if (task.accept.empty() && !has_children)
    add("no-criterion", "it has no acceptance criterion, so nobody can tell when it is done");
  if (task.owns.empty() && !has_children) add("no-owner", "it owns no path, so others may edit the same files");
  for (const std::string& need : task.needs) {
    const auto other = project.index().task(need);
    if (!other) add("unknown-need", "it needs " + need.substr(0, 8) + ", which is no task here");
    else if (other->status == model::Status::failed || other->status == model::Status::cancelled)
      add("dead-need", "it needs '" + other->slug + "', which is " + std::string(model::status_name(other->status)));
  }
}

void lint_cycles(model::State& state, const std::vector<Linked>& needing, const Report& report) {
  for (const Linked& task : needing) {
    for (const std::string& need : task.links) {
      const std::string lifted = model::lift(state, task.id, need);
      const auto path = lifted.empty() ? std::vector<std::string>{need} : model::waiting_path(state, lifted, task.id);
      if (!path.empty()) report({task.id, task.slug, "cycle", "its need of " + need.substr(0, 8) + " closes a cycle"});
    }
  }
}

bool own_the_same(const Linked& a, const Linked& b) {
  bool overlap = false;
  for (const std::string& x : a.links)
    for (const std::string& y : b.links) overlap = overlap || globs_overlap(x, y);
  return overlap;
}

void lint_owners(model::State& state, const std::vector<Linked>& owning, const Report& report) {
  for (std::size_t i = 0; i < owning.size(); ++i) {
    for (std::size_t j = i + 1; j < owning.size(); ++j) {
      const Linked &a = owning[i], &b = owning[j];
      if (!own_the_same(a, b) || model::same_line(state, a.id, b.id)) continue;
      // Ordered by dependencies, two tasks may own the same paths one after the other.
      if (!model::waiting_path(state, a.id, b.id).empty() || !model::waiting_path(state, b.id, a.id).empty()) continue;
      report({a.id, a.slug, "overlap", "it owns paths of '" + b.slug + "', and neither waits for the other"});
    }
  }
}

}  // namespace

void lint_tasks(Project& project, const Report& report) {
  std::vector<Linked> needing, owning;
  project.index().each_task({.open_only = true}, [&](const model::Task& task) {
    lint_one(project, task, report);
    if (!task.needs.empty()) needing.push_back({task.id, task.slug, task.needs});
    if (!task.owns.empty()) owning.push_back({task.id, task.slug, task.owns});
    return true;
  });
  auto state = project.ledger().state();
  lint_cycles(state, needing, report);
  lint_owners(state, owning, report);
}

}  // namespace ga::work
