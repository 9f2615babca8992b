// Gates as commands run them: with what the ledger knows of failures that come and go.
#pragma once

#include <vector>

#include "gates/runner.hh"
#include "work/project.hh"

namespace ga::work {

/// gates::run_gates(), with the ledger's evidence for quarantines; a failure and a pass on one tree become new evidence (a
/// bead of kind "flaky", once for each gate and tree), but before a commit.
std::vector<gates::Verdict> judge_tree(Project& project, const gates::Policy& policy, gates::GateRequest request);

/// A failure that was seen to come and go.
struct Flake {
  std::string gate, test;          ///< test: "" is the gate as a whole
  std::vector<std::string> trees;  ///< on which both outcomes were seen
  Time last = 0;
  bool listed = false;       ///< the policy quarantines it, and its last day is not over
  bool quarantined = false;  ///< and there is evidence enough
};
/// All of them, the one seen last first.
std::vector<Flake> flakes(Project& project);
Json to_json(const Flake& flake);

}  // namespace ga::work
