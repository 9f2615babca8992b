// git agent-plan: what an agent is going to do, decided about before it does it.
#include <unistd.h>

#include <algorithm>

#include "approving.hh"
#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/input.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/plans.hh"
#include "work/shown.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr const char* kShown = "plan";
constexpr useconds_t kLook = 300'000;  // microseconds between two looks of `wait`

std::string short_content(const model::Plan& plan) { return plan.content.substr(0, 12); }

Style style_of(const std::string& state) {
  if (state == "approved") return Style::green;
  return state == "rejected" ? Style::red : Style::yellow;
}

model::Plan wanted_plan(work::Project& project, const model::Task& task) {
  if (auto plan = work::plan_of(project, task)) return *plan;
  throw Error(Kind::not_found, "'" + task.slug + "' has no plan",
              {"hand one in: git agent-plan submit -F FILE --task " + task.slug})
      .with_data({{"plan", nullptr}});
}

void print_text(Output& out, const std::string& text) {
  for (const std::string& line : split_lines(sanitize(text))) out.print_line("    " + line);
}

void print_difference(Output& out, const std::string& difference) {
  for (const std::string& line : split_lines(difference)) {
    const Style style = line.empty() || line[0] == ' ' ? Style::plain : line[0] == '+' ? Style::green : Style::red;
    out.print_line("    " + out.paint(style, line));
  }
}

void print_plan(work::Project& project, Output& out, const model::Plan& plan) {
  const Json json = work::to_json(project, plan);
  const std::string slug = get_string(json, "slug");
  std::string head = out.paint(Style::bold, "plan of " + sanitize_line(slug)) + "  " +
                     out.paint(style_of(plan.state), sanitize_line(plan.state)) + "  " +
                     out.paint(Style::yellow, short_content(plan)) + "  by " + sanitize_line(plan.by) + "  " +
                     work::local_time(plan.time);
  out.print_line(head);
  if (plan.state == "approved" || plan.state == "rejected")
    out.print_line("  " + plan.state + " by " + sanitize_line(plan.decided_by) +
                   (plan.state == "approved" && !get_bool(json, "signed") ? " (unsigned)" : "") + ", " +
                   work::local_time(plan.decided));
  if (!plan.reason.empty()) out.print_line("  because: " + sanitize_line(plan.reason));
  const auto before = work::plan_by_id(project, plan.replaces);
  if (before) {
    out.print_line("  against the one before (" + sanitize_line(before->state) +
                   (before->reason.empty() ? "" : ": " + sanitize_line(before->reason)) + "):");
    print_difference(out, work::plan_difference(project, plan));
  } else {
    print_text(out, plan.text);
  }
}

Json answer_of(work::Project& project, const model::Plan& plan) {
  Json json = work::to_json(project, plan);
  json["difference"] = string_or_null(work::plan_difference(project, plan));
  return {{"plan", json}};
}

int submit(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Task task = project.task_or_here(args.get("task"));
  const std::string file = args.get("file", "-");
  if (file == "-" && ::isatty(STDIN_FILENO) == 1)
    fail_usage("where is the plan?", {"git agent-plan submit -F FILE, or hand it in on standard input"});
  const std::string text = read_input(file);
  if (!is_valid_utf8(text)) fail_usage("the plan is not valid UTF-8");
  if (trim(text).empty())
    fail_usage("the plan says nothing", {"write what is to be done, in which steps, and how it is checked"});
  ctx.say_actor();
  const model::Plan plan = work::submit_plan(project, task, text);
  ctx.out.print_line("submitted: the plan of " + task.slug + " (" + short_content(plan) + ")");
  ctx.out.hint("the lead decides: git agent-plan approve " + task.slug + "; wait for it with git agent-plan wait " +
               task.slug);
  return ctx.out.answer(answer_of(project, plan));
}

int show(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Task task = project.task_or_here(args.at(0));
  const model::Plan plan = wanted_plan(project, task);
  print_plan(project, ctx.out, plan);
  work::mark_shown(project, kShown, task.id, plan.content);
  return ctx.out.answer(answer_of(project, plan));
}

int list(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const auto plans = work::plans(project, args.has("pending"));
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  for (const model::Plan& plan : plans) {
    const Json json = work::to_json(project, plan);
    const std::string first = trim(split_lines(trim(plan.text) + "\n").front());
    rows.push_back({short_content(plan), sanitize_line(get_string(json, "slug")),
                    ctx.out.paint(style_of(plan.state), plan.state), sanitize_line(plan.by),
                    sanitize_line(fit(first, 100))});
    all.push_back(json);
  }
  if (rows.empty()) ctx.out.note(args.has("pending") ? "no plan waits for a decision" : "there is no plan");
  else ctx.out.table({}, rows);
  return ctx.out.answer({{"plans", all}}, rows.empty() ? 1 : 0);
}

// Exit codes as for an answer to a question: 0 yes, 1 no, 3 the time is over.
int wait(Context& ctx, const Args& args) {
  const std::string name = args.at(0);
  const std::string id = ctx.project().task_or_here(name).id;
  const double end = monotonic_seconds() + static_cast<double>(args.get_duration("timeout", 0));
  for (git::Oid seen;;) {
    // A project of its own for each look: what it read once it would not read again.
    work::Project project;
    const git::Oid tip = project.ledger().tip();
    if (tip != seen) {
      seen = tip;
      const model::Task task = project.known_task(id);
      const model::Plan plan = wanted_plan(project, task);
      if (plan.state == "approved" || plan.state == "rejected") {
        print_plan(project, ctx.out, plan);
        if (plan.state == "rejected")
          ctx.out.hint("change the plan, then hand it in again: git agent-plan submit -F FILE --task " + task.slug);
        return ctx.out.answer(answer_of(project, plan), plan.state == "approved" ? 0 : 1);
      }
    }
    if (args.has("timeout") && monotonic_seconds() >= end)
      throw Error(Kind::timeout, "nobody has decided about the plan yet", {"wait again, or see 'git agent-plan show'"});
    ::usleep(kLook);
  }
}

struct Wanted {
  model::Task task;
  model::Plan plan;
  bool seen;  // before this command
};

// The plan that a decision is about: the one last shown to this person.
Wanted shown_plan(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Task task = project.task_or_here(args.at(0));
  const model::Plan plan = wanted_plan(project, task);
  const bool known = work::last_shown(project, kShown, task.id) == plan.content || args.has("at");
  work::require_shown(project,
                      {kShown, task.id, plan.content, args.get("at"), [&] { print_plan(project, ctx.out, plan); }});
  if (!known) {
    print_plan(project, ctx.out, plan);
    work::mark_shown(project, kShown, task.id, plan.content);
  }
  return {task, plan, known};
}

int approve(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  project.require_lead("deciding about plans");
  const Wanted wanted = shown_plan(ctx, args);
  require_person(ctx, {.rules = work::authority(project),
                       .question = "Approve this plan of " + wanted.task.slug + "?",
                       .seen = wanted.seen,
                       .when_not = "reject it with a reason: git agent-plan reject " + wanted.task.slug + " -m WHY"});
  ctx.say_actor();
  const model::Plan plan = work::approve_plan(project, wanted.task, wanted.plan, args.get("message"));
  const Json answer = answer_of(project, plan);
  ctx.out.print_line("approved: the plan of " + wanted.task.slug + " (" + short_content(plan) + ")" +
                     (get_bool(answer["plan"], "signed") ? "" : ", unsigned"));
  return ctx.out.answer(answer);
}

int reject(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  project.require_lead("deciding about plans");
  if (trim(args.get("message")).empty()) fail_usage("say why with -m: it is all the agent gets to mend the plan by");
  const Wanted wanted = shown_plan(ctx, args);
  ctx.say_actor();
  const model::Plan plan = work::reject_plan(project, wanted.task, wanted.plan, args.get("message"));
  ctx.out.print_line("rejected: the plan of " + wanted.task.slug + " (" + short_content(plan) + ")");
  return ctx.out.answer(answer_of(project, plan));
}

Option at_option() {
  return {.name = "at", .arg = "OBJECT", .help = "exactly the plan whose content's id begins so, shown or not"};
}

}  // namespace

extern const CommandRow cmd_plan;
const CommandRow cmd_plan = {
    .name = "plan",
    .summary = "say what is going to be done, and decide about it",
    .group = Group::plan,
    .verbs = {{.name = "submit",
               .usage = "[-F FILE] [--task ID]",
               .summary = "hand in a plan for a task",
               .options = {{.name = "file",
                            .letter = 'F',
                            .arg = "FILE",
                            .help = "the plan; standard input without it",
                            .completes = Completes::file},
                           {.name = "task", .arg = "ID", .help = "the task it is for", .completes = Completes::task}},
               .run = submit},
              {.name = "show",
               .usage = "[TASK]",
               .summary = "the newest plan, against the one it replaces",
               .max_args = 1,
               .run = show,
               .completes = Completes::task},
              {.name = "list",
               .usage = "[--pending]",
               .summary = "the newest plan of each task",
               .options = {{.name = "pending", .help = "only those that wait for a decision"}},
               .run = list},
              {.name = "wait",
               .usage = "[TASK] [--timeout T]",
               .summary = "until the plan is decided about: 0 approved, 1 rejected",
               .options = {{.name = "timeout", .arg = "T", .help = "give up after so long (exit 3)"}},
               .max_args = 1,
               .run = wait,
               .completes = Completes::task},
              {.name = "approve",
               .usage = "[TASK] [-m WHY] [--at OBJECT]",
               .summary = "let the work begin, exactly as planned",
               .options = {{.name = "message", .letter = 'm', .arg = "WHY", .help = "what to say to it"}, at_option()},
               .max_args = 1,
               .run = approve,
               .completes = Completes::task},
              {.name = "reject",
               .usage = "[TASK] -m WHY [--at OBJECT]",
               .summary = "send the plan back with a reason",
               .options = {{.name = "message", .letter = 'm', .arg = "WHY", .help = "why"}, at_option()},
               .max_args = 1,
               .run = reject,
               .completes = Completes::task}}};

}  // namespace ga::cli
