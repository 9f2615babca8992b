// The built-in gate "tests": what a change takes from the tests (scan/test-erosion.hh).
#pragma once

#include "gates/builtin.hh"

namespace ga::gates {

/// Judges the step between the two trees as a whole, so that what moved is no loss. Its findings warn, and block at merge
/// where the policy says so: [tests] erosion = "refuse", or nothing said and merge.by = "green", where nobody would look.
BuiltinReport judge_tests(const Subject& subject);

/// Whether a path is one of tests: by its name, or by [tests] files.
bool is_test_file(const Policy& policy, std::string_view path);

}  // namespace ga::gates
