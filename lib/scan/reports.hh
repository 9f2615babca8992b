// Reports of tools, read into findings and counts: what a gate's command says of a tree beside its exit code.
//
// A report is written by what is judged, so it can make a verdict worse, never better: who reads one lets it count only
// beside the exit code, and takes a `problem` for a failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/finding.hh"

namespace ga::scan {

enum class ReportFormat { sarif, junit, tap, checkstyle };
/// "sarif", "junit", "tap" or "checkstyle"; nullopt for another word.
std::optional<ReportFormat> report_format(std::string_view word);
std::string_view report_format_name(ReportFormat format);

struct Report {
  /// In the report's order, at most 5,000: those that block are kept first when there are more. A failed test blocks, a
  /// flaky one warns; an error of a linter blocks, its warnings and notes warn.
  std::vector<Finding> findings;
  /// Tests, or results of a linter (checkstyle: files it looked at): those that ran, those that did not (skipped,
  /// suppressed, expected to fail), those of the first that failed, and that passed only when tried again.
  int executed = 0, skipped = 0, failed = 0, flaky = 0;
  int dropped = 0;      ///< findings beyond the 5,000
  std::string problem;  ///< one line, safe to show: why this is no whole report of a run ("" when it is one)
};

/// Reads a report. Pure; throws nothing. What is cut off, not of the format, larger than 64 MiB, holds no test where tests are
/// asked for, fewer than planned, or says of itself that it is not whole, has a `problem`, and still what could be read.
/// `root` is where the tree lay when the tool ran: absolute paths below it become paths in the tree; a finding about a file
/// outside of it has no file and names it in its description. Lines and columns are as the tool counts them (SARIF's end
/// columns, which lie behind the last one, are moved onto it). Nothing is redacted.
Report read_report(ReportFormat format, std::string_view bytes, std::string_view root);

}  // namespace ga::scan
