// Rules: what to look for, and what to let pass. gitleaks' configuration format, read unmodified.
//
//   const RuleSet rules = load_rules(text, ".gitleaks.toml", {.built_in = ..., .read = ...});
//
// What gitleaks' format says and means is done as gitleaks does it: rules, keywords, entropy, secretGroup, allowlists in
// their old and new form, [extend], composite rules. Of betterleaks' format the filters that are plain comparisons
// (entropy, matchesAny, containsAny, joined by || and &&) are honoured; what needs its expression language is named in
// `warnings` and left out in the direction that finds more.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/keywords.hh"
#include "scan/pattern.hh"
#include "util/glob.hh"

namespace ga::scan {

using PatternPtr = std::shared_ptr<const Pattern>;

/// What lets a finding, or a whole file, pass.
struct Allowlist {
  enum class Target { secret, match, line };
  std::string description;
  bool all = false;  ///< condition AND: everything that is given must hold; else one of it
  std::vector<std::string> commits;
  std::vector<PatternPtr> paths, regexes;
  Target target = Target::secret;     ///< what `regexes` look at
  WordSet stopwords;                  ///< parts of the secret
  std::optional<double> max_entropy;  ///< from betterleaks: lets pass what has at most this
};
using AllowlistPtr = std::shared_ptr<const Allowlist>;

/// Another rule that must have found something near by.
struct Required {
  std::string id;
  std::optional<int> within_lines, within_columns;
};

struct Rule {
  std::string id, description;
  PatternPtr regex, path;             ///< null: none. A rule of a path alone finds files
  int secret_group = 0;               ///< 0: the first that captured something
  double entropy = 0;                 ///< a secret must have more, in bits a character; 0: it does not matter
  std::vector<std::string> keywords;  ///< lower case; none: always looked for
  std::vector<std::string> tags;
  bool skip_report = false;  ///< found only for other rules that require it
  std::vector<AllowlistPtr> allowlists;
  std::vector<Required> required;

  // Of the repository's own rules alone.
  std::vector<std::string> files;  ///< patterns of paths it looks at; none: all
  std::vector<std::string> on;     ///< events; none: all
  bool blocks = true;
  std::string origin;  ///< "pack.toml:12": where it stands
};

struct RuleSet {
  std::vector<Rule> rules;
  std::vector<AllowlistPtr> allowlists;  ///< for all rules
  std::vector<std::string> warnings;     ///< one line each, safe to show
  std::string name;                      ///< where they are from

  const Rule* find(std::string_view id) const;
};

struct LoadOptions {
  /// The rules that `[extend] useDefault = true` means.
  std::function<std::string_view()> built_in;
  /// A file that `[extend] path` names; nullopt when there is none. Without the function such a path is refused.
  std::function<std::optional<std::string>(const std::string& path)> read;
  /// Compile every pattern, which takes some milliseconds. Without that one is refused at once too, but for what only
  /// compiling shows: too large for PCRE2.
  bool check = false;
};

/// Reads a configuration. Throws Error(environment) "NAME:LINE: rule ID: what" for malformed TOML, wrong types, what
/// gitleaks refuses (a rule without id or pattern, a group that is not there, an empty allowlist, both forms of one), and
/// patterns outside RE2.
RuleSet load_rules(std::string_view toml, const std::string& name, const LoadOptions& options = {});

/// The pack that is part of the program: its text, and the rules.
std::string_view built_in_text();
RuleSet built_in_rules();
inline constexpr const char* kBuiltInName = "built-in rules";

}  // namespace ga::scan
