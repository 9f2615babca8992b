// The verbs of `git agent-task`, one function each; the row that names them is in ../task.cc.
#pragma once

#include "cli/command.hh"
#include "cli/context.hh"

namespace ga::cli::task {

// plan.cc: what there is to do
int add(Context& ctx, const Args& args);
int edit(Context& ctx, const Args& args);
int dep(Context& ctx, const Args& args);
int lint(Context& ctx, const Args& args);

// read.cc: looking
int list(Context& ctx, const Args& args);
int show(Context& ctx, const Args& args);
int ready(Context& ctx, const Args& args);
int graph(Context& ctx, const Args& args);
int log(Context& ctx, const Args& args);

// interchange.cc: other trackers
int import_file(Context& ctx, const Args& args);
int export_tasks(Context& ctx, const Args& args);

// work.cc: doing
int next(Context& ctx, const Args& args);
int claim(Context& ctx, const Args& args);
int release(Context& ctx, const Args& args);
int start(Context& ctx, const Args& args);
int done(Context& ctx, const Args& args);
int fail(Context& ctx, const Args& args);
int block(Context& ctx, const Args& args);
int unblock(Context& ctx, const Args& args);
int cancel(Context& ctx, const Args& args);
int reopen(Context& ctx, const Args& args);
int note(Context& ctx, const Args& args);
int accept(Context& ctx, const Args& args);

}  // namespace ga::cli::task
