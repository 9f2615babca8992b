// Submodules of a new worktree.
#include "git/cli.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

struct Submodule {
  std::string name, path;
};

std::vector<Submodule> submodules_of(const fs::path& worktree) {
  git::GitOptions options;
  options.cwd = worktree;
  const Result listed =
      git::git({"config", "-z", "-f", ".gitmodules", "--get-regexp", "^submodule\\..*\\.path$"}, options);
  std::vector<Submodule> found;
  for (const std::string& entry : split(listed.out, '\0')) {
    const std::size_t newline = entry.find('\n');
    if (newline == std::string::npos || newline < 15) continue;
    found.push_back({entry.substr(10, newline - 15), entry.substr(newline + 1)});
  }
  return found;
}

bool is_safe_name(const std::string& name) {
  return !name.empty() && name[0] != '/' && ("/" + name + "/").find("/../") == std::string::npos;
}

}  // namespace

void add_submodules(Project& project, const fs::path& worktree,
                    const std::function<void(const std::string&)>& progress) {
  std::error_code none;
  if (!fs::is_regular_file(fs::symlink_status(worktree / ".gitmodules", none))) return;
  const bool bare = project.repo().main_work_dir().empty();
  for (const Submodule& module : submodules_of(worktree)) {
    const fs::path objects = project.repo().common_dir() / "modules" / module.name;
    const bool have = is_safe_name(module.name) && fs::is_directory(objects, none);
    // What the main worktree does without, an agent can do without.
    if (!have && !bare) continue;
    if (!fs::is_directory(worktree / module.path, none)) continue;  // outside the sparse cone
    if (progress) progress("making submodule " + sanitize_line(module.path));
    std::vector<std::string> args = {"submodule", "--quiet", "update", "--init", "--recursive"};
    if (have) args.insert(args.end(), {"--reference", objects.string()});
    args.insert(args.end(), {"--", module.path});
    git::GitOptions options;
    options.cwd = worktree;
    // Its URL is written into the configuration all worktrees share: one at a time.
    make_directories(project.agent_dir());
    const FileLock lock = FileLock::acquire(project.agent_dir() / "submodules.lock", 600, "the lock on submodules");
    const Result made = git::git(args, options);
    if (!made.ok())
      fail_environment("the submodule '" + sanitize_line(module.path) +
                           "' cannot be made in the worktree: " + sanitize_line(fit(trim(made.err), 400)),
                       {"see that 'git submodule update --init' works in the main worktree"});
  }
}

}  // namespace ga::work
