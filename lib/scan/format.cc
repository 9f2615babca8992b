#include "scan/format.hh"

#include <algorithm>
#include <map>

#include "util/clock.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr const char* kRedacted = "REDACTED";

// A path as SARIF wants it: a relative URI.
std::string uri_of(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) uri += c;
    else uri += "%" + hex_digits({&c, 1});
  }
  return uri;
}

Json sarif_location(const Finding& finding) {
  Json region = Json::object();
  const auto put = [&](const char* key, int number) {
    if (number > 0) region[key] = number;
  };
  put("startLine", finding.line);
  put("startColumn", finding.column);
  put("endLine", finding.end_line);
  put("endColumn", finding.end_column > 0 ? finding.end_column + 1 : 0);  // SARIF's end is the place behind
  Json physical = {{"artifactLocation", {{"uri", uri_of(finding.file)}}}};
  if (!region.empty()) physical["region"] = std::move(region);
  return {{"physicalLocation", std::move(physical)}};
}

Json sarif_result(const Hit& hit, std::size_t rule) {
  const Finding& finding = hit.finding;
  Json result = {
      {"ruleId", finding.rule},
      {"ruleIndex", rule},
      {"level", finding.blocks ? "error" : "warning"},
      {"message", {{"text", replace_invalid_utf8(finding.description.empty() ? finding.rule : finding.description)}}},
      {"partialFingerprints", {{"gitAgent/v1", sha256_hex(finding.fingerprint)}}}};
  if (!finding.file.empty()) result["locations"] = Json::array({sarif_location(finding)});
  if (!finding.commit.empty()) result["properties"] = {{"commit", finding.commit}};
  return result;
}

}  // namespace

Json sarif_report(const std::vector<Hit>& hits, const std::string& version) {
  Json rules = Json::array(), results = Json::array();
  std::map<std::string, std::size_t> places;
  for (const Hit& hit : hits) {
    const auto [place, is_new] = places.emplace(hit.finding.rule, rules.size());
    if (is_new) {
      Json rule = {{"id", hit.finding.rule}};
      const std::string text = hit.rule ? hit.rule->description : "";
      if (!text.empty()) rule["shortDescription"] = {{"text", replace_invalid_utf8(text)}};
      rules.push_back(std::move(rule));
    }
    results.push_back(sarif_result(hit, place->second));
  }
  Json driver = {{"name", "git-agent"}, {"version", version}, {"rules", std::move(rules)}};
  Json run = {
      {"tool", {{"driver", std::move(driver)}}}, {"columnKind", "utf16CodeUnits"}, {"results", std::move(results)}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Json::array({std::move(run)})}};
}

Json gitleaks_report(const std::vector<Hit>& hits,
                     const std::function<std::optional<git::CommitInfo>(const std::string& id)>& commit) {
  Json list = Json::array();
  for (const Hit& hit : hits) {
    const Finding& finding = hit.finding;
    // gitleaks counts lines of a path's finding from 0, and on later lines the line end before them as a column.
    const int first = finding.line > 1 ? 1 : 0, last = finding.end_line > 1 ? 1 : 0;
    const auto info = finding.commit.empty() ? std::nullopt : commit(finding.commit);
    const auto shown = [](const std::string& text) { return replace_invalid_utf8(text); };
    list.push_back({{"RuleID", finding.rule},
                    {"Description", finding.description},
                    {"StartLine", finding.line},
                    {"EndLine", finding.end_line},
                    {"StartColumn", finding.column > 0 ? finding.column + first : 0},
                    {"EndColumn", finding.end_column > 0 ? finding.end_column + last : 0},
                    {"Match", hit.rule && !hit.rule->regex ? shown(hit.match) : kRedacted},
                    {"Secret", hit.secret.empty() ? "" : kRedacted},
                    {"File", shown(finding.file)},
                    {"SymlinkFile", ""},
                    {"Commit", finding.commit},
                    {"Entropy", static_cast<float>(hit.entropy)},
                    {"Author", info ? shown(info->author.name) : ""},
                    {"Email", info ? shown(info->author.email) : ""},
                    {"Date", info ? format_time(info->author.time) : ""},
                    {"Message", info ? shown(trim(info->message)) : ""},
                    {"Tags", hit.tags},
                    {"Fingerprint", shown(finding.fingerprint)}});
  }
  return list;
}

}  // namespace ga::scan
