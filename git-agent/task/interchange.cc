// import, export: tasks of other trackers.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cli/input.hh"
#include "interop/export.hh"
#include "interop/plan.hh"
#include "model/imported.hh"
#include "task/verbs.hh"
#include "util/fs.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::cli::task {
namespace {

const interop::Format& format_of(const Args& args) {
  const std::string name = args.get("from");
  const interop::Format* format = interop::find_format(name);
  const std::vector<std::string> hint = {"--from beads, ralph, taskmaster, backlog, taskwarrior or github"};
  if (name.empty()) fail_usage("say which tracker the file is from", hint);
  if (format == nullptr) fail_usage("'" + sanitize_line(fit(name, 40)) + "' is no format that can be imported", hint);
  return *format;
}

Json remarks_json(const std::vector<interop::Remark>& remarks) {
  Json list = Json::array();
  for (const interop::Remark& remark : remarks) list.push_back(interop::to_json(remark));
  return list;
}

Json answer_of(const interop::ImportPlan& plan) {
  return {{"imported", plan.imported()},
          {"added", plan.added},
          {"updated", plan.updated},
          {"unchanged", plan.unchanged},
          {"skipped", remarks_json(plan.skipped)},
          {"warnings", remarks_json(plan.warnings)}};
}

std::string remark_line(const interop::Remark& remark, const char* what) {
  const std::string place = remark.line > 0 ? "line " + std::to_string(remark.line) + ": " : "";
  return place + (remark.id.empty() ? "" : sanitize_line(remark.id) + ": ") + what + sanitize_line(remark.reason);
}

void print_remarks(Context& ctx, const interop::ImportPlan& plan) {
  std::vector<std::pair<int, std::string>> lines;
  for (const interop::Remark& remark : plan.skipped) lines.emplace_back(remark.line, remark_line(remark, "left out: "));
  for (const interop::Remark& remark : plan.warnings) lines.emplace_back(remark.line, remark_line(remark, ""));
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [number, line] : lines) ctx.out.print_line(line);
}

interop::ImportPlan unreadable(interop::Reading& reading) {
  interop::ImportPlan plan;
  plan.skipped = std::move(reading.skipped);
  plan.warnings = std::move(reading.warnings);
  return plan;
}

[[noreturn]] void refuse_strict(Context& ctx, const interop::ImportPlan& plan, const std::string& name) {
  print_remarks(ctx, plan);
  throw Error(Kind::gate_failed, "'" + sanitize_line(name) + "' is not quite in order, so nothing is imported",
              {"mend what is named, or leave --strict away"})
      .with_data(answer_of(plan));
}

// One transaction: the plan is made again when another writer was faster.
interop::ImportPlan import_records(Context& ctx, const interop::Format& format,
                                   const std::vector<interop::InputFile>& files, interop::Reading reading,
                                   const Args& args) {
  work::Project& project = ctx.project();
  interop::ImportPlan plan;
  if (args.has("dry-run")) {
    auto state = project.ledger().state();
    plan = interop::plan_import(state, format.name, std::move(reading));
    if (args.has("strict") && plan.has_remarks()) refuse_strict(ctx, plan, args.at(0));
    return plan;
  }
  bool again = false;
  auto done = project.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
    if (std::exchange(again, true)) reading = format.read(files);
    plan = interop::plan_import(state, format.name, std::move(reading));
    if (args.has("strict") && plan.has_remarks()) refuse_strict(ctx, plan, args.at(0));
    if (plan.tasks.empty()) return std::nullopt;
    return project.operation("task.import", {{"from", format.name}, {"tasks", std::move(plan.tasks)}});
  });
  if (done) keep_until_exit(*std::move(done));
  return plan;
}

// A file, or the task files of Backlog.md's directory, by their paths in it.
std::vector<interop::InputFile> read_inputs(const interop::Format& format, const std::string& name) {
  std::error_code error;
  if (std::string_view(format.name) != "backlog" || !fs::is_directory(name, error)) return {{name, read_input(name)}};
  const fs::path below = fs::path(name) / "backlog";
  const fs::path root = fs::is_directory(below, error) ? below : fs::path(name);
  std::vector<interop::InputFile> files;
  std::size_t size = 0;
  for (const char* folder : {"tasks", "completed", "archive/tasks", "drafts"}) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(root / folder, error))
      if (entry.is_regular_file(error) && entry.path().extension() == ".md") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      files.push_back({path.lexically_relative(root).string(), read_input(path.string())});
      size += files.back().text.size();
      if (size > kMaxInput) fail_usage("'" + sanitize_line(name) + "' is too large (at most 64 MiB)");
    }
  }
  return files;
}

}  // namespace

int import_file(Context& ctx, const Args& args) {
  const interop::Format& format = format_of(args);
  const std::string& name = args.at(0);
  const std::vector<interop::InputFile> files = read_inputs(format, name);
  interop::Reading reading = format.read(files);
  if (!reading.readable) {
    const std::string why = reading.problem;
    const interop::ImportPlan nothing = unreadable(reading);
    print_remarks(ctx, nothing);
    throw Error(Kind::usage, "'" + sanitize_line(name) + "' cannot be read as " + format.name + ": " + why)
        .with_data(answer_of(nothing));
  }
  const bool empty = reading.records.empty();
  if (!args.has("dry-run")) ctx.say_actor();
  const interop::ImportPlan plan = import_records(ctx, format, files, std::move(reading), args);
  ctx.out.print_line((args.has("dry-run") ? "would import " : "imported ") + std::to_string(plan.imported()) + " (" +
                     std::to_string(plan.added) + " new, " + std::to_string(plan.updated) + " updated, " +
                     std::to_string(plan.unchanged) + " unchanged)");
  print_remarks(ctx, plan);
  return ctx.out.answer(answer_of(plan), empty ? 1 : 0);
}

namespace {

// Tasks by the ids that others know them by. What was deleted there is not written: it would come back to life.
class Exported {
 public:
  explicit Exported(index::Index& index) {
    index.each_task({}, [&](const model::Task& task) {
      const auto origin = model::origin_of(task);
      if (origin && origin->deleted) return true;
      std::string name = interop::beads_id(task);
      names_.insert(name);
      by_task_.emplace(task.id, name);
      order_.emplace_back(std::move(name), task.id);
      return true;
    });
    std::sort(order_.begin(), order_.end());
  }

  const std::vector<std::pair<std::string, std::string>>& in_order() const { return order_; }
  interop::Surroundings around(bool has_children) const {
    return {[this](const std::string& task) {
              const auto found = by_task_.find(task);
              return found == by_task_.end() ? "" : found->second;
            },
            [this](const std::string& name) { return names_.count(name) != 0; }, has_children};
  }

 private:
  std::vector<std::pair<std::string, std::string>> order_;
  std::unordered_map<std::string, std::string> by_task_;
  std::unordered_set<std::string> names_;
};

int export_beads(Context& ctx, index::Index& index) {
  const Exported exported(index);
  ctx.out.begin_list("records");
  for (const auto& [name, id] : exported.in_order()) {
    const auto task = index.task(id);
    if (!task) continue;
    const Json record = interop::to_beads(*task, exported.around(!index.children(id).empty()));
    if (ctx.out.json()) ctx.out.item(record);
    else ctx.out.print_line(canonical(record));
  }
  return ctx.out.end_list(exported.in_order().empty() ? 1 : 0);
}

// The document of `task list --all --json`, whether --json is there or not.
int export_json(Context& ctx, index::Index& index) {
  ctx.out.begin("task.export", true);
  bool any = false;
  ctx.out.begin_list("tasks");
  index.each_task({}, [&](const model::Task& task) {
    any = true;
    ctx.out.item(ctx.project().view(task));
    return true;
  });
  return ctx.out.end_list(any ? 0 : 1);
}

int export_markdown(Context& ctx, index::Index& index) {
  std::vector<std::string> tops;
  index.each_task({}, [&](const model::Task& task) {
    if (task.parent.empty() || !index.task(task.parent)) tops.push_back(task.id);
    return true;
  });
  ctx.out.begin_list("lines");
  const auto walk = [&](const auto& self, const std::string& id, int depth) -> void {
    const auto task = index.task(id);
    if (!task) return;
    const std::string text = interop::to_markdown(*task, depth);
    ctx.out.print(text);
    if (ctx.out.json())
      for (const std::string& line : split_lines(text)) ctx.out.item(line);
    for (const std::string& child : index.children(id))
      if (depth < 64) self(self, child, depth + 1);
  };
  for (const std::string& id : tops) walk(walk, id, 0);
  return ctx.out.end_list(tops.empty() ? 1 : 0);
}

}  // namespace

int export_tasks(Context& ctx, const Args& args) {
  const std::string to = args.get("to");
  index::Index& index = ctx.project().index();
  if (to == "beads") return export_beads(ctx, index);
  if (to == "json") return export_json(ctx, index);
  if (to == "markdown") return export_markdown(ctx, index);
  fail_usage(to.empty() ? "say what to write"
                        : "'" + sanitize_line(fit(to, 40)) + "' is no form that tasks are written in",
             {"--to beads, json or markdown"});
}

}  // namespace ga::cli::task
