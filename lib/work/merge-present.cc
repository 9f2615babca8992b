// Merges of what is in the target already: plain Git brought it, and the ledger is to know.
#include "util/fs.hh"
#include "work/merge-steps.hh"
#include "work/merged.hh"

namespace ga::work {
namespace {

constexpr double kLockSeconds = 1800;  // another merge may hold it while its gates run

}  // namespace

void name_present(Project& project, const git::Oid& tip, const git::Oid& target,
                  std::vector<std::pair<git::Oid, git::Oid>>& commits) {
  if (commits.empty()) return;
  const auto found = found_in_target(project, tip, target);
  for (auto& [before, after] : commits)
    if (const auto same = found.find(before); same != found.end()) after = same->second;
}

void record_present(Project& project, const model::Task& task, const std::string& target) {
  const FileLock lock = FileLock::acquire(merge_lock(project), kLockSeconds, "another merge");
  const git::Oid tip = git::Oid::parse(task.commit);
  MergeResult result;
  result.task = task;
  result.target = target;
  result.old = result.next = project.branch_tip(target);
  for (const git::Oid& id : project.repo().commits_between(result.old, tip))
    result.commits.emplace_back(id, result.old);
  name_present(project, tip, result.old, result.commits);
  Json commits = Json::object();
  for (const auto& [before, after] : result.commits) commits[before.hex()] = after.hex();
  Json pending = {{"task", task.id},
                  {"target", target},
                  {"old", result.old.hex()},
                  {"new", result.next.hex()},
                  {"commits", commits},
                  {"gates", Json::array()},
                  {"tip", tip.hex()},
                  {"branch", task.branch},
                  {"clone", clone_id(project)},
                  {"bead", merge_bead(project, result, kNothingToJudge)}};
  pending["id"] = project.commit("merge.begin", pending).op.id;
  end_merge(project, pending);
}

}  // namespace ga::work
