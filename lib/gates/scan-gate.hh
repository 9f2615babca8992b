// The built-in gate "scan": secrets, and what the policy's own rules look for.
#pragma once

#include "gates/builtin.hh"
#include "scan/changes.hh"

namespace ga::gates {

/// Judges every blob that is to come (scan::new_blobs) by the rules of the policy's side, and its own rules for the event.
/// Findings that its .gitleaksignore lists and that Subject::allowed lets pass are left out; allow comments in what is judged change nothing and are reported.
/// Throws Error(environment) for a configuration that cannot be used.
BuiltinReport judge_secrets(const Subject& subject);
/// What it is made of, for who wants more than a verdict: the scans by the rules against secrets and by the policy's
/// own, one after the other. `rules` must outlive the hits.
struct SecretRules {
  scan::RuleSet secrets, own;
};
SecretRules rules_for(const git::Repository& repo, const Policy& policy, std::string_view event);
scan::Scan scan_by(const SecretRules& rules, const scan::ScanOptions& options, const git::Repository& repo,
                   const scan::ChangeScan& what);

}  // namespace ga::gates
