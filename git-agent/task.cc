// git agent-task: tasks, their dependencies, claims and ends.
#include "task/verbs.hh"

namespace ga::cli {
namespace {

const Option kWhy = {.name = "message", .letter = 'm', .arg = "WHY", .help = "the reason, kept with the task"};

std::vector<Option> content_options() {
  return {
      {.name = "description", .letter = 'd', .arg = "TEXT", .help = "what is to be done"},
      {.name = "file", .letter = 'F', .arg = "FILE", .help = "read the description from a file ('-': standard input)", .completes = Completes::file},
      {.name = "accept", .arg = "TEXT", .help = "an acceptance criterion", .repeated = true},
      {.name = "owns", .arg = "GLOB", .help = "paths the task owns while it is worked on", .repeated = true},
      {.name = "priority", .arg = "0-4", .help = "0 is most urgent, 2 the default"},
      {.name = "phase", .arg = "P", .help = "phase of work, for routing"},
      {.name = "label", .arg = "L", .help = "a label", .repeated = true},
      {.name = "assign", .arg = "NAME|@ROLE", .help = "only this agent or role may claim it"},
      {.name = "budget-tokens", .arg = "N", .help = "tokens it may cost"},
      {.name = "parent", .arg = "ID", .help = "the task it is part of", .completes = Completes::task},
  };
}

std::vector<Option> add_options() {
  std::vector<Option> options = content_options();
  options.push_back({.name = "needs", .arg = "ID", .help = "a task that must be finished before", .repeated = true, .completes = Completes::task});
  options.push_back({.name = "plan-required", .help = "done is refused until a plan is approved"});
  options.push_back({.name = "slug", .arg = "S", .help = "short name; made from the title otherwise"});
  options.push_back({.name = "split", .help = "headings of -F become tasks, deeper ones children"});
  options.push_back({.name = "json-lines", .arg = "FILE", .help = "add many in one transaction, one JSON object a line", .completes = Completes::file});
  return options;
}

std::vector<Option> edit_options() {
  std::vector<Option> options = content_options();
  options.push_back({.name = "title", .arg = "TEXT", .help = "the new title"});
  return options;
}

}  // namespace

extern const CommandRow cmd_task;
const CommandRow cmd_task = {
    .name = "task",
    .summary = "plan work as tasks that depend on each other, and claim it",
    .group = Group::plan,
    .verbs =
        {
            {.name = "add", .usage = "TITLE [-d TEXT|-F FILE] [--accept TEXT]... [--needs ID]... [--parent ID] [--owns GLOB]... [--split] [--json-lines FILE]", .summary = "make a task, or many", .options = add_options(), .max_args = 1, .run = task::add},
            {.name = "list", .usage = "[--status S] [--all] [--mine] [--label L] [--tree] [--at TIME]", .summary = "tasks, open ones by default",
             .options = {{.name = "status", .arg = "S", .help = "only this status", .completes = Completes::words, .words = "pending in_progress in_review completed failed cancelled blocked ready"},
                         {.name = "all", .help = "finished, failed and cancelled ones too"},
                         {.name = "mine", .help = "only those I hold"},
                         {.name = "label", .arg = "L", .help = "only with this label"},
                         {.name = "tree", .help = "children below their parents"},
                         {.name = "at", .arg = "TIME", .help = "as it was then (Git's words for dates)"}},
             .run = task::list},
            {.name = "show", .usage = "[ID]", .summary = "everything about one task", .max_args = 1, .run = task::show, .completes = Completes::task},
            {.name = "ready", .usage = "[--limit N] [--explain]", .summary = "tasks that can start now",
             .options = {{.name = "limit", .arg = "N", .help = "show at most N"}, {.name = "explain", .help = "say why each other open task is not ready"}}, .run = task::ready},
            {.name = "next", .usage = "[--wait]", .summary = "claim the next ready task",
             .options = {{.name = "wait", .help = "wait until there is one"}}, .run = task::next},
            {.name = "claim", .usage = "ID [--steal]", .summary = "take the lease on a task",
             .options = {{.name = "steal", .help = "take over from a holder that is gone"}}, .min_args = 1, .max_args = 1, .run = task::claim, .completes = Completes::task},
            {.name = "release", .usage = "[ID]", .summary = "give a claim back", .max_args = 1, .run = task::release, .completes = Completes::task},
            {.name = "start", .usage = "[ID]", .summary = "claim if needed and work on it", .max_args = 1, .run = task::start, .completes = Completes::task},
            {.name = "done", .usage = "[ID] [-m TEXT]", .summary = "hand the work over",
             .options = {{.name = "message", .letter = 'm', .arg = "TEXT", .help = "what was delivered"}}, .max_args = 1, .run = task::done, .completes = Completes::task},
            {.name = "fail", .usage = "[ID] -m WHY", .summary = "give up, with the reason", .options = {kWhy}, .max_args = 1, .run = task::fail, .completes = Completes::task},
            {.name = "block", .usage = "[ID] -m WHY", .summary = "hold a task until unblock", .options = {kWhy}, .max_args = 1, .run = task::block, .completes = Completes::task},
            {.name = "unblock", .usage = "[ID]", .summary = "end a hold", .max_args = 1, .run = task::unblock, .completes = Completes::task},
            {.name = "cancel", .usage = "ID -m WHY", .summary = "not wanted any more", .options = {kWhy}, .min_args = 1, .max_args = 1, .run = task::cancel, .completes = Completes::task},
            {.name = "reopen", .usage = "ID [-m WHY]", .summary = "work is needed after all", .options = {kWhy}, .min_args = 1, .max_args = 1, .run = task::reopen, .completes = Completes::task},
            {.name = "edit", .usage = "ID [--title TEXT] [-d TEXT|-F FILE] [--accept TEXT]... [--priority 0-4]", .summary = "change what a task says", .options = edit_options(), .min_args = 1, .max_args = 1, .run = task::edit, .completes = Completes::task},
            {.name = "dep", .usage = "add|rm ID ON...", .summary = "add or remove dependencies", .min_args = 3, .max_args = -1, .run = task::dep, .completes = Completes::task},
            {.name = "note", .usage = "[ID] TEXT", .summary = "add to the progress log", .min_args = 1, .max_args = 2, .run = task::note, .completes = Completes::task},
            {.name = "accept", .usage = "[ID] N [EVIDENCE] [--undo]", .summary = "tick an acceptance criterion",
             .options = {{.name = "evidence", .arg = "TEXT", .help = "what shows it: gate:NAME, or words"}, {.name = "undo", .help = "untick it"}},
             .min_args = 1, .max_args = 3, .run = task::accept, .completes = Completes::task},
            {.name = "lint", .usage = "", .summary = "weak spots of the plan", .run = task::lint},
            {.name = "log", .usage = "[ID] [-n N]", .summary = "what happened to a task",
             .options = {{.name = "max-count", .letter = 'n', .arg = "N", .help = "show at most N"}}, .max_args = 1, .run = task::log, .completes = Completes::task},
            {.name = "graph", .usage = "[--format FORMAT] [--all]", .summary = "the dependency graph",
             .options = {{.name = "format", .arg = "FORMAT", .help = "ascii, dot or mermaid", .completes = Completes::words, .words = "ascii dot mermaid"}, {.name = "all", .help = "finished tasks too"}},
             .run = task::graph},
        },
};

}  // namespace ga::cli
