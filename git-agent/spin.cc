// git agent-spin: one task, one branch, one worktree, one agent.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "agent-view.hh"
#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "model/names.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/reviews.hh"
#include "work/spin.hh"
#include "work/worktrees.hh"

namespace ga::cli {
namespace {

constexpr const char* kTemplate =
    "Goal:\n\n\nAcceptance criteria:\n- [ ] \n\nBoundaries:\n\n\nEdge cases and invariants:\n\n\nNot to build:\n\n\n"
    "# What the agent shall do, in your words. Each '- [ ]' line with text becomes an acceptance\n"
    "# criterion. Lines that begin with '#' are dropped; leave it all as it is to give up.\n";

const char* const kSections[] = {
    "Goal:", "Acceptance criteria:", "Boundaries:", "Edge cases and invariants:", "Not to build:"};

std::string read_spec(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  const auto text = read_file(file, 1u << 20);
  if (!text) fail_usage("there is no file '" + sanitize_line(file) + "'");
  return *text;
}

bool is_section(const std::string& line) {
  return std::any_of(std::begin(kSections), std::end(kSections), [&](const char* section) { return line == section; });
}

/// "- [ ] text" gives the text; "" for other lines.
std::string criterion_of(const std::string& line) {
  const std::string text = trim(line);
  for (const char* mark : {"- [ ]", "* [ ]", "- [x]"})
    if (starts_with(text, mark)) return trim(text.substr(5));
  return "";
}

/// A spec for one feature: its first heading or line is the title, "- [ ]" lines are criteria, "Owns:" lines paths.
void take_spec(model::Task& task, const std::string& text) {
  std::vector<std::string> kept;
  for (const std::string& line : split_lines(normalize_utf8(text))) {
    const std::string bare = trim(line);
    if (starts_with(bare, "- [ ]") && criterion_of(line).empty()) continue;
    if (const std::string criterion = criterion_of(line); !criterion.empty()) {
      task.accept.push_back({.text = criterion, .done = false, .by = "", .evidence = "", .commit = ""});
      continue;
    }
    if (starts_with(lower_ascii(bare), "owns:")) {
      for (const std::string& glob : split(bare.substr(5), ','))
        if (!trim(glob).empty()) task.owns.push_back(trim(glob));
      continue;
    }
    if (task.title.empty() && !bare.empty() && !is_section(bare)) {
      const bool heading = bare[0] == '#';
      task.title = std::string(utf8_prefix(
          heading ? trim(bare.substr(bare.find_first_not_of('#') == std::string::npos ? bare.size()
                                                                                      : bare.find_first_not_of('#')))
                  : bare,
          120));
      if (heading) continue;
    }
    kept.push_back(line);
  }
  task.description = trim(join(kept, "\n"));
  if (task.description == task.title) task.description.clear();
}

/// Nothing was written into the template.
bool is_untouched(const std::string& text) {
  for (const std::string& line : split_lines(text))
    if (const std::string bare = trim(line); !bare.empty() && bare != "- [ ]" && !is_section(bare)) return false;
  return true;
}

std::string ask_for_spec(const std::string& slug, bool launch) {
  if (!can_ask()) {
    if (!launch) return "";
    fail_usage(
        "what shall be done? there is no task '" + slug + "'",
        {"say it with -d TEXT or -F FILE", "'git agent-task add' makes a task first; --no-launch starts no agent"});
  }
  const std::string text = edit_text(kTemplate, "SPEC.md");
  if (is_untouched(text)) throw Error(Kind::empty, "nothing was written, so nothing is spun");
  return text;
}

std::string title_from_slug(std::string slug) {
  std::replace_if(
      slug.begin(), slug.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  if (!slug.empty() && slug[0] >= 'a' && slug[0] <= 'z') slug[0] = static_cast<char>(slug[0] - 'a' + 'A');
  return slug;
}

model::Task new_task(Context& ctx, const Args& args, const std::string& slug) {
  model::Task task;
  task.id = new_id();
  task.slug = slug;
  const std::string text = args.has("file")          ? read_spec(args.get("file"))
                           : args.has("description") ? args.get("description")
                                                     : ask_for_spec(slug, !args.has("no-launch"));
  if ((args.has("file") || args.has("description")) && trim(text).empty()) fail_usage("the description is empty");
  take_spec(task, text);
  if (task.title.empty()) task.title = title_from_slug(slug);
  for (const std::string& criterion : args.get_all("accept"))
    task.accept.push_back({.text = normalize_utf8(criterion), .done = false, .by = "", .evidence = "", .commit = ""});
  for (const std::string& glob : args.get_all("owns")) task.owns.push_back(glob);
  // What an agent spins is a part of its own task.
  if (!ctx.project().actor().person)
    if (const auto here = ctx.project().task_here()) task.parent = here->id;
  return task;
}

std::string setup_of(const Args& args) {
  const std::string setup = args.get("setup", "auto");
  if (setup != "auto" && setup != "none" && setup != "worktreeinclude")
    fail_usage("--setup '" + sanitize_line(setup) + "' is not known", {"use auto, none or worktreeinclude"});
  return setup;
}

std::optional<model::Task> existing_task(Context& ctx, const std::string& name) {
  auto& project = ctx.project();
  if (const std::string id = project.index().task_by_slug(name); !id.empty()) return project.index().task(id);
  if (!model::is_id_prefix(name)) return std::nullopt;
  // It reads like an id: of a task, or of none and then it cannot become a name.
  if (!project.index().ids_with_prefix(name).empty()) return project.task(name);
  model::check_slug(name);
  return std::nullopt;
}

void report(Context& ctx, const work::SpinResult& result) {
  const auto& run = result.run;
  const std::string base = git::Oid::parse(run.base).brief();
  ctx.out.print_line((result.resumed ? "Resumed " : "Spun ") + ctx.out.paint(Style::bold, run.slug) + ": branch " +
                     run.branch.substr(11) + " from " + base + " in " + sanitize_line(run.worktree));
  if (run.state == "prepared") return ctx.out.print_line("No agent was started.");
  ctx.out.print_line("Agent " + run.agent + " (" + sanitize_line(run.profile) + ", pid " +
                     std::to_string(run.process.pid) + ") is " + (run.state == "running" ? "at work" : run.state) +
                     "; log: " + run.log);
  ctx.out.hint("watch it with 'git agent-run attach " + run.slug + "'");
}

// A reviewer works on what is handed in, in a worktree that is only for reading.
int run_spin_reviewer(Context& ctx, const Args& args, const model::Task& task) {
  for (const char* option : {"file", "description", "accept", "owns", "base", "only", "setup"})
    if (args.has(option)) fail_usage(std::string("--") + option + " is not for a reviewer");
  ctx.say_actor();
  const auto run =
      work::spin_reviewer(ctx.project(), task, {args.get("name"), args.get("profile"), !args.has("no-launch")},
                          [&](const std::string& text) { ctx.out.progress(text); });
  ctx.out.end_progress();
  ctx.out.print_line("Reviewer " + ctx.out.paint(Style::bold, run.agent) + " of " + task.slug + " at " +
                     task.commit.substr(0, 10) + " in " + sanitize_line(run.worktree));
  if (run.state == "prepared") ctx.out.print_line("No agent was started.");
  else ctx.out.hint("wait for its verdict: git agent-review wait " + task.slug);
  const int code =
      ctx.out.answer({{"task", ctx.project().view(task)}, {"worktree", worktree_view(run)}, {"resumed", false}});
  if (args.has("attach") && run.state != "prepared" && !ctx.out.json()) return attach_run(ctx, run, /*window=*/true);
  return code;
}

int run_spin(Context& ctx, const Args& args) {
  std::string name = args.at(0);
  if (args.has("task")) {
    const model::Task task = ctx.project().task(args.get("task"));
    if (!name.empty() && name != task.slug)
      fail_usage("task " + ctx.project().short_id(task.id) + " is called '" + task.slug + "', not '" +
                     sanitize_line(fit(name, 60)) + "'",
                 {"git agent-spin " + task.slug});
    name = task.slug;
  }
  if (name.empty())
    fail_usage("which feature? name a new one, or a task by slug or id", {"git agent-spin FEATURE -d TEXT"});
  if (args.has("file") && args.has("description")) fail_usage("-F and -d cannot both say what to do");
  if (args.get("role") == "reviewer")
    if (const auto task = existing_task(ctx, name)) return run_spin_reviewer(ctx, args, *task);
  work::SpinRequest request;
  request.copy_included = setup_of(args) != "none";
  const bool is_id = model::is_id(name) || (model::is_id_prefix(name) && !model::is_slug(name));
  if (!is_id) model::check_slug(name);
  const auto existing = existing_task(ctx, name);
  request.slug = existing ? existing->slug : name;
  if (existing && (args.has("file") || args.has("description") || args.has("accept") || args.has("owns")))
    ctx.out.warning("'" + existing->slug +
                    "' exists: what it says counts, not -d, -F, --accept or --owns (git agent-task edit changes it)");
  if (!existing) request.new_task = new_task(ctx, args, request.slug);
  request.agent = args.get("name");
  request.profile = args.get("profile");
  request.role = args.get("role");
  request.base = args.get("base");
  request.only = args.get_all("only");
  request.launch = !args.has("no-launch");
  ctx.say_actor();
  const auto result = work::spin(ctx.project(), request, [&](const std::string& text) { ctx.out.progress(text); });
  ctx.out.end_progress();
  report(ctx, result);
  const int code = ctx.out.answer({{"task", ctx.project().view(result.task)},
                                   {"worktree", worktree_view(result.run)},
                                   {"resumed", result.resumed}});
  if (args.has("attach") && request.launch && !ctx.out.json()) return attach_run(ctx, result.run, /*window=*/true);
  return code;
}

}  // namespace

extern const CommandRow cmd_spin;
const CommandRow cmd_spin = {
    .name = "spin",
    .summary = "start an agent on a task, in a branch and worktree of its own",
    .group = Group::spawn,
    .verbs = {
        {.name = "",
         .usage = "FEATURE [-F SPEC|-d TEXT] [--accept TEXT]... [--owns GLOB]... [--task ID] [--name AGENT] [--profile "
                  "P] [--role R] [--base REF] [--only PATH]... [--no-launch] [--attach] [--setup auto|none|NAME]",
         .summary = "",
         .options =
             {{.name = "file",
               .letter = 'F',
               .arg = "SPEC",
               .help = "what to do, from a file (-: standard input)",
               .completes = Completes::file},
              {.name = "description", .letter = 'd', .arg = "TEXT", .help = "what to do"},
              {.name = "accept", .arg = "TEXT", .help = "an acceptance criterion", .repeated = true},
              {.name = "owns", .arg = "GLOB", .help = "paths that are the agent's alone", .repeated = true},
              {.name = "task",
               .arg = "ID",
               .help = "the task, when FEATURE does not say it",
               .completes = Completes::task},
              {.name = "name", .arg = "AGENT", .help = "the agent's name (the feature's)"},
              {.name = "profile", .arg = "P", .help = "how its client is started", .completes = Completes::profile},
              {.name = "role", .arg = "R", .help = "its role (builder)"},
              {.name = "base",
               .arg = "REF",
               .help = "where the branch starts (the target's tip)",
               .completes = Completes::branch},
              {.name = "only",
               .arg = "PATH",
               .help = "check out only this directory",
               .repeated = true,
               .completes = Completes::file},
              {.name = "no-launch", .help = "make everything, start no agent"},
              {.name = "attach", .help = "follow the agent's log"},
              {.name = "setup",
               .arg = "NAME",
               .help = "auto, none or worktreeinclude",
               .completes = Completes::words,
               .words = "auto none worktreeinclude"}},
         .min_args = 0,
         .max_args = 1,
         .run = run_spin,
         .completes = Completes::feature}}};

}  // namespace ga::cli
