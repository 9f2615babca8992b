// The table of the built-in gates; to add one, add its row.
#include "gates/builtin.hh"

#include <algorithm>

#include "gates/content-gate.hh"
#include "gates/runner.hh"
#include "gates/scan-gate.hh"
#include "gates/tests-gate.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// What a person has to approve, shown before it is refused: the guard decides, this only says so.
BuiltinReport judge_protected(const Subject& subject) {
  BuiltinReport report;
  const std::size_t files = git::diff_trees(subject.repo, subject.base_tree, subject.tree).size();
  for (const std::string& path : protected_changes(subject.repo, subject.policy, subject.base_tree, subject.tree)) {
    scan::Finding finding;
    finding.rule = "protected-file";
    finding.description = "a protected file changes: only with a person's approval";
    finding.file = path;
    finding.fingerprint = path + ":protected-file:0";
    finding.blocks = false;
    report.findings.push_back(std::move(finding));
  }
  report.coverage = std::to_string(files) + (files == 1 ? " path" : " paths");
  return report;
}

}  // namespace

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> all = {
      {"protected", judge_protected},
      {"scan", judge_secrets},
      {"content", judge_content},
      {"tests", judge_tests},
  };
  return all;
}

std::string shown_name(const Builtin& builtin, const Policy& policy) {
  const bool taken = std::any_of(policy.gates.begin(), policy.gates.end(),
                                 [&](const Gate& gate) { return gate.name == builtin.name; });
  return std::string(taken ? "builtin-" : "") + builtin.name;
}

}  // namespace ga::gates
