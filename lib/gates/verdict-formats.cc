// Verdicts in the formats that other programs read: SARIF 2.1.0 and JUnit XML.
#include <algorithm>
#include <cstdio>

#include "gates/runner.hh"
#include "util/text.hh"
#include "util/version.hh"

namespace ga::gates {
namespace {

Json location_of(const scan::Finding& finding) {
  Json physical = {{"artifactLocation", {{"uri", normalize_utf8(finding.file)}, {"uriBaseId", "%SRCROOT%"}}}};
  if (finding.line > 0) {
    Json region = {{"startLine", finding.line}};
    if (finding.column > 0) region["startColumn"] = finding.column;
    if (finding.end_line > 0) region["endLine"] = finding.end_line;
    if (finding.end_column > 0) region["endColumn"] = finding.end_column;
    physical["region"] = std::move(region);
  }
  return Json::array({{{"physicalLocation", std::move(physical)}}});
}

Json result_of(const scan::Finding& finding) {
  const std::string text = finding.description.empty() ? finding.rule : finding.description;
  Json result = {{"ruleId", normalize_utf8(finding.rule)},
                 {"level", finding.blocks ? "error" : "warning"},
                 {"message", {{"text", normalize_utf8(text)}}}};
  if (!finding.file.empty()) result["locations"] = location_of(finding);
  if (!finding.fingerprint.empty())
    result["partialFingerprints"] = {{"gitAgent/v1", normalize_utf8(finding.fingerprint)}};
  return result;
}

// One run for each gate, so that two gates never share a rule.
Json run_of(const Verdict& verdict) {
  Json results = Json::array();
  for (const scan::Finding& finding : verdict.findings) results.push_back(result_of(finding));
  const bool silent = std::none_of(verdict.findings.begin(), verdict.findings.end(),
                                   [](const scan::Finding& finding) { return finding.blocks; });
  if (!verdict.passed() && silent)
    results.push_back({{"ruleId", verdict.gate},
                       {"level", "error"},
                       {"message", {{"text", normalize_utf8(trim(failure_text(verdict)))}}}});
  const Json invocation = {{"executionSuccessful", is_about_work(verdict) || verdict.passed()},
                           {"exitCode", verdict.exit_code}};
  const Json driver = {{"name", "git-agent/" + verdict.gate}, {"version", version()}, {"rules", Json::array()}};
  return {{"tool", {{"driver", driver}}},
          {"invocations", Json::array({invocation})},
          {"results", results},
          {"properties",
           {{"verdict", outcome_name(verdict.outcome)},
            {"tree", verdict.tree.hex()},
            {"coverage", string_or_null(verdict.coverage)},
            {"cached", verdict.cached},
            {"flaky", verdict.flaky}}}};
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : sanitize(text)) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\n':
      out += "&#10;";
      break;
    case '\t':
      out += "&#9;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

}  // namespace

std::string as_sarif(const std::vector<Verdict>& verdicts) {
  Json runs = Json::array();
  for (const Verdict& verdict : verdicts) runs.push_back(run_of(verdict));
  return Json{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", runs}}.dump(
             2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string as_junit(const std::vector<Verdict>& verdicts, const std::string& event) {
  std::size_t failures = 0, errors = 0;
  double seconds = 0;
  std::string cases;
  for (const Verdict& verdict : verdicts) {
    seconds += verdict.seconds;
    cases += "    <testcase classname=\"git-agent.gate\" name=\"" + xml(verdict.gate) + "\" time=\"" +
             seconds_text(verdict.seconds) + "\"";
    if (verdict.passed()) {
      cases +=
          verdict.flaky ? ">\n      <flakyFailure message=\"both outcomes on one tree\"/>\n    </testcase>\n" : "/>\n";
      continue;
    }
    const bool about_work = is_about_work(verdict);
    ++(about_work ? failures : errors);
    const std::string element = about_work ? "failure" : "error";
    cases += ">\n      <" + element + " type=\"" + std::string(outcome_name(verdict.outcome)) + "\" message=\"" +
             xml(next_step({verdict})) + "\">" + xml(failure_text(verdict)) + "</" + element + ">\n    </testcase>\n";
  }
  const std::string counts = " tests=\"" + std::to_string(verdicts.size()) + "\" failures=\"" +
                             std::to_string(failures) + "\" errors=\"" + std::to_string(errors) + "\" time=\"" +
                             seconds_text(seconds) + "\"";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts + ">\n  <testsuite name=\"" +
         xml(event.empty() ? "gates" : event) + "\"" + counts + ">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace ga::gates
