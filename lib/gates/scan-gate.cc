#include "gates/scan-gate.hh"

#include <algorithm>

#include "gates/scan-policy.hh"

namespace ga::gates {

SecretRules rules_for(const git::Repository& repo, const Policy& policy, std::string_view event) {
  return {secret_rules(repo, policy), own_rules(policy, event)};
}

scan::Scan scan_by(const SecretRules& rules, const scan::ScanOptions& options, const git::Repository& repo,
                   const scan::ChangeScan& what) {
  scan::Scan scan = scan::scan_changes(scan::Scanner(rules.secrets, options), repo, what);
  if (rules.own.rules.empty()) return scan;
  // The same blobs: what was looked at is counted once, the rules are more.
  scan::Scan own = scan::scan_changes(scan::Scanner(rules.own, options), repo, what);
  scan.coverage.rules += own.coverage.rules;
  for (scan::Hit& hit : own.hits) {
    const bool said =
        hit.rule == nullptr && std::any_of(scan.hits.begin(), scan.hits.end(),
                                           [&](const scan::Hit& other) { return other.finding == hit.finding; });
    if (!said) scan.hits.push_back(std::move(hit));
  }
  scan::sort_hits(scan.hits);
  return scan;
}

BuiltinReport judge_secrets(const Subject& subject, const scan::Allowed& approved) {
  const SecretRules rules = rules_for(subject.repo, subject.policy, subject.event);
  scan::Allowed allowed = allowed_by_target(subject.repo, subject.policy);
  allowed.add_all(approved);
  const scan::Scan scan =
      scan_by(rules, scan_options(subject.policy), subject.repo,
              {.base_tree = subject.base_tree, .tree = subject.tree, .commits = subject.commits, .allowed = &allowed});
  BuiltinReport report;
  for (const scan::Hit& hit : scan.hits) report.findings.push_back(hit.finding);
  report.coverage = scan::coverage_line(scan.coverage, "blob");
  report.covered = scan.coverage.texts > 0 || scan.hits.empty();
  return report;
}

BuiltinReport judge_secrets(const Subject& subject) { return judge_secrets(subject, {}); }

}  // namespace ga::gates
