#include "work/capacity.hh"

#include <algorithm>

#include "util/text.hh"
#include "work/move.hh"
#include "work/runs.hh"

namespace ga::work {
namespace {

bool is_worked_on(Project& project, const model::Task& task) {
  if (task.branch.empty() || !task.claim) return false;
  const auto run = load_run(project, task.slug);
  const bool described = run && run->task == task.id && run->fence == task.claim->fence;
  // A worktree prepared without an agent is a person's, whatever process made it.
  if (described) return is_at_work(project, *run);
  return !may_take_over(*task.claim, now()) &&
         (holder_state(*task.claim) == Holder::alive || task.claim->expires > now());
}

// A command that makes room: it ends the first of them that can be ended from here.
std::string room_hint(Project& project, const std::vector<std::string>& busy) {
  const std::string raise = "or raise wip in .git-agent.toml";
  for (const std::string& slug : busy) {
    const auto task = project.index().task(project.index().task_by_slug(slug));
    if (const auto ending = ending_command(project, slug, task); !ending.empty())
      return "wait for one, end one (" + shell_join(ending) + "), " + raise;
  }
  return "wait for one, end one on its own machine, " + raise;
}

}  // namespace

std::vector<std::string> at_work(Project& project) {
  std::vector<std::string> names;
  index::TaskFilter filter;
  filter.status = model::Status::in_progress;
  filter.with_branch = true;  // claims without one may be many, and are no agents in worktrees
  for (const model::Task& task : project.index().tasks(filter))
    if (is_worked_on(project, task)) names.push_back(task.slug);
  std::sort(names.begin(), names.end());
  return names;
}

void require_capacity(Project& project, const model::Task& task, bool launch) {
  const gates::Policy& policy = project.policy();
  std::vector<std::string> busy = at_work(project);
  std::erase(busy, task.slug);
  if (launch && static_cast<int>(busy.size()) >= policy.wip)
    throw Error(Kind::wip,
                std::to_string(busy.size()) + (busy.size() == 1 ? " agent is" : " agents are") + " at work (" +
                    join(busy, ", ") + "), and [team] wip is " + std::to_string(policy.wip),
                {room_hint(project, busy)})
        .with_data({{"limit", policy.wip}, {"at_work", busy}});
  if (!task.parent.empty() || task.status == model::Status::in_progress) return;
  index::TaskFilter filter;
  filter.status = model::Status::in_review;
  std::vector<std::string> waiting;
  for (const model::Task& other : project.index().tasks(filter))
    if (other.parent.empty() && other.id != task.id) waiting.push_back(other.slug);
  if (static_cast<int>(waiting.size()) >= policy.review_wip)
    throw Error(Kind::wip,
                std::to_string(waiting.size()) + " features wait for the lead (" + join(waiting, ", ") +
                    "), and [team] review-wip is " + std::to_string(policy.review_wip),
                {"merge or turn down one first: git agent-merge " + waiting.front()})
        .with_data({{"limit", policy.review_wip}, {"in_review", waiting}});
}

}  // namespace ga::work
