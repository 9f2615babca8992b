// git agent-gate: the gates of the policy, run and trusted.
#include <algorithm>

#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "gate/verbs.hh"
#include "gates/builtin.hh"
#include "gates/runner.hh"
#include "gates/trust.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/git-hooks.hh"
#include "work/judging.hh"

namespace ga::cli {
namespace {

/// What is judged: the index before a commit, else the current commit; changes count from the target.
gates::GateRequest request_for(work::Project& project, const std::string& event) {
  const git::Repository& repo = project.repo();
  const git::Oid head = repo.ref("HEAD");
  gates::GateRequest request;
  request.event = event;
  if (event == "pre-commit") {
    request.tree = repo.write_index_tree();
    request.base_tree = git::tree_of(repo, head);
    return request;
  }
  if (head.zero())
    fail_environment("there is no commit yet to judge",
                     {"commit first, or judge what is staged with '--on pre-commit'"});
  request.tree = git::tree_of(repo, head);
  const git::Oid target = repo.ref(project.target_ref());
  const git::Oid base = target.zero() || target == head ? git::Oid{} : repo.merge_base(head, target);
  if (base != head) request.base_tree = git::tree_of(repo, base);
  if (base != head && !base.zero()) request.commits = repo.commits_between(base, head);
  return request;
}

Json list_of(const std::vector<gates::Verdict>& verdicts) {
  Json all = Json::array();
  for (const gates::Verdict& verdict : verdicts) all.push_back(gates::to_json(verdict));
  return all;
}

Style style_of(const gates::Verdict& verdict) { return verdict.passed() ? Style::green : Style::red; }

void print_verdicts(Context& ctx, const std::vector<gates::Verdict>& verdicts, const std::string& coverage) {
  for (const gates::Verdict& verdict : verdicts) {
    std::string line = gates::verdict_line(verdict);
    const std::string word(gates::outcome_name(verdict.outcome));
    const auto at = line.find("  " + word);
    line.replace(at + 2, word.size(), ctx.out.paint(style_of(verdict), word));
    ctx.out.print_line(line);
    for (const scan::Finding& finding : verdict.findings)
      if (verdict.passed()) ctx.out.print_line("  " + scan::finding_line(finding));
  }
  // A person may scroll; an agent's context is small, and the log is there for the rest.
  constexpr std::size_t kAgent = 1500, kPerson = 16 * 1024;
  ctx.out.print(gates::failures_text(verdicts, ctx.project().actor().person ? kPerson : kAgent));
  ctx.out.print_line(coverage);
}

/// Another program reads the answer: the document alone on standard output, and the exit code.
int answer_as(Context& ctx, const std::string& format, const std::vector<gates::Verdict>& verdicts,
              const std::string& event) {
  ctx.out.print(format == "sarif" ? gates::as_sarif(verdicts) : gates::as_junit(verdicts, event));
  const bool green = std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.passed(); });
  if (!green) ctx.out.note("not every gate passed; next: " + gates::next_step(verdicts));
  return green ? 0 : 1;
}

int run_run(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const std::string event = args.get("on");
  if (!event.empty() && event != "pre-commit" && event != "task-done" && event != "merge")
    fail_usage("there is no event '" + sanitize_line(event) + "'", {"the events are pre-commit, task-done and merge"});
  const std::string format = args.get("format", "text");
  if (format != "text" && format != "json" && format != "sarif" && format != "junit")
    fail_usage("there is no format '" + sanitize_line(format) + "'", {"the formats are text, json, sarif and junit"});
  if (format == "json") ctx.out.begin("gate.run", true);
  if (ctx.out.json() && (format == "sarif" || format == "junit"))
    fail_usage("--json and --format " + format + " exclude each other");
  gates::GateRequest request = request_for(project, event);
  request.only = args.get_all("gate");
  request.use_cache = !args.has("no-cache");
  request.by_agent = !project.actor().person;
  request.progress = [&](const std::string& text) { ctx.out.progress(text); };
  request.prepare = work::prepare_checkout(project);
  const auto verdicts = work::judge_tree(project, project.policy(), request);
  ctx.out.end_progress();
  if (format == "sarif" || format == "junit") return answer_as(ctx, format, verdicts, event);
  const std::size_t files = git::diff_trees(project.repo(), request.base_tree, request.tree).size();
  const Json data = {{"gates", list_of(verdicts)}, {"tree", request.tree.hex()}, {"files", files}};
  if (verdicts.empty()) {
    ctx.out.note("no gate judges this (policy: " + sanitize_line(project.policy().origin) + ")");
    return ctx.out.answer(data, 1);
  }
  print_verdicts(ctx, verdicts,
                 "tree " + request.tree.brief() + ", " + std::to_string(files) + (files == 1 ? " file" : " files") +
                     " changed");
  const auto failed =
      std::count_if(verdicts.begin(), verdicts.end(), [](const gates::Verdict& v) { return !v.passed(); });
  if (failed == 0) return ctx.out.answer(data);
  throw Error(Kind::gate_failed,
              std::to_string(failed) + " of " + std::to_string(verdicts.size()) + " gates did not pass",
              {gates::next_step(verdicts)})
      .with_data(data);
}

Json to_json(const gates::Gate& gate) {
  return {{"name", gate.name},
          {"on", gate.on},
          {"run", gate.run},
          {"shell", gate.shell},
          {"files", gate.files},
          {"timeout", gate.timeout_seconds},
          {"env", gate.env},
          {"retries", gate.retries},
          {"effect", gate.writes ? "write" : "read"},
          {"network", gate.network.empty()    ? Json(true)
                      : gate.network == "off" ? Json(false)
                                              : Json("never")},
          {"report", gate.report_format.empty() ? Json() : Json(gate.report_format + ":" + gate.report_path)},
          {"builtin", false}};
}

Json to_json(const gates::Builtin& builtin, const gates::Policy& policy) {
  return {{"name", gates::shown_name(builtin, policy)},
          {"on", {"pre-commit", "task-done", "merge"}},
          {"run", Json()},
          {"builtin", true}};
}

int run_list(Context& ctx, const Args&) {
  work::Project& project = ctx.project();
  const gates::Policy& policy = project.policy();
  const bool trusted = gates::is_trusted(project.repo().common_dir(), policy);
  Json all = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const gates::Gate& gate : policy.gates) {
    all.push_back(to_json(gate));
    rows.push_back({gate.name, join(gate.on, ","), format_age(gate.timeout_seconds),
                    trusted ? "trusted" : "not trusted", sanitize_line(gate.run)});
  }
  for (const gates::Builtin& builtin : gates::builtins()) {
    all.push_back(to_json(builtin, policy));
    rows.push_back({gates::shown_name(builtin, policy), "always", "", "built in", ""});
  }
  for (const std::string& key : gates::unknown_keys(policy))
    ctx.out.warning(sanitize_line(policy.origin) + ": nothing reads '" + sanitize_line(key) + "'");
  ctx.out.table({"GATE", "ON", "TIMEOUT", "TRUST", "COMMAND"}, rows);
  if (policy.gates.empty())
    ctx.out.note("no gate of the repository's own (policy: " + sanitize_line(policy.origin) + ")");
  if (!trusted)
    ctx.out.hint("these commands come with the repository; read them, then: git agent-gate trust " +
                 policy.trust_hash());
  return ctx.out.answer({{"gates", all},
                         {"policy", policy.origin},
                         {"trusted", trusted},
                         {"hash", string_or_null(policy.trust_hash())},
                         {"unknown", gates::unknown_keys(policy)}},
                        rows.empty() ? 1 : 0);
}

/// Failures that come and go, and what it takes to let them pass: a person's entry in the policy.
int run_flaky(Context& ctx, const Args&) {
  work::Project& project = ctx.project();
  Json all = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const work::Flake& flake : work::flakes(project)) {
    all.push_back(work::to_json(flake));
    const std::string state = flake.quarantined ? "quarantined"
                              : flake.listed    ? "listed, too little evidence"
                                                : "blocks";
    rows.push_back({sanitize_line(flake.gate), std::to_string(flake.trees.size()), state,
                    flake.test.empty() ? "(the gate)" : sanitize_line(flake.test)});
  }
  if (rows.empty()) ctx.out.note("no failure has been seen to come and go");
  else ctx.out.table({"GATE", "TREES", "STATE", "TEST"}, rows);
  if (!rows.empty())
    ctx.out.hint("what is listed as [[quarantine]] (gate, test, reason, until) in " + std::string(gates::kPolicyFile) +
                 " does not block once both outcomes were seen on " + std::to_string(project.policy().flaky_evidence) +
                 " trees");
  return ctx.out.answer({{"flaky", all}, {"evidence", project.policy().flaky_evidence}}, rows.empty() ? 1 : 0);
}

/// Lines of the policy's commands, each marked as new, gone or as it was when they were last trusted.
std::string difference(const std::string& before, const std::string& now) {
  const auto old_lines = split_lines(before), new_lines = split_lines(now);
  const auto holds = [](const std::vector<std::string>& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  std::string text;
  for (const std::string& line : old_lines)
    if (!holds(new_lines, line)) text += "- " + sanitize_line(line) + "\n";
  for (const std::string& line : new_lines) text += (holds(old_lines, line) ? "  " : "+ ") + sanitize_line(line) + "\n";
  return text;
}

int run_trust(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const gates::Policy& policy = project.policy();
  const auto common = project.repo().common_dir();
  const std::string hash = policy.trust_hash();
  const Json data = {
      {"hash", string_or_null(hash)}, {"policy", policy.origin}, {"commands", split_lines(policy.executable_text())}};
  if (hash.empty()) {
    ctx.out.note("nothing to trust: " + sanitize_line(policy.origin) + " holds no commands");
    return ctx.out.answer(data);
  }
  project.require_lead("trusting commands");
  if (!args.at(0).empty() && args.at(0) != hash)
    throw Error(Kind::not_trusted, "the commands now have another hash: " + hash,
                {"they have changed, or the hash is mistyped; look at them with 'git agent-gate list'"})
        .with_data(data);
  if (gates::is_trusted(common, policy)) {
    ctx.out.print_line("already trusted: " + hash);
    return ctx.out.answer(data);
  }
  ctx.out.note("Commands in " + sanitize_line(policy.origin) + ":\n" +
               difference(gates::last_trusted_text(common), policy.executable_text()));
  const bool named = args.at(0) == hash;
  if (!named && !can_ask())
    throw Error(Kind::not_trusted, "nobody can be asked here: nothing is trusted",
                {"having read the commands, run 'git agent-gate trust " + hash + "'"})
        .next({"git", "agent-gate", "trust", hash})  // not the program
        .with_data(data);
  if (!named && !ask_yes("Trust these commands, so that gates run them?")) {
    throw Error(Kind::not_trusted, "not trusted",
                {"change them in " + sanitize_line(policy.origin) + ", or say yes next time"})
        .with_data(data);
  }
  gates::trust(common, policy);
  ctx.out.print_line("trusted: " + hash);
  return ctx.out.answer(data);
}

}  // namespace

extern const CommandRow cmd_gate;
const CommandRow cmd_gate = {
    .name = "gate",
    .summary = "run the gates, trust their commands, scan for secrets",
    .group = Group::verify,
    .verbs = {
        {.name = "run",
         .usage = "[--on EVENT] [--gate NAME]... [--no-cache] [--format text|json|sarif|junit]",
         .summary = "judge what is staged or committed here",
         .options =
             {{.name = "on",
               .arg = "EVENT",
               .help = "only the gates on pre-commit, task-done or merge",
               .completes = Completes::words,
               .words = "pre-commit task-done merge"},
              {.name = "gate", .arg = "NAME", .help = "only this gate", .repeated = true, .completes = Completes::gate},
              {.name = "no-cache", .help = "run also what was judged before"},
              {.name = "format",
               .arg = "FORMAT",
               .help = "text, json, sarif or junit",
               .completes = Completes::words,
               .words = "text json sarif junit"}},
         .run = run_run},
        {.name = "list", .summary = "the gates, and whether they are trusted", .run = run_list},
        {.name = "flaky", .summary = "failures that were seen to come and go", .run = run_flaky},
        {.name = "trust",
         .usage = "[HASH]",
         .summary = "let the policy's commands run, exactly as they are now",
         .max_args = 1,
         .run = run_trust},
        {.name = "scan",
         .usage = "[--config FILE] [--baseline FILE] [--format FORMAT] [PATH...|-|--staged|--range A..B|--history]",
         .summary = "look for secrets and what the rules look for",
         .options =
             {{.name = "config",
               .arg = "FILE",
               .help = "rules in gitleaks' format instead of the policy's",
               .completes = Completes::file},
              {.name = "baseline",
               .arg = "FILE",
               .help = "an old report: what stands in it is known",
               .completes = Completes::file},
              {.name = "format",
               .arg = "FORMAT",
               .help = "text, json, sarif or gitleaks",
               .completes = Completes::words,
               .words = "text json sarif gitleaks"},
              {.name = "staged", .help = "what the next commit would bring"},
              {.name = "range", .arg = "A..B", .help = "what the commits that B has and A has not bring"},
              {.name = "history", .help = "every blob that a ref reaches"},
              {.name = "max-decode-depth", .arg = "N", .help = "look also into base64 and escapes, N levels deep"}},
         .max_args = -1,
         .run = gate::scan,
         .completes = Completes::file},
        {.name = "explain",
         .usage = "[--config FILE] RULE",
         .summary = "what a rule looks for",
         .options = {{.name = "config",
                      .arg = "FILE",
                      .help = "rules in gitleaks' format instead of the policy's",
                      .completes = Completes::file}},
         .min_args = 1,
         .max_args = 1,
         .run = gate::explain},
        {.name = "allow",
         .usage = "[FINDING... -m WHY [--until DATE]]",
         .summary = "let findings stay, signed, with a reason and an end; without any, those that stay",
         .options = {{.name = "message", .letter = 'm', .arg = "WHY", .help = "why they may stay"},
                     {.name = "until", .arg = "DATE", .help = "the last day; a year from now without it"}},
         .max_args = -1,
         .run = gate::allow}}};

}  // namespace ga::cli
