// Test erosion: changes after which tests say less than before. Tests deleted without others in their place, new marks that
// skip them, assertions gone, test commands that may fail unnoticed, thresholds lowered.
//
// It reads lines, not languages: what a test, a mark and an assertion look like in each (erosion-words.cc). What moved to another
// file of the same change, or got another name, is no loss, so a change is judged as a whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scan/finding.hh"

namespace ga::scan {

/// Whether a path is one of tests by its name: below test/, tests/, spec/, __tests__/ and the like, or named like
/// test_x.py, x_test.go, x.spec.ts, XTest.java.
bool is_test_path(std::string_view path);
/// Whether a path says how tests are run: workflows, package.json, Makefile, tox.ini and the like.
bool is_test_setup(std::string_view path);
/// Whether a file of this name may hold tests or their setup at all: others need not be read.
bool may_erode(std::string_view path);

/// One file of a change.
struct ErosionChange {
  std::string path;           ///< of what there is now; of what was there when it is deleted
  std::string before, after;  ///< "" when it was or is not there
  bool existed = false, exists = false;
  bool is_test = false;  ///< a test file by name or policy
};

/// What a change takes from the tests. Rules: "test-file-deleted", "test-deleted", "test-skipped", "test-only",
/// "assertions-removed", "failure-ignored", "threshold-lowered". All but assertions-removed, and a skip that stands under a
/// condition, have `blocks` set: the caller's policy decides whether it counts. Pure; lines are those of the new text, 0 where
/// there is none.
std::vector<Finding> check_erosion(const std::vector<ErosionChange>& changes);

}  // namespace ga::scan
