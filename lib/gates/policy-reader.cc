#include "gates/policy-reader.hh"

#include <algorithm>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/glob.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::gates {
namespace {

const Json& empty_table() {
  static const Json empty = Json::object();
  return empty;
}

bool is_number(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "gate.run": without the numbers of array elements.
std::string dotted(const KeyPath& path) {
  std::string text;
  for (const std::string& key : path)
    if (!is_number(key)) text += (text.empty() ? "" : ".") + key;
  return sanitize_line(text);
}

KeyPath below(KeyPath path, const std::string& key) {
  if (!key.empty()) path.push_back(key);
  return path;
}

}  // namespace

void PolicyTable::refuse(const std::string& key, const std::string& what) const {
  const KeyPath path = below(path_, key);
  const int line = toml_line(toml_, path);
  const std::string where = sanitize_line(name_) + (line > 0 ? ":" + std::to_string(line) : "");
  throw Error(Kind::environment, where + ": " + dotted(path) + " " + what,
              {"correct that line; the keys are described in git-agent-config(5)"});
}

void PolicyTable::text(const std::string& key, std::string& target) const {
  if (!has(key)) return;
  if (!at(key).is_string()) refuse(key, "must be a string");
  target = at(key).get<std::string>();
}

void PolicyTable::number(const std::string& key, int low, int high, int& target) const {
  if (!has(key)) return;
  const std::string range = "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!at(key).is_number_integer()) refuse(key, range);
  const auto value = at(key).get<std::int64_t>();
  if (value < low || value > high) refuse(key, range);
  target = static_cast<int>(value);
}

void PolicyTable::flag(const std::string& key, bool& target) const {
  if (!has(key)) return;
  if (!at(key).is_boolean()) refuse(key, "must be true or false");
  target = at(key).get<bool>();
}

void PolicyTable::strings(const std::string& key, std::vector<std::string>& target) const {
  if (!has(key)) return;
  const Json& list = at(key);
  const bool fits =
      list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& v) { return v.is_string(); });
  if (!fits) refuse(key, "must be a list of strings");
  target = list.get<std::vector<std::string>>();
}

void PolicyTable::patterns(const std::string& key, std::vector<std::string>& target) const {
  strings(key, target);
  if (!has(key)) return;
  for (const std::string& pattern : target)
    if (const std::string why = glob_error(pattern); !why.empty())
      refuse(key, "holds '" + sanitize_line(pattern) + "', which is no path pattern: " + why);
}

void PolicyTable::one_of(const std::string& key, const std::vector<std::string>& words, std::string& target) const {
  if (!has(key)) return;
  const Json& value = at(key);
  if (!value.is_string() || std::find(words.begin(), words.end(), value.get<std::string>()) == words.end())
    refuse(key, "must be one of: " + join(words, ", "));
  target = value.get<std::string>();
}

void PolicyTable::duration(const std::string& key, std::int64_t& target) const {
  if (!has(key)) return;
  const Json& value = at(key);
  std::int64_t seconds = -1;
  if (value.is_number_integer()) seconds = value.get<std::int64_t>();
  if (value.is_string()) seconds = parse_duration(value.get<std::string>());
  if (seconds < 1 || seconds > 24 * 3600) refuse(key, "must be a time from \"1s\" to \"24h\", such as \"10m\"");
  target = seconds;
}

PolicyTable PolicyTable::table(const std::string& key) const {
  if (!has(key)) return {toml_, name_, empty_table(), below(path_, key)};
  if (!at(key).is_object()) refuse(key, "must be a table, written [" + key + "]");
  return {toml_, name_, at(key), below(path_, key)};
}

std::vector<PolicyTable> PolicyTable::tables(const std::string& key) const {
  std::vector<PolicyTable> found;
  if (!has(key)) return found;
  const Json& list = at(key);
  if (!list.is_array()) refuse(key, "must be a list of tables, each written [[" + key + "]]");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) refuse(key, "must be a list of tables, each written [[" + key + "]]");
    found.emplace_back(toml_, name_, list[i], below(below(path_, key), std::to_string(i)));
  }
  return found;
}

std::vector<std::string> PolicyTable::keys() const {
  std::vector<std::string> names;
  for (const auto& item : table_.items()) names.push_back(item.key());
  return names;
}

}  // namespace ga::gates
