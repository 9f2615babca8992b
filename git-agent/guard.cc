// git agent-guard: human-curated files change only with a person's approval.
#include <algorithm>

#include "approving.hh"
#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/shown.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr const char* kShown = "guard";
constexpr std::size_t kShownIds = 12;

std::vector<work::GuardedChange> open_changes(const work::GuardSubject& subject) {
  std::vector<work::GuardedChange> open;
  for (const work::GuardedChange& change : subject.changes)
    if (!change.problem.empty()) open.push_back(change);
  return open;
}

void print_changes(work::Project& project, Output& out, const work::GuardSubject& subject) {
  for (const work::GuardedChange& change : subject.changes) {
    for (const std::string& line : split_lines(work::change_text(project.repo(), change))) {
      const Style style = line.empty()     ? Style::plain
                          : line[0] == '+' ? Style::green
                          : line[0] == '-' ? Style::red
                                           : Style::plain;
      out.print_line(out.paint(style, line));
    }
    out.print_line(change.problem.empty() ? "  " + out.paint(Style::green, "approved") + " by " + join(change.by, ", ")
                                          : "  " + out.paint(Style::yellow, "not approved") + ": " + change.problem);
  }
}

Json answer_of(const work::GuardSubject& subject) {
  Json changes = Json::array();
  for (const work::GuardedChange& change : subject.changes) changes.push_back(work::to_json(change));
  return {{"changes", changes},
          {"version", subject.version},
          {"base", string_or_null(subject.base.zero() ? "" : subject.base.hex())},
          {"tip", string_or_null(subject.tip.zero() ? "" : subject.tip.hex())},
          {"staged", subject.staged},
          {"signed", subject.rules.configured()}};
}

std::vector<std::string> approve_command(const Args& args, const work::GuardSubject& subject) {
  std::vector<std::string> command = {"git", "agent-guard", "approve"};
  const std::string& name = args.at(0);
  if (name.find("..") != std::string::npos) command.push_back(subject.tip.brief(kShownIds));
  else if (!name.empty()) command.push_back(name);
  return command;
}

int check(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const work::GuardSubject subject = work::guard_subject(project, args.at(0));
  if (!subject.rules.notice.empty()) ctx.out.warning(subject.rules.notice);
  print_changes(project, ctx.out, subject);
  const auto open = open_changes(subject);
  if (subject.changes.empty()) ctx.out.note("no protected file changes in " + subject.name);
  if (!open.empty()) work::mark_shown(project, kShown, args.at(0), subject.version);
  if (open.empty()) return ctx.out.answer(answer_of(subject));
  std::vector<std::string> command = approve_command(args, subject);
  throw Error(Kind::guarded,
              std::to_string(open.size()) + " of " + std::to_string(subject.changes.size()) + " protected changes in " +
                  subject.name + " are not approved",
              {"approve them: " + shell_join(command)})
      .with_data(answer_of(subject))
      .next(std::move(command));
}

// --at may name the version, the commit, or the one new object.
std::string version_named(const Args& args, const work::GuardSubject& subject) {
  const std::string at = args.get("at");
  if (at.size() < 4) return at;
  const auto open = open_changes(subject);
  const bool names_tip = !subject.staged && starts_with(subject.tip.hex(), at);
  const bool names_object = open.size() == 1 && starts_with(open.front().change.new_id.hex(), at);
  return names_tip || names_object ? subject.version : at;
}

int pin(Context& ctx) {
  work::Project& project = ctx.project();
  if (!project.actor().person || !can_ask())
    throw Error(Kind::not_approved, "whose word counts is decided by a person at a terminal; nothing is changed",
                {"git agent-guard approve --pin"});
  const auto& policy = project.policy();
  if (!ask_yes("Take " + sanitize_line(policy.curators) + " as it stands on the target for the first one?"))
    throw Error(Kind::not_approved, "nothing is changed");
  work::pin_curators(project);
  ctx.out.print_line("pinned: " + sanitize_line(policy.curators));
  return ctx.out.answer({{"pinned", policy.curators}});
}

int approve(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  if (!project.actor().person)
    throw Error(Kind::not_lead,
                "approving changes of protected files is a person's act; you act as " + project.actor().name,
                {"tell the lead what should change and why"});
  if (args.has("pin")) return pin(ctx);
  const work::GuardSubject subject = work::guard_subject(project, args.at(0));
  const auto open = open_changes(subject);
  if (open.empty()) {
    throw Error(Kind::empty, "there is nothing to approve in " + subject.name,
                {subject.changes.empty() ? "stage or commit the change first" : "it is approved already"})
        .with_data(answer_of(subject));
  }
  const bool seen = work::last_shown(project, kShown, args.at(0)) == subject.version;
  work::require_shown(project, {kShown, args.at(0), subject.version, version_named(args, subject),
                                [&] { print_changes(project, ctx.out, subject); }});
  if (!seen) print_changes(project, ctx.out, subject);
  work::mark_shown(project, kShown, args.at(0), subject.version);
  require_person(ctx, {.rules = subject.rules,
                       .seen = seen || args.has("at"),
                       .when_not = "change the file, or say yes next time",
                       .data = answer_of(subject)});
  const auto made = work::approve_changes(project, subject, args.get("message"));
  work::forget_shown(project, kShown, args.at(0));
  Json approvals = Json::array();
  for (const model::Approval& approval : made) {
    ctx.out.print_line("approved: " + approval.id.substr(0, kShownIds) + " by " + work::approver(approval));
    approvals.push_back(model::to_json(approval));
  }
  Json data = answer_of(subject);
  data["approvals"] = approvals;
  return ctx.out.answer(data);
}

std::string about(const trust::Statement& s) {
  if (s.kind == "plan")
    return "plan of " + sanitize_line(s.task.substr(0, 8)) + " " + sanitize_line(s.content.substr(0, kShownIds));
  if (s.kind == "allow") return "finding " + sanitize_line(s.fingerprint);
  const auto brief = [](const trust::FileState& state) {
    return state.mode == 0 ? std::string("-") : state.id.substr(0, 10);
  };
  return sanitize_line(s.path) + " " + brief(s.before) + " -> " + brief(s.after);
}

int log(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  auto approvals = work::approvals_at(project.repo(), project.ledger().tip());
  std::stable_sort(approvals.begin(), approvals.end(),
                   [](const model::Approval& a, const model::Approval& b) { return a.time > b.time; });
  std::optional<work::Authority> rules;
  if (args.has("verify")) rules = work::authority(project);
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  for (const model::Approval& approval : approvals) {
    const auto statement = trust::parse_statement(approval.statement);
    std::string problem = statement ? "" : "its statement is none";
    if (rules && statement) problem = work::approval_problem(*rules, approval, *statement);
    std::string verdict =
        rules ? (problem.empty() ? ctx.out.paint(Style::green, "holds") : ctx.out.paint(Style::red, problem)) : "";
    rows.push_back({approval.id.substr(0, kShownIds), work::local_time(approval.time), sanitize_line(approval.kind),
                    work::approver(approval), statement ? about(*statement) : "?", verdict});
    Json json = model::to_json(approval);
    json["signed"] = !approval.signature.empty();
    json["problem"] = string_or_null(problem);
    all.push_back(std::move(json));
  }
  if (rows.empty()) ctx.out.note("nothing has been approved yet");
  else ctx.out.table({}, rows);
  return ctx.out.answer({{"approvals", all}}, rows.empty() ? 1 : 0);
}

}  // namespace

extern const CommandRow cmd_guard;
const CommandRow cmd_guard = {
    .name = "guard",
    .summary = "approve changes of files that only people change",
    .group = Group::verify,
    .verbs = {{.name = "check",
               .usage = "[PATH|COMMIT|TASK|A..B]",
               .summary = "protected changes here, and who approved them",
               .max_args = 1,
               .run = check},
              {.name = "approve",
               .usage = "[PATH|COMMIT|TASK] [-m WHY] [--at OBJECT] [--pin]",
               .summary = "show the exact difference, and sign it",
               .options = {{.name = "message", .letter = 'm', .arg = "WHY", .help = "why, for those who read it later"},
                           {.name = "at", .arg = "OBJECT", .help = "exactly this version, commit or file"},
                           {.name = "pin", .help = "take the curators file as it stands for the first one, anew"}},
               .max_args = 1,
               .run = approve},
              {.name = "log",
               .usage = "[--verify]",
               .summary = "what was approved, newest first",
               .options = {{.name = "verify", .help = "try each signature by today's rules"}},
               .run = log}}};

}  // namespace ga::cli
