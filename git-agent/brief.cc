// git agent-brief: what an agent is told.
#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"
#include "work/briefing.hh"

namespace ga::cli {
namespace {

int run_brief(Context& ctx, const Args& args) {
  auto& project = ctx.project();
  const model::Task task = project.task_or_here(args.at(0));
  const std::string text = work::briefing_text(project, task);
  ctx.out.print(text);
  return ctx.out.answer({{"briefing", text}, {"task", project.view(task)}});
}

}  // namespace

extern const CommandRow cmd_brief;
const CommandRow cmd_brief = {.name = "brief",
                              .summary = "the current briefing of a task",
                              .group = Group::spawn,
                              .verbs = {{.name = "",
                                         .usage = "[ID]",
                                         .summary = "",
                                         .min_args = 0,
                                         .max_args = 1,
                                         .run = run_brief,
                                         .completes = Completes::task}}};

}  // namespace ga::cli
