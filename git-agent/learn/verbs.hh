// Verbs of `git agent-learn` that have a file of their own; the row that names them is in ../learn.cc.
#pragma once

#include "cli/command.hh"
#include "cli/context.hh"

namespace ga::cli::learn {

/// lint.cc: what is wrong with an AGENTS.md
int lint(Context& ctx, const Args& args);

}  // namespace ga::cli::learn
