// Findings that are let pass one by one: gitleaks' ignore files and baselines, and what a curator has approved.
//
// Whoever is judged must not be the one who fills this: an ignore file, a baseline or an allow comment counts only as it
// stands on the target's side. The caller sees to that; here they are only read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scan/engine.hh"

namespace ga::scan {

inline constexpr const char* kIgnoreFile = ".gitleaksignore";

class Allowed {
 public:
  /// One fingerprint: "file:rule:line" for any commit, "commit:file:rule:line" for one.
  void add(std::string fingerprint);
  /// A .gitleaksignore: a fingerprint a line, '#' begins a comment.
  void add_ignore_file(std::string_view text);
  /// All that another one lets pass.
  void add_all(const Allowed& other);
  /// An old report, gitleaks' or ours: findings that stand in it as they are now are known. Throws Error(environment)
  /// naming `name` when it is neither.
  void add_baseline(std::string_view json, const std::string& name);

  bool covers(const Hit& hit) const;
  bool empty() const { return fingerprints_.empty() && known_.empty(); }

 private:
  struct Known {
    std::string secret;  ///< as it stands in the report, maybe redacted
    std::string commit;
    int column = 0, end_line = 0, end_column = 0;
    bool columns_of_gitleaks = false;
  };
  std::unordered_set<std::string> fingerprints_;
  std::unordered_map<std::string, std::vector<Known>> known_;  ///< by "file:rule:line"
};

}  // namespace ga::scan
