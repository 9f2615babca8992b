#include "gates/install.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "gates/config-file.hh"
#include "git/cli.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr const char* kShim =
#include "gates/shim.inc"
    ;

// In the main worktree git-agent acts on one hook only: each costs a process at every commit. In linked worktrees, where
// agents are at work, on all four.
struct HooksDir {
  const char* name;
  std::vector<std::string> acted_on;
};
const std::array<HooksDir, 2>& hooks_dirs() {
  static const std::array<HooksDir, 2> dirs = {
      {{"hooks", {"pre-commit"}},
       {"hooks.worktrees", {"pre-commit", "prepare-commit-msg", "pre-push", "reference-transaction"}}}};
  return dirs;
}
constexpr const char* kWorktreesConfig = "config.worktrees";

constexpr std::array kHookNames = {"pre-commit",         "prepare-commit-msg",
                                   "pre-push",           "reference-transaction",
                                   "applypatch-msg",     "commit-msg",
                                   "p4-changelist",      "p4-post-changelist",
                                   "p4-pre-submit",      "p4-prepare-changelist",
                                   "post-applypatch",    "post-checkout",
                                   "post-commit",        "post-index-change",
                                   "post-merge",         "post-receive",
                                   "post-rewrite",       "post-task",
                                   "post-update",        "pre-applypatch",
                                   "pre-auto-gc",        "pre-merge-commit",
                                   "pre-rebase",         "pre-receive",
                                   "proc-receive",       "push-to-checkout",
                                   "sendemail-validate", "update"};

fs::path our_dir(const fs::path& common_dir) { return common_dir / "agent"; }
fs::path hooks_dir(const fs::path& common_dir) { return our_dir(common_dir) / hooks_dirs()[0].name; }
fs::path worktrees_hooks_dir(const fs::path& common_dir) { return our_dir(common_dir) / hooks_dirs()[1].name; }

git::GitOptions main_worktree(const git::Repository& repo) {
  git::GitOptions options;
  options.cwd = repo.main_work_dir().empty() ? repo.common_dir() : repo.main_work_dir();
  return options;
}

std::vector<std::string> hooks_paths(const git::Repository& repo) {
  const Result result = git::git({"config", "-z", "--type=path", "--get-all", "core.hooksPath"}, main_worktree(repo));
  std::vector<std::string> found;
  for (std::string& value : split(result.out, '\0'))
    if (!value.empty()) found.push_back(std::move(value));
  return found;
}

/// One of our own directories, here or where this repository was before it was moved or copied.
bool is_ours(const fs::path& dir) {
  if (dir.parent_path().filename() != "agent") return false;
  return std::any_of(hooks_dirs().begin(), hooks_dirs().end(),
                     [&](const HooksDir& ours) { return dir.filename() == ours.name; });
}

/// Where Git would look for hooks without us; relative to where a hook runs when it is so configured.
std::string previous_dir(const git::Repository& repo) {
  std::vector<std::string> dirs = hooks_paths(repo);
  dirs.erase(std::remove_if(dirs.begin(), dirs.end(), is_ours), dirs.end());
  return dirs.empty() ? (repo.common_dir() / "hooks").string() : dirs.back();
}

bool is_executable(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

bool place_shim(const fs::path& file, const std::string& text) {
  std::error_code error;
  const bool is_file = fs::is_regular_file(fs::symlink_status(file, error));
  if (is_file && read_file(file) == text && ::access(file.c_str(), X_OK) == 0) return false;
  if (!is_file) remove_tree(file);
  write_file_atomic(file, text, 0777);
  return true;
}

bool place_link(const fs::path& file, const fs::path& target) {
  std::error_code error;
  if (fs::is_symlink(fs::symlink_status(file, error)) && fs::read_symlink(file, error) == target) return false;
  remove_tree(file);
  fs::create_symlink(target, file, error);
  if (error) fail_environment("cannot write " + sanitize_line(file.string()) + ": " + error.message());
  return true;
}

bool write_hooks(const git::Repository& repo) {
  const fs::path previous = previous_dir(repo);
  std::string text = replace_all(kShim, "@PROGRAM@", shell_quote(self_path()));
  text = replace_all(text, "@PREVIOUS@", shell_quote(previous.string()));
  bool changed = false;
  for (const auto& [dir_name, acted_on] : hooks_dirs()) {
    const fs::path dir = our_dir(repo.common_dir()) / dir_name;
    make_directories(dir);
    for (const char* name : kHookNames) {
      // A relative directory is another one in every worktree; a hook that is there wants to see its own path as $0.
      const bool ours = std::find(acted_on.begin(), acted_on.end(), name) != acted_on.end();
      const bool passes = previous.is_relative() || is_executable(previous / name);
      changed |= ours || passes ? place_shim(dir / name, text) : place_link(dir / name, previous / name);
    }
  }
  return changed;
}

bool write_own_file(const fs::path& file, const std::string& text) {
  if (read_file(file) == text) return false;
  write_file_atomic(file, text);
  return true;
}

/// Our configuration files: one for the repository, and one that Git reads besides in linked worktrees.
bool write_config(const fs::path& common, const Settings& settings, bool hooks) {
  std::string text = config_text(settings);
  bool changed = false;
  if (hooks) {
    changed |= write_own_file(our_dir(common) / kWorktreesConfig,
                              config_text({{"core.hooksPath", worktrees_hooks_dir(common).string()}}));
    text += include_for_git_dir((common / "worktrees").string() + "/", kWorktreesConfig);
  }
  changed |= write_own_file(our_dir(common) / "config", text);
  return changed;
}

std::string value_of(const Settings& settings, const std::string& key) {
  for (const auto& [name, value] : settings)
    if (lower_ascii(name) == key) return value;
  return "";
}

Settings wanted_settings(const git::Repository& repo, const InstallWish& wish, const Settings& before) {
  Settings wanted;
  if (wish.hooks || !value_of(before, "core.hookspath").empty())
    wanted.emplace_back("core.hooksPath", hooks_dir(repo.common_dir()).string());
  std::string target = value_of(before, "agent.target");
  if (target.empty() && !git::Config::load(main_worktree(repo).cwd).get("agent.target")) target = wish.target;
  if (!target.empty()) wanted.emplace_back("agent.target", target);
  std::string path = value_of(before, "agent.path");
  if (const char* ours = std::getenv("PATH"); path.empty() && ours != nullptr) path = ours;
  if (!path.empty()) wanted.emplace_back("agent.path", path);
  // As a pattern: of a plain name that is not there (no note yet) every `git log` warns.
  wanted.emplace_back("notes.displayRef", "refs/notes/agent*");
  wanted.emplace_back("notes.rewriteRef", "refs/notes/agent");
  return wanted;
}

}  // namespace

Installed install(const git::Repository& repo, const InstallWish& wish) {
  const fs::path common = repo.common_dir();
  const fs::path file = our_dir(common) / "config";
  make_directories(our_dir(common));
  Installed done;
  const Settings wanted = wanted_settings(repo, wish, read_settings(file));
  const bool hooks = !value_of(wanted, "core.hookspath").empty();
  if (hooks) done.changed |= write_hooks(repo);
  done.changed |= write_config(common, wanted, hooks);
  const auto include = [&](bool anew) {
    done.changed |= edit_config(common / "config", [&](const std::string& config) {
      return has_include(config) && !anew ? config : with_include(config);
    });
  };
  include(false);
  if (hooks) {
    const std::string ours = hooks_dir(common).string();
    const auto in_force = [&] {
      const auto all = hooks_paths(repo);
      return !all.empty() && all.back() == ours;
    };
    // Somebody set core.hooksPath behind our line: the last one wins.
    if (!in_force()) include(true);
    if (!in_force())
      done.warning = "core.hooksPath is set elsewhere with more weight: the hooks of git-agent do not run";
    done.hooks = hooks_dirs()[1].acted_on;
  }
  done.target = git::Config::load(main_worktree(repo).cwd).get("agent.target").value_or("");
  return done;
}

bool uninstall(const git::Repository& repo) {
  const fs::path common = repo.common_dir();
  bool changed = edit_config(common / "config", [](const std::string& config) { return without_include(config); });
  for (const char* name : {"config", kWorktreesConfig, hooks_dirs()[0].name, hooks_dirs()[1].name}) {
    const fs::path ours = our_dir(common) / name;
    std::error_code error;
    changed |= fs::exists(fs::symlink_status(ours, error));
    remove_tree(ours);
  }
  return changed;
}

std::optional<std::string> recorded_target(const fs::path& common_dir) {
  for (const char* name : {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"})
    if (std::getenv(name) != nullptr) return std::nullopt;
  const std::string config = read_file(common_dir / "config").value_or("");
  if (!has_include(config)) return std::nullopt;
  const std::string others = lower_ascii(without_include(config));
  for (const char* doubt : {"[agent", "[include", "worktreeconfig"})
    if (others.find(doubt) != std::string::npos) return std::nullopt;
  const std::string ours = read_file(our_dir(common_dir) / "config").value_or("");
  static const std::string key = "\n\ttarget = \"";
  const auto begin = ours.find(key);
  const auto end = begin == std::string::npos ? begin : ours.find("\"\n", begin + key.size());
  if (end == std::string::npos) return std::nullopt;
  std::string target = ours.substr(begin + key.size(), end - begin - key.size());
  if (!starts_with(target, "refs/heads/") || target.find('\\') != std::string::npos) return std::nullopt;
  return target;
}

}  // namespace ga::gates
