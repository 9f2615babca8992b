// The repository's policy: .git-agent.toml, read from the side that is to be protected (the target's tip).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gates/scan-policy.hh"
#include "git/repository.hh"
#include "util/json.hh"

namespace ga::gates {

inline constexpr const char* kPolicyFile = ".git-agent.toml";

/// One `[[gate]]`: a command that judges a tree.
struct Gate {
  std::string name;
  std::vector<std::string> on;    ///< pre-commit, task-done, merge
  std::vector<std::string> argv;  ///< from `run`: split like a shell would; {"sh","-c",run} with shell = true
  std::string run;
  bool shell = false;
  std::vector<std::string> files;  ///< runs only when a changed path matches; empty: always
  std::int64_t timeout_seconds = 600;
  std::vector<std::string> env;  ///< names of further environment variables it may see
  int retries = 0;               ///< how often a failure is tried again on the same tree
  bool writes = false;           ///< effect = "write": alone, in a checkout of its own
  /// network: "" as it is; "off" without one where a sandbox can be had; "never" not at all without that sandbox.
  std::string network;
  std::string report_format, report_path;  ///< report = "junit:build/report.xml"; path "-" is standard output
  bool bite = false;  ///< it runs tests, which are to fail without the change they come with (tests-bite.hh)
};

/// One `[[quarantine]]`: a failure that is shown and does not block, once there is evidence that it comes and goes.
struct Quarantine {
  std::string gate;
  std::string test;  ///< as the gate's report names it; "" is the gate as a whole
  std::string reason;
  std::int64_t until = 0;  ///< end of that day, seconds since the epoch
};

/// `[content]`: what no file should hold (gates/content-gate.hh).
struct ContentPolicy {
  int max_bytes = 5 << 20;         ///< max-size; 0: none
  std::string binary = "warn";     ///< allow, warn, refuse
  std::vector<std::string> allow;  ///< paths that are not looked at
};

/// `[tests]`: what must not become of tests (gates/tests-gate.hh).
struct TestsPolicy {
  std::string erosion;             ///< warn, refuse; "": refuse where nobody looks, which is merge.by = green
  std::vector<std::string> files;  ///< paths that are tests, beside those that look like it
};

struct Profile {
  std::string name, client, model;
  std::vector<std::string> command;  ///< overrides the built-in launch line
};

struct Policy {
  // [team]
  int wip = 4, review_wip = 5;
  std::string default_profile;   ///< [team] profile
  std::string target;            ///< [team] target: branch features merge into; "" = see Project
  std::string claims = "local";  ///< local or remote: whose word makes a claim
  bool sync_auto = false;        ///< [sync] auto: writes are exchanged with the remote by themselves
  // [guard]
  int max_iterations = 8, same_error_limit = 3;
  std::vector<std::string> protected_paths;  ///< patterns beside built_in_protected()
  std::string curators = ".git-agent/curators";
  std::string revoked;               ///< file of revoked keys beside it; "" for none
  std::string curator_keys = "any";  ///< any, touch, pin: trust::KeyRule
  std::string reflection;            ///< "required" or ""
  // [plan]
  std::vector<std::string> plan_required_for;  ///< whoever touches these paths needs an approved plan
  // [merge], [lock]
  std::string merge_by = "lead";          ///< lead or green
  std::string unowned = "take";           ///< take, warn, refuse
  std::string merge_review = "optional";  ///< optional or required
  // [gates], [[quarantine]]
  int gate_jobs = 0;       ///< gates side by side; 0: as many as there are processors
  int flaky_evidence = 2;  ///< trees with both outcomes before a quarantine counts
  std::vector<Quarantine> quarantine;
  ContentPolicy content;
  TestsPolicy tests;
  std::vector<Gate> gates;
  ScanPolicy scan;  ///< [scan], [[rule]]
  std::map<std::string, Profile> profiles;
  Json raw = Json::object();  ///< the whole file, for keys of later layers
  std::string origin;         ///< "main:.git-agent.toml", "defaults"

  std::vector<Gate> gates_on(std::string_view event) const;
  /// What trust is given to: the canonical text of everything that gets executed; "" when no gate.
  std::string executable_text() const;
  std::string trust_hash() const;  ///< sha256 of executable_text(), "" when that is empty
};

/// Parses a policy. Throws Error(environment) "NAME:LINE: what" for malformed TOML, wrong types, a gate
/// without name or run, unknown events, files over 1 MiB. Unknown keys are kept in `raw` and listed by
/// unknown_keys().
Policy parse_policy(std::string_view toml, const std::string& name);
std::vector<std::string> unknown_keys(const Policy& policy);
/// Every key the program reads ("team.wip", "gate.timeout"...), as git-agent-config(5) lists them.
const std::vector<std::string>& config_keys();

/// The policy at a commit; defaults when the file is not there.
Policy policy_at(const git::Repository& repo, const git::Oid& commit, const std::string& name);

/// Patterns that are protected whatever the policy says: instructions for agents, the policy, and configuration of agents'
/// clients.
const std::vector<std::string>& built_in_protected();
/// Whether a path is protected, as the most forgiving file system would read it: names are compared case-folded, in NFKC,
/// without what nobody sees and trailing dots and spaces. Patterns match at any depth.
bool is_protected(const Policy& policy, std::string_view path);

}  // namespace ga::gates
