// list, show, ready, graph, log.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/terminal.hh"
#include "git/cli.hh"
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
  return {index.short_id(task.id), shown_status(index, task), std::to_string(task.priority),
          task.claim ? sanitize_line(task.claim->agent) : "", indent + task.slug, sanitize_line(task.title)};
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
      fail_usage("'" + sanitize_line(status) + "' is no status", {"use pending, in_progress, in_review, completed, failed, cancelled, blocked or ready"});
  } else {
    filter.open_only = !args.has("all");
  }
  return filter;
}

// The ledger's commit that was the tip at a time in Git's words.
git::Oid ledger_at(work::Project& project, const std::string& when) {
  const std::string found = git::git_or_fail({"rev-list", "-1", "--until=" + when, ledger::kLedgerRef, "--"}, {.git_dir = project.repo().common_dir()});
  if (found.empty()) throw Error(Kind::not_found, "the ledger has nothing that old");
  return git::Oid::parse(found);
}

void print_tree(Context& ctx, index::Index& index, const std::vector<Task>& tasks) {
  std::set<std::string> shown;
  for (const Task& task : tasks) shown.insert(task.id);
  std::vector<std::vector<std::string>> rows;
  const auto walk = [&](const auto& self, const Task& task, int depth) -> void {
    rows.push_back(row(index, task, std::string(static_cast<std::size_t>(depth) * 2, ' ')));
    for (const std::string& child : index.children(task.id))
      if (shown.count(child) != 0 && depth < 64) self(self, *index.task(child), depth + 1);
  };
  for (const Task& task : tasks)
    if (shown.count(task.parent) == 0) walk(walk, task, 0);
  ctx.out.table(kHeader, rows);
}

}  // namespace

int list(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  TaskFilter filter = filter_of(args);
  if (args.has("mine")) filter.claimed_by = project.actor().name;
  std::unique_ptr<index::Index> past;
  if (args.has("at")) {
    past = index::Index::in_memory(project.repo());
    past->refresh(ledger_at(project, args.get("at")));
  }
  index::Index& index = past ? *past : project.index();
  const std::string label = args.get("label");
  std::vector<Task> kept;
  std::vector<std::vector<std::string>> rows;
  bool any = false;
  if (ctx.out.json()) ctx.out.begin_list("tasks");
  index.each_task(filter, [&](const Task& task) {
    if (!label.empty() && std::find(task.labels.begin(), task.labels.end(), label) == task.labels.end()) return true;
    any = true;
    if (ctx.out.json()) ctx.out.item(project.view(task));
    else if (args.has("tree")) kept.push_back(task);
    else rows.push_back(row(index, task));
    return true;
  });
  if (ctx.out.json()) return ctx.out.end_list(any ? 0 : 1);
  if (!any) {
    ctx.out.note("no tasks" + std::string(filter.open_only ? " are open" : " like that"));
    return 1;
  }
  start_pager();
  if (args.has("tree")) print_tree(ctx, index, kept);
  else ctx.out.table(kHeader, rows);
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

void print_task(Context& ctx, const Task& task) {
  index::Index& index = ctx.project().index();
  ctx.out.print_line(ctx.out.paint(Style::bold, task.slug) + "  " + sanitize_line(task.title));
  ctx.out.print_line("id:          " + task.id);
  ctx.out.print_line("status:      " + shown_status(index, task));
  print_line_if(ctx, "reason:      ", task.held() ? task.hold : task.reason);
  ctx.out.print_line("priority:    " + std::to_string(task.priority));
  print_line_if(ctx, "phase:       ", task.phase);
  print_line_if(ctx, "labels:      ", join(task.labels, ", "));
  print_line_if(ctx, "assigned to: ", task.assignee);
  if (task.claim) ctx.out.print_line("claimed by:  " + sanitize_line(task.claim->agent) + " until " + format_time(task.claim->expires));
  print_line_if(ctx, "branch:      ", task.branch);
  print_line_if(ctx, "commit:      ", task.commit);
  print_line_if(ctx, "owns:        ", join(task.owns, ", "));
  if (!task.parent.empty()) print_relations(ctx, "parent:      ", {task.parent});
  print_relations(ctx, "children:    ", index.children(task.id));
  print_relations(ctx, "needs:       ", task.needs);
  print_relations(ctx, "needed by:   ", index.dependents(task.id));
  if (!task.description.empty()) ctx.out.print_line("\n" + sanitize(task.description));
  for (std::size_t i = 0; i < task.accept.size(); ++i) {
    const model::Criterion& c = task.accept[i];
    ctx.out.print_line((i == 0 ? "\n" : "") + std::to_string(i + 1) + ". [" + (c.done ? "x" : " ") + "] " + sanitize_line(c.text) +
                       (c.evidence.empty() ? "" : "  (" + sanitize_line(c.evidence) + ")"));
  }
  for (const model::ProgressNote& note : task.notes)
    ctx.out.print_line("\n" + format_time(note.time) + " " + sanitize_line(note.by) + ":\n  " + replace_all(sanitize(note.text), "\n", "\n  "));
}

}  // namespace

int show(Context& ctx, const Args& args) {
  const Task task = ctx.project().task_or_here(args.at(0));
  if (!ctx.out.json()) print_task(ctx, task);
  return ctx.answer_task(task);
}

int ready(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  index::Index& index = project.index();
  TaskFilter filter;
  filter.ready_only = true;
  filter.limit = args.get_number("limit", 1, INT64_MAX, -1);
  const auto tasks = index.tasks(filter);
  Json list = Json::array(), others = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Task& task : tasks) {
    if (ctx.out.json()) list.push_back(project.view(task));
    else rows.push_back({index.short_id(task.id), std::to_string(task.priority), task.slug, sanitize_line(task.title)});
  }
  ctx.out.table({"ID", "P", "SLUG", "TITLE"}, rows);
  Json data = {{"tasks", list}};
  if (args.has("explain")) {
    TaskFilter open;
    open.open_only = true;
    index.each_task(open, [&](const Task& task) {
      if (index.is_ready(task.id)) return true;
      const std::string why = work::explain_not_ready(project, task);
      ctx.out.print_line("not ready: " + task.slug + ": " + why);
      others.push_back({{"task", task.id}, {"slug", task.slug}, {"why", why}});
      return true;
    });
    data["not_ready"] = others;
  }
  if (tasks.empty()) ctx.out.note("nothing is ready");
  return ctx.out.answer(data, tasks.empty() ? 1 : 0);
}

namespace {

// Text for a quoted string of dot or Mermaid.
std::string label_of(const Task& task) { return replace_all(replace_all(sanitize_line(task.title), "\\", "/"), "\"", "'"); }

std::string graph_text(index::Index& index, const std::vector<Task>& tasks, const std::string& format) {
  std::map<std::string, std::string> slugs;
  for (const Task& task : tasks) slugs[task.id] = task.slug;
  std::string text = format == "dot" ? "digraph tasks {\n  rankdir=LR;\n" : format == "mermaid" ? "graph LR\n" : "";
  const auto node = [](const std::string& slug) { return "\"" + slug + "\""; };
  for (const Task& task : tasks) {
    const std::string status = shown_status(index, task);
    if (format == "dot") text += "  " + node(task.slug) + " [label=\"" + task.slug + "\\n" + label_of(task) + "\\n" + status + "\"];\n";
    if (format == "mermaid") text += "  " + task.slug + "[\"" + task.slug + ": " + label_of(task) + " (" + status + ")\"]\n";
    if (format == "ascii") text += task.slug + " (" + status + ")" + (task.parent.empty() || slugs[task.parent].empty() ? "" : " part of " + slugs[task.parent]) + "\n";
    for (const std::string& need : task.needs) {
      if (slugs[need].empty()) continue;
      if (format == "dot") text += "  " + node(slugs[need]) + " -> " + node(task.slug) + ";\n";
      if (format == "mermaid") text += "  " + slugs[need] + " --> " + task.slug + "\n";
      if (format == "ascii") text += "  needs " + slugs[need] + "\n";
    }
    if (!task.parent.empty() && !slugs[task.parent].empty()) {
      if (format == "dot") text += "  " + node(task.slug) + " -> " + node(slugs[task.parent]) + " [style=dashed];\n";
      if (format == "mermaid") text += "  " + task.slug + " -.-> " + slugs[task.parent] + "\n";
    }
  }
  return format == "dot" ? text + "}\n" : text;
}

}  // namespace

int graph(Context& ctx, const Args& args) {
  const std::string format = args.get("format", "ascii");
  if (format != "ascii" && format != "dot" && format != "mermaid")
    fail_usage("'" + sanitize_line(format) + "' is no graph format", {"use ascii, dot or mermaid"});
  TaskFilter filter;
  filter.open_only = !args.has("all");
  const auto tasks = ctx.project().index().tasks(filter);
  Json nodes = Json::array(), edges = Json::array();
  for (const Task& task : tasks) {
    nodes.push_back({{"id", task.id}, {"slug", task.slug}, {"status", shown_status(ctx.project().index(), task)}, {"parent", string_or_null(task.parent)}});
    for (const std::string& need : task.needs) edges.push_back({{"task", task.id}, {"needs", need}});
  }
  if (!tasks.empty()) ctx.out.print(graph_text(ctx.project().index(), tasks, format));
  else ctx.out.note("no tasks");
  return ctx.out.answer({{"nodes", nodes}, {"edges", edges}, {"format", format}}, tasks.empty() ? 1 : 0);
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
    entries.push_back({{"op", pending.op.id}, {"kind", pending.op.kind}, {"actor", pending.op.actor.name}, {"time", format_time(pending.op.time)}, {"summary", pending.summary}});
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
