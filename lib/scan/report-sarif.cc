// SARIF 2.1.0, as linters and analysers write it.
#include <algorithm>
#include <array>

#include "scan/report-parts.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::scan::detail {
namespace {

constexpr std::size_t kMaxRuns = 100;

const Json& nothing() {
  static const Json null;
  return null;
}

const Json& member(const Json& value, const char* key) {
  if (!value.is_object()) return nothing();
  const auto found = value.find(key);
  return found == value.end() ? nothing() : *found;
}

const Json& element(const Json& value, std::int64_t index) {
  if (!value.is_array() || index < 0 || static_cast<std::size_t>(index) >= value.size()) return nothing();
  return value[static_cast<std::size_t>(index)];
}

const Json& first(const Json& value) { return element(value, 0); }

int bounded(std::int64_t number) {
  constexpr std::int64_t kMost = 999'999'999;
  return number > 0 && number <= kMost ? static_cast<int>(number) : 0;
}

/// One run: a tool, its rules, and what it found.
class Run {
 public:
  Run(const Json& run, std::string_view root, Report& report) : run_(run), root_(root), report_(report) {}

  void read() {
    tool_ = get_string(member(member(run_, "tool"), "driver"), "name", "the tool");
    for (const Json& invocation : list(run_, "invocations"))
      if (!get_bool(invocation, "executionSuccessful", true)) set_problem(report_, tool_ + " says that it failed");
    const Json& results = member(run_, "results");
    if (!results.is_array()) {
      // Absent is a run that only lists its rules, null is one that failed (3.14.23).
      if (results.is_null() && succeeded()) return;
      return set_problem(report_, "a run of " + tool_ + " holds no results: it did not look");
    }
    for (const Json& each : results) result(each);
  }

 private:
  static const Json& list(const Json& value, const char* key) {
    static const Json none = Json::array();
    const Json& found = member(value, key);
    return found.is_array() ? found : none;
  }

  bool succeeded() const {
    const Json& invocations = list(run_, "invocations");
    return !invocations.empty() && get_bool(first(invocations), "executionSuccessful", false);
  }

  static bool is_suppressed(const Json& result) {
    for (const Json& each : list(result, "suppressions"))
      if (get_string(each, "status", "accepted") == "accepted") return true;
    return get_string(result, "baselineState") == "absent";
  }

  // The rule's own entry: by index into the driver's rules or an extension's, else by its id.
  const Json& rule_of(const Json& result, const std::string& id) const {
    const Json& reference = member(result, "rule");
    const Json& tool = member(run_, "tool");
    const std::int64_t extension = get_int(member(reference, "toolComponent"), "index", -1);
    const Json& component = extension >= 0 ? element(member(tool, "extensions"), extension) : member(tool, "driver");
    const Json& by_index =
        element(member(component, "rules"), get_int(result, "ruleIndex", get_int(reference, "index", -1)));
    if (by_index.is_object()) return by_index;
    for (const Json& each : list(component, "rules"))
      if (!id.empty() && get_string(each, "id") == id) return each;
    return nothing();
  }

  static std::string message_of(const Json& result, const Json& rule) {
    const Json& message = member(result, "message");
    std::string text = get_string(message, "text");
    if (text.empty())
      text = get_string(member(member(rule, "messageStrings"), get_string(message, "id").c_str()), "text");
    const std::vector<std::string> arguments = get_strings(message, "arguments");
    for (std::size_t i = 0; i < arguments.size() && i < 10; ++i)
      text = replace_all(std::move(text), "{" + std::to_string(i) + "}", arguments[i]);
    if (text.empty()) text = get_string(member(rule, "shortDescription"), "text");
    return first_line(text);
  }

  void result(const Json& result) {
    if (!result.is_object()) return;
    const std::string kind = get_string(result, "kind", "fail");
    if (kind == "notApplicable" || is_suppressed(result)) {
      ++report_.skipped;
      return;
    }
    ++report_.executed;
    if (kind == "pass" || kind == "informational") return;
    Finding finding;
    finding.rule = get_string(result, "ruleId", get_string(member(result, "rule"), "id"));
    const Json& rule = rule_of(result, finding.rule);
    if (finding.rule.empty()) finding.rule = get_string(rule, "id");
    const std::string level =
        get_string(result, "level", get_string(member(rule, "defaultConfiguration"), "level", "warning"));
    if (level == "none" && kind == "fail") return;
    finding.blocks = level == "error" && kind == "fail" && get_string(result, "baselineState") != "unchanged";
    finding.description = message_of(result, rule);
    set_place(finding, result);
    const std::string hash = get_string(member(result, "partialFingerprints"), "primaryLocationLineHash");
    if (!hash.empty()) finding.fingerprint = finding.file + ":" + finding.rule + ":" + first_line(hash);
    if (finding.blocks) ++report_.failed;
    add(report_, finished(std::move(finding), tool_));
  }

  void set_place(Finding& finding, const Json& result) const {
    const Json& physical = member(first(member(result, "locations")), "physicalLocation");
    const Json& artifact = member(physical, "artifactLocation");
    const Json& listed = member(element(member(run_, "artifacts"), get_int(artifact, "index", -1)), "location");
    const std::string uri = get_string(artifact, "uri", get_string(listed, "uri"));
    const Place place = place_of(absolute(uri, artifact), root_);
    finding.file = place.file;
    if (!place.outside.empty()) finding.description += " (in " + place.outside + ", outside of the tree)";
    const Json& region = member(physical, "region");
    finding.line = bounded(get_int(region, "startLine"));
    finding.column = bounded(get_int(region, "startColumn"));
    finding.end_line = bounded(get_int(region, "endLine", get_int(region, "startLine")));
    finding.end_column = std::max(bounded(get_int(region, "endColumn")) - 1, 0);
    if (finding.line == 0 || finding.end_column == 0) finding.end_line = finding.end_column = 0;
  }

  // A URI is relative to what the run says of its base; a base that is not said is the tree.
  std::string absolute(const std::string& uri, const Json& artifact) const {
    if (starts_with(uri, "/") || uri.find("://") != std::string::npos) return as_path(uri);
    const Json& base = member(member(run_, "originalUriBaseIds"), get_string(artifact, "uriBaseId").c_str());
    const std::string base_uri = get_string(base, "uri");
    return as_path(starts_with(base_uri, "file:") ? base_uri + (ends_with(base_uri, "/") ? "" : "/") + uri : uri);
  }
  // Relative references are percent-encoded like whole ones.
  static std::string as_path(const std::string& uri) {
    if (starts_with(uri, "file:/") && !starts_with(uri, "file://")) return "file://" + uri.substr(5);
    if (starts_with(uri, "file://") || starts_with(uri, "%") || uri.find('%') == std::string::npos) return uri;
    return percent_decoded(uri);
  }

  const Json& run_;
  std::string_view root_;
  Report& report_;
  std::string tool_;
};

}  // namespace

Report read_sarif(std::string_view bytes, std::string_view root) {
  Report report;
  Json log;
  try {
    log = parse_json(bytes, "the report");
  } catch (const Error& error) {
    set_problem(report, error.what());
    return report;
  }
  const std::string version = get_string(log, "version");
  if (!starts_with(version, "2."))
    set_problem(report,
                version.empty() ? "it names no version of SARIF" : "SARIF " + version + " is not read, 2.1.0 is");
  const Json& runs = member(log, "runs");
  if (!runs.is_array() || runs.empty()) set_problem(report, "there is no run in it");
  if (runs.is_array() && runs.size() > kMaxRuns) set_problem(report, "more than " + std::to_string(kMaxRuns) + " runs");
  for (std::size_t i = 0; runs.is_array() && i < std::min(runs.size(), kMaxRuns); ++i)
    Run(runs[i], root, report).read();
  return report;
}

}  // namespace ga::scan::detail
