#include "gates/tests-gate.hh"

#include <map>

#include "gates/content-gate.hh"
#include "scan/content.hh"
#include "scan/test-erosion.hh"
#include "util/glob.hh"

namespace ga::gates {
namespace {

bool is_regular(unsigned mode) { return (mode & 0170000) == 0100000; }

bool refuses(const Subject& subject) {
  if (subject.event != "merge") return false;
  const std::string& word = subject.policy.tests.erosion;
  return word == "refuse" || (word.empty() && subject.policy.merge_by == "green");
}

}  // namespace

bool is_test_file(const Policy& policy, std::string_view path) {
  return scan::is_test_path(path) || glob_match_any(policy.tests.files, path);
}

BuiltinReport judge_tests(const Subject& subject) {
  BuiltinReport report;
  std::vector<scan::ErosionChange> changes;
  std::size_t bytes = 0, blobs = 0;
  const auto read = [&](const git::Oid& id, std::string& text) {
    auto blob = subject.repo.read_blob(id);
    if (!blob) {
      report.covered = false;
      return;
    }
    ++blobs;
    bytes += blob->size();
    if (!scan::is_binary(*blob)) text = std::move(*blob);
  };
  git::each_change(subject.repo, subject.base_tree, subject.tree, [&](const git::Change& change) {
    const bool is_test = is_test_file(subject.policy, change.path);
    if (!is_test && !scan::may_erode(change.path)) return;
    scan::ErosionChange each;
    each.path = change.path;
    each.is_test = is_test;
    each.existed = is_regular(change.old_mode);
    each.exists = is_regular(change.new_mode);
    if (each.existed) read(change.old_id, each.before);
    if (each.exists) read(change.new_id, each.after);
    if (each.existed || each.exists) changes.push_back(std::move(each));
  });
  report.findings = scan::check_erosion(changes);
  const bool block = refuses(subject);
  for (scan::Finding& each : report.findings) each.blocks = each.blocks && block;
  report.coverage = std::to_string(changes.size()) + (changes.size() == 1 ? " file of tests, " : " files of tests, ") +
                    blobs_text(blobs, bytes);
  return report;
}

}  // namespace ga::gates
