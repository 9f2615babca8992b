// What the policy says about scanning: the table [scan] and the repository's own rules, [[rule]].
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "git/repository.hh"

// Every reader of a policy includes this: it names the scanner's types and does not pull them in.
namespace ga::scan {
class Allowed;
struct Rule;
struct RuleSet;
struct ScanOptions;
}  // namespace ga::scan

namespace ga::gates {

struct Policy;
class PolicyTable;

struct ScanPolicy {
  std::string config;                  ///< [scan] config: a file in gitleaks' format; "": the built-in rules
  std::int64_t max_size = 64ll << 20;  ///< [scan] max-size, bytes: larger files are not looked at, which blocks
  std::int64_t seconds = 2;            ///< [scan] time-limit: processor time for one file
  int decode_depth = 0;                ///< [scan] decode-depth
  std::shared_ptr<const std::vector<scan::Rule>> rules;  ///< [[rule]], in PCRE2's words; null: none
  git::Oid commit;                                       ///< where the policy is from; zero: no commit
};

/// Reads [scan] and [[rule]]. Throws Error(environment) with file and line: no id or pattern, one that PCRE2 refuses, an id
/// twice, an unknown event.
void read_scan_policy(const PolicyTable& root, ScanPolicy& scan);

/// The rules against secrets: of the file that [scan] config names, as it stands where the policy is from; else the built-in
/// ones. Throws Error(environment) when it is not there or malformed.
scan::RuleSet secret_rules(const git::Repository& repo, const Policy& policy);
/// The policy's own rules for an event ("": all).
scan::RuleSet own_rules(const Policy& policy, std::string_view event);
/// How texts are looked at.
scan::ScanOptions scan_options(const Policy& policy);
/// What .gitleaksignore lets pass where the policy is from.
scan::Allowed allowed_by_target(const git::Repository& repo, const Policy& policy);

}  // namespace ga::gates
