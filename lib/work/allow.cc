#include "work/allow.hh"

#include <algorithm>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

constexpr Time kYear = 365 * 86400;

// "FILE:RULE:LINE", before that a commit.
bool is_fingerprint(const std::string& text) {
  const auto last = text.rfind(':');
  if (last == std::string::npos || last == 0 || text.find('\n') != std::string::npos) return false;
  const bool number = last + 1 < text.size() && text.find_first_not_of("0123456789", last + 1) == std::string::npos;
  return number && text.rfind(':', last - 1) != std::string::npos;
}

// The end of the day, as a time.
std::string end_of(const std::string& until) {
  if (until.empty()) return format_time(now() + kYear);
  const Time end = until.size() == 10 ? parse_time(until + "T23:59:59Z") : -1;
  if (end < 0)
    fail_usage("'" + sanitize_line(fit(until, 40)) + "' is no date",
               {"a day such as 2027-06-30, of which it is the last"});
  if (end < now()) fail_usage("that day is over: " + sanitize_line(until));
  return format_time(end);
}

}  // namespace

bool has_expired(const trust::Statement& statement) {
  if (statement.expires.empty()) return false;
  const Time end = parse_time(statement.expires);
  return end < 0 || end < now();
}

std::vector<AllowedFinding> allowed_findings(Project& project) {
  std::vector<AllowedFinding> list;
  std::optional<Authority> rules;
  for (model::Approval& approval : approvals_at(project.repo(), project.ledger().tip())) {
    if (approval.kind != "allow") continue;
    auto statement = trust::parse_statement(approval.statement);
    if (!statement) continue;
    if (!rules) rules = authority(project);
    std::string problem = has_expired(*statement) ? "its time is over" : approval_problem(*rules, approval, *statement);
    list.push_back({std::move(approval), *std::move(statement), std::move(problem)});
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.approval.time > b.approval.time; });
  return list;
}

std::vector<model::Approval> allow_findings(Project& project, const Authority& rules,
                                            const std::vector<std::string>& fingerprints, const std::string& why,
                                            const std::string& until) {
  for (const std::string& fingerprint : fingerprints)
    if (!is_fingerprint(fingerprint))
      fail_usage("'" + sanitize_line(fit(fingerprint, 80)) + "' is no finding's fingerprint",
                 {"as the scan shows it: FILE:RULE:LINE"});
  const std::string expires = end_of(until);
  std::vector<model::Approval> made;
  for (const std::string& fingerprint : fingerprints) {
    trust::Statement statement;
    statement.kind = "allow";
    statement.fingerprint = fingerprint;
    statement.reason = why;
    statement.expires = expires;
    made.push_back(approve(project, rules, std::move(statement), why, ""));
    const std::string text = "Let stay until " + expires.substr(0, 10) + ": " + fingerprint + "\n" + why;
    project.commit("approval.add",
                   {{"approval", model::to_json(made.back())},
                    {"bead", project.bead("decision", text, "", "approval " + made.back().id.substr(0, 8))}});
  }
  return made;
}

}  // namespace ga::work
