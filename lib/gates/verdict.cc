// Verdicts as words, JSON and errors.
#include <algorithm>
#include <cstdio>

#include "gates/redact.hh"
#include "gates/runner.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1fs", seconds);
  return text;
}

// As policies write it: killing it takes longer than the limit, and is none of the reader's business.
std::string limit_text(std::int64_t seconds) {
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + "m" : std::to_string(seconds) + "s";
}

std::size_t blocking(const Verdict& verdict) {
  return static_cast<std::size_t>(std::count_if(verdict.findings.begin(), verdict.findings.end(),
                                                [](const scan::Finding& finding) { return finding.blocks; }));
}

std::string says(const Verdict& verdict) {
  switch (verdict.outcome) {
  case Outcome::pass:
    return "passes";
  case Outcome::fail:
    if (const std::size_t found = blocking(verdict); found > 0)
      return "fails: " + std::to_string(found) + (found == 1 ? " finding" : " findings");
    return verdict.builtin ? "fails" : "fails with exit code " + std::to_string(verdict.exit_code);
  case Outcome::timeout:
    return "did not end within its time limit (" + limit_text(verdict.limit) + ")";
  case Outcome::broken:
    return verdict.builtin ? "could not look" : "could not run (exit code " + std::to_string(verdict.exit_code) + ")";
  }
  return "";
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
  case Outcome::pass:
    return "pass";
  case Outcome::fail:
    return "fail";
  case Outcome::timeout:
    return "timeout";
  case Outcome::broken:
    return "error";
  }
  return "error";
}

namespace {

constexpr std::size_t kFindings = 100;          // in a document
constexpr std::size_t kRecordBytes = 8 * 1024;  // of findings and excerpts that one record keeps
constexpr std::size_t kRecordFindings = 20;     // of one gate in it
constexpr std::size_t kReportBytes = 1800;      // leaves room for the command's own words below 2 KB

Json findings_json(const std::vector<scan::Finding>& findings, std::size_t limit) {
  Json list = Json::array();
  for (const scan::Finding& finding : findings)
    if (list.size() < limit) list.push_back(scan::to_json(finding));
  return list;
}

std::string named(const std::vector<std::string>& tests) {
  std::vector<std::string> names;
  for (const std::string& test : tests) names.push_back(test.empty() ? "the gate" : sanitize_line(fit(test, 80)));
  if (names.size() > 5) names = {names[0], names[1], names[2], names[3], std::to_string(names.size() - 4) + " more"};
  return join(names, ", ");
}

}  // namespace

Json to_json(const Verdict& verdict) {
  Json json = {{"gate", verdict.gate},
               {"tree", verdict.tree.hex()},
               {"verdict", outcome_name(verdict.outcome)},
               {"seconds", verdict.seconds},
               {"cached", verdict.cached},
               {"exit_code", verdict.exit_code},
               {"builtin", verdict.builtin},
               {"coverage", string_or_null(verdict.coverage)},
               {"attempts", verdict.attempts},
               {"flaky", verdict.flaky},
               {"flaky_tests", verdict.flaky_tests},
               {"quarantined", verdict.quarantined},
               {"note", string_or_null(verdict.note)},
               {"findings", findings_json(verdict.findings, kFindings)},
               {"log", string_or_null(verdict.log)},
               {"excerpt", verdict.excerpt}};
  if (verdict.findings.size() > kFindings) json["findings_left_out"] = verdict.findings.size() - kFindings;
  return json;
}

bool was_tested(const std::vector<Verdict>& verdicts) {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return !verdict.builtin; });
}

Json verdicts_record(const std::vector<Verdict>& verdicts, const std::string& event) {
  Json list = Json::array();
  std::size_t left = kRecordBytes;
  const auto fits = [&](std::size_t size) {
    if (size > left) return false;
    left -= size;
    return true;
  };
  for (const Verdict& verdict : verdicts) {
    Json entry = {{"gate", verdict.gate},     {"verdict", outcome_name(verdict.outcome)},
                  {"event", event},           {"milliseconds", static_cast<std::int64_t>(verdict.seconds * 1000)},
                  {"cached", verdict.cached}, {"tree", verdict.tree.hex()}};
    if (!verdict.coverage.empty()) entry["coverage"] = fit(verdict.coverage, 200);
    if (verdict.flaky) entry["flaky"] = true;
    if (!verdict.quarantined.empty()) entry["quarantined"] = verdict.quarantined.size();
    list.push_back(std::move(entry));
  }
  // What failed has the first claim on the room.
  for (const bool failed : {true, false}) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      const Verdict& verdict = verdicts[i];
      if (verdict.passed() == failed) continue;
      Json findings = Json::array();
      for (const scan::Finding& finding : verdict.findings) {
        const std::string line = redacted(scan::finding_line(finding));
        if (findings.size() == kRecordFindings || !fits(line.size())) break;
        findings.push_back(line);
      }
      if (!findings.empty()) list[i]["findings"] = std::move(findings);
      std::string excerpt = redacted(verdict.excerpt);
      constexpr std::size_t kPassingExcerpt = 400, kFailingExcerpt = 2048;
      const std::size_t most = std::min(left, verdict.passed() ? kPassingExcerpt : kFailingExcerpt);
      if (excerpt.size() > most) excerpt = normalize_utf8(excerpt.substr(excerpt.size() - most));
      if (!trim(excerpt).empty() && fits(std::min(excerpt.size(), left))) list[i]["excerpt"] = excerpt;
    }
  }
  return list;
}

std::string verdict_line(const Verdict& verdict) {
  std::string line =
      verdict.gate + "  " + std::string(outcome_name(verdict.outcome)) + "  " + seconds_text(verdict.seconds);
  if (verdict.cached) line += " (cached)";
  if (!verdict.coverage.empty()) line += "  " + sanitize_line(verdict.coverage);
  if (verdict.flaky) line += "  flaky: " + named(verdict.flaky_tests);
  if (!verdict.quarantined.empty()) line += "  quarantined: " + named(verdict.quarantined);
  if (!verdict.note.empty()) line += "  (" + sanitize_line(verdict.note) + ")";
  return line;
}

namespace {

// Findings where there are some, else the end of the log; whole lines, at most so many bytes.
std::string details(const Verdict& verdict, std::size_t bytes) {
  std::string text;
  const std::size_t all = blocking(verdict);
  std::size_t shown = 0;
  for (const scan::Finding& finding : verdict.findings) {
    if (!finding.blocks) continue;
    const std::string line = "  " + fit(scan::finding_line(finding), 240) + "\n";
    if (text.size() + line.size() > bytes) break;
    text += line;
    ++shown;
  }
  if (shown < all) text += "  ... and " + std::to_string(all - shown) + " more findings\n";
  if (all > 0 || trim(verdict.excerpt).empty()) return text;
  std::vector<std::string> lines;
  std::size_t size = 0;
  const auto whole = split_lines(verdict.excerpt);
  for (auto line = whole.rbegin(); line != whole.rend(); ++line) {
    const std::string kept(utf8_prefix(*line, std::max<std::size_t>(bytes, 1)));
    if ((size += kept.size() + 5) > bytes) break;
    lines.push_back("  | " + kept);
  }
  std::reverse(lines.begin(), lines.end());
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string failure_head(const Verdict& verdict) {
  return "gate '" + verdict.gate + "' " + says(verdict) + (verdict.cached ? " (judged before)" : "") + "\n";
}

std::string failure_foot(const Verdict& verdict) {
  return verdict.log.empty() ? "" : "  whole log: " + verdict.log + "\n";
}

}  // namespace

std::string failure_text(const Verdict& verdict) {
  return failure_head(verdict) + details(verdict, 2048 + 512) + failure_foot(verdict);
}

std::string failures_text(const std::vector<Verdict>& verdicts, std::size_t bytes) {
  std::vector<const Verdict*> failed;
  std::size_t frame = 0;
  for (const Verdict& verdict : verdicts) {
    if (verdict.passed()) continue;
    const std::size_t size = failure_head(verdict).size() + failure_foot(verdict).size();
    if (!failed.empty() && frame + size > bytes / 2) break;
    frame += size;
    failed.push_back(&verdict);
  }
  constexpr std::size_t kTail = 60;  // "... and N more"
  const std::size_t room = bytes > frame + kTail ? bytes - frame - kTail : 0;
  std::string text;
  for (const Verdict* verdict : failed)
    text += failure_head(*verdict) +
            details(*verdict, room / failed.size() - std::min<std::size_t>(kTail, room / failed.size())) +
            failure_foot(*verdict);
  const auto all = static_cast<std::size_t>(
      std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return !verdict.passed(); }));
  if (failed.size() < all) text += "... and " + std::to_string(all - failed.size()) + " more gates did not pass\n";
  return text;
}

std::string next_step(const std::vector<Verdict>& verdicts) {
  const auto red =
      std::find_if(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return !verdict.passed(); });
  if (red == verdicts.end()) return "";
  if (red->outcome == Outcome::timeout) return "make it end in time, or let it do less: see its log";
  if (red->outcome == Outcome::broken)
    return "mend what keeps the gate '" + red->gate + "' from running, then try again";
  for (const scan::Finding& finding : red->findings) {
    if (!finding.blocks) continue;
    const std::string place =
        sanitize_line(fit(finding.file, 120)) + (finding.line > 0 ? ":" + std::to_string(finding.line) : "");
    return "correct " + (place.empty() ? sanitize_line(fit(finding.rule, 80)) : place) + ", then try again";
  }
  return "correct what the log shows, then try again";
}

std::string refusal_text(const Verdict& verdict) {
  std::string text = "gate '" + verdict.gate + "' " + says(verdict) + "\n";
  for (const scan::Finding& finding : verdict.findings)
    if (finding.blocks && text.size() < 2048) text += scan::finding_line(finding) + "\n";
  return redacted(text + (blocking(verdict) > 0 ? "" : verdict.excerpt));
}

bool is_about_work(const Verdict& verdict) {
  return verdict.outcome == Outcome::fail || verdict.outcome == Outcome::timeout;
}

void require_green(const std::vector<Verdict>& verdicts, const std::string& what) {
  Json all = Json::array();
  std::vector<std::string> failed;
  for (const Verdict& verdict : verdicts) {
    all.push_back(to_json(verdict));
    if (!verdict.passed()) failed.push_back(verdict.gate);
  }
  if (failed.empty()) return;
  const std::string names = std::string(failed.size() > 1 ? "s " : " ") + std::string(fit(join(failed, ", "), 200));
  const std::string head = "the gate" + names + " refused " + what + "\n";
  throw Error(Kind::gate_failed,
              trim(head + failures_text(verdicts, kReportBytes - std::min(head.size(), kReportBytes / 2))),
              {next_step(verdicts)})
      .with_data({{"gates", all}});
}

}  // namespace ga::gates
