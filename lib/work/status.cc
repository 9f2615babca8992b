#include "work/status.hh"

#include <algorithm>
#include <tuple>
#include <utility>

#include "gates/trust.hh"
#include "util/text.hh"
#include "work/capacity.hh"
#include "work/messages.hh"
#include "work/plans.hh"
#include "work/reviews.hh"
#include "work/runs.hh"

namespace ga::work {
namespace {

// How far back the target's history is looked through on every status.
constexpr std::size_t kLookBack = 200;
constexpr int kLogLineWidth = 120;
constexpr std::size_t kMaxMessages = 10;
constexpr std::int64_t kMessageDays = 7;

std::string quoted(const std::string& slug) { return "'" + sanitize_line(slug) + "'"; }

std::string last_log_line(const RunRecord& run) {
  std::string last;
  for (const std::string& line : split_lines(last_lines(run, 5, 1024)))
    if (const std::string text = sanitize_line(line); !text.empty()) last = text;
  return fit(last, kLogLineWidth);
}

AgentStatus agent_status(Project& project, const RunRecord& run) {
  AgentStatus agent;
  agent.name = run.agent;
  agent.role = run.role;
  agent.task = run.task;
  agent.slug = run.slug;
  agent.state = state_now(project, run);
  agent.reason = sanitize_line(run.reason);
  agent.at_work = is_at_work(project, run);
  agent.started = run.started;
  agent.ended = run.ended;
  agent.max_iterations = project.policy().max_iterations;
  if (const auto task = project.index().task(run.task)) {
    agent.iteration = task->iteration;
    agent.over = !task->open();
  }
  agent.last_line = last_log_line(run);
  return agent;
}

std::vector<AgentStatus> read_agents(Project& project) {
  std::vector<AgentStatus> agents;
  for (const RunRecord& run : load_runs(project)) agents.push_back(agent_status(project, run));
  std::sort(agents.begin(), agents.end(), [](const AgentStatus& a, const AgentStatus& b) {
    return std::tie(b.at_work, a.started, a.slug) < std::tie(a.at_work, b.started, b.slug);
  });
  return agents;
}

const AgentStatus* agent_of(const Status& status, const std::string& task) {
  for (const AgentStatus& agent : status.agents)
    if (agent.task == task && agent.slug.find('.') == std::string::npos) return &agent;  // no reviewer's
  return nullptr;
}

bool is_worked_on(const Status& status, const std::string& task) {
  const AgentStatus* agent = agent_of(status, task);
  return agent != nullptr && agent->at_work;
}

// A child merges without a person, by whoever works on its parent; when nobody does, it waits for a person too.
void wait_for_merge(Project& project, Status& status, const model::Task& task) {
  if (!task.parent.empty() && is_worked_on(status, task.parent)) return;
  const auto parent = task.parent.empty() ? std::nullopt : project.index().task(task.parent);
  // Where a review is asked for, only what has passed it is the lead's to look at.
  const ReviewStanding review = review_standing(project, task);
  const bool asked = review.state == "requested" || review.state == "self-declared";
  if (!review.passed() && (asked || project.policy().merge_review == "required")) {
    const auto run = load_run(project, review_slug(task.slug));
    if (review.state == "requested" || (run && is_at_work(project, *run))) return;
    status.waiting.push_back({quoted(task.slug) + " is in review, and no reviewer looks at it",
                              "reviewer",
                              task.id,
                              task.updated,
                              {"git", "agent-spin", "--role", "reviewer", "--task", task.slug}});
    return;
  }
  const std::string into = parent ? " into " + quoted(parent->slug) : "";
  status.waiting.push_back(
      {quoted(task.slug) +
           (review.passed() ? " has passed its review: merge it" : " is in review: look at it and merge it") + into,
       "review",
       task.id,
       task.updated,
       {"git", "agent-merge", task.slug}});
}

// In progress, with a branch, and no agent at it: it exited, was stopped, or the task came back from review.
void wait_for_agent(Status& status, const model::Task& task) {
  if (task.branch.empty() || is_worked_on(status, task.id)) return;
  if (task.claim && may_take_over(*task.claim, now()) == false && holder_state(*task.claim) == Holder::alive) return;
  const AgentStatus* agent = agent_of(status, task.id);
  const std::vector<std::string> spin = {"git", "agent-spin", task.slug};
  if (!task.claim && !task.reason.empty()) {
    const bool conflict = lower_ascii(task.reason).find("conflict") != std::string::npos;
    status.waiting.push_back(
        {quoted(task.slug) + " was turned down: " + sanitize_line(fit(split_lines(task.reason).front(), 100)),
         conflict ? "conflict" : "agent", task.id, task.updated, spin});
  } else if (agent != nullptr && agent->state == "prepared") {
    return;  // made without an agent: a person works there
  } else if (agent != nullptr) {
    const std::string why = agent->reason.empty() ? "" : " (" + fit(agent->reason, 80) + ")";
    status.waiting.push_back({sanitize_line(agent->name) + " has " + sanitize_line(agent->state) +
                                  " without finishing " + quoted(task.slug) + why,
                              "agent", task.id, agent->ended != 0 ? agent->ended : task.updated, spin});
  } else if (!task.claim) {
    status.waiting.push_back({"nobody works on " + quoted(task.slug), "agent", task.id, task.updated, spin});
  }
}

void wait_for_decision(Status& status, const model::Task& task) {
  const std::string why = task.reason.empty() ? "" : ": " + sanitize_line(fit(task.reason, 100));
  std::vector<std::string> command = {"git", "agent-task", "show", task.slug};
  if (!task.branch.empty()) command = {"git", "agent-spin", task.slug};
  status.waiting.push_back({quoted(task.slug) + " has failed" + why, "failed", task.id, task.updated, command});
}

void wait_for_tasks(Project& project, Status& status) {
  using S = model::Status;
  const auto each = [&](S wanted, const auto& judge) {
    project.index().each_task({.status = wanted}, [&](const model::Task& task) {
      judge(task);
      return true;
    });
  };
  each(S::in_review, [&](const model::Task& task) { wait_for_merge(project, status, task); });
  each(S::in_progress, [&](const model::Task& task) { wait_for_agent(status, task); });
  each(S::failed, [&](const model::Task& task) { wait_for_decision(status, task); });
}

void wait_for_plans(Project& project, Status& status) {
  for (const model::Plan& plan : plans(project, true)) {
    const auto task = project.index().task(plan.task);
    if (!task) continue;
    status.waiting.push_back(
        {"the plan of " + quoted(task->slug) + " by " + sanitize_line(plan.by) + " waits for a decision",
         "plan",
         task->id,
         plan.time,
         {"git", "agent-plan", "approve", task->slug}});
  }
}

void wait_for_trust(Project& project, Status& status) {
  const gates::Policy& policy = project.policy();
  if (policy.executable_text().empty() || gates::is_trusted(project.repo().common_dir(), policy)) return;
  status.waiting.push_back({"the gates of " + sanitize_line(policy.origin) + " are not trusted: none runs",
                            "trust",
                            "",
                            0,
                            {"git", "agent-gate", "trust"}});
}

void wait_for_accounts(Status& status) {
  for (const Unaccounted& commit : status.unaccounted)
    status.waiting.push_back({"the target has " + commit.commit.brief() + " by " + sanitize_line(commit.author) +
                                  ", which no merge brought: " + sanitize_line(fit(commit.subject, 60)),
                              "unaccounted", "", commit.time, commit.command});
}

Json agent_json(const AgentStatus& agent) {
  return {{"name", agent.name},
          {"role", string_or_null(agent.role)},
          {"task", agent.task},
          {"slug", agent.slug},
          {"state", agent.state},
          {"reason", string_or_null(agent.reason)},
          {"at_work", agent.at_work},
          {"over", agent.over},
          {"started", agent.started > 0 ? Json(format_time(agent.started)) : Json()},
          {"ended", agent.ended > 0 ? Json(format_time(agent.ended)) : Json()},
          {"iteration", agent.iteration},
          {"max_iterations", agent.max_iterations},
          {"last_line", string_or_null(agent.last_line)}};
}

}  // namespace

Counts count_tasks(index::Index& index) {
  using S = model::Status;
  const auto count = [&](S wanted) { return index.count({.status = wanted}); };
  Counts counts;
  counts.pending = count(S::pending);
  counts.ready = index.count({.ready_only = true});
  counts.blocked = index.count({.blocked = true});
  counts.in_progress = count(S::in_progress);
  counts.in_review = count(S::in_review);
  counts.completed = count(S::completed);
  counts.failed = count(S::failed);
  counts.cancelled = count(S::cancelled);
  return counts;
}

Json to_json(const Counts& c) {
  return {{"pending", c.pending},         {"ready", c.ready},         {"blocked", c.blocked},
          {"in_progress", c.in_progress}, {"in_review", c.in_review}, {"completed", c.completed},
          {"failed", c.failed},           {"cancelled", c.cancelled}};
}

Json to_json(const Status& status) {
  Json agents = Json::array(), waiting = Json::array(), unaccounted = Json::array(), conflicts = Json::array();
  for (const AgentStatus& agent : status.agents) agents.push_back(agent_json(agent));
  for (const Waiting& each : status.waiting)
    waiting.push_back({{"what", each.what},
                       {"kind", each.kind},
                       {"task", string_or_null(each.task)},
                       {"since", each.since > 0 ? Json(format_time(each.since)) : Json()},
                       {"command", each.command}});
  for (const Unaccounted& commit : status.unaccounted) unaccounted.push_back(to_json(commit));
  for (const Conflict& conflict : status.conflicts)
    conflicts.push_back({{"features", {conflict.first, conflict.second}}, {"paths", conflict.paths}});
  return {{"agents", agents},           {"counts", to_json(status.counts)},
          {"waiting", waiting},         {"wip", {{"now", status.wip_now}, {"limit", status.wip_limit}}},
          {"unaccounted", unaccounted}, {"conflicts", status.conflicts_known ? conflicts : Json()},
          {"messages", status.messages}};
}

Status read_status(Project& project) {
  Status status;
  status.agents = read_agents(project);
  status.counts = count_tasks(project.index());
  status.wip_limit = project.policy().wip;
  status.wip_now = static_cast<int>(at_work(project).size());
  status.unaccounted = unaccounted_commits(project, kLookBack);
  for (Json& message : messages_to(project, project.actor().name, kMaxMessages))
    if (parse_time(get_string(message, "time")) > now() - kMessageDays * 86400)
      status.messages.push_back(std::move(message));
  wait_for_plans(project, status);
  wait_for_tasks(project, status);
  wait_for_trust(project, status);
  wait_for_accounts(status);
  std::stable_sort(status.waiting.begin(), status.waiting.end(),
                   [](const Waiting& a, const Waiting& b) { return a.since < b.since; });
  return status;
}

void predict_conflicts(Project& project, Status& status, std::size_t max_pairs) {
  std::vector<model::Task> live;
  for (const model::Status wanted : {model::Status::in_review, model::Status::in_progress})
    for (model::Task& task : project.index().tasks({.status = wanted}))
      if (!task.branch.empty() && !project.branch_tip(task.branch).zero()) live.push_back(std::move(task));
  git::GitOptions options;
  options.cwd = project.repo().common_dir();
  status.conflicts_known = true;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < live.size(); ++i) {
    for (std::size_t j = i + 1; j < live.size() && pairs < max_pairs; ++j) {
      // A child's branch holds its parent's: they meet anyway.
      if (live[i].parent == live[j].id || live[j].parent == live[i].id) continue;
      ++pairs;
      const Result merged =
          git::git({"merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", live[i].branch, live[j].branch},
                   options);
      if (merged.exit_code != 1) continue;
      Conflict conflict{live[i].slug, live[j].slug, {}};
      auto fields = split(merged.out, '\0');
      for (std::size_t k = 1; k < fields.size(); ++k)
        if (!fields[k].empty()) conflict.paths.push_back(fields[k]);
      status.conflicts.push_back(std::move(conflict));
    }
  }
}

}  // namespace ga::work
