// What several commands about agents show and do in the same way.
#pragma once

#include "cli/context.hh"
#include "work/runs.hh"

namespace ga::cli {

/// {"path","branch","base","agent","pid","log"}
Json worktree_view(const work::RunRecord& run);
/// Follows a run's log until the run ends or Ctrl-C: in a tmux window when inside tmux (or `window` and tmux is there),
/// else here.
int attach_run(Context& ctx, const work::RunRecord& run, bool window);
/// Throws Error(empty) when the run has no log: nothing was started.
void require_log(const work::RunRecord& run);
/// Prints the log from where the run began; with `follow`, what is added until the run ends.
int print_log(Context& ctx, const work::RunRecord& run, bool follow);

}  // namespace ga::cli
