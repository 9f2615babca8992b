// taskwarrior: `task export`, one array or one object a line.
#include "interop/foreign-json.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

using model::Status;

void read_status(Record& record, Filler& fill) {
  const std::string status = fill.text("status");
  const auto until = fill.moment("wait");
  if (status == "completed") record.task.status = Status::completed;
  else if (status == "deleted") record.deleted = true;
  else if (status == "recurring") record.task.hold = "a recurring task of taskwarrior, which makes others";
  else if (status == "waiting")
    record.task.hold = "waiting in taskwarrior" + (until ? " until " + format_time(until->seconds) : "");
  else if (status != "pending") fill.warn("the status '" + fit(status, 40) + "' is unknown here: pending");
}

// A list, or one text with commas in old files.
std::vector<std::string> depends(const Json& record, Filler& fill) {
  const auto found = record.find("depends");
  if (found == record.end() || !found->is_string()) return fill.texts("depends");
  std::vector<std::string> list;
  for (const std::string& part : split(found->get<std::string>(), ','))
    if (std::string id = trim(part); !id.empty()) list.push_back(std::move(id));
  return list;
}

void read_task(Reading& reading, int line, Json object) {
  Record record;
  Filler fill(reading, record);
  record.line = line;
  record.original = std::move(object);
  record.id = record.shown = fill.text("uuid");
  if (record.id.empty()) return fill.skip("it has no uuid");
  if (!fill.title(fill.text("description"))) return;
  read_status(record, fill);
  const auto entry = fill.moment("entry"), modified = fill.moment("modified");
  for (const char* key : {"end", "start", "due", "until", "scheduled"}) fill.moment(key);
  record.task.created = entry ? entry->seconds : 0;
  record.task.updated = modified ? modified->seconds : -1;
  record.version = modified ? modified->text : "";
  const std::string priority = fill.text("priority");
  record.task.priority = priority == "H" ? 1 : priority == "L" ? 3 : 2;
  if (!priority.empty() && priority != "H" && priority != "M" && priority != "L")
    fill.warn("the priority '" + fit(priority, 20) + "' is unknown here: 2");
  fill.add_labels(fill.texts("tags"));
  if (const std::string project = fill.text("project"); !project.empty()) fill.add_labels({"project:" + project});
  for (const std::string& id : depends(record.original, fill)) record.needs.push_back({id, ""});
  if (const auto list = record.original.find("annotations"); list != record.original.end() && list->is_array())
    for (const Json& each : *list) fill.note(each, "", "description", "entry");
  reading.records.push_back(std::move(record));
}

}  // namespace

Reading read_taskwarrior(const std::vector<InputFile>& files) { return read_records(files, read_task); }

}  // namespace ga::interop
