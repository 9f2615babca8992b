// task-master: `tasks.json`, its tasks under tags or (older) at the top; a subtask becomes a child. Ids count within a tag.
#include <algorithm>
#include <cctype>

#include "interop/foreign-json.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

using model::Status;

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

class TaskmasterTask {
 public:
  TaskmasterTask(Reading& reading, const std::string& tag, const std::string& parent)
      : reading_(reading), tag_(tag), parent_(parent), fill_(reading, record_) {}

  void read(const Piece& piece, const Json& about) {
    auto json = parse_record(piece, reading_);
    if (!json) return;
    record_.line = piece.line;
    record_.original = *std::move(json);
    const std::string id = record_.original.contains("id") ? scalar_text(record_.original["id"]) : "";
    record_.shown = parent_.empty() || id.empty() ? id : parent_ + "." + id;
    const bool usable =
        !is_number(id) ? (fill_.skip("it has no id that is a number"), false) : fill_.title(fill_.text("title"));
    record_.original.erase("subtasks");
    if (usable) take(about);
    // Subtasks are records of their own, also where their task is not usable.
    const auto list = interop::piece(piece, "subtasks");
    if (list && starts_with(list->text, "["))
      for (const Piece& each : pieces(*list))
        TaskmasterTask(reading_, tag_, id.empty() ? "?" : record_.shown).read(each, {});
  }

 private:
  std::string scoped(const std::string& id) const { return tag_ + "/" + id; }

  void take(const Json& about) {
    record_.id = scoped(record_.shown);
    if (!parent_.empty()) record_.parent = scoped(parent_);
    std::string text = fill_.raw_text("description");
    add_section(text, "Details", fill_.text("details"));
    add_section(text, "Test strategy", fill_.text("testStrategy"));
    fill_.description(text);
    read_status(lower_ascii(fill_.text("status")));
    record_.task.priority = fill_.priority_word("priority");
    fill_.assignee(fill_.text("assignee"));
    fill_.add_labels(fill_.texts("tags"));
    for (const std::string& each : fill_.texts("acceptanceCriteria"))
      for (model::Criterion& criterion : criteria_of(each)) record_.task.accept.push_back(std::move(criterion));
    const auto created = fill_.moment("createdAt"), updated = fill_.moment("updatedAt");
    record_.task.created = created ? created->seconds : 0;
    record_.task.updated = updated ? updated->seconds : -1;
    record_.version = updated ? updated->text : "";
    record_.task.rank = static_cast<int>(reading_.records.size());
    read_dependencies();
    for (const auto& [key, value] : about.items()) record_.original[key] = value;
    reading_.records.push_back(record_);
  }

  void read_status(const std::string& status) {
    model::Task& task = record_.task;
    if (status == "done" || status == "completed") task.status = Status::completed;
    else if (status == "cancelled") task.status = Status::cancelled;
    else if (status == "deferred" || status == "blocked") task.hold = status + " in task-master";
    else if (!status.empty() && status != "pending" && status != "in-progress" && status != "review")
      fill_.warn("the status '" + fit(status, 40) + "' is unknown here: pending");
  }

  // A subtask's plain number is a subtask of the same task.
  void read_dependencies() {
    const auto found = record_.original.find("dependencies");
    if (found == record_.original.end() || found->is_null()) return;
    if (!found->is_array()) return fill_.warn("'dependencies' is no list");
    for (const Json& each : *found) {
      const std::string id = scalar_text(each);
      if (!is_number(id)) fill_.warn("a dependency that is no id: " + fit(canonical(each), 40));
      else if (parent_.empty() || id.find('.') != std::string::npos) record_.needs.push_back({scoped(id), ""});
      else record_.needs.push_back({scoped(parent_ + "." + id), ""});
    }
  }

  Reading& reading_;
  const std::string& tag_;
  std::string parent_;
  Record record_;
  Filler fill_;
};

void read_tasks(Reading& reading, const Piece& list, const std::string& tag, const Json& about) {
  reading.readable = true;
  for (const Piece& each : pieces(list)) TaskmasterTask(reading, tag, "").read(each, about);
}

// What is said of a tag, but for the time of its last change, which says nothing of a task.
Json about_tag(const Piece& tag, Reading& reading) {
  Json about = {{"tag", std::string(tag.key)}};
  if (const auto metadata = piece(tag, "metadata"))
    if (auto json = parse_record(*metadata, reading)) {
      json->erase("updated");
      about["tagMetadata"] = *std::move(json);
    }
  return about;
}

}  // namespace

Reading read_taskmaster(const std::vector<InputFile>& files) {
  Reading reading;
  for (const InputFile& file : files) {
    const Piece root = root_of(file.text);
    for (const Piece& member : pieces(root)) {
      if (!starts_with(root.text, "{")) break;
      if (member.key == "tasks" && starts_with(member.text, "[")) read_tasks(reading, member, "master", Json::object());
      const auto tasks = piece(member, "tasks");
      if (tasks && starts_with(tasks->text, "["))
        read_tasks(reading, *tasks, std::string(member.key), about_tag(member, reading));
    }
  }
  if (!reading.readable) reading.problem = "it has no list 'tasks', neither at the top nor under a tag";
  return reading;
}

}  // namespace ga::interop
