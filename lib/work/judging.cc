#include "work/judging.hh"

#include <algorithm>
#include <map>
#include <set>

#include "util/text.hh"

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

std::vector<gates::Verdict> judge_tree(Project& project, const gates::Policy& policy, gates::GateRequest request) {
  // Read once, and only when a failure may be excused.
  std::optional<std::map<Key, Seen>> evidence;
  request.flaky_trees = [&](const std::string& gate, const std::string& test) {
    if (!evidence) evidence = read_evidence(project);
    const auto found = evidence->find({gate, test});
    return found == evidence->end() ? 0 : static_cast<int>(found->second.trees.size());
  };
  auto verdicts = gates::run_gates(project.repo(), policy, request);
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
