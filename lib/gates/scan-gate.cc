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

BuiltinReport judge_secrets(const Subject& subject) {
  const SecretRules rules = rules_for(subject.repo, subject.policy, subject.event);
  const scan::Allowed allowed = allowed_by_target(subject.repo, subject.policy);
  const scan::Scan scan =
      scan_by(rules, scan_options(subject.policy), subject.repo,
              {.base_tree = subject.base_tree, .tree = subject.tree, .commits = subject.commits, .allowed = &allowed});
  BuiltinReport report;
  std::size_t approved = 0;
  for (const scan::Hit& hit : scan.hits) {
    // What could not be looked at is nobody's to approve.
    const bool stays = hit.rule != nullptr && subject.allowed && subject.allowed(hit.finding.fingerprint);
    if (stays) ++approved;
    else report.findings.push_back(hit.finding);
  }
  report.coverage = scan::coverage_line(scan.coverage, "blob");
  if (approved > 0) report.coverage += ", " + std::to_string(approved) + " approved";
  report.covered = scan.coverage.texts > 0 || scan.hits.empty();
  return report;
}

}  // namespace ga::gates
