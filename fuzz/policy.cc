// The policy file: what is accepted keeps to its limits, and nothing that runs escapes the trust.
#include "gates/policy.hh"
#include "fuzz.hh"
#include "util/glob.hh"

namespace ga::fuzz {
namespace {

void check_gate(const gates::Gate& gate) {
  HOLDS(!gate.name.empty() && gate.name.find('/') == std::string::npos);
  HOLDS(!gate.on.empty());
  HOLDS(!gate.argv.empty() && !gate.argv.front().empty());
  for (const std::string& word : gate.argv) HOLDS(word.find('\0') == std::string::npos);
  for (const std::string& pattern : gate.files) HOLDS(glob_error(pattern).empty());
  HOLDS(gate.timeout_seconds >= 1 && gate.timeout_seconds <= 24 * 3600);
}

void check_profile(const std::string& name, const gates::Profile& profile) {
  HOLDS(!name.empty() && name == profile.name && name.find('/') == std::string::npos);
  for (const std::string& word : profile.command) HOLDS(word.find('\0') == std::string::npos);
}

bool runs_something(const gates::Policy& policy) {
  if (!policy.gates.empty()) return true;
  for (const auto& [name, profile] : policy.profiles)
    if (!profile.command.empty()) return true;
  return false;
}

}  // namespace

void fuzz_one(std::string_view input) {
  const auto policy = read_or_refuse(Kind::environment, [&] { return gates::parse_policy(input, "policy"); });
  if (!policy) return;
  HOLDS(policy->wip >= 1 && policy->review_wip >= 1);
  HOLDS(policy->max_iterations >= 1 && policy->same_error_limit >= 1);
  for (const gates::Gate& gate : policy->gates) check_gate(gate);
  for (const auto& [name, profile] : policy->profiles) check_profile(name, profile);
  HOLDS(policy->trust_hash().empty() != runs_something(*policy));
  for (const std::string& key : gates::unknown_keys(*policy)) HOLDS(!key.empty());
  for (const std::string& pattern : policy->protected_paths) HOLDS(glob_error(pattern).empty());
  is_protected(*policy, input.substr(0, 100));
}

}  // namespace ga::fuzz
