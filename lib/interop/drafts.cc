#include "interop/drafts.hh"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "model/names.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

[[noreturn]] void fail_at(const std::string& name, int line, const std::string& what) {
  fail_usage(name + ":" + std::to_string(line) + ": " + what);
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string& part : split(text, ','))
    if (std::string item = trim(part); !item.empty()) items.push_back(std::move(item));
  return items;
}

int priority_of(const std::string& text, const std::string& name, int line) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '4') return text[0] - '0';
  fail_at(name, line, "the priority is '" + sanitize_line(fit(text, 20)) + "', use 0 (most urgent) to 4");
}

// The level of a heading line ("## x": 2), 0 when it is none.
std::size_t heading_level(const std::string& line) {
  std::size_t level = 0;
  while (level < line.size() && line[level] == '#') ++level;
  return level >= 1 && level <= 6 && level < line.size() && line[level] == ' ' ? level : 0;
}

// "Needs: a, b" into the draft; false when the line is no such field.
bool take_field(Draft& draft, const std::string& line, const std::string& name, int number) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return false;
  const std::string key = lower_ascii(trim(line.substr(0, colon)));
  const std::string value = trim(line.substr(colon + 1));
  if (key == "needs") draft.needs = list_of(value);
  else if (key == "owns") draft.owns = list_of(value);
  else if (key == "labels") draft.labels = list_of(value);
  else if (key == "phase") draft.phase = value;
  else if (key == "assign") draft.assignee = value;
  else if (key == "slug") draft.slug = value;
  else if (key == "priority") draft.priority = priority_of(value, name, number);
  else return false;
  return true;
}

std::string criterion_text(const std::string& line) {
  const std::string text = trim(line);
  if (text.size() < 6 || (text[0] != '-' && text[0] != '*')) return "";
  const std::string rest = trim(text.substr(1));
  return starts_with(rest, "[ ]") || starts_with(rest, "[x]") || starts_with(rest, "[X]") ? trim(rest.substr(3)) : "";
}

}  // namespace

std::vector<Draft> drafts_from_markdown(std::string_view text, const std::string& name) {
  std::vector<Draft> drafts;
  std::vector<std::pair<std::size_t, std::string>> open;  // headings above: level and slug
  std::set<std::string> slugs;
  bool in_code = false;
  int number = 0;
  for (const std::string& line : split_lines(text)) {
    ++number;
    if (starts_with(trim(line), "```")) in_code = !in_code;
    const std::size_t level = in_code ? 0 : heading_level(line);
    if (level > 0) {
      while (!open.empty() && open.back().first >= level) open.pop_back();
      Draft draft;
      draft.title = trim(line.substr(level));
      if (draft.title.empty()) fail_at(name, number, "the heading is empty");
      const std::string slug = model::slug_for(draft.title);
      draft.slug = slug;
      for (int n = 2; slugs.count(draft.slug) != 0; ++n) draft.slug = slug + "-" + std::to_string(n);
      slugs.insert(draft.slug);
      draft.parent = open.empty() ? "" : open.back().second;
      draft.line = number;
      open.emplace_back(level, draft.slug);
      drafts.push_back(std::move(draft));
      continue;
    }
    if (drafts.empty()) {
      if (!trim(line).empty()) fail_at(name, number, "text before the first heading belongs to no task");
      continue;
    }
    Draft& draft = drafts.back();
    const std::string criterion = in_code ? "" : criterion_text(line);
    if (!criterion.empty()) {
      draft.accept.push_back(criterion);
    } else if (in_code || !take_field(draft, line, name, number)) {
      draft.description += line + "\n";
    } else if (draft.slug != open.back().second) {  // a Slug: line
      if (draft.slug.empty()) fail_at(name, number, "the slug is empty");
      if (!slugs.insert(draft.slug).second) fail_at(name, number, "the slug '" + draft.slug + "' is used twice");
      open.back().second = draft.slug;
    }
  }
  if (drafts.empty())
    fail_usage(name + ": there is no heading to make a task of",
               {"a spec looks like: ## Title, text, - [ ] criterion"});
  for (Draft& draft : drafts) draft.description = trim(draft.description);
  return drafts;
}

namespace {

void check_members(const Json& object, const std::string& name, int line) {
  static constexpr std::array kTexts = {"title", "slug", "description", "parent", "phase", "assignee"};
  static constexpr std::array kLists = {"accept", "needs", "owns", "labels"};
  for (const auto& [key, value] : object.items()) {
    const auto is = [&, &k = key](const char* known) { return k == known; };
    if (std::any_of(kTexts.begin(), kTexts.end(), is)) {
      if (!value.is_string() && !value.is_null()) fail_at(name, line, "'" + key + "' must be a string");
    } else if (std::any_of(kLists.begin(), kLists.end(), is)) {
      const bool fine =
          value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
      if (!fine) fail_at(name, line, "'" + key + "' must be a list of strings");
    } else if (key == "priority") {
      if (!value.is_number_integer() || value < 0 || value > 4) fail_at(name, line, "'priority' must be 0 to 4");
    } else if (key == "budget_tokens") {
      if (!value.is_number_integer() || value < 0) fail_at(name, line, "'budget_tokens' must be a whole number");
    } else if (key == "plan_required") {
      if (!value.is_boolean()) fail_at(name, line, "'plan_required' must be true or false");
    } else {
      fail_at(name, line, "unknown member '" + sanitize_line(fit(key, 40)) + "'");
    }
  }
}

}  // namespace

std::vector<Draft> drafts_from_json_lines(std::string_view text, const std::string& name) {
  std::vector<Draft> drafts;
  int number = 0;
  for (const std::string& line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) continue;
    Json object;
    try {
      object = parse_json(line, name);
    } catch (const Error& error) {
      fail_at(name, number, std::string("not valid JSON: ") + error.what());
    }
    if (!object.is_object()) fail_at(name, number, "a line must be a JSON object");
    check_members(object, name, number);
    Draft draft;
    draft.line = number;
    draft.title = trim(get_string(object, "title"));
    if (draft.title.empty()) fail_at(name, number, "a task needs a 'title'");
    draft.slug = get_string(object, "slug");
    draft.description = get_string(object, "description");
    draft.parent = get_string(object, "parent");
    draft.phase = get_string(object, "phase");
    draft.assignee = get_string(object, "assignee");
    draft.accept = get_strings(object, "accept");
    draft.needs = get_strings(object, "needs");
    draft.owns = get_strings(object, "owns");
    draft.labels = get_strings(object, "labels");
    draft.priority = static_cast<int>(get_int(object, "priority", 2));
    draft.budget_tokens = get_int(object, "budget_tokens");
    draft.plan_required = get_bool(object, "plan_required");
    drafts.push_back(std::move(draft));
  }
  if (drafts.empty()) fail_usage(name + ": there is no task in it");
  return drafts;
}

}  // namespace ga::interop
