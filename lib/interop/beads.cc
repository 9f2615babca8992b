// Beads: one issue a line (`.beads/issues.jsonl`). The manual's table says what becomes what.
#include <algorithm>
#include <array>
#include <cctype>

#include "interop/foreign-json.hh"
#include "model/names.hh"
#include "util/glob.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

using model::Status;

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* each) { return word == each; });
}

// What is no work for anybody waits under a hold instead of being offered.
constexpr std::array kNoWork = {"message", "molecule", "gate", "event", "agent", "role", "rig", "convoy", "slot"};

class BeadsIssue {
 public:
  BeadsIssue(Reading& reading, int line, Json object) : reading_(reading), fill_(reading, record_) {
    record_.line = line;
    record_.original = std::move(object);
  }

  void read() {
    record_.id = record_.shown = fill_.text("id");
    if (fill_.text("_type") == "memory") return fill_.skip("a memory, which is no issue");
    const std::string title = fill_.text("title");
    record_.deleted = fill_.text("status") == "tombstone";
    if (record_.id.empty() && !title.empty()) {
      record_.id = record_.shown = "untitled-" + sha256_hex(title).substr(0, 12);
      fill_.warn("it has no id: it is known by its title");
    }
    if (record_.deleted && title.empty()) record_.task.title = record_.id;
    else if (!fill_.title(title)) return;
    read_texts();
    read_times();
    read_status();
    read_priority();
    read_dependencies();
    read_comments();
    read_ours();
    guess_parent();
    reading_.records.push_back(std::move(record_));
  }

 private:
  Json member(const char* key) const { return record_.original.contains(key) ? record_.original[key] : Json(); }

  void read_texts() {
    std::string text = fill_.raw_text("description");
    add_section(text, "Design", fill_.text("design"));
    add_section(text, "Notes", fill_.text("notes"));
    fill_.description(text);
    record_.task.accept = criteria_of(fill_.text("acceptance_criteria"));
    record_.task.labels = fill_.texts("labels");
    record_.task.created_by = fill_.text("created_by");
    fill_.assignee(fill_.text("assignee"));
  }

  void read_times() {
    const auto created = fill_.moment("created_at");
    const auto updated = fill_.moment("updated_at");
    const auto deleted = fill_.moment("deleted_at");
    fill_.moment("closed_at");
    record_.task.created = created ? created->seconds : 0;
    record_.task.updated = updated ? updated->seconds : -1;
    record_.version = updated ? updated->text : created ? created->text : "";
    if (deleted && deleted->text > record_.version) {
      record_.version = deleted->text;
      record_.task.updated = deleted->seconds;
    }
  }

  void hold(const std::string& why) { record_.task.hold = why; }

  void read_status() {
    const std::string status = fill_.text("status");
    const std::string type = fill_.text("issue_type");
    if (status == "closed") {
      record_.task.status = Status::completed;
      record_.task.reason = fill_.text("close_reason");
      return;
    }
    if (status == "blocked") hold("blocked in beads");
    else if (status == "pinned" || get_bool(record_.original, "pinned")) hold("pinned in beads: kept in view, no work");
    else if (status == "deferred") {
      const auto until = fill_.moment("defer_until");
      hold("deferred in beads" + (until ? " until " + format_time(until->seconds) : ""));
    } else if (!status.empty() && !record_.deleted && !is_one_of(status, std::array{"open", "in_progress", "hooked"})) {
      fill_.warn("the status '" + fit(status, 40) + "' is unknown here: pending");
    }
    if (is_one_of(type, kNoWork)) hold("a " + type + " in beads, which is no work");
    if (get_bool(record_.original, "is_template")) hold("a template in beads");
    if (get_bool(record_.original, "ephemeral") || get_bool(record_.original, "wisp")) hold("ephemeral in beads");
  }

  void read_priority() {
    const Json priority = member("priority");
    if (priority.is_null()) return;
    const std::int64_t value = get_int(record_.original, "priority", -1);
    if (value < 0 || value > 4) fill_.warn("the priority " + fit(canonical(priority), 20) + " is not 0 to 4");
    if (priority.is_number_integer()) record_.task.priority = static_cast<int>(std::clamp<std::int64_t>(value, 0, 4));
  }

  void read_dependencies() {
    const Json list = member("dependencies");
    if (list.is_null()) return;
    if (!list.is_array()) return fill_.warn("'dependencies' is no list");
    for (const Json& each : list) {
      const std::string on = get_string(each, "depends_on_id"), of = get_string(each, "issue_id", record_.id);
      std::string type = get_string(each, "type", "blocks");
      std::replace(type.begin(), type.end(), '_', '-');
      if (on.empty()) fill_.warn("a dependency on nothing");
      else if (of != record_.id) fill_.warn("a dependency of '" + fit(of, 60) + "' stands here: it is left out");
      else if (starts_with(on, "external:")) fill_.warn("it depends on '" + fit(on, 80) + "', which is elsewhere");
      else if (type == "parent-child") take_parent(on);
      else if (is_one_of(type, std::array{"blocks", "blocked-by", "waits-for"})) take_need(on, each);
      else if (type == "conditional-blocks")
        fill_.warn("it comes only if '" + fit(on, 60) + "' fails: not kept as a need");
    }
  }

  void take_parent(const std::string& id) {
    if (record_.parent.empty()) record_.parent = id;
    else if (record_.parent != id) fill_.warn("it has a second parent, '" + fit(id, 60) + "'");
  }

  void take_need(const std::string& id, const Json& dependency) {
    const auto since = parse_moment(get_string(dependency, "created_at"));
    record_.needs.push_back({id, since ? since->text : ""});
  }

  void read_comments() {
    const Json list = member("comments");
    if (list.is_null()) return;
    if (!list.is_array()) return fill_.warn("'comments' is no list");
    for (const Json& each : list) fill_.note(each, "author", "text", "created_at");
  }

  // What our own export adds: members that beads has no word for.
  void read_ours() {
    const Json metadata = member("metadata");
    if (!metadata.is_object() || !metadata.contains("git-agent")) return;
    const Json& ours = metadata["git-agent"];
    model::Task& task = record_.task;
    task.slug = get_string(ours, "slug");
    task.phase = get_string(ours, "phase");
    for (const std::string& glob : get_strings(ours, "owns")) {
      if (const std::string problem = glob_error(glob); problem.empty()) task.owns.push_back(glob);
      else fill_.warn("'" + fit(glob, 60) + "' is no path pattern: " + problem);
    }
    task.plan_required = get_bool(ours, "plan_required");
    task.budget_tokens = get_int(ours, "budget_tokens");
    if (const std::string role = get_string(ours, "assignee"); model::is_assignee(role) && !role.empty())
      task.assignee = role;
    const auto status = model::parse_status(get_string(ours, "status"));
    if (task.status == Status::completed && status == Status::cancelled) task.status = *status;
    if (task.open() && status == Status::failed) task.status = *status;
    if (!task.open()) task.hold.clear();
    else if (const std::string why = get_string(ours, "hold"); !why.empty()) task.hold = why;
    if (const std::string why = get_string(ours, "reason"); !why.empty()) task.reason = why;
  }

  // "x.3" is a child of "x", as beads makes ids.
  void guess_parent() {
    const std::size_t dot = record_.id.rfind('.');
    if (!record_.parent.empty() || dot == std::string::npos || dot + 1 == record_.id.size()) return;
    if (!std::all_of(record_.id.begin() + static_cast<long>(dot) + 1, record_.id.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; }))
      return;
    record_.parent = record_.id.substr(0, dot);
    record_.parent_is_guess = true;
  }

  Reading& reading_;
  Record record_;
  Filler fill_;
};

void read_issue(Reading& reading, int line, Json object) { BeadsIssue(reading, line, std::move(object)).read(); }

}  // namespace

Reading read_beads(const std::vector<InputFile>& files) {
  Reading reading;
  for (const InputFile& file : files) each_object(file.text, reading, read_issue);
  if (!reading.readable) reading.problem = "no line of it is a JSON object";
  return reading;
}

}  // namespace ga::interop
