// git agent-gate allow: findings that a person lets stay, with a reason and an end.
#include "work/allow.hh"
#include "approving.hh"
#include "gate/verbs.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::cli::gate {
namespace {

constexpr std::size_t kShownIds = 12;

Json to_json(const work::AllowedFinding& allowed) {
  return {{"id", allowed.approval.id},
          {"fingerprint", allowed.statement.fingerprint},
          {"reason", allowed.statement.reason},
          {"expires", string_or_null(allowed.statement.expires)},
          {"by", work::approver(allowed.approval)},
          {"signed", !allowed.approval.signature.empty()},
          {"problem", string_or_null(allowed.problem)}};
}

int list(Context& ctx) {
  const auto all = work::allowed_findings(ctx.project());
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const work::AllowedFinding& allowed : all) {
    list.push_back(to_json(allowed));
    rows.push_back({sanitize_line(allowed.statement.fingerprint), allowed.statement.expires.substr(0, 10),
                    work::approver(allowed.approval), allowed.problem.empty() ? "counts" : allowed.problem,
                    sanitize_line(fit(allowed.statement.reason, 80))});
  }
  if (rows.empty()) ctx.out.note("no finding is let stay");
  else ctx.out.table({"FINDING", "UNTIL", "BY", "STATE", "REASON"}, rows);
  return ctx.out.answer({{"allowed", list}}, rows.empty() ? 1 : 0);
}

}  // namespace

int allow(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const std::vector<std::string>& fingerprints = args.positional();
  if (fingerprints.empty()) return list(ctx);
  if (!project.actor().person)
    throw Error(Kind::not_lead, "letting findings stay is a person's act; you act as " + project.actor().name,
                {"take out what was found, or tell the lead why it is none"});
  const std::string why = normalize_utf8(trim(args.get("message")));
  if (why.empty()) fail_usage("say why with -m: who reads it later has nothing else");
  const work::Authority rules = work::authority(project);
  for (const std::string& fingerprint : fingerprints) ctx.out.print_line("let stay: " + sanitize_line(fingerprint));
  require_person(ctx, {.rules = rules, .seen = true, .when_not = "take out what was found"});
  const auto made = work::allow_findings(project, rules, fingerprints, why, args.get("until"));
  Json approvals = Json::array();
  for (const model::Approval& approval : made) {
    ctx.out.print_line("approved: " + approval.id.substr(0, kShownIds) + " by " + work::approver(approval));
    approvals.push_back(model::to_json(approval));
  }
  return ctx.out.answer({{"approvals", approvals}});
}

}  // namespace ga::cli::gate
