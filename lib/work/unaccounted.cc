#include "work/unaccounted.hh"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "util/text.hh"
#include "work/move.hh"
#include "work/trailers.hh"

namespace ga::work {
namespace {

constexpr std::int64_t kDay = 86400;

using Ids = std::unordered_set<std::string>;

// What a hook or a merge of ours wrote into the message says for which task; "" when nothing does.
std::string task_in_trailers(const git::CommitInfo& commit) {
  if (commit.message.find("Agent-Task:") == std::string::npos) return "";
  for (const auto& [name, value] : trailers_of(commit.message))
    if (name == "Agent-Task") return value.substr(0, value.find(' '));
  return "";
}

bool has_our_trailer(const git::CommitInfo& commit) {
  if (commit.message.find("Agent-") == std::string::npos) return false;
  const auto trailers = trailers_of(commit.message);
  return std::any_of(trailers.begin(), trailers.end(),
                     [](const Trailer& t) { return t.first == "Agent-Task" || t.first == "Agent-Name"; });
}

bool is_agents(const git::CommitInfo& commit) {
  return ends_with(commit.author.name, " (agent)") || ends_with(commit.committer.name, " (agent)") ||
         has_our_trailer(commit);
}

// Made for a task of this ledger, or merging what was: worktrees prepared without an agent know no run, but their hooks
// write trailers.
bool is_of_our_task(Project& project, const git::CommitInfo& commit) {
  for (std::size_t i = 1; i < commit.parents.size(); ++i)
    if (const auto parent = project.repo().read_commit(commit.parents[i]); parent && is_of_our_task(project, *parent))
      return true;
  const std::string slug = task_in_trailers(commit);
  const std::string id = slug.empty() ? "" : project.index().task_by_slug(slug);
  const auto task = id.empty() ? std::nullopt : project.index().task(id);
  return task && commit.committer.time >= task->created;
}

// The merges, finished or under way, of one task or the newest of all.
std::vector<Json> merges(Project& project, const std::string& task, std::int64_t limit) {
  std::vector<Json> list;
  for (const char* folder : {"merges", "pending"})
    for (Json& merge : project.index().objects(folder, task, limit)) list.push_back(std::move(merge));
  return list;
}

// What a merge put there.
void add_results(const Json& merge, Ids& ids) {
  ids.insert(get_string(merge, "new"));
  if (!merge.contains("commits") || !merge["commits"].is_object()) return;
  for (const auto& [old_id, new_id] : merge["commits"].items())
    if (new_id.is_string()) ids.insert(new_id.get<std::string>());
}

// What was submitted to it, from where its task began: plain Git may have brought that before the merge was recorded.
// The task's base matters: everything older on the target would count as submitted by whoever began after it.
void add_submitted(Project& project, const Json& merge, Ids& ids) {
  git::Repository& repo = project.repo();
  const git::Oid tip = git::Oid::parse(get_string(merge, "tip"));
  if (tip.zero() || !repo.has_object(tip)) return;
  ids.insert(tip.hex());
  const auto task = project.index().task(get_string(merge, "task"));
  const git::Oid base = task ? git::Oid::parse(task->base) : git::Oid{};
  if (base.zero() || !repo.has_object(base)) return;
  for (const git::Oid& id : repo.commits_between(base, tip)) ids.insert(id.hex());
}

// Commits of the target that an agent made, or that merge one.
class Candidates {
 public:
  Candidates(Project& project, std::size_t look_back)
      : project_(project), merges_(merges(project, "", static_cast<std::int64_t>(look_back))) {
    for (const Json& merge : merges_) add_results(merge, known_);
  }

  void look_at(const git::CommitInfo& commit) {
    if (known_.contains(commit.id.hex())) return;
    if (is_agents(commit)) return found_.push_back({commit, {commit}});
    std::vector<git::CommitInfo> merged;
    for (std::size_t i = 1; i < commit.parents.size(); ++i)
      if (auto parent = project_.repo().read_commit(commit.parents[i]); parent && is_agents(*parent))
        merged.push_back(std::move(*parent));
    if (!merged.empty()) found_.push_back({commit, std::move(merged)});
  }

  // The dearer part, for those few that no result names.
  std::vector<git::CommitInfo> unaccounted() {
    std::vector<git::CommitInfo> list;
    if (!found_.empty()) consult_submitted();
    for (Found& found : found_) {
      const bool fine = std::all_of(found.agents.begin(), found.agents.end(),
                                    [&](const git::CommitInfo& c) { return known_.contains(c.id.hex()); });
      if (!fine) list.push_back(std::move(found.commit));
    }
    return list;
  }

 private:
  struct Found {
    git::CommitInfo commit;
    std::vector<git::CommitInfo> agents;  ///< itself, or what it merged
  };

  // The named tasks' merges, and those of the tasks above them, may be older than the newest ones.
  void consult_submitted() {
    std::set<std::string> tasks;
    for (const Found& found : found_)
      for (const git::CommitInfo& commit : found.agents)
        if (const std::string slug = task_in_trailers(commit); !slug.empty())
          for (std::string id = project_.index().task_by_slug(slug); !id.empty() && tasks.insert(id).second;)
            if (const auto task = project_.index().task(id)) id = task->parent;
    for (const std::string& id : tasks)
      for (Json& merge : merges(project_, id, -1)) {
        add_results(merge, known_);
        merges_.push_back(std::move(merge));
      }
    for (const Json& merge : merges_) add_submitted(project_, merge, known_);
  }

  Project& project_;
  std::vector<Json> merges_;
  Ids known_;
  std::vector<Found> found_;
};

// The open task whose branch holds this commit as its own work.
std::optional<model::Task> open_task_of(Project& project, const git::Oid& commit) {
  git::Repository& repo = project.repo();
  for (const auto wanted : {model::Status::in_review, model::Status::in_progress, model::Status::pending})
    for (model::Task& task : project.index().tasks({.status = wanted})) {
      const git::Oid tip = task.branch.empty() ? git::Oid{} : project.branch_tip(task.branch);
      const git::Oid base = git::Oid::parse(task.base);
      if (tip.zero() || !repo.is_ancestor(commit, tip)) continue;
      if (base.zero() || !repo.has_object(base) || !repo.is_ancestor(commit, base)) return std::move(task);
    }
  return std::nullopt;
}

// What accounts for it, while that can be said: merging the task whose work it is. Else there is only looking at it.
std::vector<std::string> command_for(Project& project, const git::CommitInfo& commit) {
  git::Oid work = commit.id;
  if (!is_agents(commit) && commit.parents.size() > 1) work = commit.parents[1];
  if (const auto task = open_task_of(project, work)) {
    if (task->status == model::Status::in_review) return {"git", "agent-merge", task->slug};
    if (feature_holder(project, task->slug, task) == Holder::dead) return {"git", "agent-merge", task->slug, "--adopt"};
  }
  return {"git", "show", commit.id.hex()};  // not the program
}

}  // namespace

Json to_json(const Unaccounted& commit) {
  return {{"commit", commit.commit.hex()},
          {"author", commit.author},
          {"subject", commit.subject},
          {"time", format_time(commit.time)}};
}

std::vector<Unaccounted> unaccounted_commits(Project& project, std::size_t look_back) {
  if (project.ledger().tip().zero()) return {};
  const auto first_run = project.index().oldest("runs");
  const Time start = first_run ? parse_time(get_string(*first_run, "started")) : 0;
  Candidates candidates(project, look_back);
  git::Oid at = project.branch_tip(project.target_ref());
  for (std::size_t i = 0; i < look_back && !at.zero(); ++i) {
    const auto commit = project.repo().read_commit(at);
    // Clocks differ a little; a day older is old.
    if (!commit || commit->committer.time < start - kDay) break;
    if (first_run ? commit->committer.time >= start : is_of_our_task(project, *commit)) candidates.look_at(*commit);
    at = commit->parents.empty() ? git::Oid{} : commit->parents.front();
  }
  std::vector<Unaccounted> list;
  for (const git::CommitInfo& commit : candidates.unaccounted())
    list.push_back(
        {commit.id, commit.author.name, commit.subject(), commit.committer.time, command_for(project, commit)});
  return list;
}

}  // namespace ga::work
