// git agent-doctor: whether everything is sound, and how to repair what is not.
#include "cli/command.hh"
#include "cli/context.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/guard-trials.hh"
#include "work/health.hh"

namespace ga::cli {
namespace {

void show_finding(Output& out, const work::Finding& finding) {
  const bool bad = finding.severity == work::Severity::error;
  const std::string label = finding.fixed ? out.paint(Style::green, "repaired")
                                          : out.paint(bad ? Style::red : Style::yellow, bad ? "error" : "warning");
  out.print_line(label + ": " + finding.what);
  if (!finding.fixed && !finding.repair.empty()) out.print_line("    repair: " + sanitize_line(finding.repair));
}

/// Formats that libgit2 does not know are served by git and cost more: that is no finding, and yet worth knowing.
void show_formats(Output& out, const Json& facts) {
  if (get_string(facts, "objects") == "sha256")
    out.print_line(
        "note: objects are named by SHA-256: reading packed ones starts git once a command, and so does a write");
  if (get_string(facts, "refs") == "reftable")
    out.print_line("note: refs are kept in tables (reftable): a write starts git once");
}

void show_summary(Output& out, const work::Health& health) {
  const Json& facts = health.facts;
  const std::string looked = std::to_string(get_int(facts, "operations")) + " operations, " +
                             std::to_string(get_int(facts, "tasks")) + " tasks, " +
                             std::to_string(get_int(facts, "replayed")) + " operations replayed";
  if (health.findings.empty()) return out.print_line(out.paint(Style::green, "all is well") + " (" + looked + ")");
  std::size_t left = 0;
  for (const work::Finding& finding : health.findings) left += finding.fixed ? 0 : 1;
  out.print_line(left == 0 ? "all is repaired (" + looked + ")"
                           : std::to_string(left) + (left == 1 ? " finding" : " findings") + " (" + looked + ")");
}

Style style_of(work::Level level) {
  if (level == work::Level::enforced) return Style::green;
  return level == work::Level::tripwire ? Style::yellow : Style::red;
}

int run_trials(Context& ctx) {
  const auto trials = work::try_attacks(ctx.project(), [&](const std::string& text) { ctx.out.progress(text); });
  ctx.out.end_progress();
  Json all = Json::array();
  std::size_t preventable = 0;
  for (const work::Trial& trial : trials) {
    all.push_back(work::to_json(trial));
    preventable += trial.preventable ? 1 : 0;
    ctx.out.print_line(ctx.out.paint(style_of(trial.level), std::string(work::level_name(trial.level))) + "  " +
                       trial.attack + ": " + trial.found);
    if (!trial.advice.empty()) ctx.out.print_line("          to do: " + sanitize_line(trial.advice));
  }
  return ctx.out.answer({{"trials", all}}, preventable == 0 ? 0 : 1);
}

int run_doctor(Context& ctx, const Args& args) {
  if (args.has("guard")) {
    if (args.has("fix") || args.has("deep")) fail_usage("--guard stands alone");
    return run_trials(ctx);
  }
  if (args.has("fix")) ctx.say_actor();
  work::HealthOptions options{.fix = args.has("fix"),
                              .deep = args.has("deep"),
                              .progress = [&](const std::string& text) { ctx.out.progress(text); }};
  const work::Health health = work::examine(ctx.project(), options);
  ctx.out.end_progress();
  Json findings = Json::array();
  for (const work::Finding& finding : health.findings) {
    findings.push_back(work::to_json(finding));
    show_finding(ctx.out, finding);
  }
  show_formats(ctx.out, health.facts);
  show_summary(ctx.out, health);
  return ctx.out.answer({{"findings", findings}, {"checks", health.checks}, {"facts", health.facts}},
                        health.clean() ? 0 : 1);
}

}  // namespace

extern const CommandRow cmd_doctor;
const CommandRow cmd_doctor = {
    .name = "doctor",
    .summary = "check that everything is sound, and repair what is derived",
    .group = Group::retro,
    .verbs = {
        {.usage = "[--fix] [--deep] [--guard]",
         .summary = "check that everything is sound",
         .options = {{.name = "fix", .help = "repair what is derived from the ledger or left by a crash"},
                     {.name = "deep", .help = "replay every operation, not only the last 5,000"},
                     {.name = "guard", .help = "try what an agent could do against approvals, and say what holds"}},
         .run = run_doctor}}};

}  // namespace ga::cli
