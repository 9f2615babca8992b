#include "interop/export.hh"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "interop/foreign-json.hh"
#include "interop/plan.hh"
#include "model/imported.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

using model::Status;
using model::Task;

bool is_from_beads(const Task& task) {
  const auto origin = model::origin_of(task);
  return origin && origin->from == "beads";
}

const char* beads_status(const Task& task) {
  if (task.held()) return "blocked";
  switch (task.status) {
  case Status::pending:
    return "open";
  case Status::in_progress:
  case Status::in_review:
    return "in_progress";
  case Status::failed:
    return "blocked";
  case Status::completed:
  case Status::cancelled:
    return "closed";
  }
  return "open";
}

std::string checklist(const std::vector<model::Criterion>& accept) {
  std::string text;
  for (const model::Criterion& c : accept)
    text += (c.done ? "- [x] " : "- [ ] ") + replace_all(c.text, "\n", " ") + "\n";
  return trim(text);
}

void put_text(Json& record, const char* key, const std::string& value) {
  if (value.empty()) record.erase(key);
  else record[key] = value;
}

Json comment(const std::string& id, const model::ProgressNote& note, std::size_t number) {
  return {{"id", number},
          {"issue_id", id},
          {"author", note.by},
          {"text", note.text},
          {"created_at", format_time(note.time)}};
}

bool is_need(const std::string& type) {
  const std::string word = replace_all(type, "_", "-");
  return word == "blocks" || word == "blocked-by" || word == "waits-for";
}
bool is_parent(const std::string& type) { return type == "parent-child" || type == "parent_child"; }

class BeadsWriter {
 public:
  BeadsWriter(const Task& task, const Surroundings& around) : task_(task), around_(around), id_(beads_id(task)) {}

  Json write() {
    if (!is_from_beads(task_)) {
      write_own();
      return std::move(record_);
    }
    record_ = original_record(task_);
    changed_ = model::changed_here(task_);
    lay_over();
    return std::move(record_);
  }

 private:
  bool changed(const char* member) const { return changed_.count(member) != 0; }

  void write_own() {
    changed_ = {"title", "description", "priority", "assignee", "parent", "labels",
                "needs", "accept",      "status",   "phase",    "owns"};
    record_ = {{"id", id_},
               {"issue_type", around_.has_children ? "epic" : "task"},
               {"created_at", format_time(task_.created)}};
    put_text(record_, "created_by", task_.created_by);
    if (const auto origin = model::origin_of(task_)) record_["external_ref"] = origin->from + ":" + origin->id;
    lay_over();
    record_["metadata"]["git-agent"]["slug"] = task_.slug;
  }

  void lay_over() {
    const bool more_notes = add_comments();
    if (changed_.empty() && !more_notes) return;
    if (changed("title")) record_["title"] = task_.title;
    if (changed("description")) {
      put_text(record_, "description", task_.description);
      for (const char* part : {"design", "notes"}) record_.erase(part);  // they are sections of it
    }
    if (changed("priority")) record_["priority"] = task_.priority;
    if (changed("accept")) put_text(record_, "acceptance_criteria", checklist(task_.accept));
    if (changed("assignee")) put_text(record_, "assignee", starts_with(task_.assignee, "@") ? "" : task_.assignee);
    if (changed("labels")) {
      if (task_.labels.empty()) record_.erase("labels");
      else record_["labels"] = task_.labels;
    }
    if (changed("status") || changed("hold")) write_status();
    if (changed("needs") || changed("parent")) write_dependencies();
    write_ours();
    record_["updated_at"] = format_time(task_.updated);
  }

  void write_status() {
    record_["status"] = beads_status(task_);
    for (const char* member : {"closed_at", "close_reason"}) record_.erase(member);
    if (record_["status"] != "closed") return;
    record_["closed_at"] = format_time(task_.updated);
    put_text(record_, "close_reason", task_.reason);
  }

  // Others than blocks and parent-child stay; those lead to what the task needs and to its parent, or elsewhere.
  void write_dependencies() {
    std::set<std::pair<std::string, std::string>> wanted;
    for (const std::string& need : task_.needs) wanted.emplace(around_.foreign_id(need), "blocks");
    if (!task_.parent.empty()) wanted.emplace(around_.foreign_id(task_.parent), "parent-child");
    Json list = Json::array();
    if (record_.contains("dependencies") && record_["dependencies"].is_array())
      for (const Json& old : record_["dependencies"]) {
        const std::string on = get_string(old, "depends_on_id"), type = get_string(old, "type");
        // A need stays in the words it came in.
        const bool need = is_need(type), ours = need || is_parent(type);
        const bool kept = wanted.erase({on, need ? "blocks" : "parent-child"}) != 0;
        if (!ours || kept || !around_.is_written(on)) list.push_back(old);
      }
    for (const auto& [on, type] : wanted)
      if (!on.empty())
        list.push_back(
            {{"issue_id", id_}, {"depends_on_id", on}, {"type", type}, {"created_at", format_time(task_.created)}});
    if (list.empty()) record_.erase("dependencies");
    else record_["dependencies"] = std::move(list);
  }

  bool add_comments() {
    Json& list = record_["comments"];
    std::set<std::pair<Time, std::string>> there;
    if (list.is_array())
      for (const Json& old : list) {
        const auto when = parse_moment(get_string(old, "created_at"));
        there.emplace(when ? std::max<Time>(when->seconds, 0) : 0, normalize_utf8(trim(get_string(old, "text"))));
      }
    bool any = false;
    for (const model::ProgressNote& note : task_.notes) {
      if (!there.emplace(note.time, trim(note.text)).second) continue;
      if (!list.is_array()) list = Json::array();
      list.push_back(comment(id_, note, list.size() + 1));
      any = true;
    }
    if (list.is_null()) record_.erase("comments");
    return any;
  }

  // What beads has no word for.
  void write_ours() {
    Json ours = Json::object();
    put_text(ours, "phase", task_.phase);
    if (!task_.owns.empty()) ours["owns"] = task_.owns;
    if (task_.plan_required) ours["plan_required"] = true;
    if (task_.budget_tokens != 0) ours["budget_tokens"] = task_.budget_tokens;
    if (starts_with(task_.assignee, "@")) ours["assignee"] = task_.assignee;
    if (changed("status") || changed("hold")) {
      ours["status"] = model::status_name(task_.status);
      put_text(ours, "hold", task_.hold);
      put_text(ours, "reason", task_.reason);
    }
    if (record_.contains("metadata") && !record_["metadata"].is_object()) return;
    else if (record_.contains("metadata")) {
      // What did not change here stays as it came; what is empty by now goes.
      const Json came = record_["metadata"].value("git-agent", Json::object());
      if (came.is_object())
        for (const char* member : {"slug", "status", "hold", "reason"})
          if (came.contains(member) && !ours.contains(member) && !changed(member)) ours[member] = came[member];
    }
    if (!ours.empty()) record_["metadata"]["git-agent"] = std::move(ours);
    else if (record_.contains("metadata") && record_["metadata"].erase("git-agent") != 0 && record_["metadata"].empty())
      record_.erase("metadata");
  }

  const Task& task_;
  const Surroundings& around_;
  std::string id_;
  std::set<std::string> changed_;
  Json record_;
};

}  // namespace

std::string beads_id(const Task& task) {
  const auto origin = model::origin_of(task);
  return origin && origin->from == "beads" ? origin->id : model::export_id(task.id);
}

Json to_beads(const Task& task, const Surroundings& around) { return BeadsWriter(task, around).write(); }

std::string to_markdown(const Task& task, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  std::string text = indent + (task.finished() ? "- [x] " : "- [ ] ") + "**" + sanitize_line(task.title) + "** (" +
                     task.slug + ", " + std::string(model::status_name(task.status)) + ", priority " +
                     std::to_string(task.priority) + ")";
  if (task.held()) text += ": held, " + sanitize_line(task.hold);
  else if (!task.open() && !task.finished() && !task.reason.empty()) text += ": " + sanitize_line(task.reason);
  text += "\n";
  for (const model::Criterion& c : task.accept)
    text += indent + (c.done ? "  - [x] " : "  - [ ] ") + sanitize_line(c.text) + "\n";
  return text;
}

}  // namespace ga::interop
