#include "scan/allow.hh"

#include <algorithm>

#include "util/error.hh"
#include "util/json.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

std::string key_of(const std::string& file, const std::string& rule, std::int64_t line) {
  return file + ":" + rule + ":" + std::to_string(line);
}

const Json* list_in(const Json& document) {
  if (document.is_array()) return &document;
  if (!document.is_object()) return nullptr;
  const Json* inner = &document;
  if (document.contains("data") && document["data"].is_object()) inner = &document["data"];
  if (inner->contains("findings") && (*inner)["findings"].is_array()) return &(*inner)["findings"];
  return nullptr;
}

}  // namespace

void Allowed::add(std::string fingerprint) { fingerprints_.insert(std::move(fingerprint)); }

void Allowed::add_ignore_file(std::string_view text) {
  for (const std::string& whole : split_lines(text)) {
    const std::string line = trim(whole);
    if (line.empty() || line[0] == '#') continue;
    // Windows' separators mean the same.
    add(replace_all(line, "\\", "/"));
  }
}

void Allowed::add_baseline(std::string_view json, const std::string& name) {
  const Json document = parse_json(json, name);
  const Json* list = list_in(document);
  if (list == nullptr)
    fail_environment(sanitize_line(name) + ": is no report of findings",
                     {"make one with 'git agent-gate scan --format gitleaks >FILE'"});
  for (const Json& entry : *list) {
    if (!entry.is_object()) fail_environment(sanitize_line(name) + ": holds something that is no finding");
    const bool theirs = entry.contains("RuleID");
    Known known;
    known.secret = get_string(entry, theirs ? "Secret" : "redacted");
    known.commit = get_string(entry, theirs ? "Commit" : "commit");
    known.column = static_cast<int>(get_int(entry, theirs ? "StartColumn" : "column"));
    known.end_line = static_cast<int>(get_int(entry, theirs ? "EndLine" : "end_line"));
    known.end_column = static_cast<int>(get_int(entry, theirs ? "EndColumn" : "end_column"));
    known.columns_of_gitleaks = theirs;
    const std::string rule = get_string(entry, theirs ? "RuleID" : "rule");
    if (rule.empty()) fail_environment(sanitize_line(name) + ": holds a finding without a rule");
    known_[key_of(get_string(entry, theirs ? "File" : "file"), rule, get_int(entry, theirs ? "StartLine" : "line"))]
        .push_back(std::move(known));
  }
}

void Allowed::add_all(const Allowed& other) {
  fingerprints_.insert(other.fingerprints_.begin(), other.fingerprints_.end());
  for (const auto& [key, entries] : other.known_) known_[key].insert(known_[key].end(), entries.begin(), entries.end());
}

bool Allowed::covers(const Hit& hit) const {
  // What was not looked at is not known.
  if (hit.rule == nullptr) return false;
  const Finding& finding = hit.finding;
  const std::string key = key_of(finding.file, finding.rule, finding.line);
  if (fingerprints_.contains(key) || fingerprints_.contains(finding.fingerprint)) return true;
  const auto entries = known_.find(key);
  if (entries == known_.end()) return false;
  return std::any_of(entries->second.begin(), entries->second.end(), [&](const Known& known) {
    // gitleaks counts the line end before a line among its columns.
    const int shift = known.columns_of_gitleaks && finding.line > 1 ? 1 : 0;
    if (known.commit != finding.commit || known.end_line != finding.end_line) return false;
    if (known.column != finding.column + (finding.line > 0 ? shift : 0)) return false;
    return known.secret.empty() || known.secret == "REDACTED" || known.secret == hit.secret ||
           known.secret == finding.redacted;
  });
}

}  // namespace ga::scan
