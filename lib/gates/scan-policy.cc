#include "gates/scan-policy.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "gates/policy-reader.hh"
#include "gates/policy.hh"
#include "scan/allow.hh"
#include "scan/engine.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;

// "10M", "500k" or plain bytes; -1 when it is none.
std::int64_t parse_size(std::string_view text) {
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || size < 0) return -1;
  const std::string unit = lower_ascii(text.substr(static_cast<std::size_t>(end - text.data())));
  for (const auto& [name, shift] : {std::pair("", 0), std::pair("k", 10), std::pair("m", 20), std::pair("g", 30)})
    if (unit == name) return size <= (std::int64_t{1} << 40 >> shift) ? size << shift : -1;
  return -1;
}

void read_size(const PolicyTable& table, const std::string& key, std::int64_t& target) {
  if (!table.has(key)) return;
  const Json& value = table.at(key);
  std::int64_t size = -1;
  if (value.is_number_integer()) size = value.get<std::int64_t>();
  if (value.is_string()) size = parse_size(value.get<std::string>());
  if (size < 1) table.refuse(key, "must be a size such as \"10M\", or bytes");
  target = size;
}

bool is_rule_id(std::string_view id) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), fits);
}

scan::PatternPtr read_pattern(const PolicyTable& table, const std::string& text) {
  try {
    auto pattern = std::make_shared<scan::Pattern>(text, scan::Dialect::pcre2);
    pattern->check();
    return pattern;
  } catch (const scan::PatternError& error) {
    table.refuse("regex",
                 "cannot be used: " + sanitize_line(error.what()) + " (at byte " + std::to_string(error.at) + ")");
  }
}

scan::Rule read_rule(const PolicyTable& table) {
  scan::Rule rule;
  table.text("id", rule.id);
  if (rule.id.empty()) table.refuse("id", "is missing");
  if (!is_rule_id(rule.id)) table.refuse("id", "must be of letters, digits, '.', '_' and '-', at most 63");
  std::string regex;
  table.text("regex", regex);
  if (regex.empty()) table.refuse("regex", "is missing: the pattern to look for");
  rule.regex = read_pattern(table, regex);
  table.text("description", rule.description);
  if (rule.description.empty()) rule.description = "This is what the repository's rule " + rule.id + " looks for.";
  table.patterns("files", rule.files);
  table.strings("keywords", rule.keywords);
  for (std::string& word : rule.keywords) word = lower_ascii(word);
  table.strings("on", rule.on);
  for (const std::string& event : rule.on)
    if (event != "pre-commit" && event != "task-done" && event != "merge")
      table.refuse("on", "names '" + sanitize_line(event) + "', which is no event: pre-commit, task-done or merge");
  table.number("secret-group", 0, 99, rule.secret_group);
  if (rule.secret_group > rule.regex->groups())
    table.refuse("secret-group", "is more than the " + std::to_string(rule.regex->groups()) + " groups of the pattern");
  if (table.has("entropy")) {
    if (!table.at("entropy").is_number() || !(std::abs(table.at("entropy").get<double>()) <= 8))
      table.refuse("entropy", "must be a number of bits, from 0 to 8");
    rule.entropy = table.at("entropy").get<double>();
  }
  std::string level = "error";
  table.one_of("level", {"error", "warning"}, level);
  rule.blocks = level == "error";
  return rule;
}

/// The policy's side: its commit, or the main worktree while no commit has a policy.
class PolicySide {
 public:
  PolicySide(const git::Repository& repo, const ScanPolicy& scan)
      : repo_(repo), tree_(git::tree_of(repo, scan.commit)) {}

  std::optional<std::string> read(const std::string& path) const {
    if (!glob_error(path).empty()) return std::nullopt;  // absolute, outside, within .git
    if (tree_.zero()) {
      const fs::path main = repo_.main_work_dir();
      if (main.empty() || !is_inside(main, main / path)) return std::nullopt;
      return read_file(main / path, kMaxConfigBytes);
    }
    const auto entry = repo_.entry_at(tree_, path);
    if (!entry || (entry->mode != 0100644 && entry->mode != 0100755)) return std::nullopt;
    return repo_.read_blob(entry->id);
  }

 private:
  const git::Repository& repo_;
  const git::Oid tree_;
};

}  // namespace

void read_scan_policy(const PolicyTable& root, ScanPolicy& scan) {
  const PolicyTable table = root.table("scan");
  table.text("config", scan.config);
  if (!scan.config.empty() && !glob_error(scan.config).empty())
    table.refuse("config", "must be a path in the repository, not '" + sanitize_line(scan.config) + "'");
  read_size(table, "max-size", scan.max_size);
  table.duration("time-limit", scan.seconds);
  table.number("decode-depth", 0, 8, scan.decode_depth);
  std::set<std::string> ids;
  std::vector<scan::Rule> rules;
  for (const PolicyTable& entry : root.tables("rule")) {
    scan::Rule rule = read_rule(entry);
    if (!ids.insert(rule.id).second) entry.refuse("id", "\"" + rule.id + "\" stands twice");
    rules.push_back(std::move(rule));
  }
  if (!rules.empty()) scan.rules = std::make_shared<const std::vector<scan::Rule>>(std::move(rules));
}

scan::RuleSet secret_rules(const git::Repository& repo, const Policy& policy) {
  const ScanPolicy& scan = policy.scan;
  if (scan.config.empty()) return scan::built_in_rules();
  const PolicySide side(repo, scan);
  const auto text = side.read(scan.config);
  if (!text)
    fail_environment(sanitize_line(policy.origin) + ": [scan] config names '" + sanitize_line(scan.config) +
                         "', which is not there: nothing can be scanned",
                     {"add that file where the policy is, or take the line out: the built-in rules are used then"});
  return scan::load_rules(*text, scan.config, {.built_in = scan::built_in_text, .read = [&](const std::string& path) {
                                                 return side.read(path);
                                               }});
}

scan::RuleSet own_rules(const Policy& policy, std::string_view event) {
  scan::RuleSet set;
  set.name = policy.origin;
  if (!policy.scan.rules) return set;
  for (const scan::Rule& rule : *policy.scan.rules)
    if (event.empty() || rule.on.empty() || std::find(rule.on.begin(), rule.on.end(), event) != rule.on.end())
      set.rules.push_back(rule);
  return set;
}

scan::ScanOptions scan_options(const Policy& policy) {
  return {.comments = scan::AllowComments::reported,
          .seconds = static_cast<double>(policy.scan.seconds),
          .max_size = static_cast<std::size_t>(policy.scan.max_size),
          .decode_depth = policy.scan.decode_depth};
}

scan::Allowed allowed_by_target(const git::Repository& repo, const Policy& policy) {
  scan::Allowed allowed;
  if (policy.scan.commit.zero()) return allowed;
  if (const auto text = PolicySide(repo, policy.scan).read(scan::kIgnoreFile)) allowed.add_ignore_file(*text);
  return allowed;
}

}  // namespace ga::gates
