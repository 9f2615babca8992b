// list, show, ready, graph, log.
#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>

#include "cli/terminal.hh"
#include "git/cli.hh"
#include "model/imported.hh"
#include "task/verbs.hh"
#include "util/text.hh"
#include "work/task-flow.hh"

namespace ga::cli::task {
namespace {

using index::TaskFilter;
using model::Status;
using model::Task;

std::string shown_status(index::Index& index, const Task& task) {
  const bool may_block = task.status == Status::pending || task.status == Status::in_progress;
  if (may_block && (task.held() || !index.blockers(task.id).empty())) return "blocked";
  return std::string(model::status_name(task.status));
}

std::vector<std::string> row(index::Index& index, const Task& task, const std::string& indent = "") {
  return {index.short_id(task.id),
          shown_status(index, task),
          std::to_string(task.priority),
          task.claim ? sanitize_line(task.claim->agent) : "",
          indent + task.slug,
          sanitize_line(task.title)};
}

const std::vector<std::string> kHeader = {"ID", "STATUS", "P", "WHO", "SLUG", "TITLE"};

TaskFilter filter_of(const Args& args) {
  TaskFilter filter;
  const std::string status = args.get("status");
  if (status == "ready") filter.ready_only = true;
  else if (status == "blocked") filter.blocked = true;
  else if (!status.empty()) {
    filter.status = model::parse_status(status);
    if (!filter.status)
      fail_usage("'" + sanitize_line(status) + "' is no status",
                 {"use pending, in_progress, in_review, completed, failed, cancelled, blocked or ready"});
  } else {
    filter.open_only = !args.has("all");
  }
  return filter;
}

// The ledger's commit that was the tip at a time in Git's words.
git::Oid ledger_at(work::Project& project, const std::string& when) {
  const std::string found = git::git_or_fail({"rev-list", "-1", "--until=" + when, ledger::kLedgerRef, "--"},
                                             {.git_dir = project.repo().common_dir()});
  if (found.empty()) throw Error(Kind::not_found, "the ledger has nothing that old");
  return git::Oid::parse(found);
}

// What a list shows, without the tasks themselves: they may be many.
struct Shown {
  std::vector<std::pair<std::string, std::string>> tasks;  ///< id and parent, in the list's order
  std::unordered_set<std::string> ids;
  void add(const Task& task) {
    tasks.emplace_back(task.id, task.parent);
    ids.insert(task.id);
  }
};

void print_tree(Context& ctx, index::Index& index, const Shown& shown) {
  Table rows = ctx.out.headed(kHeader);
  const auto walk = [&](const auto& self, const std::string& id, int depth) -> void {
    // Another process may have taken it away meanwhile.
    if (const auto task = index.task(id))
      rows.add(row(index, *task, std::string(static_cast<std::size_t>(depth) * 2, ' ')));
    for (const std::string& child : index.children(id))
      if (shown.ids.count(child) != 0 && depth < 64) self(self, child, depth + 1);
  };
  for (const auto& [id, parent] : shown.tasks)
    if (shown.ids.count(parent) == 0) walk(walk, id, 0);
  ctx.out.table(rows);
}

}  // namespace

int list(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  TaskFilter filter = filter_of(args);
  if (args.has("mine")) filter.claimed_by = project.actor().name;
  std::unique_ptr<index::Index> past;
  if (args.has("at")) {
    past = index::Index::scratch(project.repo());
    past->refresh(ledger_at(project, args.get("at")));
  }
  index::Index& index = past ? *past : project.index();
  const std::string label = args.get("label");
  Shown kept;
  Table rows = ctx.out.headed(kHeader);
  bool any = false;
  if (ctx.out.json()) ctx.out.begin_list("tasks");
  index.each_task(filter, [&](const Task& task) {
    if (!label.empty() && std::find(task.labels.begin(), task.labels.end(), label) == task.labels.end()) return true;
    any = true;
    if (ctx.out.json()) ctx.out.item(project.view(task));
    else if (args.has("tree")) kept.add(task);
    else rows.add(row(index, task));
    return true;
  });
  if (ctx.out.json()) return ctx.out.end_list(any ? 0 : 1);
  if (!any) {
    ctx.out.note("no tasks" + std::string(filter.open_only ? " are open" : " like that"));
    return 1;
  }
  start_pager();
  if (args.has("tree")) print_tree(ctx, index, kept);
  else ctx.out.table(rows);
  return 0;
}

namespace {

void print_relations(Context& ctx, const char* label, const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    const auto other = ctx.project().index().task(id);
    names.push_back(other ? other->slug + " (" + shown_status(ctx.project().index(), *other) + ")" : id.substr(0, 8));
  }
  ctx.out.print_line(std::string(label) + join(names, ", "));
}

void print_line_if(Context& ctx, const char* label, const std::string& value) {
  if (!value.empty()) ctx.out.print_line(label + sanitize_line(value));
}

// A sentence, and below it what a gate had to say.
void print_reason(Context& ctx, const std::string& reason) {
  std::string label = "reason:      ";
  for (const std::string& line : split_lines(sanitize(trim(reason)))) {
    ctx.out.print_line(label + line);
    label = "  | ";
  }
}

void print_task(Context& ctx, const Task& task) {
  index::Index& index = ctx.project().index();
  ctx.out.print_line(ctx.out.paint(Style::bold, task.slug) + "  " + sanitize_line(task.title));
  ctx.out.print_line("id:          " + task.id);
  ctx.out.print_line("status:      " + shown_status(index, task));
  print_reason(ctx, task.held() ? task.hold : task.reason);
  if (task.iteration > 0)
    ctx.out.print_line("iteration:   " + std::to_string(task.iteration) + " of " +
                       std::to_string(ctx.project().policy().max_iterations));
  ctx.out.print_line("priority:    " + std::to_string(task.priority));
  if (const auto origin = model::origin_of(task)) print_line_if(ctx, "from:        ", origin->from + " " + origin->id);
  print_line_if(ctx, "phase:       ", task.phase);
  print_line_if(ctx, "labels:      ", join(task.labels, ", "));
  print_line_if(ctx, "assigned to: ", task.assignee);
  if (task.claim)
    ctx.out.print_line("claimed by:  " + sanitize_line(task.claim->agent) + " until " +
                       format_time(task.claim->expires));
  print_line_if(ctx, "branch:      ", task.branch);
  print_line_if(ctx, "commit:      ", task.commit);
  print_line_if(ctx, "owns:        ", join(task.owns, ", "));
  if (!task.parent.empty()) print_relations(ctx, "parent:      ", {task.parent});
  print_relations(ctx, "children:    ", index.children(task.id));
  print_relations(ctx, "needs:       ", task.needs);
  print_relations(ctx, "needed by:   ", index.dependents(task.id));
  if (!task.description.empty()) ctx.out.print_line("\n" + sanitize(task.description));
  const std::string commit = ctx.project().judged_commit(task);
  for (std::size_t i = 0; i < task.accept.size(); ++i) {
    const model::Criterion& c = task.accept[i];
    const bool met = c.met_at(commit);
    const std::string shows = c.done && !met ? "ticked at an older commit, " + c.commit.substr(0, 10) : c.evidence;
    ctx.out.print_line((i == 0 ? "\n" : "") + std::to_string(i + 1) + ". [" + (met ? "x" : " ") + "] " +
                       sanitize_line(c.text) + (shows.empty() ? "" : "  (" + sanitize_line(shows) + ")"));
  }
  for (const model::ProgressNote& note : task.notes)
    ctx.out.print_line("\n" + format_time(note.time) + " " + sanitize_line(note.by) + ":\n  " +
                       replace_all(sanitize(note.text), "\n", "\n  "));
}

}  // namespace

int show(Context& ctx, const Args& args) {
  const Task task = ctx.project().task_or_here(args.at(0));
  if (!ctx.out.json()) print_task(ctx, task);
  return ctx.answer_task(task);
}

namespace {

// Tasks that are open and not ready, each with its reason.
void explain_others(Context& ctx) {
  index::Index& index = ctx.project().index();
  index.each_task({.open_only = true}, [&](const Task& task) {
    if (index.is_ready(task.id)) return true;
    const std::string why = work::explain_not_ready(ctx.project(), task);
    ctx.out.print_line("not ready: " + task.slug + ": " + why);
    if (ctx.out.json()) ctx.out.item({{"task", task.id}, {"slug", task.slug}, {"why", why}});
    return true;
  });
}

bool show_ready(Context& ctx, const TaskFilter& filter) {
  work::Project& project = ctx.project();
  Table rows = ctx.out.headed({"ID", "P", "SLUG", "TITLE"});
  bool any = false;
  project.index().each_task(filter, [&](const Task& task) {
    any = true;
    if (ctx.out.json()) ctx.out.item(project.view(task));
    else rows.add({project.short_id(task.id), std::to_string(task.priority), task.slug, sanitize_line(task.title)});
    return true;
  });
  ctx.out.table(rows);
  return any;
}

}  // namespace

int ready(Context& ctx, const Args& args) {
  TaskFilter filter;
  filter.ready_only = true;
  filter.limit = args.get_number("limit", 1, INT64_MAX, -1);
  ctx.project().index();  // what is wrong with the repository is said before the list begins
  // The members of a document stand in the order of their keys; people read what is ready first.
  if (args.has("explain") && ctx.out.json()) {
    ctx.out.begin_list("not_ready");
    explain_others(ctx);
  }
  ctx.out.begin_list("tasks");
  const bool any = show_ready(ctx, filter);
  if (args.has("explain") && !ctx.out.json()) explain_others(ctx);
  if (!any) ctx.out.note("nothing is ready");
  return ctx.out.end_list(any ? 0 : 1);
}

namespace {

// Text for a quoted string of dot or Mermaid.
std::string label_of(const Task& task) {
  return replace_all(replace_all(sanitize_line(task.title), "\\", "/"), "\"", "'");
}

// One task and its links as lines of the format; `slug_of` gives "" for tasks that are not shown.
std::string graph_lines(const Task& task, const std::string& status, const std::string& format,
                        const std::function<std::string(const std::string&)>& slug_of) {
  const auto node = [](const std::string& slug) { return "\"" + slug + "\""; };
  const std::string parent = task.parent.empty() ? "" : slug_of(task.parent);
  std::string text;
  if (format == "dot")
    text += "  " + node(task.slug) + " [label=\"" + task.slug + "\\n" + label_of(task) + "\\n" + status + "\"];\n";
  if (format == "mermaid")
    text += "  " + task.slug + "[\"" + task.slug + ": " + label_of(task) + " (" + status + ")\"]\n";
  if (format == "ascii") text += task.slug + " (" + status + ")" + (parent.empty() ? "" : " part of " + parent) + "\n";
  for (const std::string& need : task.needs) {
    const std::string slug = slug_of(need);
    if (slug.empty()) continue;
    if (format == "dot") text += "  " + node(slug) + " -> " + node(task.slug) + ";\n";
    if (format == "mermaid") text += "  " + slug + " --> " + task.slug + "\n";
    if (format == "ascii") text += "  needs " + slug + "\n";
  }
  if (parent.empty()) return text;
  if (format == "dot") text += "  " + node(task.slug) + " -> " + node(parent) + " [style=dashed];\n";
  if (format == "mermaid") text += "  " + task.slug + " -.-> " + parent + "\n";
  return text;
}

bool print_graph(Context& ctx, const TaskFilter& filter, const std::string& format) {
  index::Index& index = ctx.project().index();
  const auto slug_of = [&](const std::string& id) {
    const auto other = index.task(id);
    return other && (other->open() || !filter.open_only) ? other->slug : "";
  };
  bool any = false;
  index.each_task(filter, [&](const Task& task) {
    if (!any && format != "ascii") ctx.out.print(format == "dot" ? "digraph tasks {\n  rankdir=LR;\n" : "graph LR\n");
    any = true;
    ctx.out.print(graph_lines(task, shown_status(index, task), format, slug_of));
    return true;
  });
  if (any && format == "dot") ctx.out.print("}\n");
  return any;
}

int answer_graph(Context& ctx, const TaskFilter& filter, const std::string& format) {
  index::Index& index = ctx.project().index();
  bool any = false;
  ctx.out.begin_list("edges");
  index.each_task(filter, [&](const Task& task) {
    for (const std::string& need : task.needs) ctx.out.item({{"task", task.id}, {"needs", need}});
    return true;
  });
  ctx.out.member("format", format);
  ctx.out.begin_list("nodes");
  index.each_task(filter, [&](const Task& task) {
    any = true;
    ctx.out.item({{"id", task.id},
                  {"slug", task.slug},
                  {"status", shown_status(index, task)},
                  {"parent", string_or_null(task.parent)}});
    return true;
  });
  if (!any) ctx.out.note("no tasks");
  return ctx.out.end_list(any ? 0 : 1);
}

}  // namespace

int graph(Context& ctx, const Args& args) {
  const std::string format = args.get("format", "ascii");
  if (format != "ascii" && format != "dot" && format != "mermaid")
    fail_usage("'" + sanitize_line(format) + "' is no graph format", {"use ascii, dot or mermaid"});
  TaskFilter filter;
  filter.open_only = !args.has("all");
  if (ctx.out.json()) return answer_graph(ctx, filter, format);
  if (print_graph(ctx, filter, format)) return 0;
  ctx.out.note("no tasks");
  return 1;
}

int log(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const Task task = project.task_or_here(args.at(0));
  const std::int64_t limit = args.get_number("max-count", 1, INT64_MAX, INT64_MAX);
  Json entries = Json::array();
  const std::string path = model::object_path("tasks", task.id);
  // Newest first; an operation belongs to the task when the task's file differs from its parent's.
  git::Oid later;
  ledger::Entry pending;
  const auto flush = [&](const git::Oid& before) {
    if (pending.op.id.empty() || before == later) return;
    entries.push_back({{"op", pending.op.id},
                       {"kind", pending.op.kind},
                       {"actor", pending.op.actor.name},
                       {"time", format_time(pending.op.time)},
                       {"summary", pending.summary}});
    ctx.out.print_line(format_time(pending.op.time) + "  " + pending.summary);
  };
  const auto blob_at = [&](const git::Oid& commit) {
    const auto info = project.repo().read_commit(commit);
    const auto entry = info ? project.repo().entry_at(info->tree, path) : std::nullopt;
    return entry ? entry->id : git::Oid{};
  };
  start_pager();
  project.ledger().walk([&](const ledger::Entry& entry) {
    const git::Oid now = blob_at(entry.commit);
    flush(now);
    pending = entry;
    later = now;
    // Before the task was added there is nothing more to find.
    return !now.zero() && static_cast<std::int64_t>(entries.size()) < limit;
  });
  if (!later.zero() && static_cast<std::int64_t>(entries.size()) < limit) flush(git::Oid{});
  return ctx.out.answer({{"entries", entries}}, entries.empty() ? 1 : 0);
}

}  // namespace ga::cli::task
