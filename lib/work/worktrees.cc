#include "work/worktrees.hh"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "git/cli.hh"
#include "model/names.hh"
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/text.hh"
#include "work/backup.hh"

namespace ga::work {
namespace {

constexpr double kLockSeconds = 120;
constexpr const char* kMarker = "agent-worktree";
constexpr const char* kTrash = ".removed-";
constexpr int kTrashSeconds = 600;

/// A linked worktree as its metadata says.
struct Linked {
  fs::path git_dir;  ///< <common>/worktrees/<name>
  fs::path path;     ///< its directory, which may be gone
};

FileLock metadata_lock(Project& project) {
  make_directories(project.agent_dir());
  return FileLock::acquire(project.agent_dir() / "worktrees.lock", kLockSeconds, "the lock on worktrees");
}

fs::path without_git_file(const fs::path& dot_git, const fs::path& relative_to) {
  const fs::path whole = dot_git.is_absolute() ? dot_git : relative_to / dot_git;
  return whole.lexically_normal().parent_path();
}

std::vector<Linked> linked_worktrees(Project& project) {
  std::vector<Linked> list;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(project.repo().common_dir() / "worktrees", none)) {
    const std::string link = trim(read_file(entry.path() / "gitdir", 1u << 16).value_or(""));
    if (!link.empty()) list.push_back({entry.path(), without_git_file(link, entry.path())});
  }
  std::sort(list.begin(), list.end(), [](const Linked& a, const Linked& b) { return a.git_dir < b.git_dir; });
  return list;
}

bool is_there(const Linked& linked) {
  std::error_code none;
  return fs::exists(fs::symlink_status(linked.path / ".git", none));
}

/// The branch a git directory has checked out or is in the middle of rebasing.
bool has_branch(Project& project, const fs::path& git_dir, const std::string& branch) {
  if (project.repo().head_of(git_dir).branch == branch) return true;
  for (const char* file : {"rebase-merge/head-name", "rebase-apply/head-name"})
    if (trim(read_file(git_dir / file, 1u << 16).value_or("")) == branch) return true;
  return false;
}

std::string expand_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && (path == "~" || starts_with(path, "~/"))) return home + path.substr(1);
  return path;
}

/// What stands in names beside the repository: "shelf" for /x/shelf, /x/shelf.git and /x/shelf/.bare.
std::string repository_name(const fs::path& root) {
  std::string name = root.filename().string();
  if (starts_with(name, ".")) name = root.parent_path().filename().string();
  if (name.size() > 4 && ends_with(name, ".git")) name.resize(name.size() - 4);
  return name.empty() ? "repository" : name;
}

/// Where a directory's `.git` leads, "" when it has none that does.
fs::path git_dir_of(const fs::path& directory) {
  std::error_code error;
  const fs::path dot_git = directory / ".git";
  fs::path git_dir = dot_git;
  if (fs::is_regular_file(dot_git, error)) {
    const std::string text = trim(read_file(dot_git, 1u << 16).value_or(""));
    if (!starts_with(text, "gitdir: ")) return {};
    const fs::path link = text.substr(8);
    git_dir = link.is_absolute() ? link : directory / link;
  }
  return fs::exists(git_dir / "HEAD", error) ? fs::weakly_canonical(git_dir, error) : fs::path{};
}

/// The directory is in a work tree of another repository: a submodule's neighbours are in that of its superproject.
bool in_foreign_work_tree(Project& project, const fs::path& directory) {
  std::error_code error;
  const fs::path own = fs::weakly_canonical(project.repo().common_dir(), error);
  for (fs::path at = fs::weakly_canonical(directory, error); !at.empty(); at = at.parent_path()) {
    if (const fs::path found = git_dir_of(at); !found.empty() && found != own) return true;
    if (at == at.root_path()) break;
  }
  return false;
}

void require_free_place(const fs::path& path) {
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return;
  if (fs::is_directory(status) && fs::is_empty(path, error)) return;
  fail_environment("'" + path.string() + "' is in the way: a worktree is to be made there",
                   {"move it away, or choose another place: git config agent.worktreeDir DIR"});
}

/// Metadata of worktrees whose directory is gone would keep branch and place occupied.
void drop_stale_metadata(Project& project, const std::string& branch, const fs::path& path) {
  for (const Linked& linked : linked_worktrees(project))
    if (!is_there(linked) && (linked.path == path || has_branch(project, linked.git_dir, branch)))
      remove_tree(linked.git_dir);
}

/// Directories that a killed removal left; young ones are somebody's who still deletes.
void sweep_trash(const fs::path& parent) {
  std::error_code none;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(parent, none)) {
    struct stat info {};
    const bool trash = starts_with(entry.path().filename().string(), kTrash);
    if (trash && ::lstat(entry.path().c_str(), &info) == 0 && std::time(nullptr) - info.st_ctime > kTrashSeconds)
      found.push_back(entry.path());
  }
  for (const fs::path& path : found) remove_tree(path);
}

/// Registers the worktree, marked and locked; no file is checked out.
void add_metadata(Project& project, const NewWorktree& wanted, const std::string& task_id, const fs::path& path) {
  const FileLock lock = metadata_lock(project);
  make_directories(path.parent_path());
  drop_stale_metadata(project, wanted.branch, path);
  git::GitOptions in_repository;
  in_repository.cwd = project.repo().common_dir();
  const std::string branch = wanted.branch.substr(std::string("refs/heads/").size());
  git::git_or_fail({"worktree", "add", "--quiet", "--no-checkout", "--lock", "--reason", "git-agent " + wanted.slug,
                    path.string(), branch},
                   in_repository);
  fault_point("worktree.after-metadata");
  const fs::path git_dir = worktree_git_dir(project, path);
  write_file_atomic(git_dir / kMarker, task_id + "\n");
  lock_worktree(git_dir, wanted.slug, this_process());
  if (wanted.only.empty()) return;
  std::vector<std::string> cone = {"sparse-checkout", "set", "--cone"};
  cone.insert(cone.end(), wanted.only.begin(), wanted.only.end());
  git::GitOptions in_worktree;
  in_worktree.cwd = path;
  git::git_or_fail(cone, in_worktree);
}

/// Deletes a branch that has nothing of its own.
void drop_branch(Project& project, const std::string& branch, const git::Oid& base) {
  project.repo().cas_ref(branch, base, {}, "agent: rolled back");
}

/// True when the branch was made now.
bool make_branch(Project& project, const NewWorktree& wanted) {
  if (!project.repo().ref(wanted.branch).zero()) return false;
  for (int attempt = 0; attempt < 50; ++attempt) {
    const git::Cas made = project.repo().cas_ref(wanted.branch, {}, wanted.base, "agent: spin " + wanted.slug);
    if (made == git::Cas::committed) return true;
    if (made == git::Cas::lost) return false;
  }
  fail_environment("the branch '" + wanted.branch.substr(11) + "' cannot be made: it stays locked", {"try again"});
}

void check_out(const fs::path& path) {
  git::GitOptions options;
  options.cwd = path;
  git::git_or_fail({"-c", "checkout.workers=0", "checkout", "--quiet", "--force"}, options);
}

}  // namespace

void check_cone(Project& project, const NewWorktree& wanted) {
  if (wanted.only.empty()) return;
  git::Oid tip = project.repo().ref(wanted.branch);
  if (tip.zero()) tip = wanted.base;
  const auto commit = project.repo().read_commit(tip);
  for (const std::string& directory : wanted.only) {
    const std::string problem = glob_error(directory);
    if (!problem.empty()) fail_usage("--only '" + sanitize_line(directory) + "': " + problem);
    const auto entry = commit ? project.repo().entry_at(commit->tree, directory) : std::nullopt;
    if (!entry || !entry->is_tree())
      fail_usage("--only '" + sanitize_line(directory) + "': there is no such directory in " + tip.brief(),
                 {"name directories as the repository has them, without a '/' at the end"});
  }
}

fs::path worktree_path(Project& project, const std::string& slug) {
  const fs::path main_dir = project.repo().main_work_dir();
  fs::path root = main_dir.empty() ? project.repo().common_dir() : main_dir;
  root = root.lexically_normal();
  if (!root.has_filename()) root = root.parent_path();
  const fs::path chosen = expand_home(project.config().get("agent.worktreedir").value_or(""));
  if (!chosen.empty())
    return (chosen.is_absolute() ? chosen : root / chosen).lexically_normal() / model::path_slug(slug);
  if (in_foreign_work_tree(project, root.parent_path()))
    return project.agent_dir() / "worktrees" / model::path_slug(slug);
  return root.parent_path() / (repository_name(root) + ".agents") / model::path_slug(slug);
}

std::optional<fs::path> worktree_of_branch(Project& project, const std::string& branch) {
  if (branch.empty()) return std::nullopt;
  const fs::path main_dir = project.repo().main_work_dir();
  if (!main_dir.empty() && has_branch(project, project.repo().common_dir(), branch)) return main_dir;
  for (const Linked& linked : linked_worktrees(project))
    if (has_branch(project, linked.git_dir, branch) && is_there(linked)) return linked.path;
  return std::nullopt;
}

std::string agent_worktree_task(const fs::path& git_dir) {
  return trim(read_file(git_dir / kMarker, 4096).value_or(""));
}

void lock_worktree(const fs::path& git_dir, const std::string& slug, const ProcessId& process) {
  write_file_atomic(git_dir / "locked",
                    "git-agent " + slug + " pid " + std::to_string(process.pid) + " boot " + process.boot + "\n");
}

fs::path add_worktree(Project& project, const NewWorktree& wanted, const std::string& task_id,
                      const std::function<void(const std::string&)>& progress) {
  const auto say = [&](const std::string& text) {
    if (progress) progress(text);
  };
  const fs::path path = worktree_path(project, wanted.slug);
  check_cone(project, wanted);
  sweep_trash(path.parent_path());
  require_free_place(path);
  const bool new_branch = make_branch(project, wanted);
  try {
    say("making the worktree");
    add_metadata(project, wanted, task_id, path);
    say("checking out files");
    check_out(path);
    fault_point("worktree.after-checkout");
    add_submodules(project, path, progress);
    const fs::path main_dir = project.repo().main_work_dir();
    if (wanted.copy_included && !main_dir.empty()) copy_included_files(main_dir, path);
  } catch (...) {
    remove_worktree(project, path);
    if (new_branch) drop_branch(project, wanted.branch, wanted.base);
    throw;
  }
  return path;
}

void remove_worktree(Project& project, const fs::path& path) {
  fs::path trash;
  {
    const FileLock lock = metadata_lock(project);
    const fs::path git_dir = worktree_git_dir(project, path);
    if (!git_dir.empty() && git_dir.parent_path() != project.repo().common_dir() / "worktrees")
      fail_environment("'" + path.string() + "' is the main worktree, which is never removed");
    std::error_code error;
    if (!git_dir.empty() && fs::exists(fs::symlink_status(path, error))) {
      trash = path.parent_path() / (kTrash + new_id().substr(0, 12));
      fs::rename(path, trash, error);
      if (error) fail_environment("cannot move '" + path.string() + "' away: " + error.message());
    }
    fault_point("worktree.after-rename");
    if (!git_dir.empty()) remove_tree(git_dir);
  }
  if (!trash.empty()) remove_tree(trash);
  std::error_code none;
  if (ends_with(path.parent_path().filename().string(), ".agents")) fs::remove(path.parent_path(), none);
}

}  // namespace ga::work
