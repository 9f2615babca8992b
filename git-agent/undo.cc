// git agent-undo: takes an operation back by a new one.
#include "work/undo.hh"

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kValueWidth = 60;

std::string shown(const Json& value) {
  if (value.is_null()) return "nothing";
  return sanitize_line(fit(value.is_string() ? "'" + value.get<std::string>() + "'" : value.dump(), kValueWidth));
}

void show_plan(Output& out, const work::UndoPlan& plan) {
  out.print_line(sanitize_line(plan.entry.op.id.substr(0, 8)) + "  " + work::local_time(plan.entry.op.time) + "  " +
                 sanitize_line(plan.entry.summary));
  for (const work::Restored& each : plan.restored) {
    const std::string what =
        each.folder == "tasks" ? "task " + sanitize_line(each.name) : "bead " + sanitize_line(each.id.substr(0, 8));
    if (each.goes || each.comes) {
      out.print_line("  " + what + (each.goes ? ": goes" : ": is there again"));
      continue;
    }
    for (const work::MemberChange& change : each.members)
      out.print_line("  " + what + ": " + sanitize_line(change.member) + " " + shown(change.from) + " -> " +
                     shown(change.to));
  }
}

int run_undo(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const work::UndoPlan plan = work::plan_undo(project, work::find_operation(project, args.at(0)));
  Json data = work::to_json(plan);
  data["done"] = !args.has("dry-run");
  data["undo"] = nullptr;
  show_plan(ctx.out, plan);
  if (args.has("dry-run")) {
    ctx.out.note("nothing has changed; without --dry-run this is done");
    return ctx.out.answer(data);
  }
  ctx.say_actor();
  const ledger::Committed done = work::perform_undo(project, plan);
  data["undo"] = done.op.id;
  ctx.out.note("undone; 'git agent-undo " + done.op.id.substr(0, 8) + "' brings it back");
  return ctx.out.answer(data);
}

}  // namespace

extern const CommandRow cmd_undo;
const CommandRow cmd_undo = {
    .name = "undo",
    .summary = "take an operation back",
    .group = Group::integrate,
    .verbs = {{.usage = "[OPERATION] [--dry-run]",
               .summary = "restore what an operation changed",
               .options = {{.name = "dry-run", .letter = 'n', .help = "only show what would change"}},
               .max_args = 1,
               .run = run_undo}}};

}  // namespace ga::cli
