#include "scan/reports.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "scan/report-parts.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr std::size_t kMaxBytes = 64u << 20;
constexpr std::size_t kMaxFindings = 5000;
constexpr std::size_t kMaxDescription = 300, kMaxName = 500;

struct Format {
  ReportFormat format;
  std::string_view name;
  Report (*read)(std::string_view bytes, std::string_view root);
};
constexpr std::array<Format, 4> kFormats = {{
    {ReportFormat::sarif, "sarif", detail::read_sarif},
    {ReportFormat::junit, "junit", detail::read_junit},
    {ReportFormat::tap, "tap", detail::read_tap},
    {ReportFormat::checkstyle, "checkstyle", detail::read_checkstyle},
}};

const Format& facts(ReportFormat format) {
  return *std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& each) { return each.format == format; });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A path without "." and ".." where that can be said without a disk; "/" first where it had one.
std::string normal_path(std::string_view path) {
  const bool absolute = starts_with(path, "/");
  std::vector<std::string> kept;
  for (std::string& part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !kept.empty() && kept.back() != "..") kept.pop_back();
    else kept.push_back(std::move(part));
  }
  return (absolute ? "/" : "") + join(kept, "/");
}

bool has_drive(std::string_view path) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return path.size() > 2 && letter(path[0]) && path[1] == ':' && path[2] == '/';
}

bool is_path_byte(char c) {
  return static_cast<unsigned char>(c) > ' ' && std::string_view("\"'`()<>[]{},;|:=").find(c) == std::string_view::npos;
}

// Frames of what a project uses, not of what it is.
bool is_library(std::string_view path) {
  for (const std::string_view part :
       {"node_modules/", "site-packages/", "dist-packages/", "node:", ".cargo/", "rustc/"})
    if (path.find(part) != std::string_view::npos) return true;
  return false;
}

bool looks_like_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < name.size() &&
         name.find_first_not_of("0123456789", dot + 1) != std::string_view::npos;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
}

}  // namespace

std::optional<ReportFormat> report_format(std::string_view word) {
  for (const Format& each : kFormats)
    if (each.name == word) return each.format;
  return std::nullopt;
}

std::string_view report_format_name(ReportFormat format) { return facts(format).name; }

Report read_report(ReportFormat format, std::string_view bytes, std::string_view root) {
  Report report;
  if (bytes.size() > kMaxBytes) {
    report.problem = "the report is larger than 64 MiB";
    return report;
  }
  report = facts(format).read(bytes, root);
  const auto blocks = [](const Finding& finding) { return finding.blocks; };
  if (report.findings.size() > kMaxFindings) {
    std::stable_partition(report.findings.begin(), report.findings.end(), blocks);
    report.dropped += static_cast<int>(report.findings.size() - kMaxFindings);
    report.findings.resize(kMaxFindings);
  }
  return report;
}

namespace detail {

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1, low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (text[i] == '%' && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Place place_of(std::string_view path, std::string_view root) {
  std::string text(path);
  if (starts_with(text, "file://")) {
    text = percent_decoded(std::string_view(text).substr(7));
    if (!starts_with(text, "/")) text.erase(0, std::min(text.find('/'), text.size()));  // file://host/path
    if (has_drive(std::string_view(text).substr(!text.empty()))) text.erase(0, 1);
  } else if (starts_with(text, "%") && text.find("%/") != std::string::npos) {
    text.erase(0, text.find("%/") + 2);  // %SRCROOT%/a.c
  }
  if (text.find('/') == std::string::npos || (text.size() > 2 && text[1] == ':' && text[2] == '\\'))
    std::replace(text.begin(), text.end(), '\\', '/');
  text = normal_path(text);
  const std::string base = normal_path(root);
  if (base.size() > 1 && starts_with(text, base + "/")) text.erase(0, base.size() + 1);
  if (text.size() > kMaxName || text.empty() || text == "/") return {"", ""};
  if (starts_with(text, "/") || text == ".." || starts_with(text, "../") || has_drive(text))
    return {"", text.substr(text.rfind('/') + 1)};
  return {text, ""};
}

TextPlace place_in_text(std::string_view text, std::string_view file, std::string_view root) {
  constexpr std::size_t kLookedAt = 64 << 10;
  text = text.substr(0, kLookedAt);
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    const std::size_t digits = digits_at(text, colon + 1);
    if (digits == 0 || digits > 7) continue;
    std::size_t start = colon;
    while (start > 0 && colon - start < kMaxName && is_path_byte(text[start - 1])) --start;
    const std::string_view path = text.substr(start, colon - start);
    if (!looks_like_file(path) || is_library(path)) continue;
    const Place place = place_of(path, root);
    if (place.file.empty() || (!file.empty() && place.file != file && !ends_with(file, "/" + place.file))) continue;
    TextPlace found{file.empty() ? place.file : std::string(file), number_of(text.substr(colon + 1, digits)), 0};
    const std::size_t next = colon + 1 + digits, more = next < text.size() ? digits_at(text, next + 1) : 0;
    if (more > 0 && more <= 7 && text[next] == ':') found.column = number_of(text.substr(next + 1, more));
    return found;
  }
  return {};
}

void add(Report& report, Finding finding) {
  // Twice what is kept, so that those that block are found among many that do not.
  if (report.findings.size() < 2 * kMaxFindings || (finding.blocks && report.findings.size() < 3 * kMaxFindings))
    report.findings.push_back(std::move(finding));
  else ++report.dropped;
}

void set_problem(Report& report, const std::string& what) {
  if (report.problem.empty()) report.problem = sanitize_line(utf8_prefix(what, kMaxDescription));
}

std::string first_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string line = trim(text.substr(0, std::min(end, 4 * kMaxDescription)));
    if (!line.empty()) return std::string(utf8_prefix(line, kMaxDescription));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return "";
}

int number_of(std::string_view digits) {
  constexpr std::size_t kMaxDigits = 9;
  if (digits.empty() || digits.size() > kMaxDigits || digits_at(digits, 0) != digits.size()) return 0;
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

Finding finished(Finding finding, std::string_view fallback_rule) {
  finding.rule = std::string(utf8_prefix(finding.rule, kMaxName));
  if (finding.rule.empty()) finding.rule = fallback_rule;
  // A line of no file says nothing.
  if (finding.line <= 0 || finding.file.empty())
    finding.line = finding.column = finding.end_line = finding.end_column = 0;
  if (finding.fingerprint.empty())
    finding.fingerprint = finding.file + ":" + finding.rule + ":" + std::to_string(finding.line);
  return finding;
}

}  // namespace detail
}  // namespace ga::scan
