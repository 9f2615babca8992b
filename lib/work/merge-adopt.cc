// Merging what was not submitted: the lead takes a branch as it stands.
#include "model/names.hh"
#include "util/text.hh"
#include "work/merge.hh"
#include "work/move.hh"

namespace ga::work {
namespace {

// The task and the branch that a name means: either may be missing.
struct Named {
  std::optional<model::Task> task;
  std::string branch;
};

std::optional<model::Task> task_named(Project& project, const std::string& name) {
  try {
    return project.task(name);
  } catch (const Error& error) {
    if (error.kind() == Kind::not_found) return std::nullopt;
    throw;
  }
}

Named find(Project& project, const std::string& name) {
  Named named;
  const std::string branch = branch_ref(name);
  if (!project.branch_tip(branch).zero()) {
    named.branch = branch;
    for (const std::string& id : project.index().tasks_on_branch(branch))
      if (auto task = project.index().task(id); task && (!named.task || task->open())) named.task = std::move(task);
    if (named.task) return named;
  }
  named.task = task_named(project, name);
  if (!named.task) return named;
  for (const std::string& candidate : {named.task->branch, "refs/heads/agent/" + named.task->slug, branch})
    if (!candidate.empty() && !project.branch_tip(candidate).zero()) {
      named.branch = candidate;
      break;
    }
  return named;
}

// The last commit that is no merge says best what the branch is about.
std::string title_for(Project& project, const std::string& branch, const git::Oid& tip) {
  const auto commit = project.repo().read_commit(tip);
  const std::string subject = commit ? trim(normalize_utf8(commit->subject())) : "";
  return std::string(utf8_prefix(subject.empty() ? branch_name(branch) : subject, 200));
}

model::Task new_task(Project& project, const std::string& branch, const git::Oid& tip) {
  model::Task task;
  task.id = new_id();
  const std::string name = branch_name(branch);
  task.slug = model::slug_for(name.substr(name.rfind('/') + 1));
  task.title = title_for(project, branch, tip);
  task.description = "The branch " + name + ", made without git-agent.";
  task.branch = branch;
  return task;
}

void require_adoptable(Project& project, const model::Task& task) {
  if (!task.open())
    throw Error(Kind::wrong_status, "'" + task.slug + "' is " + std::string(model::status_name(task.status)),
                {"open it again with 'git agent-task reopen " + task.slug + " -m WHY'"});
  if (feature_holder(project, task.slug, task) == Holder::alive &&
      (!task.claim || task.claim->agent != project.actor().name)) {
    std::vector<std::string> ending = ending_command(project, task.slug, task);
    throw Error(Kind::agent_alive,
                "an agent is at work on '" + task.slug + "'" + (task.claim ? ": " + task.claim->agent : ""),
                {shell_join(ending)})
        .next(std::move(ending));
  }
}

}  // namespace

model::Task adopt_branch(Project& project, const std::string& name, const std::string& target, bool dry_run) {
  project.require_lead("adopting a branch");
  const Named named = find(project, name);
  if (named.branch.empty())
    throw Error(Kind::not_found, "no branch for '" + sanitize_line(fit(name, 80)) + "'",
                {"see the branches with 'git branch'"});
  if (named.branch == target) fail_usage("'" + branch_name(target) + "' cannot be merged into itself");
  const git::Oid tip = project.branch_tip(named.branch);
  model::Task task = named.task ? *named.task : new_task(project, named.branch, tip);
  if (named.task) require_adoptable(project, task);
  if (task.status == model::Status::in_review && task.commit == tip.hex()) return task;
  if (dry_run) {
    task.branch = named.branch;
    task.commit = tip.hex();
    return task;
  }
  if (!named.task) project.commit("task.add", {{"tasks", Json::array({model::to_json(task)})}});
  Json claim = project.claim_args(task, task.worker.empty() ? project.actor().name : task.worker);
  claim["branch"] = named.branch;
  if (task.base.empty()) claim["base"] = project.repo().merge_base(tip, project.branch_tip(target)).hex();
  claim["target"] = target;
  if (task.claim) claim["replaces"] = task.claim->fence;
  claim["why"] = "adopted as it stands";
  project.commit("task.start", std::move(claim));
  project.commit("task.submit", {{"task", task.id},
                                 {"commit", tip.hex()},
                                 {"text", "adopted: branch " + branch_name(named.branch) + " as it stands"}});
  return project.known_task(task.id);
}

}  // namespace ga::work
