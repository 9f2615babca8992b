// git agent-log: the story the ledger tells.
#include <algorithm>

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
  out.print_line(out.paint(Style::dim, work::local_time(line.op.time)) + "  " + out.paint(Style::yellow, id) + "  " + line.summary);
  if (!with_details) return;
  for (const std::string& detail : line.details) out.print_line("    " + detail);
}

int answer_lines(Context& ctx, const std::vector<work::StoryLine>& lines, const std::string& task) {
  Json entries = Json::array();
  for (const work::StoryLine& line : lines) entries.push_back(work::to_json(line));
  return ctx.out.answer({{"entries", entries}, {"task", string_or_null(task)}}, lines.empty() ? 1 : 0);
}

int tell(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const std::string task = args.at(0).empty() ? "" : project.task(args.at(0)).id;
  const Time since = args.has("since") ? work::parse_date(project, args.get("since")) : 0;
  const work::StoryFilter filter{.task = task, .since = since, .limit = args.get_number("max-count", 0, 1'000'000'000, -1)};
  const bool reverse = args.has("reverse");
  std::vector<work::StoryLine> lines;
  start_pager();
  bool any = false;
  work::each_line(project, filter, [&](const work::StoryLine& line) {
    any = true;
    if (reverse || ctx.out.json())
      lines.push_back(line);
    else
      show_line(ctx.out, line, !task.empty());
    return true;
  });
  if (reverse) std::reverse(lines.begin(), lines.end());
  if (!ctx.out.json())
    for (const work::StoryLine& line : lines) show_line(ctx.out, line, !task.empty());
  if (!any) ctx.out.note(since > 0 ? "nothing happened since " + work::local_time(since) : "nothing has happened");
  if (ctx.out.json()) return answer_lines(ctx, lines, task);
  return any ? 0 : 1;
}

Json state_of(const std::vector<model::Task>& tasks) {
  Json list = Json::array();
  for (const model::Task& task : tasks)
    list.push_back({{"id", task.id}, {"slug", task.slug}, {"title", task.title}, {"status", model::status_name(task.status)},
                    {"agent", task.claim ? Json(task.claim->agent) : Json()}, {"held", task.held()}});
  return list;
}

void show_state(Output& out, const std::vector<model::Task>& tasks) {
  using S = model::Status;
  for (const S status : {S::in_progress, S::in_review, S::pending, S::failed, S::completed, S::cancelled}) {
    std::vector<std::vector<std::string>> rows;
    for (const model::Task& task : tasks)
      if (task.status == status)
        rows.push_back({"  " + sanitize_line(task.slug), sanitize_line(task.title), task.claim ? sanitize_line(task.claim->agent) : ""});
    if (rows.empty()) continue;
    out.print_line(out.paint(Style::bold, replace_all(std::string(model::status_name(status)), "_", " ")) + " (" + std::to_string(rows.size()) + ")");
    out.table({}, rows);
  }
}

int show_then(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const Time when = work::parse_date(project, args.get("at"));
  const git::Oid commit = work::ledger_at(project, when);
  const auto index = index::Index::in_memory(project.repo());
  index->refresh(commit);
  std::vector<model::Task> tasks = index->tasks({});
  if (!args.at(0).empty()) {
    const std::string id = project.task(args.at(0)).id;
    tasks.erase(std::remove_if(tasks.begin(), tasks.end(), [&](const model::Task& task) { return task.id != id; }), tasks.end());
  }
  start_pager();
  ctx.out.print_line("At " + work::local_time(when) + (commit.zero() ? ", before the ledger began" : ""));
  show_state(ctx.out, tasks);
  return ctx.out.answer({{"at", format_time(when)}, {"commit", commit.zero() ? Json() : Json(commit.hex())},
                         {"counts", work::to_json(work::count_tasks(*index))}, {"tasks", state_of(tasks)}},
                        tasks.empty() ? 1 : 0);
}

int run_log(Context& ctx, const Args& args) {
  if (!args.has("at")) return tell(ctx, args);
  for (const char* other : {"since", "max-count", "reverse"})
    if (args.has(other)) fail_usage(std::string("--at and --") + other + " exclude each other", {"--at shows the tasks as they were, not what happened"});
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
