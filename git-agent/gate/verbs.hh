// Verbs of `git agent-gate` that have a file of their own; the row that names them is in ../gate.cc.
#pragma once

#include "cli/command.hh"
#include "cli/context.hh"

namespace ga::cli::gate {

// scan.cc: looking for secrets and what rules look for
int scan(Context& ctx, const Args& args);
int explain(Context& ctx, const Args& args);
// allow.cc: findings that a person lets stay
int allow(Context& ctx, const Args& args);

}  // namespace ga::cli::gate
