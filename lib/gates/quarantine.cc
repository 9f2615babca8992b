#include "gates/quarantine.hh"

#include <algorithm>

#include "util/text.hh"

namespace ga::gates {
namespace {

bool looks_like_test(const std::string& path) {
  const std::string low = lower_ascii(path);
  return low.find("test") != std::string::npos || low.find("spec") != std::string::npos;
}

bool is_touched(const std::string& file, const std::vector<std::string>& changed) {
  if (file.empty()) return std::any_of(changed.begin(), changed.end(), looks_like_test);
  return std::find(changed.begin(), changed.end(), file) != changed.end();
}

bool is_listed(const Policy& policy, const std::string& gate, const std::string& test, std::int64_t now) {
  return std::any_of(policy.quarantine.begin(), policy.quarantine.end(), [&](const Quarantine& entry) {
    return entry.gate == gate && entry.test == test && now <= entry.until;
  });
}

}  // namespace

void excuse(Verdict& verdict, const Policy& policy, const GateRequest& request,
            const std::vector<std::string>& changed_paths, std::int64_t now) {
  if (verdict.outcome != Outcome::fail || verdict.builtin || !request.flaky_trees) return;
  const auto excused = [&](const std::string& test, const std::string& file) {
    return is_listed(policy, verdict.gate, test, now) && !is_touched(file, changed_paths) &&
           request.flaky_trees(verdict.gate, test) >= policy.flaky_evidence;
  };
  std::vector<std::string> all;
  for (const scan::Finding& finding : verdict.findings) {
    if (!finding.blocks) continue;
    if (!excused(finding.rule, finding.file)) return;
    all.push_back(finding.rule);
  }
  if (all.empty()) {
    if (!excused("", "")) return;
    all.push_back("");
  }
  for (scan::Finding& finding : verdict.findings) finding.blocks = false;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  verdict.quarantined = std::move(all);
  verdict.outcome = Outcome::pass;
}

}  // namespace ga::gates
