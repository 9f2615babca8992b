// Failures that come and go: when one is known, approved and not the change's own, it is shown and does not block.
//
// Four things must hold, and each stands in the way of a different mistake:
//  - the policy of the target's side lists it, with reason and last day: a protected file, so a person has approved it;
//  - both outcomes were seen on `[gates] flaky-evidence` trees (beads of kind "flaky" in the ledger);
//  - the change does not touch the test's file; where no file is known, it touches nothing that looks like a test;
//  - everything that failed in the gate is such a failure.
#pragma once

#include <vector>

#include "gates/runner.hh"

namespace ga::gates {

/// Turns a failure into a pass that names what was excused, where all of that holds; else leaves it as it is.
void excuse(Verdict& verdict, const Policy& policy, const GateRequest& request,
            const std::vector<std::string>& changed_paths, std::int64_t now);

}  // namespace ga::gates
