// Verdicts as words, JSON and errors.
#include <cstdio>

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

std::string says(const Verdict& verdict) {
  switch (verdict.outcome) {
  case Outcome::pass:
    return "passes";
  case Outcome::fail:
    return "fails with exit code " + std::to_string(verdict.exit_code);
  case Outcome::timeout:
    return "did not end within its time limit (" + limit_text(verdict.limit) + ")";
  case Outcome::broken:
    return "could not run (exit code " + std::to_string(verdict.exit_code) + ")";
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

Json to_json(const Verdict& verdict) {
  return {{"gate", verdict.gate},
          {"tree", verdict.tree.hex()},
          {"verdict", outcome_name(verdict.outcome)},
          {"seconds", verdict.seconds},
          {"cached", verdict.cached},
          {"exit_code", verdict.exit_code},
          {"flaky", false},
          {"findings", Json::array()},
          {"log", string_or_null(verdict.log)},
          {"excerpt", verdict.excerpt}};
}

Json verdicts_record(const std::vector<Verdict>& verdicts, const std::string& event) {
  Json list = Json::array();
  for (const Verdict& verdict : verdicts)
    list.push_back({{"gate", verdict.gate},
                    {"verdict", outcome_name(verdict.outcome)},
                    {"event", event},
                    {"milliseconds", static_cast<std::int64_t>(verdict.seconds * 1000)},
                    {"cached", verdict.cached},
                    {"tree", verdict.tree.hex()}});
  return list;
}

std::string verdict_line(const Verdict& verdict) {
  return verdict.gate + "  " + std::string(outcome_name(verdict.outcome)) + "  " + seconds_text(verdict.seconds) +
         (verdict.cached ? " (cached)" : "");
}

std::string failure_text(const Verdict& verdict) {
  std::string text = "gate '" + verdict.gate + "' " + says(verdict) + (verdict.cached ? " (judged before)" : "") + "\n";
  for (const std::string& line : split_lines(verdict.excerpt)) text += "  | " + line + "\n";
  return text + "  whole log: " + verdict.log + "\n";
}

std::string refusal_text(const Verdict& verdict) {
  return "gate '" + verdict.gate + "' " + says(verdict) + "\n" + verdict.excerpt;
}

bool is_about_work(const Verdict& verdict) {
  return verdict.outcome == Outcome::fail || verdict.outcome == Outcome::timeout;
}

void require_green(const std::vector<Verdict>& verdicts, const std::string& what) {
  Json all = Json::array();
  std::vector<std::string> failed, reports;
  for (const Verdict& verdict : verdicts) {
    all.push_back(to_json(verdict));
    if (verdict.passed()) continue;
    failed.push_back(verdict.gate);
    reports.push_back(failure_text(verdict));
  }
  if (failed.empty()) return;
  std::string message =
      "the gate" + std::string(failed.size() > 1 ? "s " : " ") + join(failed, ", ") + " refused " + what;
  for (const std::string& report : reports) message += "\n" + trim(report);
  throw Error(Kind::gate_failed, message, {"correct what the log shows, then try again"}).with_data({{"gates", all}});
}

}  // namespace ga::gates
