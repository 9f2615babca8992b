// Backlog.md: a Markdown file a task, with YAML before it. The folder says as much as the status: completed, archive, drafts.
#include <algorithm>
#include <array>
#include <map>

#include "interop/foreign-json.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "util/yaml.hh"

namespace ga::interop {
namespace {

using model::Status;

// A level-two heading and what stands below it; the heading is "" for what stands before the first.
struct Section {
  std::string heading, text;
};

std::vector<Section> sections_of(std::string_view body) {
  std::vector<Section> list(1);
  bool in_code = false;
  for (const std::string& line : split_lines(body)) {
    const std::string words = trim(line);
    if (starts_with(words, "```")) in_code = !in_code;
    if (!in_code && starts_with(line, "## ")) list.push_back({trim(line.substr(3)), ""});
    else if (in_code || !(starts_with(words, "<!--") && ends_with(words, "-->"))) list.back().text += line + "\n";
  }
  for (Section& section : list) section.text = trim(section.text);
  return list;
}

// "task-012" and "TASK-12" name one task.
std::string id_key(const std::string& id) { return lower_ascii(trim(id)); }
// What comes after the last '-': "12.1" of "task-12.1".
std::string number_of(const std::string& key) { return key.substr(key.rfind('-') + 1); }

class BacklogTask {
 public:
  BacklogTask(Reading& reading, const InputFile& file) : reading_(reading), file_(file), fill_(reading, record_) {}

  void read() {
    if (!split_file()) return;
    record_.shown = fill_.text("id");
    record_.id = id_key(record_.shown);
    if (record_.id.empty()) return fill_.skip("it has no id");
    if (!fill_.title(fill_.text("title"))) return;
    read_members();
    read_status(lower_ascii(fill_.text("status")));
    std::string text;
    for (const Section& section : sections_of(body_)) take(section, text);
    fill_.description(text);
    record_.original["body"] = body_;
    record_.original["path"] = file_.name;
    reading_.records.push_back(std::move(record_));
  }

 private:
  void skip_file(const std::string& why) { reading_.skipped.push_back({0, file_.name, why}); }

  bool split_file() {
    std::string text(without_bom(file_.text));
    if (!is_valid_utf8(text)) {
      text = replace_invalid_utf8(text);
      reading_.warnings.push_back({0, file_.name, "bytes that are no UTF-8 are replaced"});
    }
    text = replace_all(std::move(text), "\r\n", "\n");
    const std::size_t end = starts_with(text, "---\n") ? text.find("\n---", 3) : std::string::npos;
    if (end == std::string::npos) return skip_file("it does not begin with front-matter"), false;
    const std::size_t after = text.find('\n', end + 1);
    body_ = after == std::string::npos ? "" : text.substr(after + 1);
    try {
      // The line of a mistake counts from the file's own first.
      record_.original = parse_yaml("\n" + text.substr(4, end + 1 - 4), file_.name);
    } catch (const Error& error) {
      return skip_file(error.what()), false;
    }
    if (!record_.original.is_object()) return skip_file("its front-matter is no map"), false;
    reading_.readable = true;
    record_.line = 1;
    return true;
  }

  void read_members() {
    const auto created = fill_.moment("created_date"), updated = fill_.moment("updated_date");
    record_.task.created = created ? created->seconds : 0;
    record_.task.updated = updated ? updated->seconds : -1;
    record_.version = updated ? updated->text : created ? created->text : "";
    fill_.moment("due_date");
    record_.task.priority = fill_.priority_word("priority");
    record_.task.rank = static_cast<int>(std::clamp<std::int64_t>(get_int(record_.original, "ordinal"), 0, 1 << 30));
    if (const auto who = fill_.texts("assignee"); !who.empty()) fill_.assignee(who.front());
    fill_.add_labels(fill_.texts("labels"));
    if (const std::string milestone = fill_.text("milestone"); !milestone.empty())
      fill_.add_labels({"milestone:" + milestone});
    for (const std::string& id : fill_.texts("dependencies")) record_.needs.push_back({id_key(id), ""});
    record_.parent = id_key(fill_.text("parent_task_id"));
    const std::size_t dot = record_.id.rfind('.');
    if (!record_.parent.empty() || dot == std::string::npos) return;
    record_.parent = record_.id.substr(0, dot);
    record_.parent_is_guess = true;
  }

  bool lies_in(const char* folder) const {
    const std::string path = "/" + file_.name;
    return path.find("/" + std::string(folder) + "/") != std::string::npos;
  }

  void read_status(const std::string& status) {
    constexpr std::array kOpen = {"", "to do", "todo", "in progress", "review", "in review", "draft"};
    model::Task& task = record_.task;
    if (status == "done" || status == "completed" || lies_in("completed")) task.status = Status::completed;
    else if (lies_in("archive")) task.status = Status::cancelled;
    else if (lies_in("drafts") || status == "draft") task.hold = "a draft in Backlog.md";
    else if (status == "blocked") task.hold = "blocked in Backlog.md";
    else if (std::none_of(kOpen.begin(), kOpen.end(), [&](const char* each) { return status == each; }))
      fill_.warn("the status '" + fit(status, 40) + "' is unknown here: pending");
    if (task.status == Status::cancelled) task.reason = "archived in Backlog.md";
  }

  void take(const Section& section, std::string& text) {
    const std::string name = lower_ascii(section.heading);
    if (name.empty()) {
      text = section.text;
    } else if (name == "description") {
      text += (text.empty() || section.text.empty() ? "" : "\n\n") + section.text;
    } else if (name == "acceptance criteria" || name == "definition of done") {
      for (model::Criterion& criterion : criteria_of(section.text)) add_criterion(std::move(criterion));
    } else if (name == "comments") {
      read_comments(section.text);
    } else {
      add_section(text, section.heading, section.text);
    }
  }

  // "#1 text": the number is the place, which it has anyway.
  void add_criterion(model::Criterion criterion) {
    std::string& text = criterion.text;
    const std::size_t digits = text.find_first_not_of("0123456789", 1);
    if (starts_with(text, "#") && digits > 1 && digits != std::string::npos && text[digits] == ' ')
      text = trim(text.substr(digits));
    record_.task.accept.push_back(std::move(criterion));
  }

  void read_comments(const std::string& text) {
    Json comment;
    const auto finish = [&] {
      if (comment.is_object()) fill_.note(comment, "author", "text", "created");
      comment = Json::object();
    };
    for (const std::string& line : split_lines(text)) {
      const std::string words = trim(line);
      if (starts_with(words, "author:")) {
        finish();
        comment["author"] = trim(words.substr(7));
      } else if (comment.is_object() && starts_with(words, "created:")) {
        comment["created"] = trim(words.substr(8));
      } else if (comment.is_object() && words != "---") {
        comment["text"] = get_string(comment, "text") + line + "\n";
      }
    }
    finish();
  }

  Reading& reading_;
  const InputFile& file_;
  std::string body_;
  Record record_;
  Filler fill_;
};

// Ids that were renamed live on in dependencies: the number decides, where only one task has it.
void follow_renamed(Reading& reading) {
  std::map<std::string, int> known;
  std::map<std::string, std::vector<std::string>> by_number;
  for (const Record& record : reading.records)
    if (known[record.id]++ == 0) by_number[number_of(record.id)].push_back(record.id);
  for (Record& record : reading.records)
    for (ForeignNeed& need : record.needs) {
      if (known.count(need.id) != 0) continue;
      const auto found = by_number.find(number_of(need.id));
      if (found == by_number.end() || found->second.size() != 1) continue;
      reading.warnings.push_back(
          {record.line, record.shown, "it needs '" + fit(need.id, 60) + "', taken as '" + found->second.front() + "'"});
      need.id = found->second.front();
    }
}

}  // namespace

Reading read_backlog(const std::vector<InputFile>& files) {
  Reading reading;
  reading.readable = files.empty();
  for (const InputFile& file : files) BacklogTask(reading, file).read();
  follow_renamed(reading);
  if (!reading.readable) reading.problem = "no file of it has front-matter";
  return reading;
}

}  // namespace ga::interop
