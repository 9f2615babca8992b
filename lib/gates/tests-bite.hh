// Tests that bite: a test that comes with a change fails without it. One that passes on the sources as they were says
// nothing about the change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gates/builtin.hh"
#include "gates/runner.hh"

namespace ga::gates {

/// The sources of one side with the tests of the other.
struct BiteTree {
  git::Oid tree;
  std::vector<std::string> tests;  ///< those added or changed: what is to fail on `tree`
};

/// The base's tree with everything of `tree` that is a test (is_test_file), what tests read beside them included. nullopt
/// where there is nothing to try: no test was added or changed, or nothing else was. Writes trees, moves no ref.
std::optional<BiteTree> tests_on_base_tree(git::Repository& repo, const Policy& policy, const git::Oid& base_tree,
                                           const git::Oid& tree);

/// Runs each gate that has `bite = true` and judges the event on the tests_on_base_tree() of a request, and reports those that pass
/// there: a finding of the rule "tests-do-not-bite" for each changed test file, which warns. Where the gate's verdict is
/// no pass, its tests bite. A gate that could not run says nothing, which `coverage` tells. Throws like run_gates().
BuiltinReport judge_bite(git::Repository& repo, const Policy& policy, const GateRequest& request);

}  // namespace ga::gates
