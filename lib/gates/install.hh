// What `git agent-init` installs in a repository: one include line in .git/config, <common>/agent/config with our
// settings, and the hooks directories <common>/agent/hooks and, for linked worktrees, hooks.worktrees (hooks/README.md
// says why so). Nothing else is written, so
// taking it away leaves every byte of .git/config and every hook as it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.hh"

namespace ga::gates {

struct InstallWish {
  bool hooks = true;   ///< false: hooks are left as they are, installed or not
  std::string target;  ///< full ref for agent.target; "" when there is none to record
};

struct Installed {
  bool changed = false;
  std::vector<std::string> hooks;  ///< the hooks that git-agent acts on; empty when not installed
  std::string target;              ///< agent.target in force; ""
  std::string warning;             ///< what does not work as it should; ""
};

/// Idempotent. What an earlier call recorded (target, PATH) stays.
Installed install(const git::Repository& repo, const InstallWish& wish);
/// True when there was something to take away.
bool uninstall(const git::Repository& repo);

/// agent.target as install() recorded it, without starting git; nullopt when other configuration may say otherwise.
std::optional<std::string> recorded_target(const std::filesystem::path& common_dir);

}  // namespace ga::gates
