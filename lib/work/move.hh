// Moving branches: by compare-and-swap when nobody has them checked out, else together with the worktree.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "git/cli.hh"
#include "work/project.hh"

namespace ga::work {

/// "refs/heads/agent/api" as people write it: "agent/api".
std::string branch_name(const std::string& ref);
/// A branch's full ref, from either form.
std::string branch_ref(const std::string& name);

/// The worktree that has a branch checked out (also in the middle of a rebase of it) and whose directory is there.
std::optional<git::WorktreeInfo> holder_of(Project& project, const std::string& branch);

/// Why a worktree cannot follow its branch from one tree to another right now; "" when it can.
std::string busy_reason(Project& project, const std::filesystem::path& worktree, const std::string& branch,
                        const git::Oid& old_tree, const git::Oid& next_tree);

/// Throws Error(target_busy) when the worktree that holds the branch cannot follow.
void require_movable(Project& project, const std::string& branch, const git::Oid& old_tree, const git::Oid& next_tree);

enum class Moved { moved, lost };
/// Moves a branch forward. A checked-out branch moves as `git merge --ff-only` in its worktree. Throws
/// Error(target_busy) when that worktree is in the way.
Moved move_forward(Project& project, const std::string& branch, const git::Oid& old, const git::Oid& next,
                   const std::string& why);

/// Lets a merged feature's branch follow to the merged commit; "" when it did, else why it stays.
std::string follow(Project& project, const std::string& slug, const std::string& branch, const git::Oid& old,
                   const git::Oid& next);

/// What was begun in a worktree and not ended ("a rebase is going on"), by its private Git directory; "" for nothing.
std::string what_goes_on(Project& project, const std::filesystem::path& git_dir);
/// Whether somebody works on a feature: a live run, or a live claim on its task. `unknown`: on another machine, and the
/// claim has not run out.
Holder feature_holder(Project& project, const std::string& slug, const std::optional<model::Task>& task);

/// The command that ends this work: an agent is stopped, a claim made by hand is given back. Empty when only the machine
/// of its holder can end it.
std::vector<std::string> ending_command(Project& project, const std::string& slug,
                                        const std::optional<model::Task>& task);

}  // namespace ga::work
