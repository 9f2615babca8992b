#include "work/judging.hh"

#include <algorithm>
#include <map>
#include <set>

#include "gates/tests-bite.hh"
#include "util/clock.hh"
#include "util/text.hh"
#include "work/allow.hh"
#include "work/authority.hh"

namespace ga::work {
namespace {

using Key = std::pair<std::string, std::string>;  // gate, test

struct Seen {
  std::set<std::string> trees;
  Time last = 0;
};

constexpr std::size_t kMaxTests = 50;  // of one gate in one bead

std::map<Key, Seen> read_evidence(Project& project) {
  std::map<Key, Seen> all;
  if (project.ledger().tip().zero()) return all;
  project.index().each_object("beads", "", [&](const Json& bead) {
    if (get_string(bead, "kind") != "flaky") return true;
    const auto found = bead.find("flaky");
    if (found == bead.end() || !found->is_object()) return true;
    const std::string tree = get_string(*found, "tree");
    for (const std::string& test : get_strings(*found, "tests")) {
      Seen& seen = all[{get_string(*found, "gate"), test}];
      seen.trees.insert(tree);
      seen.last = std::max(seen.last, parse_time(get_string(bead, "time")));
    }
    return true;
  });
  return all;
}

void record_flakes(Project& project, const std::vector<gates::Verdict>& verdicts) {
  std::optional<std::map<Key, Seen>> known;
  for (const gates::Verdict& verdict : verdicts) {
    if (!verdict.flaky || verdict.cached || project.ledger().tip().zero()) continue;
    if (!known) known = read_evidence(project);
    const std::string tree = verdict.tree.hex();
    std::vector<std::string> fresh;
    for (const std::string& test : verdict.flaky_tests) {
      const auto seen = known->find({verdict.gate, test});
      const bool there = seen != known->end() && seen->second.trees.contains(tree);
      if (!there && fresh.size() < kMaxTests) fresh.push_back(fit(normalize_utf8(test), 300));
    }
    if (fresh.empty()) continue;
    std::vector<std::string> names;
    for (const std::string& test : fresh) names.push_back(test.empty() ? "the gate" : sanitize_line(test));
    Json bead = project.bead("flaky", "gate '" + verdict.gate + "' failed and passed on one tree: " + join(names, ", "),
                             "", "tree " + tree);
    bead["flaky"] = {{"gate", verdict.gate}, {"tests", fresh}, {"tree", tree}};
    project.commit("bead.add", {{"bead", std::move(bead)}});
  }
}

}  // namespace

namespace {

// A fingerprint without the commit that may stand before it: "file:rule:line".
std::string_view place_of(std::string_view fingerprint) {
  const auto colon = fingerprint.find(':');
  const bool is_id = (colon == 40 || colon == 64) &&
                     fingerprint.substr(0, colon).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_id ? fingerprint.substr(colon + 1) : fingerprint;
}

// Which findings curators have approved. The signatures are tried when one is met, for each try is a process.
std::function<bool(const std::string&)> approved_findings(Project& project) {
  struct Known {
    model::Approval approval;
    trust::Statement statement;
  };
  std::vector<Known> known;
  const git::Oid ledger = project.ledger().tip();
  if (ledger.zero()) return {};
  for (model::Approval& approval : approvals_at(project.repo(), ledger))
    if (approval.kind == "allow")
      if (auto statement = trust::parse_statement(approval.statement))
        if (!has_expired(*statement)) known.push_back({std::move(approval), *std::move(statement)});
  if (known.empty()) return {};
  return [known = std::move(known), rules = authority(project)](const std::string& fingerprint) {
    return std::any_of(known.begin(), known.end(), [&](const Known& one) {
      const bool meant = one.statement.fingerprint == fingerprint || one.statement.fingerprint == place_of(fingerprint);
      return meant && approval_problem(rules, one.approval, one.statement).empty();
    });
  };
}

// Tests that come with the change and pass without it, as a verdict beside the others. It warns, so it cannot fail.
std::optional<gates::Verdict> bite_verdict(Project& project, const gates::Policy& policy,
                                           const gates::GateRequest& request) {
  const bool bites = std::any_of(policy.gates.begin(), policy.gates.end(), [](const gates::Gate& g) { return g.bite; });
  if (!bites || request.event == "pre-commit" || !request.only.empty()) return std::nullopt;
  const double start = monotonic_seconds();
  gates::BuiltinReport report = gates::judge_bite(project.repo(), policy, request);
  gates::Verdict verdict;
  verdict.gate = "bite";
  verdict.tree = request.tree;
  verdict.builtin = true;
  verdict.outcome = gates::Outcome::pass;
  verdict.findings = std::move(report.findings);
  verdict.coverage = std::move(report.coverage);
  verdict.seconds = monotonic_seconds() - start;
  return verdict;
}

}  // namespace

std::vector<gates::Verdict> judge_tree(Project& project, const gates::Policy& policy, gates::GateRequest request) {
  // Read once, and only when a failure may be excused.
  std::optional<std::map<Key, Seen>> evidence;
  request.flaky_trees = [&](const std::string& gate, const std::string& test) {
    if (!evidence) evidence = read_evidence(project);
    const auto found = evidence->find({gate, test});
    return found == evidence->end() ? 0 : static_cast<int>(found->second.trees.size());
  };
  request.allowed = approved_findings(project);
  auto verdicts = gates::run_gates(project.repo(), policy, request);
  const bool green =
      std::all_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.passed(); });
  // On tests that fail with the change there is nothing to try without it.
  if (green)
    if (auto verdict = bite_verdict(project, policy, request)) verdicts.push_back(*std::move(verdict));
  if (request.event != "pre-commit") record_flakes(project, verdicts);
  return verdicts;
}

std::vector<Flake> flakes(Project& project) {
  const gates::Policy& policy = project.policy();
  std::vector<Flake> all;
  for (const auto& [key, seen] : read_evidence(project)) {
    Flake flake{key.first, key.second, {seen.trees.begin(), seen.trees.end()}, seen.last, false, false};
    flake.listed = std::any_of(policy.quarantine.begin(), policy.quarantine.end(), [&](const gates::Quarantine& entry) {
      return entry.gate == flake.gate && entry.test == flake.test && now() <= entry.until;
    });
    flake.quarantined = flake.listed && static_cast<int>(flake.trees.size()) >= policy.flaky_evidence;
    all.push_back(std::move(flake));
  }
  std::stable_sort(all.begin(), all.end(), [](const Flake& a, const Flake& b) { return b.last < a.last; });
  return all;
}

Json to_json(const Flake& flake) {
  return {{"gate", flake.gate},     {"test", string_or_null(flake.test)},
          {"trees", flake.trees},   {"last", flake.last > 0 ? Json(format_time(flake.last)) : Json()},
          {"listed", flake.listed}, {"quarantined", flake.quarantined}};
}

}  // namespace ga::work
