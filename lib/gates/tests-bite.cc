#include "gates/tests-bite.hh"

#include <algorithm>

#include "gates/tests-gate.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

std::vector<std::string> biting_gates(const Policy& policy, const GateRequest& request) {
  std::vector<std::string> names;
  for (const Gate& gate : policy.gates_on(request.event)) {
    const bool asked =
        request.only.empty() || std::find(request.only.begin(), request.only.end(), gate.name) != request.only.end();
    if (gate.bite && asked) names.push_back(gate.name);
  }
  return names;
}

scan::Finding finding_for(const std::string& file, const std::string& gate) {
  scan::Finding finding;
  finding.rule = "tests-do-not-bite";
  finding.description =
      "the gate " + gate + " passes with this test on the sources without the change too: it does not test it";
  finding.file = file;
  finding.fingerprint = file + ":tests-do-not-bite:0";
  finding.blocks = false;
  return finding;
}

}  // namespace

std::optional<BiteTree> tests_on_base_tree(git::Repository& repo, const Policy& policy, const git::Oid& base_tree,
                                           const git::Oid& tree) {
  BiteTree result;
  std::vector<git::TreeEntry> entries;
  bool sources_changed = false;
  git::each_change(repo, base_tree, tree, [&](const git::Change& change) {
    if (!is_test_file(policy, change.path)) {
      sources_changed = true;
      return;
    }
    // A removal is an entry with the zero id.
    entries.push_back({change.path, change.new_mode == 0 ? change.old_mode : change.new_mode, change.new_id});
    if (change.new_mode != 0) result.tests.push_back(change.path);
  });
  if (result.tests.empty() || !sources_changed || base_tree.zero()) return std::nullopt;
  result.tree = repo.update_tree(base_tree, entries);
  return result;
}

BuiltinReport judge_bite(git::Repository& repo, const Policy& policy, const GateRequest& request) {
  BuiltinReport report;
  const std::vector<std::string> gates = biting_gates(policy, request);
  const auto tried = gates.empty() ? std::nullopt : tests_on_base_tree(repo, policy, request.base_tree, request.tree);
  if (!tried) {
    report.coverage = gates.empty() ? "no gate has bite = true" : "no test comes with a change of the sources";
    return report;
  }
  GateRequest on_base = request;
  on_base.tree = tried->tree;
  on_base.only = gates;
  std::size_t ran = 0;
  for (const Verdict& verdict : run_gates(repo, policy, on_base)) {
    if (verdict.outcome == Outcome::pass || verdict.outcome == Outcome::fail) ++ran;
    if (verdict.outcome != Outcome::pass) continue;
    for (const std::string& file : tried->tests) report.findings.push_back(finding_for(file, verdict.gate));
  }
  report.coverage = std::to_string(tried->tests.size()) + (tried->tests.size() == 1 ? " test file" : " test files") +
                    " on the sources without the change, " + std::to_string(ran) + " of " +
                    std::to_string(gates.size()) + (gates.size() == 1 ? " gate ran" : " gates ran");
  return report;
}

}  // namespace ga::gates
