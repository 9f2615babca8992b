// clean --undo: what was removed comes back, in Git and in the ledger.
#include <system_error>

#include "util/fs.hh"
#include "util/text.hh"
#include "work/clean.hh"
#include "work/move.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

// A clean operation to take back: its backups by task id or branch name.
struct Cleaned {
  std::string op;
  git::Oid commit;
  std::vector<Backup> backups;
};

bool is_wanted(const Backup& backup, const std::string& key, const std::string& feature, const std::string& task) {
  return feature.empty() || key == feature || backup.slug == feature || branch_name(backup.branch) == feature ||
         (!task.empty() && backup.task == task);
}

std::string task_id_of(Project& project, const std::string& feature) {
  if (feature.empty()) return "";
  try {
    return project.task(feature).id;
  } catch (const Error&) {
    return "";
  }
}

// Branch and worktree are there as the backup has them: it has been restored already.
bool is_back(Project& project, const Backup& backup) {
  std::error_code error;
  const auto commit = project.repo().read_commit(backup.commit);
  const git::Oid tip = project.branch_tip(backup.branch);
  if (!commit || tip.zero() || commit->parents.empty() || tip != commit->parents.front()) return false;
  const bool had_files = project.repo().entry_at(commit->tree, "worktree").has_value();
  if (!had_files) return true;
  // Registered there: HEAD may be detached, so the branch does not tell.
  return !worktree_git_dir(project, backup.worktree).empty() && fs::exists(backup.worktree / ".git", error);
}

std::optional<Cleaned> newest_clean(Project& project, const std::string& feature) {
  const std::string task = task_id_of(project, feature);
  std::vector<Backup> all = list_backups(project);
  std::erase_if(all, [&](const Backup& backup) { return is_back(project, backup); });
  std::optional<Cleaned> found;
  project.ledger().walk([&](const ledger::Entry& entry) {
    if (entry.op.kind != "clean") return true;
    Cleaned cleaned{entry.op.id, entry.commit, {}};
    const Json backups = entry.op.args.value("backups", Json::object());
    for (const auto& [key, ref] : backups.items())
      for (const Backup& backup : all)
        if (ref.is_string() && backup.ref == ref.get<std::string>() && is_wanted(backup, key, feature, task))
          cleaned.backups.push_back(backup);
    if (cleaned.backups.empty()) return true;
    found = std::move(cleaned);
    return false;
  });
  if (found || feature.empty()) return found;
  // Killed before the operation: the backup is there all the same.
  for (const Backup& backup : all)
    if (is_wanted(backup, "", feature, task)) return Cleaned{"", {}, {backup}};
  return std::nullopt;
}

// What the clean took from a task: its branch and its status. Nobody holds it, and it owns no path.
Json restored_tasks(Project& project, const Cleaned& cleaned, const std::function<void(const std::string&)>& note) {
  Json list = Json::array();
  if (cleaned.op.empty()) return list;
  auto state = project.ledger().state();
  for (const auto& change : project.ledger().changes_of(cleaned.commit)) {
    if (change.folder != "tasks" || !change.before.is_object()) continue;
    bool asked = false;
    for (const Backup& backup : cleaned.backups) asked = asked || backup.task == change.id;
    if (!asked) continue;
    const Json now = state.object("tasks", change.id);
    if (canonical(now) != canonical(change.after)) {
      if (note) note("the task '" + get_string(now, "slug") + "' has been changed since, and stays as it is");
      continue;
    }
    model::Task task = model::task_from_json(change.before);
    task.claim.reset();
    task.locked.clear();
    list.push_back({{"folder", "tasks"},
                    {"id", change.id},
                    {"expect", sha256_hex(canonical(now))},
                    {"value", model::to_json(task)}});
  }
  return list;
}

}  // namespace

std::vector<Backup> undo_clean(Project& project, const std::string& feature,
                               const std::function<void(const std::string&)>& note) {
  project.require_lead("bringing back what was cleaned");
  const auto lock = FileLock::acquire(project.agent_dir() / "clean.lock", 120, "another clean");
  const auto cleaned = newest_clean(project, feature);
  if (!cleaned)
    throw Error(Kind::not_found,
                feature.empty() ? "nothing has been cleaned that is not back"
                                : "no backup of '" + sanitize_line(fit(feature, 80)) + "' that is not back",
                {"see all backups: git for-each-ref " + std::string(kBackupPrefix)});
  for (const Backup& backup : cleaned->backups) restore_backup(project, backup);
  const Json tasks = restored_tasks(project, *cleaned, note);
  if (!tasks.empty()) project.commit("undo", {{"op", cleaned->op}, {"restore", tasks}});
  return cleaned->backups;
}

}  // namespace ga::work
