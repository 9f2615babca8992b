// The one place that starts the git program: fetch, push, worktrees, checkouts, merges, configuration,
// status of work trees.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/oid.hh"
#include "util/dialogue.hh"
#include "util/process.hh"

namespace ga::git {

/// How git is started. Every local environment variable of Git (`git rev-parse --local-env-vars`) is
/// dropped first, prompts and editors are switched off, optional locks too.
struct GitOptions {
  std::filesystem::path cwd;         ///< -C; empty: current directory
  std::filesystem::path git_dir;     ///< sets GIT_DIR
  std::filesystem::path work_tree;   ///< sets GIT_WORK_TREE
  std::filesystem::path index_file;  ///< sets GIT_INDEX_FILE
  std::map<std::string, std::string> env;
  std::string input;
  double timeout_seconds = 0;
  bool keep_local_env = false;  ///< inside a hook: see what Git handed us
  bool keep_config = false;     ///< keep the settings of `git -c` and GIT_CONFIG_COUNT
};

/// Runs git with these arguments; the caller judges the exit code.
Result git(const std::vector<std::string>& args, const GitOptions& options = {});
/// Runs git, throws Error(environment) with git's own last words when it fails; gives standard output
/// without the final newline.
std::string git_or_fail(const std::vector<std::string>& args, const GitOptions& options = {});

/// Starts git as a partner that answers questions on its standard input; the options' own input and time-out do not count.
std::unique_ptr<Dialogue> start_git(const std::vector<std::string>& args, const GitOptions& options = {});

/// The line of git's standard error that says what went wrong, without "fatal: ".
std::string last_words(const Result& result);

/// The names `git rev-parse --local-env-vars` lists (fixed list of Git 2.39 plus newer ones).
const std::vector<std::string>& local_env_vars();

/// A value as Git reads a boolean: true, yes, on and numbers but 0; `fallback` for what is none. Empty is false.
bool config_bool(std::string_view value, bool fallback);

/// Configuration of a repository read by one `git config -z --list` call: includes, command line and environment count.
class Config {
 public:
  static Config load(const std::filesystem::path& dir);
  std::optional<std::string> get(const std::string& key) const;  ///< last value; key lower case
  std::vector<std::string> get_all(const std::string& key) const;
  bool get_bool(const std::string& key, bool fallback) const;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

struct WorktreeInfo {
  std::filesystem::path path;
  Oid head;
  std::string branch;  ///< full ref; "" when detached
  bool bare = false, locked = false, prunable = false;
};
/// `git worktree list --porcelain -z`; the main worktree first.
std::vector<WorktreeInfo> list_worktrees(const std::filesystem::path& dir);

/// Starts git there, detached, and waits for nothing; never fails.
void git_in_background(const std::vector<std::string>& args, const std::filesystem::path& dir);

/// State of a work tree from `git status --porcelain=v2 -z` (optional locks off).
struct WorktreeStatus {
  std::vector<std::string> staged, unstaged, untracked, ignored, unmerged;
  bool clean() const { return staged.empty() && unstaged.empty() && untracked.empty() && unmerged.empty(); }
};
WorktreeStatus worktree_status(const std::filesystem::path& dir, bool with_ignored = false);

}  // namespace ga::git
