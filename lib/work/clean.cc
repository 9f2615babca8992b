#include "work/clean.hh"

#include <algorithm>
#include <set>
#include <system_error>

#include "git/cli.hh"
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/merge.hh"
#include "work/move.hh"
#include "work/reviews.hh"
#include "work/runs.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr double kLockSeconds = 120;

Json item_json(const CleanItem& item) {
  return {{"feature", item.what.name},
          {"path", string_or_null(item.what.worktree.string())},
          {"branch", string_or_null(branch_name(item.what.branch))},
          {"reason", item.reason},
          {"backup", string_or_null(item.backup)}};
}

Error refusal(Project& project, const CleanItem& item) {
  const std::string& name = item.what.name;
  Json data = {{"removed", Json::array()}, {"kept", Json::array({item_json(item)})}};
  if (item.kind == Kind::agent_alive) {
    std::vector<std::string> ending = ending_command(project, name, item.what.task);
    const std::string hint = ending.empty() ? "end it on that machine, or wait until then" : shell_join(ending);
    return Error(item.kind, "'" + name + "' is kept: " + item.reason, {hint}).with_data(data).next(std::move(ending));
  }
  std::vector<std::string> hints;
  if (item.kind == Kind::unmerged && !item.lost.empty())
    hints = {"merge it: git agent-merge " + name,
             "or remove it all the same, with a backup: git agent-clean --force " + name};
  else if (item.kind == Kind::locked)
    hints = {"if the lock is not needed any more: git worktree unlock " + shell_quote(item.what.worktree.string())};
  return Error(item.kind, "'" + name + "' is kept: " + item.reason, hints).with_data(data);
}

// An open task whose branch has no commit yet looks merged, and is not.
bool is_finished(const Leftover& what) { return !what.task || !what.task->open(); }

// Handed in, and plain Git has brought all of it: what is missing is only that the ledger says so.
bool is_merged_by_hand(Project& project, const CleanItem& item) {
  const auto& task = item.what.task;
  if (!task || task->status != model::Status::in_review || !item.merged || item.into.empty()) return false;
  const git::Oid tip = project.branch_tip(item.what.branch), submitted = git::Oid::parse(task->commit);
  if (tip.zero() || submitted.zero() || tip.hex() == task->base || !project.repo().is_ancestor(submitted, tip))
    return false;
  return project.actor().person || project.actor().role == "lead";
}

CleanItem select(Project& project, const Leftover& what, const CleanRequest& request) {
  CleanItem item = judge_leftover(project, what, request.force, false);
  if (!item.remove) return item;
  const auto skip = [&](const std::string& why) {
    item.remove = false;
    item.reason = why;
  };
  if (request.stale >= 0) {
    const std::int64_t idle = now() - last_activity(project, what);
    if (idle < request.stale) skip("active " + format_age(idle) + " ago");
  } else if (!is_finished(what) && !is_merged_by_hand(project, item)) {
    skip("its task is " + std::string(model::status_name(what.task->status)));
  }
  if (item.remove && request.merged && !item.merged) skip("not merged: " + join(item.lost, "; "));
  return item;
}

// ---- removing -----------------------------------------------------------------------------------

void drop_branch(Project& project, CleanItem& item, const git::Oid& tip, const CleanRequest& request) {
  if (item.what.branch.empty() || tip.zero()) return;
  if (const auto holder = holder_of(project, item.what.branch)) {
    if (request.note)
      request.note("the branch " + branch_name(item.what.branch) + " stays: it is checked out at " +
                   holder->path.string());
    return;
  }
  const git::Cas done = project.repo().cas_ref(item.what.branch, tip, {}, "agent-clean");
  if (done == git::Cas::committed || !request.note) return;
  request.note("the branch " + branch_name(item.what.branch) + " stays: " +
               (done == git::Cas::lost ? "somebody moved it meanwhile"
                                       : "it is locked, perhaps by a git that was killed; see git agent-doctor"));
}

void remove_one(Project& project, CleanItem& item, const CleanRequest& request) {
  const Leftover& what = item.what;
  if (request.progress) request.progress("backing up " + what.name);
  const git::Oid tip = project.branch_tip(what.branch);
  if (is_merged_by_hand(project, item)) record_present(project, *what.task, item.into);
  const std::string slug = what.task ? what.task->slug : slug_from_title(what.name);
  if (!tip.zero() || !what.worktree.empty()) {
    const Backup backup = make_backup(project, slug, what.task ? what.task->id : "", what.branch, what.worktree);
    item.backup = backup.ref;
    item.dropped = backup.dropped;
  } else if (const auto older = list_backups(project, slug); !older.empty()) {
    item.backup = older.front().ref;
  }
  if (!item.dropped.empty()) item.reason += "; not kept: " + sanitize_line(fit(join(item.dropped, ", "), 200));
  fault_point("clean.after-backup");
  if (request.progress) request.progress("removing " + what.name);
  if (!what.worktree.empty()) remove_worktree(project, what.worktree);
  fault_point("clean.after-worktree");
  drop_branch(project, item, tip, request);
  std::error_code error;
  fs::remove(run_file(project, slug), error);
  remove_review(project, slug);
  fault_point("clean.after-branch");
}

void record(Project& project, const std::vector<CleanItem>& removed) {
  Json tasks = Json::array(), backups = Json::object();
  for (const CleanItem& item : removed) {
    if (item.what.task) tasks.push_back(item.what.task->id);
    if (!item.backup.empty()) backups[item.what.task ? item.what.task->id : item.what.name] = item.backup;
  }
  project.commit("clean", {{"tasks", tasks}, {"backups", backups}});
  fault_point("clean.after-operation");
}

bool judges_only(const CleanRequest& request) {
  return request.dry_run || (request.features.empty() && !request.merged && request.stale < 0);
}

std::vector<CleanItem> judge_all(Project& project, const CleanRequest& request) {
  std::vector<CleanItem> items;
  std::set<std::string> seen;
  for (const std::string& name : request.features) {
    const Leftover what = find_leftover(project, name);
    if (!seen.insert(what.name).second) continue;
    items.push_back(judge_leftover(project, what, request.force, true));
    if (!items.back().remove && !request.dry_run) throw refusal(project, items.back());
  }
  if (request.features.empty())
    for (const Leftover& what : find_leftovers(project)) items.push_back(select(project, what, request));
  return items;
}

}  // namespace

CleanResult clean_features(Project& project, const CleanRequest& request) {
  recover_merges(project);
  if (request.force && !request.dry_run) project.require_lead("removing work that is not merged");
  std::optional<FileLock> lock;
  if (!judges_only(request))
    lock = FileLock::acquire(project.agent_dir() / "clean.lock", kLockSeconds, "another clean");
  CleanResult result;
  for (CleanItem& item : judge_all(project, request)) {
    if (item.remove && lock) {
      try {
        remove_one(project, item, request);
      } catch (const Error& error) {
        // What cannot be backed up or moved away stays; the others need not.
        if (request.features.size() == 1) throw;
        item.remove = false;
        item.reason = error.what();
      }
    }
    (item.remove ? result.removed : result.kept).push_back(std::move(item));
  }
  if (lock && !result.removed.empty()) record(project, result.removed);
  return result;
}

}  // namespace ga::work
