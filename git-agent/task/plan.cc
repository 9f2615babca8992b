// add, edit, dep, lint.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "cli/input.hh"
#include "interop/drafts.hh"
#include "model/names.hh"
#include "task/verbs.hh"
#include "util/text.hh"
#include "work/task-flow.hh"

namespace ga::cli::task {
namespace {

using interop::Draft;

std::string utf8_argument(const std::string& text, const char* what) {
  if (!is_valid_utf8(text)) fail_usage(std::string(what) + " is not valid UTF-8");
  return normalize_utf8(text);
}

std::string description_of(const Args& args) {
  if (args.has("description") && args.has("file")) fail_usage("-d and -F are two descriptions; use one");
  if (args.has("file")) return normalize_utf8(trim(read_input(args.get("file"))));
  return utf8_argument(args.get("description"), "the description");
}

std::vector<Draft> drafts_of(const Args& args) {
  if (args.has("json-lines")) {
    if (!args.at(0).empty() || args.has("split")) fail_usage("--json-lines brings its own titles");
    return interop::drafts_from_json_lines(read_input(args.get("json-lines")), args.get("json-lines"));
  }
  if (args.has("split")) {
    if (!args.has("file")) fail_usage("--split needs -F with the spec to split");
    auto drafts = interop::drafts_from_markdown(read_input(args.get("file")), args.get("file"));
    if (args.at(0).empty()) return drafts;
    Draft root;
    root.title = args.at(0);
    root.slug = args.get("slug", model::slug_for(root.title));
    for (Draft& draft : drafts)
      if (draft.parent.empty()) draft.parent = root.slug;
    drafts.insert(drafts.begin(), root);
    return drafts;
  }
  Draft draft;
  draft.title = utf8_argument(args.at(0), "the title");
  if (trim(draft.title).empty()) fail_usage("a task needs a title", {"git agent-task add \"What is to be done\""});
  draft.slug = args.get("slug");
  if (!draft.slug.empty()) model::check_slug(draft.slug);
  draft.description = description_of(args);
  draft.accept = args.get_all("accept");
  draft.needs = args.get_all("needs");
  draft.parent = args.get("parent");
  draft.owns = args.get_all("owns");
  draft.labels = args.get_all("label");
  draft.phase = args.get("phase");
  draft.assignee = args.get("assign");
  draft.priority = static_cast<int>(args.get_number("priority", 0, 4, 2));
  draft.budget_tokens = args.get_number("budget-tokens", 0, INT64_MAX, 0);
  draft.plan_required = args.has("plan-required");
  return {draft};
}

// Drafts to objects of task.add: names become ids, first within the batch, then of tasks that exist.
class Batch {
 public:
  explicit Batch(work::Project& project) : project_(project) {}

  Json objects(std::vector<Draft>& drafts) {
    for (Draft& draft : drafts) name(draft);
    Json list = Json::array();
    for (std::size_t i = 0; i < drafts.size(); ++i) list.push_back(object(drafts[i], ids_[i], static_cast<int>(i)));
    return list;
  }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  void name(Draft& draft) {
    const bool chosen = !draft.slug.empty();
    if (chosen) {
      if (!model::is_slug(draft.slug) && draft.line > 0)
        fail_usage("line " + std::to_string(draft.line) + ": '" + sanitize_line(fit(draft.slug, 60)) +
                   "' is not a valid slug");
      model::check_slug(draft.slug);
    } else {
      draft.slug = model::slug_for(draft.title);
    }
    ids_.push_back(new_id());
    if (!by_slug_.emplace(draft.slug, ids_.back()).second && chosen)
      fail_usage("the slug '" + draft.slug + "' stands twice in the batch");
    if (chosen && !project_.index().task_by_slug(draft.slug).empty() && draft.line == 0)
      fail_usage("there is a task '" + draft.slug + "' already",
                 {"choose another --slug, or see 'git agent-task show " + draft.slug + "'"});
  }

  std::string id_of(const std::string& name) {
    const auto here = by_slug_.find(name);
    return here != by_slug_.end() ? here->second : project_.task(name).id;
  }

  Json object(const Draft& draft, const std::string& id, int rank) {
    model::Task task;
    task.id = id;
    task.slug = draft.slug;
    task.title = normalize_utf8(trim(draft.title));
    task.description = normalize_utf8(draft.description);
    task.phase = draft.phase;
    task.assignee = draft.assignee;
    task.labels = draft.labels;
    task.owns = draft.owns;
    task.priority = draft.priority;
    task.rank = rank;
    task.budget_tokens = draft.budget_tokens;
    task.plan_required = draft.plan_required;
    for (const std::string& text : draft.accept) task.accept.push_back({normalize_utf8(text), false, "", "", ""});
    for (const std::string& need : draft.needs) {
      std::string found = id_of(need);
      if (std::find(task.needs.begin(), task.needs.end(), found) == task.needs.end())
        task.needs.push_back(std::move(found));
    }
    if (!draft.parent.empty()) task.parent = id_of(draft.parent);
    Json json = model::to_json(task);
    json.erase("created");
    json.erase("updated");
    return json;
  }

  work::Project& project_;
  std::vector<std::string> ids_;
  std::unordered_map<std::string, std::string> by_slug_;
};

}  // namespace

int add(Context& ctx, const Args& args) {
  std::vector<Draft> drafts = drafts_of(args);
  work::Project& project = ctx.project();
  Batch batch(project);
  Json objects = batch.objects(drafts);
  ctx.say_actor();
  project.commit("task.add", {{"tasks", std::move(objects)}});
  if (batch.ids().size() == 1) {
    const model::Task task = project.known_task(batch.ids().front());
    ctx.out.print_line(project.short_id(task.id) + "  " + task.slug);
    return ctx.answer_task(task);
  }
  ctx.out.begin_list("tasks");
  for (const std::string& id : batch.ids()) {
    if (!ctx.out.json() && batch.ids().size() > 50) break;
    const model::Task task = project.known_task(id);
    ctx.out.print_line(project.short_id(id) + "  " + task.slug);
    if (ctx.out.json()) ctx.out.item(project.view(task));
  }
  if (batch.ids().size() > 50) ctx.out.print_line("added " + std::to_string(batch.ids().size()) + " tasks");
  return ctx.out.end_list(0);
}

int edit(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Task task = project.task(args.at(0));
  Json set = Json::object();
  if (args.has("title")) set["title"] = utf8_argument(args.get("title"), "the title");
  if (args.has("description") || args.has("file")) set["description"] = description_of(args);
  if (args.has("priority")) set["priority"] = args.get_number("priority", 0, 4, 2);
  if (args.has("phase")) set["phase"] = args.get("phase");
  if (args.has("assign")) set["assignee"] = args.get("assign");
  if (args.has("budget-tokens")) set["budget_tokens"] = args.get_number("budget-tokens", 0, INT64_MAX, 0);
  if (args.has("parent")) set["parent"] = args.get("parent").empty() ? "" : project.task(args.get("parent")).id;
  if (args.has("label")) set["labels"] = args.get_all("label");
  if (args.has("owns")) set["owns"] = args.get_all("owns");
  if (args.has("accept")) {
    set["accept"] = Json::array();
    for (const std::string& text : args.get_all("accept"))
      set["accept"].push_back({{"text", normalize_utf8(text)}, {"done", false}});
  }
  if (set.empty()) fail_usage("nothing to change", {"see 'git agent-task edit -h' for what can be changed"});
  ctx.say_actor();
  project.commit("task.edit", {{"task", task.id}, {"set", set}});
  return ctx.answer_task(project.known_task(task.id));
}

int dep(Context& ctx, const Args& args) {
  const std::string what = args.at(0);
  if (what != "add" && what != "rm")
    fail_usage("'" + sanitize_line(what) + "' is neither 'add' nor 'rm'", {"git agent-task dep add ID ON..."});
  work::Project& project = ctx.project();
  const model::Task task = project.task(args.at(1));
  std::vector<std::string> on;
  for (std::size_t i = 2; i < args.positional().size(); ++i) on.push_back(project.task(args.at(i)).id);
  ctx.say_actor();
  project.commit("task.dep", {{"task", task.id}, {what == "add" ? "add" : "remove", on}});
  return ctx.answer_task(project.known_task(task.id));
}

int lint(Context& ctx, const Args&) {
  work::Project& project = ctx.project();
  project.index();  // what is wrong with the repository is said before the list begins
  bool any = false;
  ctx.out.begin_list("findings");
  work::lint_tasks(project, [&](const work::LintFinding& finding) {
    any = true;
    ctx.out.print_line(finding.slug + ": " + finding.message + " [" + finding.rule + "]");
    if (ctx.out.json())
      ctx.out.item(
          {{"task", finding.task}, {"slug", finding.slug}, {"rule", finding.rule}, {"message", finding.message}});
  });
  if (!any) ctx.out.note("no weak spot found");
  return ctx.out.end_list(any ? 1 : 0);
}

}  // namespace ga::cli::task
