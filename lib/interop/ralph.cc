// Ralph: the user stories of a `prd.json`. A story's id counts within the document's branch, for every document begins at
// US-001. The order is the priority; the document's own members are kept with each story.
#include <algorithm>

#include "interop/foreign-json.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

void read_story(Reading& reading, const Piece& piece, const Json& document, const std::string& scope) {
  auto story = parse_record(piece, reading);
  if (!story) return;
  Record record;
  Filler fill(reading, record);
  record.line = piece.line;
  record.original = *std::move(story);
  record.shown = fill.text("id");
  if (record.shown.empty()) return fill.skip("it has no id");
  record.id = scope + "/" + record.shown;
  if (!fill.title(fill.text("title"))) return;
  const bool passes = get_bool(record.original, "passes");
  if (record.original.contains("passes") && !record.original["passes"].is_boolean())
    fill.warn("'passes' is neither true nor false");
  record.task.status = passes ? model::Status::completed : model::Status::pending;
  for (const std::string& text : fill.texts("acceptanceCriteria"))
    record.task.accept.push_back({text, passes, "", "", ""});
  std::string text = fill.raw_text("description");
  add_section(text, "Notes", fill.text("notes"));
  fill.description(text);
  // 1 comes first; what shares a level here keeps its order by the rank.
  const std::int64_t priority = get_int(record.original, "priority", -1);
  if (priority < 0) fill.warn("it has no priority that is a number: it comes last");
  record.task.rank = static_cast<int>(priority < 0 ? 1 << 30 : std::min<std::int64_t>(priority, 1 << 30));
  record.task.priority = static_cast<int>(priority < 0 ? 4 : std::clamp<std::int64_t>(priority - 1, 0, 4));
  record.task.updated = -1;
  if (!document.empty()) record.original["prd"] = document;
  reading.records.push_back(std::move(record));
}

// The members around the stories.
Json document_of(const Piece& root, Reading& reading) {
  Json document = Json::object();
  for (const Piece& member : pieces(root)) {
    if (member.key == "userStories") continue;
    const std::string text = "{\"" + std::string(member.key) + "\":" + std::string(member.text) + "}";
    if (const auto json = parse_record({text, member.line, {}}, reading)) document.update(*json);
  }
  return document;
}

}  // namespace

Reading read_ralph(const std::vector<InputFile>& files) {
  Reading reading;
  for (const InputFile& file : files) {
    const Piece root = root_of(file.text);
    const auto stories = piece(root, "userStories");
    if (!stories || !starts_with(stories->text, "[")) {
      reading.problem = "it has no list 'userStories'";
      continue;
    }
    reading.readable = true;
    const Json document = document_of(root, reading);
    const std::string scope = get_string(document, "branchName", get_string(document, "project"));
    for (const Piece& story : pieces(*stories)) read_story(reading, story, document, scope);
  }
  return reading;
}

}  // namespace ga::interop
