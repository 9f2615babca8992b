#include "scan/rules.hh"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "scan/filter-expression.hh"
#include "scan/plain-toml.hh"
#include "util/error.hh"
#include "util/json.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::scan {
namespace {

constexpr int kMaxExtends = 2;                // gitleaks'
constexpr int kOurMinor = 30, kOurMajor = 8;  // the gitleaks whose format this is

/// One table of the file. Names of keys count without their case, as in gitleaks.
class Table {
 public:
  Table(std::string_view toml, const std::string& file, const Json& value, std::vector<std::string> path = {})
      : toml_(toml), file_(file), value_(value), path_(std::move(path)) {}

  std::string rule;  ///< the id, for messages

  /// The value of a key (given in lower case) and how the file spells it; null when it is not there.
  const Json* find(std::string_view key, std::string* spelt = nullptr) const {
    for (const auto& item : value_.items()) {
      if (item.key().size() != key.size() || lower_ascii(item.key()) != key) continue;
      if (spelt) *spelt = item.key();
      return &item.value();
    }
    return nullptr;
  }
  bool has(std::string_view key) const { return find(key) != nullptr; }

  int line(std::string_view key = {}) const {
    std::vector<std::string> path = path_;
    std::string spelt;
    if (!key.empty() && find(key, &spelt)) path.push_back(spelt);
    return toml_line(toml_, path);
  }
  std::string place(std::string_view key = {}) const {
    const int at = line(key);
    return sanitize_line(file_) + (at > 0 ? ":" + std::to_string(at) : "");
  }
  [[noreturn]] void refuse(std::string_view key, const std::string& what) const {
    fail_environment(place(key) + ": " + (rule.empty() ? "" : "rule " + sanitize_line(rule) + ": ") + what);
  }

  std::string text(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) return "";
    if (!value->is_string()) refuse(key, "'" + std::string(key) + "' must be a text");
    return value->get<std::string>();
  }
  bool flag(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    refuse(key, "'" + std::string(key) + "' must be true or false");
  }
  double number(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    if (value->is_number() && std::isfinite(value->get<double>())) return value->get<double>();
    refuse(key, "'" + std::string(key) + "' must be a number");
  }
  std::optional<int> count(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_integer() && value->get<std::int64_t>() >= 0 && value->get<std::int64_t>() <= 1'000'000)
      return static_cast<int>(value->get<std::int64_t>());
    refuse(key, "'" + std::string(key) + "' must be a whole number, not negative");
  }
  /// A list of texts; one text alone counts as a list of one.
  std::vector<std::string> texts(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string()) return {value->get<std::string>()};
    std::vector<std::string> list;
    if (!value->is_array()) refuse(key, "'" + std::string(key) + "' must be a list of texts");
    for (const Json& item : *value) {
      if (!item.is_string()) refuse(key, "'" + std::string(key) + "' must be a list of texts");
      list.push_back(item.get<std::string>());
    }
    return list;
  }
  /// Tables of a list; one table alone counts as a list of one.
  std::vector<Table> tables(std::string_view key) const {
    std::string spelt;
    const Json* value = find(key, &spelt);
    std::vector<Table> list;
    if (value == nullptr) return list;
    std::vector<std::string> path = path_;
    path.push_back(spelt);
    if (value->is_object()) {
      list.emplace_back(toml_, file_, *value, path);
      list.back().rule = rule;
      return list;
    }
    if (!value->is_array()) refuse(key, "'" + std::string(key) + "' must be a table");
    for (std::size_t i = 0; i < value->size(); ++i) {
      if (!(*value)[i].is_object()) refuse(key, "'" + std::string(key) + "' must be a list of tables");
      std::vector<std::string> below = path;
      below.push_back(std::to_string(i));
      list.emplace_back(toml_, file_, (*value)[i], std::move(below));
      list.back().rule = rule;
    }
    return list;
  }

  PatternPtr pattern(std::string_view key, const std::string& text, bool check) const {
    try {
      auto pattern = std::make_shared<Pattern>(text);
      if (check) pattern->check();
      return pattern;
    } catch (const PatternError& error) {
      refuse(key, "the pattern " + sanitize_line(fit(text, 60)) + " cannot be used: " + sanitize_line(error.what()) +
                      " (at byte " + std::to_string(error.at) + ")");
    }
  }

  std::vector<std::string> unknown(const std::set<std::string>& known) const {
    std::vector<std::string> names;
    for (const auto& item : value_.items())
      if (!known.contains(lower_ascii(item.key()))) names.push_back(item.key());
    return names;
  }

 private:
  std::string_view toml_;
  const std::string& file_;
  const Json& value_;
  std::vector<std::string> path_;
};

Json read_toml(std::string_view toml, const std::string& name) {
  if (auto plain = parse_plain_toml(toml)) return std::move(*plain);
  return parse_toml(toml, name);
}

/// One file, before its rules are known to be whole: those that extend others need not be.
struct Draft {
  std::vector<Rule> rules;
  std::vector<AllowlistPtr> allowlists;
  std::vector<std::pair<std::string, AllowlistPtr>> targeted;  ///< rule's id, and what is for it alone
  std::vector<std::string> warnings;
};

class Loader {
 public:
  Loader(std::string_view toml, const std::string& name, const LoadOptions& options, int depth)
      : toml_(toml), name_(name), options_(options), depth_(depth), json_(read_toml(toml, name)),
        root_(toml_, name_, json_) {}

  Draft read() {
    for (const Table& table : root_.tables("rules")) add_rule(table);
    read_allowlists(root_, draft_.allowlists, &draft_.targeted);
    read_filters(root_, draft_.allowlists);
    extend();
    for (const std::string& key : root_.unknown({"title", "description", "minversion", "betterleaksminversion",
                                                 "extend", "rules", "allowlist", "allowlists", "filter", "prefilter"}))
      warn(name_, "nothing reads '" + key + "'");
    check_version();
    if (validated_ > 0)
      warn(name_, "secrets are not tried out with their services ('validate' of " + std::to_string(validated_) +
                      (validated_ == 1 ? " rule)" : " rules)"));
    return std::move(draft_);
  }

 private:
  void warn(const std::string& place, const std::string& what) {
    draft_.warnings.push_back(sanitize_line(place) + ": " + sanitize_line(what));
  }

  void check_version() {
    int major = 0, minor = 0;
    const std::string wanted = root_.text("minversion");
    if (std::sscanf(wanted.c_str(), "v%d.%d", &major, &minor) != 2 &&
        std::sscanf(wanted.c_str(), "%d.%d", &major, &minor) != 2)
      return;
    if (major > kOurMajor || (major == kOurMajor && minor > kOurMinor))
      warn(name_, "it wants gitleaks " + wanted + "; what is newer than v" + std::to_string(kOurMajor) + "." +
                      std::to_string(kOurMinor) + " in its format is not known here");
  }

  void add_rule(Table table) {
    Rule rule;
    rule.id = table.text("id");
    table.rule = rule.id;
    if (trim(rule.id).empty()) table.refuse("id", "a rule has no 'id'");
    rule.description = table.text("description");
    rule.origin = name_;
    if (const std::string text = table.text("regex"); !text.empty())
      rule.regex = table.pattern("regex", text, options_.check);
    if (const std::string text = table.text("path"); !text.empty())
      rule.path = table.pattern("path", text, options_.check);
    rule.secret_group = table.count("secretgroup").value_or(0);
    rule.entropy = table.number("entropy");
    for (const std::string& word : table.texts("keywords")) rule.keywords.push_back(lower_ascii(word));
    rule.tags = table.texts("tags");
    rule.skip_report = table.flag("skipreport");
    read_allowlists(table, rule.allowlists, nullptr);
    read_filters(table, rule.allowlists);
    for (const Table& other : table.tables("required")) {
      Required required{other.text("id"), other.count("withinlines"), other.count("withincolumns")};
      if (required.id.empty()) other.refuse("id", "what it requires has no 'id'");
      rule.required.push_back(std::move(required));
    }
    validated_ += table.has("validate");
    for (const std::string& key :
         table.unknown({"id", "description", "regex", "path", "secretgroup", "entropy", "keywords", "tags",
                        "skipreport", "allowlist", "allowlists", "required", "filter", "prefilter", "validate"}))
      warn(table.place(key), "rule " + rule.id + ": nothing reads '" + key + "'");
    const auto known =
        std::find_if(draft_.rules.begin(), draft_.rules.end(), [&](const Rule& r) { return r.id == rule.id; });
    if (known == draft_.rules.end()) {
      draft_.rules.push_back(std::move(rule));
      return;
    }
    warn(table.place("id"), "rule " + rule.id + " stands twice; the last one counts");
    *known = std::move(rule);
  }

  void read_allowlists(const Table& table, std::vector<AllowlistPtr>& lists,
                       std::vector<std::pair<std::string, AllowlistPtr>>* targeted) {
    if (table.has("allowlist") && table.has("allowlists"))
      table.refuse("allowlist", "[allowlist] and [[allowlists]] exclude each other: the first is the old form");
    for (const char* key : {"allowlist", "allowlists"})
      for (const Table& entry : table.tables(key)) {
        const auto list = std::make_shared<Allowlist>(read_allowlist(entry));
        const auto targets = entry.texts("targetrules");
        if (targets.empty()) lists.push_back(list);
        else if (targeted == nullptr)
          entry.refuse("targetrules", "'targetRules' belongs to allowlists of the whole file");
        else
          for (const std::string& id : targets) targeted->emplace_back(id, list);
      }
  }

  Allowlist read_allowlist(const Table& table) {
    Allowlist list;
    list.description = table.text("description");
    std::string condition = lower_ascii(table.text("condition"));
    if (condition == "and" || condition == "&&") list.all = true;
    else if (!condition.empty() && condition != "or" && condition != "||")
      table.refuse("condition", "an allowlist's 'condition' is AND or OR, not '" + sanitize_line(condition) + "'");
    const std::string target = table.text("regextarget");
    if (target == "match") list.target = Allowlist::Target::match;
    else if (target == "line") list.target = Allowlist::Target::line;
    else if (!target.empty() && target != "secret")
      table.refuse("regextarget",
                   "an allowlist's 'regexTarget' is secret, match or line, not '" + sanitize_line(target) + "'");
    for (const std::string& commit : table.texts("commits")) list.commits.push_back(lower_ascii(trim(commit)));
    for (const std::string& text : table.texts("paths"))
      list.paths.push_back(table.pattern("paths", text, options_.check));
    for (const std::string& text : table.texts("regexes"))
      list.regexes.push_back(table.pattern("regexes", text, options_.check));
    list.stopwords = WordSet(table.texts("stopwords"));
    if (list.commits.empty() && list.paths.empty() && list.regexes.empty() && list.stopwords.empty())
      table.refuse("", "an allowlist needs one of commits, paths, regexes and stopwords");
    for (const std::string& key : table.unknown(
             {"description", "condition", "regextarget", "commits", "paths", "regexes", "stopwords", "targetrules"}))
      warn(table.place(key), "an allowlist: nothing reads '" + key + "'");
    return list;
  }

  void read_filters(const Table& table, std::vector<AllowlistPtr>& lists) {
    for (const char* key : {"prefilter", "filter"}) {
      if (!table.has(key)) continue;
      try {
        FilterReading reading = read_filter(table.text(key));
        for (Allowlist& list : reading.allowlists) lists.push_back(std::make_shared<Allowlist>(std::move(list)));
        for (const std::string& part : reading.left_out)
          warn(table.place(key),
               (table.rule.empty() ? "" : "rule " + table.rule + ": ") +
                   "this part of its filter is not applied, which finds more: " + fit(trim(part), 100));
      } catch (const PatternError& error) {
        table.refuse(key, std::string("a pattern in its filter cannot be used: ") + error.what());
      }
    }
  }

  void extend() {
    const auto sections = root_.tables("extend");
    if (sections.empty()) return;
    const Table& section = sections.front();
    const std::string path = section.text("path");
    const bool use_default = section.flag("usedefault");
    if (!path.empty() && use_default) section.refuse("path", "[extend] takes 'path' or 'useDefault', not both");
    if (section.has("url")) warn(section.place("url"), "[extend] url does nothing");
    if (depth_ >= kMaxExtends) {
      if (!path.empty() || use_default) warn(section.place(), "extends too deep: what it extends is left out");
      return;
    }
    if (use_default) {
      if (!options_.built_in) section.refuse("usedefault", "there are no built-in rules to extend");
      take_over(Loader(options_.built_in(), kBuiltInName, options_, depth_ + 1).read(), section);
    } else if (!path.empty()) {
      const auto text = options_.read ? options_.read(path) : std::nullopt;
      if (!text) section.refuse("path", "[extend] names '" + sanitize_line(path) + "', which cannot be read");
      take_over(Loader(*text, path, options_, depth_ + 1).read(), section);
    }
  }

  // What this file says of a rule wins, field by field.
  void take_over(Draft base, const Table& section) {
    std::set<std::string> disabled;
    for (const std::string& id : section.texts("disabledrules")) {
      const bool known = std::any_of(base.rules.begin(), base.rules.end(), [&](const Rule& r) { return r.id == id; });
      if (!known) warn(section.place("disabledrules"), "there is no rule '" + id + "' to disable");
      disabled.insert(id);
    }
    std::vector<Rule> rules;
    for (Rule& rule : base.rules) {
      if (disabled.contains(rule.id)) continue;
      const auto ours =
          std::find_if(draft_.rules.begin(), draft_.rules.end(), [&](const Rule& r) { return r.id == rule.id; });
      if (ours != draft_.rules.end()) {
        merge(rule, *ours);
        draft_.rules.erase(ours);
      }
      rules.push_back(std::move(rule));
    }
    for (Rule& rule : draft_.rules) rules.push_back(std::move(rule));
    draft_.rules = std::move(rules);
    draft_.allowlists.insert(draft_.allowlists.end(), base.allowlists.begin(), base.allowlists.end());
    for (auto& [id, list] : base.targeted)
      if (!disabled.contains(id)) draft_.targeted.emplace_back(id, list);
    draft_.warnings.insert(draft_.warnings.end(), base.warnings.begin(), base.warnings.end());
  }

  static void merge(Rule& base, const Rule& ours) {
    if (!ours.description.empty()) base.description = ours.description;
    if (ours.entropy != 0) base.entropy = ours.entropy;
    if (ours.secret_group != 0) base.secret_group = ours.secret_group;
    if (ours.regex) base.regex = ours.regex;
    if (ours.path) base.path = ours.path;
    const auto append = [](auto& into, const auto& from) { into.insert(into.end(), from.begin(), from.end()); };
    append(base.tags, ours.tags);
    append(base.keywords, ours.keywords);
    append(base.allowlists, ours.allowlists);
    append(base.required, ours.required);
  }

  std::string_view toml_;
  const std::string name_;
  const LoadOptions& options_;
  const int depth_;
  const Json json_;
  const Table root_;
  Draft draft_;
  int validated_ = 0;
};

// Which line a rule begins in; for errors that only show when all files are together.
std::string place_of(std::string_view toml, const std::string& name, const std::string& id) {
  const Json json = parse_toml(toml, name);
  for (const Table& table : Table(toml, name, json).tables("rules"))
    if (table.has("id") && table.find("id")->is_string() && table.text("id") == id) return table.place();
  return sanitize_line(name);
}

}  // namespace

const Rule* RuleSet::find(std::string_view id) const {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

RuleSet load_rules(std::string_view toml, const std::string& name, const LoadOptions& options) {
  Draft draft = Loader(toml, name, options, 0).read();
  RuleSet set;
  set.name = name;
  set.rules = std::move(draft.rules);
  set.allowlists = std::move(draft.allowlists);
  set.warnings = std::move(draft.warnings);
  const auto refuse = [&](const Rule& rule, const std::string& what) {
    fail_environment(place_of(toml, name, rule.id) + ": rule " + sanitize_line(rule.id) + ": " + what);
  };
  std::map<std::string, Rule*> by_id;
  for (Rule& rule : set.rules) by_id[rule.id] = &rule;
  for (const auto& [id, list] : draft.targeted) {
    const auto rule = by_id.find(id);
    if (rule == by_id.end())
      fail_environment(sanitize_line(name) + ": an allowlist's targetRules names '" + sanitize_line(id) +
                       "', which is no rule");
    rule->second->allowlists.push_back(list);
  }
  for (const Rule& rule : set.rules) {
    if (!rule.regex && !rule.path) refuse(rule, "it has neither 'regex' nor 'path', so it would find nothing");
    if (rule.regex && rule.secret_group > rule.regex->groups())
      refuse(rule, "'secretGroup' is " + std::to_string(rule.secret_group) + ", but its pattern captures " +
                       std::to_string(rule.regex->groups()) + " groups");
    for (const Required& required : rule.required)
      if (!by_id.contains(required.id))
        set.warnings.push_back(sanitize_line(name) + ": rule " + sanitize_line(rule.id) + " requires '" +
                               sanitize_line(required.id) + "', which is no rule: it finds nothing");
  }
  if (set.rules.empty())
    fail_environment(sanitize_line(name) + ": holds no rule, so nothing would be looked for",
                     {"add [[rules]], or '[extend]' with 'useDefault = true' for the built-in ones"});
  return set;
}

std::string_view built_in_text() {
  static constexpr std::string_view text =
#include "scan/rules-pack.inc"
      ;
  return text;
}

RuleSet built_in_rules() { return load_rules(built_in_text(), kBuiltInName); }

}  // namespace ga::scan
