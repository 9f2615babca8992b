// What the Git hooks do, called as `git agent-hook git EVENT ...` by the installed shim (hooks/shim.sh).
//
// They are early warnings, not the guard: --no-verify, plumbing and other Git programs pass them by. What counts is judged
// again at merge.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gates/runner.hh"
#include "work/project.hh"

namespace ga::work {

/// Says a line on standard error.
using Say = std::function<void(const std::string&)>;

/// Whether an agent acts: by its environment, or because its runner is an ancestor. Starts no process.
bool agent_acts(Project& project);
/// Whether this is an agent's session or its worktree: where the tripwires are live.
bool in_agent_session(Project& project);

/// Judges exactly what is staged: protected files, ownership, the gates on pre-commit. Throws what refuses the commit.
void pre_commit(Project& project, const Say& warn, const Say& note);
/// Adds the trailers Agent-Task and Agent-Name to an agent's commit message.
void prepare_commit_msg(Project& project, const std::string& file);
/// Refuses an agent's push to the target branch or to refs/agent/. `lines` is the hook's standard input.
void pre_push(Project& project, std::string_view lines);
/// Refuses an agent's move of the target branch, and deletions and rewinds of refs/agent/.
void reference_transaction(Project& project, const std::string& phase, std::string_view lines);

/// The files a gate's checkout gets besides the tree: what .worktreeinclude names, from the main worktree.
std::function<void(const std::filesystem::path&)> prepare_checkout(Project& project);

}  // namespace ga::work
