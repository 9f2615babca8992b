#include "scan/finding.hh"

#include <algorithm>

#include "util/text.hh"

namespace ga::scan {
namespace {

Json number_or_null(int number) { return number > 0 ? Json(number) : Json(); }

}  // namespace

Json to_json(const Finding& finding) {
  return {{"rule", finding.rule},
          {"description", finding.description},
          {"file", string_or_null(finding.file)},
          {"line", number_or_null(finding.line)},
          {"column", number_or_null(finding.column)},
          {"end_line", number_or_null(finding.end_line)},
          {"end_column", number_or_null(finding.end_column)},
          {"commit", string_or_null(finding.commit)},
          {"redacted", string_or_null(finding.redacted)},
          {"fingerprint", string_or_null(finding.fingerprint)},
          {"level", finding.blocks ? "error" : "warning"}};
}

std::string finding_line(const Finding& finding) {
  std::string line = sanitize_line(finding.file);
  for (const int number : {finding.line, finding.column})
    if (number > 0) line += ":" + std::to_string(number);
  if (!line.empty()) line += ": ";
  line += sanitize_line(finding.rule);
  if (!finding.description.empty()) line += ": " + sanitize_line(finding.description);
  if (!finding.redacted.empty()) line += " (" + sanitize_line(finding.redacted) + ")";
  return line;
}

std::string redact(std::string_view secret) {
  constexpr std::size_t kShown = 4, kShare = 5;
  const std::size_t shown = std::min(kShown, secret.size() / kShare);
  return std::string(secret.substr(0, shown)) + "... (" + std::to_string(secret.size()) + " bytes)";
}

}  // namespace ga::scan
