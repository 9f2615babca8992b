// git agent-bead: the team's memory of decisions and outcomes.
#include "work/beads.hh"

#include <algorithm>
#include <vector>

#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kIdDigits = 8;
constexpr const char* kWritten = "decision outcome gotcha failure";
constexpr const char* kKinds = "decision outcome gotcha failure merge gate undo";

std::string kind_of(const Args& args, const char* allowed) {
  const std::string kind = args.get("kind");
  const auto known = split(allowed, ' ');
  if (!kind.empty() && std::find(known.begin(), known.end(), kind) == known.end())
    fail_usage("'" + sanitize_line(fit(kind, 40)) + "' is no kind of bead here", {"one of: " + join(known, ", ")});
  return kind;
}

git::Oid commit_of(work::Project& project, const std::string& revision) {
  const git::Oid commit = project.repo().resolve_commit(revision);
  if (commit.zero())
    throw Error(Kind::not_found, "'" + sanitize_line(fit(revision, 60)) + "' is no commit", {"see 'git log'"});
  return commit;
}

std::string short_bead(const model::Bead& bead) { return sanitize_line(bead.id.substr(0, kIdDigits)); }

std::string head_line(Output& out, const work::BeadView& view) {
  const model::Bead& bead = view.bead;
  std::string line = out.paint(Style::yellow, short_bead(bead)) + "  " +
                     out.paint(Style::dim, work::local_time(bead.time)) + "  " +
                     out.paint(Style::bold, sanitize_line(bead.kind));
  if (!view.slug.empty()) line += "  " + sanitize_line(view.slug);
  if (!view.superseded_by.empty())
    line += out.paint(Style::dim, "  (superseded by " + view.superseded_by.substr(0, kIdDigits) + ")");
  return line;
}

void show_whole(Output& out, const work::BeadView& view) {
  const model::Bead& bead = view.bead;
  out.print_line(head_line(out, view));
  for (const std::string& line : split_lines(bead.text)) out.print_line("    " + sanitize_line(line));
  const auto member = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.print_line("  " + std::string(name) + ": " + sanitize_line(value));
  };
  std::string by = bead.agent;
  if (!bead.client.empty()) by += " (" + bead.client + (bead.model.empty() ? "" : ", " + bead.model) + ")";
  member("by", by);
  member("evidence", bead.evidence);
  member("commit", bead.commit);
  member("supersedes", bead.supersedes.substr(0, kIdDigits));
  member("operation", bead.operation.substr(0, kIdDigits));
}

int add(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const std::string text = args.get("message");
  if (trim(text).empty()) fail_usage("say with -m what was decided or learnt, and why");
  if (!is_valid_utf8(text)) fail_usage("the text is not valid UTF-8");
  const std::string kind = kind_of(args, kWritten);
  std::string task = args.has("task") ? project.task(args.get("task")).id : "";
  // In an agent's worktree it is about the agent's task, unless it names a commit.
  if (task.empty() && !args.has("on"))
    if (const auto here = project.task_here()) task = here->id;
  Json bead = project.bead(kind.empty() ? "decision" : kind, text, task, normalize_utf8(args.get("evidence")));
  // Without a task there is no merge that would bring it to a commit: it is noted on the current one.
  if (args.has("on")) bead["commit"] = commit_of(project, args.get("on")).hex();
  else if (task.empty())
    if (const git::Oid head = project.repo().ref("HEAD"); !head.zero()) bead["commit"] = head.hex();
  if (args.has("supersedes")) bead["supersedes"] = work::find_bead(project, args.get("supersedes")).bead.id;
  ctx.say_actor();
  const std::string id = get_string(bead, "id");
  project.commit("bead.add", {{"bead", std::move(bead)}});
  const work::BeadView made = work::find_bead(project, id);
  ctx.out.print_line(head_line(ctx.out, made));
  return ctx.out.answer({{"bead", work::to_json(made)}});
}

work::BeadFilter filter_of(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  work::BeadFilter filter;
  if (args.has("task")) filter.task = project.task(args.get("task")).id;
  filter.kind = kind_of(args, kKinds);
  if (args.has("on")) filter.commit = commit_of(project, args.get("on"));
  filter.superseded = args.has("all");
  return filter;
}

using Show = void (*)(Output&, const work::BeadView&);

// Newest first, `limit` at most.
int show_beads(Context& ctx, const work::BeadFilter& filter, std::int64_t limit, Show show, const char* nothing) {
  start_pager();
  std::int64_t shown = 0;
  ctx.out.begin_list("beads");
  work::each_bead(ctx.project(), filter, [&](const work::BeadView& view) {
    if (limit >= 0 && shown == limit) return false;
    ++shown;
    if (ctx.out.json()) ctx.out.item(work::to_json(view));
    else show(ctx.out, view);
    return true;
  });
  if (shown == 0) ctx.out.note(nothing);
  return ctx.out.end_list(shown > 0 ? 0 : 1);
}

void show_in_list(Output& out, const work::BeadView& view) {
  const auto lines = split_lines(view.bead.text);
  out.print_line(head_line(out, view) + "  " + (lines.empty() ? "" : sanitize_line(fit(lines.front(), 100))));
}

int list(Context& ctx, const Args& args) {
  return show_beads(ctx, filter_of(ctx, args), args.get_number("max-count", 0, 1'000'000'000, -1), show_in_list,
                    "there is no such bead");
}

int search(Context& ctx, const Args& args) {
  work::BeadFilter filter = filter_of(ctx, args);
  filter.words = args.positional();
  return show_beads(ctx, filter, args.get_number("max-count", 0, 1'000'000'000, -1), show_in_list,
                    "no bead has all these words");
}

int log(Context& ctx, const Args& args) {
  work::BeadFilter filter = filter_of(ctx, args);
  if (!args.at(0).empty()) filter.task = ctx.project().task(args.at(0)).id;
  return show_beads(ctx, filter, args.get_number("max-count", 0, 1'000'000'000, -1), show_whole,
                    "there is no such bead");
}

int show(Context& ctx, const Args& args) {
  const work::BeadView view = work::find_bead(ctx.project(), args.at(0));
  show_whole(ctx.out, view);
  return ctx.out.answer({{"bead", work::to_json(view)}});
}

Option kind_option(const char* help, const char* words) {
  return {.name = "kind", .arg = "K", .help = help, .completes = Completes::words, .words = words};
}

std::vector<Option> filters() {
  return {{.name = "task", .arg = "ID", .help = "only about this task", .completes = Completes::task},
          kind_option("only of this kind", kKinds),
          {.name = "on", .arg = "COMMIT", .help = "only those noted on this commit"},
          {.name = "all", .help = "also those that another has superseded"},
          {.name = "max-count", .letter = 'n', .arg = "N", .help = "at most N"}};
}

std::vector<Option> log_filters() {
  std::vector<Option> options = filters();
  options.erase(options.begin());  // the task is its argument
  return options;
}

}  // namespace

extern const CommandRow cmd_bead;
const CommandRow cmd_bead = {
    .name = "bead",
    .summary = "what was decided and learnt, and why",
    .group = Group::retro,
    .verbs = {
        {.name = "add",
         .usage = "-m TEXT [--kind K] [--task ID] [--on COMMIT] [--evidence TEXT] [--supersedes ID]",
         .summary = "write one down",
         .options = {{.name = "message", .letter = 'm', .arg = "TEXT", .help = "what, and why"},
                     kind_option("decision (the default), outcome, gotcha or failure", kWritten),
                     {.name = "task", .arg = "ID", .help = "the task it is about", .completes = Completes::task},
                     {.name = "on", .arg = "COMMIT", .help = "the commit it is noted on"},
                     {.name = "evidence", .arg = "TEXT", .help = "what shows it"},
                     {.name = "supersedes", .arg = "ID", .help = "the bead it takes the place of"}},
         .run = add},
        {.name = "list",
         .usage = "[--task ID] [--kind K] [--on COMMIT] [--all] [-n N]",
         .summary = "a line each, newest first",
         .options = filters(),
         .run = list},
        {.name = "show",
         .usage = "ID",
         .summary = "one, with where it comes from",
         .min_args = 1,
         .max_args = 1,
         .run = show},
        {.name = "search",
         .usage = "WORD... [--task ID] [--kind K] [--on COMMIT] [--all] [-n N]",
         .summary = "those that have all the words",
         .options = filters(),
         .min_args = 1,
         .max_args = -1,
         .run = search},
        {.name = "log",
         .usage = "[TASK] [--kind K] [--on COMMIT] [--all] [-n N]",
         .summary = "whole, newest first",
         .options = log_filters(),
         .max_args = 1,
         .run = log,
         .completes = Completes::task},
    }};

}  // namespace ga::cli
