// Reports of tools: whatever they hold, what is read of them stays within what was promised. The first byte is the format.
#include "scan/reports.hh"
#include "fuzz.hh"
#include "util/text.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  if (input.empty()) return;
  const auto format = scan::report_format(take_part(input, '\n'));
  if (!format) return;
  const scan::Report report = scan::read_report(*format, input, "/w/tree");
  HOLDS(report.findings.size() <= 5000);
  HOLDS(report.problem == sanitize_line(report.problem));
  HOLDS(report.executed >= 0 && report.skipped >= 0 && report.failed >= 0 && report.flaky >= 0 && report.dropped >= 0);
  int blocking = 0;
  for (const scan::Finding& each : report.findings) {
    HOLDS(!each.rule.empty() && !each.fingerprint.empty());
    HOLDS(each.line >= 0 && each.column >= 0 && each.end_line >= 0 && each.end_column >= 0);
    HOLDS(each.file.empty() || (each.file.front() != '/' && each.file != ".." && !starts_with(each.file, "../")));
    blocking += each.blocks ? 1 : 0;
  }
  HOLDS(blocking <= report.failed);
  // The same bytes say the same.
  HOLDS(scan::read_report(*format, input, "/w/tree").findings == report.findings);
}

}  // namespace ga::fuzz
