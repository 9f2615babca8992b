// The hook `post-task`: like Git's own, an executable of that name in the hooks directory (core.hooksPath, else
// .git/hooks). `git agent-task done` runs it before the task is handed over; anything but 0 refuses.
#pragma once

#include <filesystem>
#include <string>

#include "git/repository.hh"
#include "util/process.hh"

namespace ga::gates {

/// Runs it in the worktree with the task's id and the commit (empty when there is none) as arguments. Exit code 0 without
/// a word when there is no such hook; what it prints is in `out`.
Result run_post_task_hook(const git::Repository& repo, const std::filesystem::path& worktree, const std::string& task,
                          const git::Oid& commit);

}  // namespace ga::gates
