// git agent-whoami: as whom commands act here.
#include <cstdlib>

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"
#include "work/runs.hh"

namespace ga::cli {
namespace {

const char* source_of(const model::Actor& actor) {
  const char* name = std::getenv("GIT_AGENT_NAME");
  if (name != nullptr && *name != '\0') return "environment";
  return actor.person ? "person" : "process";
}

const char* explain(const std::string& source) {
  if (source == "environment") return "GIT_AGENT_NAME is set";
  return source == "process" ? "its runner started this process" : "user.name of Git's configuration";
}

int run_whoami(Context& ctx, const Args&) {
  auto& project = ctx.project();
  const model::Actor actor = project.actor();
  const std::string source = source_of(actor);
  const auto task = project.task_here();
  const auto run = work::current_run(project);
  const std::string worktree = project.repo().work_dir().string();
  ctx.out.print_line(sanitize_line(actor.name) + " (" + sanitize_line(actor.role) + "): " + explain(source));
  if (task)
    ctx.out.print_line("task: " + task->slug + " (" + std::string(model::status_name(task->status)) + "), " +
                       sanitize_line(task->title));
  if (!worktree.empty()) ctx.out.print_line("worktree: " + sanitize_line(worktree));
  if (run)
    ctx.out.print_line("run: " + run->id.substr(0, 8) + ", " + sanitize_line(run->profile) + ", " +
                       work::state_now(project, *run));
  return ctx.out.answer(
      {{"actor", {{"name", actor.name}, {"role", actor.role}, {"person", actor.person}, {"source", source}}},
       {"task", task ? project.view(*task) : Json()},
       {"worktree", string_or_null(worktree)},
       {"run", run ? work::view(*run) : Json()}});
}

}  // namespace

extern const CommandRow cmd_whoami;
const CommandRow cmd_whoami = {.name = "whoami",
                               .summary = "as whom commands act here",
                               .group = Group::spawn,
                               .verbs = {{.name = "", .usage = "", .summary = "", .run = run_whoami}}};

}  // namespace ga::cli
