// GitHub: what `gh issue list --json number,title,body,...` prints. An issue is known by its address, for numbers count
// within a repository.
#include <algorithm>

#include "interop/foreign-json.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

// The names in a list of objects or texts.
std::vector<std::string> names_in(const Json& record, const char* key, const char* member) {
  std::vector<std::string> names;
  const auto list = record.find(key);
  if (list == record.end() || !list->is_array()) return names;
  for (const Json& each : *list)
    if (std::string name = each.is_object() ? get_string(each, member) : scalar_text(each); !name.empty())
      names.push_back(normalize_utf8(name));
  return names;
}

// Items of task lists; the body keeps them too.
std::vector<model::Criterion> boxes_in(const std::string& body) {
  std::string lines;
  for (const std::string& line : split_lines(body)) {
    const std::string words = trim(line);
    if (words.size() > 6 && (words[0] == '-' || words[0] == '*') && words.substr(1, 2) == " [" && words[4] == ']')
      lines += words + "\n";
  }
  return criteria_of(lines);
}

void read_comments(Record& record, Filler& fill) {
  const auto list = record.original.find("comments");
  if (list == record.original.end() || !list->is_array()) return;
  for (const Json& each : *list) {
    Json flat = each.is_object() ? each : Json::object();
    if (flat.contains("author") && flat["author"].is_object()) flat["author"] = get_string(flat["author"], "login");
    fill.note(flat, "author", "body", "createdAt");
  }
}

void read_issue(Reading& reading, int line, Json object) {
  Record record;
  Filler fill(reading, record);
  record.line = line;
  record.original = std::move(object);
  const std::string number = fill.text("number"), url = fill.text("url");
  record.shown = number.empty() ? url : "#" + number;
  record.id = url.empty() ? record.shown : url;
  if (record.id.empty()) return fill.skip("it has neither number nor url");
  if (!fill.title(fill.text("title"))) return;
  fill.description(fill.text("body"));
  record.task.accept = boxes_in(record.task.description);
  const std::string state = lower_ascii(fill.text("state")), reason = lower_ascii(fill.text("stateReason"));
  const bool unwanted = reason == "not_planned" || reason == "duplicate";
  if (state == "closed") record.task.status = unwanted ? model::Status::cancelled : model::Status::completed;
  else if (!state.empty() && state != "open") fill.warn("the state '" + fit(state, 40) + "' is unknown here: pending");
  if (unwanted && state == "closed") record.task.reason = replace_all(reason, "_", " ");
  fill.add_labels(names_in(record.original, "labels", "name"));
  if (const auto milestone = record.original.find("milestone"); milestone != record.original.end())
    if (const std::string title = get_string(*milestone, "title"); !title.empty())
      fill.add_labels({"milestone:" + title});
  const auto assignees = names_in(record.original, "assignees", "login");
  if (!assignees.empty()) fill.assignee(assignees.front());
  const auto created = fill.moment("createdAt"), updated = fill.moment("updatedAt");
  fill.moment("closedAt");
  record.task.created = created ? created->seconds : 0;
  record.task.updated = updated ? updated->seconds : -1;
  record.version = updated ? updated->text : "";
  if (const auto author = record.original.find("author"); author != record.original.end())
    record.task.created_by = normalize_utf8(get_string(*author, "login"));
  read_comments(record, fill);
  reading.records.push_back(std::move(record));
}

}  // namespace

Reading read_github(const std::vector<InputFile>& files) { return read_records(files, read_issue); }

}  // namespace ga::interop
