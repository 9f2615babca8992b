// git agent-run: the agents that were spun, one by one.
#include <algorithm>

#include "agent-view.hh"
#include "cli/command.hh"
#include "cli/context.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/runner.hh"
#include "work/spin.hh"

namespace ga::cli {
namespace {

/// The run of a feature named by slug or id, brought up to date.
work::RunRecord run_of(Context& ctx, const std::string& name) {
  auto& project = ctx.project();
  work::recover_runs(project);
  // A reviewer's run has its task's name and ".review".
  if (ends_with(name, ".review"))
    if (auto run = work::load_run(project, name)) return *run;
  const model::Task task = project.task_or_here(name);
  const auto run = work::load_run(project, task.slug);
  if (!run || run->task != task.id)
    throw Error(Kind::not_found, "'" + task.slug + "' has no run on this machine",
                {"start one with 'git agent-spin " + task.slug + "'"});
  return *run;
}

Json run_view(Context& ctx, const work::RunRecord& run) {
  Json view = work::view(run);
  view["state"] = work::state_now(ctx.project(), run);
  return view;
}

int run_list(Context& ctx, const Args&) {
  auto& project = ctx.project();
  work::recover_runs(project);
  const auto runs = work::load_runs(project);
  std::vector<std::vector<std::string>> rows;
  Json list = Json::array();
  const Time now = ga::now();
  for (const auto& run : runs) {
    list.push_back(run_view(ctx, run));
    const Time since = run.ended != 0 ? run.ended : run.started;
    const auto lines = split_lines(run.reason);
    rows.push_back({run.slug, run.agent, run.profile, work::state_now(project, run),
                    since != 0 ? format_age(std::max<Time>(0, now - since)) : "",
                    lines.empty() ? "" : sanitize_line(lines.front())});
  }
  if (rows.empty()) ctx.out.note("no agent has been spun here");
  else ctx.out.table({"FEATURE", "AGENT", "PROFILE", "STATE", "SINCE", ""}, rows);
  return ctx.out.answer({{"runs", list}}, runs.empty() ? 1 : 0);
}

int run_attach(Context& ctx, const Args& args) {
  const auto run = run_of(ctx, args.at(0));
  if (ctx.out.json()) return ctx.out.answer({{"run", run_view(ctx, run)}});
  return attach_run(ctx, run, false);
}

int run_logs(Context& ctx, const Args& args) {
  const auto run = run_of(ctx, args.at(0));
  if (!ctx.out.json()) return print_log(ctx, run, args.has("follow"));
  if (args.has("follow")) fail_usage("-f cannot be told as one JSON document", {"read the file that 'log' names"});
  require_log(run);
  return ctx.out.answer({{"log", run.log}, {"text", sanitize(work::last_lines(run, 200, 64 * 1024))}});
}

int run_stop(Context& ctx, const Args& args) {
  auto& project = ctx.project();
  const model::Task task = project.task_or_here(args.at(0));
  ctx.say_actor();
  const auto stopped =
      work::stop(project, task.slug, args.has("now"), args.get("message", "stopped by " + project.actor().name));
  for (const std::string& warning : stopped.warnings) ctx.out.warning(warning);
  ctx.out.print_line("Stopped " + stopped.run.agent + " on " + stopped.run.slug + "; branch and worktree stay" +
                     (stopped.backup.empty() ? "" : ", snapshot in " + stopped.backup));
  // What is handed in or over is not resumed.
  using S = model::Status;
  const auto now = project.index().task(task.id);
  const bool resumes = now && now->status != S::in_review && now->status != S::completed && now->status != S::cancelled;
  if (resumes) ctx.out.hint("go on with 'git agent-run resume " + stopped.run.slug + "'");
  return ctx.out.answer({{"run", run_view(ctx, stopped.run)}, {"backup", string_or_null(stopped.backup)}});
}

int go_on(Context& ctx, const work::SpinRequest& request) {
  const auto result = work::spin(ctx.project(), request, [&](const std::string& text) { ctx.out.progress(text); });
  ctx.out.end_progress();
  ctx.out.print_line("Agent " + result.run.agent + " (" + sanitize_line(result.run.profile) + ") goes on with " +
                     result.run.slug + " in " + sanitize_line(result.run.worktree));
  return ctx.out.answer({{"task", ctx.project().view(result.task)}, {"worktree", worktree_view(result.run)}});
}

int run_resume(Context& ctx, const Args& args) {
  auto& project = ctx.project();
  const model::Task task = project.task_or_here(args.at(0));
  if (task.branch.empty())
    throw Error(Kind::not_found, "'" + task.slug + "' has not been spun, so there is nothing to resume",
                {"git agent-spin " + task.slug});
  ctx.say_actor();
  work::SpinRequest request;
  request.slug = task.slug;
  return go_on(ctx, request);
}

int run_reassign(Context& ctx, const Args& args) {
  auto& project = ctx.project();
  if (trim(args.get("message")).empty()) fail_usage("say why with -m", {"the new agent reads it in its briefing"});
  const auto run = run_of(ctx, args.at(0));
  ctx.say_actor();
  work::SpinRequest request;
  request.slug = run.slug;
  request.agent = work::next_agent_name(run.agent);
  request.profile = args.get("profile");
  request.why = args.get("message");
  if (work::is_at_work(project, run)) work::stop(project, run.slug, false, "reassigned: " + request.why);
  project.commit("task.note", {{"task", run.task},
                               {"text", "reassigned from " + run.agent + " to " + request.agent + ": " +
                                            normalize_utf8(request.why)}});
  project.commit("bead.add", {{"bead", project.bead("decision",
                                                    "Reassigned from " + run.agent + " to " + request.agent + ": " +
                                                        normalize_utf8(request.why),
                                                    run.task)}});
  return go_on(ctx, request);
}

int run_supervise(Context&, const Args& args) { return work::supervise(args.at(0)); }
int run_adopt(Context&, const Args& args) { return work::supervise_adopted(args.at(0)); }

}  // namespace

extern const CommandRow cmd_run;
const CommandRow cmd_run = {
    .name = "run",
    .summary = "see, follow, stop and resume the agents that were spun",
    .group = Group::spawn,
    .verbs = {
        {.name = "list", .usage = "", .summary = "the agents spun here, and how they are", .run = run_list},
        {.name = "attach",
         .usage = "FEATURE",
         .summary = "follow the agent's log",
         .min_args = 0,
         .max_args = 1,
         .run = run_attach,
         .completes = Completes::feature},
        {.name = "logs",
         .usage = "FEATURE [-f]",
         .summary = "what the client wrote",
         .options = {{.name = "follow", .letter = 'f', .help = "go on until the client ends"}},
         .min_args = 0,
         .max_args = 1,
         .run = run_logs,
         .completes = Completes::feature},
        {.name = "stop",
         .usage = "FEATURE [--now] [-m WHY]",
         .summary = "snapshot, then end the agent",
         .options = {{.name = "now", .help = "kill at once"},
                     {.name = "message", .letter = 'm', .arg = "WHY", .help = "why"}},
         .min_args = 0,
         .max_args = 1,
         .run = run_stop,
         .completes = Completes::feature},
        {.name = "resume",
         .usage = "FEATURE",
         .summary = "start the agent again in its worktree",
         .min_args = 0,
         .max_args = 1,
         .run = run_resume,
         .completes = Completes::feature},
        {.name = "reassign",
         .usage = "FEATURE [--profile P] -m WHY",
         .summary = "give the work to a fresh agent",
         .options =
             {{.name = "profile", .arg = "P", .help = "how the new client is started", .completes = Completes::profile},
              {.name = "message", .letter = 'm', .arg = "WHY", .help = "why"}},
         .min_args = 0,
         .max_args = 1,
         .run = run_reassign,
         .completes = Completes::feature},
        {.name = "supervise",
         .usage = "FEATURE",
         .summary = "the runner",
         .min_args = 1,
         .max_args = 1,
         .run = run_supervise,
         .hidden = true},
        {.name = "adopt",
         .usage = "FEATURE",
         .summary = "the runner of a client that lost its own",
         .min_args = 1,
         .max_args = 1,
         .run = run_adopt,
         .hidden = true},
    }};

}  // namespace ga::cli
