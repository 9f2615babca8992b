#include "gates/post-task.hh"

#include <unistd.h>

#include "git/cli.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr double kTimeLimitSeconds = 1800;

fs::path hook_file(const git::Repository& repo, const fs::path& dir) {
  git::GitOptions options;
  options.cwd = dir;
  const std::string set = trim(git::git({"config", "--type=path", "--get", "core.hooksPath"}, options).out);
  if (set.empty()) return repo.common_dir() / "hooks" / "post-task";
  return dir / set / "post-task";
}

}  // namespace

Result run_post_task_hook(const git::Repository& repo, const fs::path& worktree, const std::string& task,
                          const git::Oid& commit) {
  const fs::path dir = worktree.empty() ? repo.common_dir() : worktree;
  const fs::path hook = hook_file(repo, dir);
  Result nothing;
  nothing.exit_code = 0;
  std::error_code error;
  if (!fs::is_regular_file(hook, error) || ::access(hook.c_str(), X_OK) != 0) return nothing;
  Command command;
  command.argv = {hook.string(), task, commit.zero() ? "" : commit.hex()};
  command.cwd = dir.string();
  command.merge_output = true;
  command.unset_env = git::local_env_vars();
  command.timeout_seconds = kTimeLimitSeconds;
  return run(command);
}

}  // namespace ga::gates
