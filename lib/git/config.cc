#include "git/cli.hh"
#include "util/text.hh"

namespace ga::git {

Config Config::load(const std::filesystem::path& dir) {
  GitOptions options;
  options.cwd = dir;
  options.keep_config = true;
  const std::string listed = git_or_fail({"config", "-z", "--list"}, options);
  Config config;
  for (const std::string& item : split(listed, '\0')) {
    if (item.empty()) continue;
    const auto end = item.find('\n');
    // A key without '=' is a true boolean.
    config.entries_.emplace_back(item.substr(0, end), end == std::string::npos ? "true" : item.substr(end + 1));
  }
  return config;
}

std::optional<std::string> Config::get(const std::string& key) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->first == key) return entry->second;
  }
  return std::nullopt;
}

std::vector<std::string> Config::get_all(const std::string& key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : entries_) {
    if (name == key) values.push_back(value);
  }
  return values;
}

bool config_bool(std::string_view value, bool fallback) {
  const std::string word = lower_ascii(value);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word.empty() || word == "false" || word == "no" || word == "off") return false;
  // Any number but zero is true; what is no boolean at all counts as unset.
  const auto digits = word.find_first_not_of("+-");
  if (digits == std::string::npos || word.find_first_not_of("0123456789", digits) != std::string::npos) return fallback;
  return word.find_first_of("123456789") != std::string::npos;
}

bool Config::get_bool(const std::string& key, bool fallback) const {
  const auto value = get(key);
  return value ? config_bool(*value, fallback) : fallback;
}

}  // namespace ga::git
