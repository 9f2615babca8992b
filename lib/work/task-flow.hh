// How tasks move when somebody acts: next, claim, done. The rules are the model's; here they meet the repository.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gates/runner.hh"
#include "work/project.hh"

namespace ga::work {

struct NextTask {
  std::optional<model::Task> task;
  bool already_mine = false;
  std::string reason;  ///< without a task: all_done, all_blocked, all_claimed, wip
  std::string says;    ///< that reason as a sentence
};
/// Claims the next ready task for the actor, exactly once among all who ask: first the actor's own open claim (before
/// a claim whose task has unfinished children, a ready one of those), then ready tasks in order, then tasks whose holder is dead. Inside a spun worktree only descendants of its task count.
NextTask claim_next(Project& project);

/// Claims one task. The holder's own claim is no error. `steal` takes over a claim whose holder is dead or whose lease is
/// over; a live one is refused.
model::Task claim_task(Project& project, const model::Task& task, const std::string& kind, bool steal);

struct DoneReport {
  model::Task task;
  std::vector<gates::Verdict> gates;
  std::vector<std::string> unblocked;  ///< ids of tasks that became ready
  bool without_commits = false;        ///< the branch has no commit of its own
  std::string hook_output;             ///< of post-task, safe to show
  bool in_review_already = false;      ///< at that very commit: nothing was done
};
/// `task done`: the model's rules, a clean worktree, the gates on task-done, the post-task hook; then submit (with a
/// branch) or complete. When any of them says no the task stays as it is; a gate that fails on a tree for the first time
/// is recorded as an iteration.
DoneReport finish_task(Project& project, const model::Task& task, const std::string& text,
                       const std::function<void(const std::string&)>& progress = {});

/// Tasks that became ready because this one completed.
std::vector<std::string> newly_ready(Project& project, const std::string& completed);

/// Why a task that is not ready cannot start: one line for people.
std::string explain_not_ready(Project& project, const model::Task& task);

struct LintFinding {
  std::string task, slug, rule, message;
};
/// Weak spots of the plan: no criterion, no owned path, overlapping owners among independent tasks, dependency cycles
/// that came by sync, needs that can never finish. Each goes to `report` as it is found: there may be more than tasks.
void lint_tasks(Project& project, const std::function<void(const LintFinding&)>& report);

}  // namespace ga::work
