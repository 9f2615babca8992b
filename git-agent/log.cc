// git agent-log: the story the ledger tells.
#include <functional>
#include <optional>

#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "util/text.hh"
#include "work/status.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kIdDigits = 8;

void show_line(Output& out, const work::StoryLine& line, bool with_details) {
  const std::string id = sanitize_line(line.op.id.substr(0, kIdDigits));
  out.print_line(out.paint(Style::dim, work::local_time(line.op.time)) + "  " + out.paint(Style::yellow, id) + "  " +
                 line.summary);
  if (!with_details) return;
  for (const std::string& detail : line.details) out.print_line("    " + detail);
}

int tell(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const std::string task = args.at(0).empty() ? "" : project.task(args.at(0)).id;
  const Time since = args.has("since") ? work::parse_date(project, args.get("since")) : 0;
  const work::StoryFilter filter{.task = task,
                                 .since = since,
                                 .limit = args.get_number("max-count", 0, 1'000'000'000, -1),
                                 .oldest_first = args.has("reverse")};
  project.index();  // what is wrong with the repository is said before the list begins
  start_pager();
  bool any = false;
  ctx.out.begin_list("entries");
  work::each_line(project, filter, [&](const work::StoryLine& line) {
    any = true;
    if (ctx.out.json()) ctx.out.item(work::to_json(line));
    else show_line(ctx.out, line, !task.empty());
    return true;
  });
  if (!any) ctx.out.note(since > 0 ? "nothing happened since " + work::local_time(since) : "nothing has happened");
  ctx.out.member("task", string_or_null(task));
  return ctx.out.end_list(any ? 0 : 1);
}

// The tasks to show: one when it is named, else all of a status or of any.
void each_shown(index::Index& index, const std::string& id, std::optional<model::Status> status,
                const std::function<void(const model::Task&)>& show) {
  if (id.empty()) {
    index.each_task({.status = status}, [&](const model::Task& task) { return show(task), true; });
  } else if (const auto task = index.task(id); task && (!status || task->status == *status)) {
    show(*task);
  }
}

void show_state(Output& out, index::Index& index, const std::string& id) {
  using S = model::Status;
  for (const S status : {S::in_progress, S::in_review, S::pending, S::failed, S::completed, S::cancelled}) {
    Table rows;
    each_shown(index, id, status, [&](const model::Task& task) {
      rows.add({"  " + sanitize_line(task.slug), sanitize_line(task.title),
                task.claim ? sanitize_line(task.claim->agent) : ""});
    });
    if (rows.rows() == 0) continue;
    out.print_line(out.paint(Style::bold, replace_all(std::string(model::status_name(status)), "_", " ")) + " (" +
                   std::to_string(rows.rows()) + ")");
    out.table(rows);
  }
}

void list_state(Output& out, index::Index& index, const std::string& id) {
  out.begin_list("tasks");
  each_shown(index, id, std::nullopt, [&](const model::Task& task) {
    out.item({{"id", task.id},
              {"slug", task.slug},
              {"title", task.title},
              {"status", model::status_name(task.status)},
              {"agent", task.claim ? Json(task.claim->agent) : Json()},
              {"held", task.held()}});
  });
}

int show_then(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const Time when = work::parse_date(project, args.get("at"));
  const git::Oid commit = work::ledger_at(project, when);
  const auto index = index::Index::scratch(project.repo());
  index->refresh(commit);
  const std::string id = args.at(0).empty() ? "" : project.task(args.at(0)).id;
  const bool any = id.empty() ? index->count({}) > 0 : index->task(id).has_value();
  start_pager();
  ctx.out.print_line("At " + work::local_time(when) + (commit.zero() ? ", before the ledger began" : ""));
  if (!ctx.out.json()) {
    show_state(ctx.out, *index, id);
    return any ? 0 : 1;
  }
  ctx.out.member("at", format_time(when));
  ctx.out.member("commit", commit.zero() ? Json() : Json(commit.hex()));
  ctx.out.member("counts", work::to_json(work::count_tasks(*index)));
  list_state(ctx.out, *index, id);
  return ctx.out.end_list(any ? 0 : 1);
}

int run_log(Context& ctx, const Args& args) {
  if (!args.has("at")) return tell(ctx, args);
  for (const char* other : {"since", "max-count", "reverse"})
    if (args.has(other))
      fail_usage(std::string("--at and --") + other + " exclude each other",
                 {"--at shows the tasks as they were, not what happened"});
  return show_then(ctx, args);
}

}  // namespace

extern const CommandRow cmd_log;
const CommandRow cmd_log = {
    .name = "log",
    .summary = "read what happened, newest first",
    .group = Group::monitor,
    .verbs = {{.usage = "[TASK] [--since DATE] [--at DATE] [-n N] [--reverse]",
               .summary = "what happened, or how things stood",
               .options = {{.name = "since", .arg = "DATE", .help = "only what happened since then"},
                           {.name = "at", .arg = "DATE", .help = "the tasks as they stood then"},
                           {.name = "max-count", .letter = 'n', .arg = "N", .help = "at most N operations"},
                           {.name = "reverse", .help = "oldest first"}},
               .max_args = 1,
               .run = run_log,
               .completes = Completes::task}}};

}  // namespace ga::cli
