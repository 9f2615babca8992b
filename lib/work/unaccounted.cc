#include "work/unaccounted.hh"

#include <unordered_set>

#include "util/text.hh"

namespace ga::work {
namespace {

constexpr std::int64_t kDay = 86400;

bool is_agents(const git::CommitInfo& commit) {
  return ends_with(commit.author.name, " (agent)") || ends_with(commit.committer.name, " (agent)");
}

using Ids = std::unordered_set<std::string>;

// The commits that merges, finished or under way, brought.
Ids accounted(Project& project, std::int64_t limit) {
  Ids ids;
  for (const char* folder : {"merges", "pending"}) {
    for (const Json& merge : project.index().objects(folder, "", limit)) {
      ids.insert(get_string(merge, "new"));
      if (!merge.contains("commits") || !merge["commits"].is_object()) continue;
      for (const auto& [old_id, new_id] : merge["commits"].items())
        if (new_id.is_string()) ids.insert(new_id.get<std::string>());
    }
  }
  return ids;
}

bool brings_agents_work(Project& project, const git::CommitInfo& commit, const Ids& known) {
  if (is_agents(commit)) return true;
  for (std::size_t i = 1; i < commit.parents.size(); ++i) {
    const auto merged = project.repo().read_commit(commit.parents[i]);
    if (merged && is_agents(*merged) && known.count(merged->id.hex()) == 0) return true;
  }
  return false;
}

}  // namespace

Json to_json(const Unaccounted& commit) {
  return {{"commit", commit.commit.hex()}, {"author", commit.author}, {"subject", commit.subject}, {"time", format_time(commit.time)}};
}

std::vector<Unaccounted> unaccounted_commits(Project& project, std::size_t look_back) {
  const auto first_run = project.index().oldest("runs");
  if (!first_run) return {};
  const Time start = parse_time(get_string(*first_run, "started"));
  const Ids known = accounted(project, static_cast<std::int64_t>(look_back));
  std::vector<Unaccounted> list;
  git::Oid at = project.branch_tip(project.target_ref());
  for (std::size_t i = 0; i < look_back && !at.zero(); ++i) {
    const auto commit = project.repo().read_commit(at);
    // Clocks differ a little; a day older is old.
    if (!commit || commit->committer.time < start - kDay) break;
    const bool young = commit->committer.time >= start;
    if (young && known.count(at.hex()) == 0 && brings_agents_work(project, *commit, known))
      list.push_back({at, commit->author.name, commit->subject(), commit->committer.time});
    at = commit->parents.empty() ? git::Oid{} : commit->parents.front();
  }
  return list;
}

}  // namespace ga::work
