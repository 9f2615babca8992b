// next, claim, release, start, done, fail, block, unblock, cancel, reopen, note, accept.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "task/verbs.hh"
#include "util/text.hh"
#include "work/task-flow.hh"

namespace ga::cli::task {
namespace {

using model::Task;

std::string needed_reason(const Args& args) {
  const std::string why = normalize_utf8(args.get("message"));
  if (trim(why).empty())
    fail_usage("say why, with -m", {"the reason is kept with the task and told to whoever takes it next"});
  return why;
}

// One operation on one task, and the task as it is afterwards.
int change(Context& ctx, const Task& task, const std::string& kind, Json args, const std::string& said) {
  work::Project& project = ctx.project();
  ctx.say_actor();
  args["task"] = task.id;
  project.commit(kind, std::move(args));
  const Task now = project.known_task(task.id);
  ctx.out.print_line(now.slug + ": " + said);
  return ctx.answer_task(now);
}

void print_claimed(Context& ctx, const Task& task) {
  ctx.out.print_line(ctx.project().short_id(task.id) + "  " + task.slug + "  " + sanitize_line(task.title));
}

void print_unblocked(Context& ctx, const std::vector<std::string>& ids) {
  for (const std::string& id : ids)
    if (const auto task = ctx.project().index().task(id)) ctx.out.note("now ready: " + task->slug);
}

}  // namespace

int next(Context& ctx, const Args& args) {
  constexpr unsigned kPollMicroseconds = 300'000;
  ctx.say_actor();
  work::NextTask found = work::claim_next(ctx.project());
  // The ledger's tip is one small file: looking at it costs next to nothing while we wait.
  while (!found.task && args.has("wait") && found.reason != "all_done") {
    const git::Oid tip = ctx.project().ledger().tip();
    ctx.out.progress("waiting for a task (" + found.reason + ")");
    for (int rounds = 0; ctx.project().ledger().tip() == tip && rounds < 100; ++rounds) ::usleep(kPollMicroseconds);
    found = work::claim_next(ctx.project());
  }
  ctx.out.end_progress();
  if (found.task) {
    print_claimed(ctx, *found.task);
    return ctx.answer_task(*found.task);
  }
  ctx.out.note(found.says);
  if (found.reason == "all_blocked") ctx.out.hint("git agent-task ready --explain");
  return ctx.out.answer({{"task", nullptr}, {"reason", found.reason}}, 1);
}

int claim(Context& ctx, const Args& args) {
  ctx.say_actor();
  const Task task = work::claim_task(ctx.project(), ctx.project().task(args.at(0)), "task.claim", args.has("steal"));
  print_claimed(ctx, task);
  return ctx.answer_task(task);
}

int start(Context& ctx, const Args& args) {
  ctx.say_actor();
  const Task task = work::claim_task(ctx.project(), ctx.project().task_or_here(args.at(0)), "task.start", false);
  print_claimed(ctx, task);
  return ctx.answer_task(task);
}

int release(Context& ctx, const Args& args) {
  return change(ctx, ctx.project().task_or_here(args.at(0)), "task.release", Json::object(), "released");
}

int done(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const Task task = project.task_or_here(args.at(0));
  ctx.say_actor();
  const work::DoneReport report =
      work::finish_task(project, task, args.get("message"), [&](const std::string& text) { ctx.out.progress(text); });
  ctx.out.end_progress();
  Json gates = Json::array();
  for (const gates::Verdict& verdict : report.gates) {
    gates.push_back(gates::to_json(verdict));
    ctx.out.note("gate " + sanitize_line(verdict.gate) + ": " + std::string(gates::outcome_name(verdict.outcome)));
  }
  if (!report.hook_output.empty()) ctx.out.note(report.hook_output);
  if (report.without_commits) ctx.out.warning("the branch has no commit of its own; there is nothing to merge");
  if (report.task.status == model::Status::in_review)
    ctx.out.print_line(report.task.slug + ": in review at " + report.task.commit.substr(0, 10) +
                       (report.in_review_already ? " already" : ""));
  else ctx.out.print_line(report.task.slug + ": " + std::string(model::status_name(report.task.status)));
  print_unblocked(ctx, report.unblocked);
  return ctx.out.answer({{"task", project.view(report.task)}, {"gates", gates}, {"unblocked", report.unblocked}});
}

int fail(Context& ctx, const Args& args) {
  const std::string why = needed_reason(args);
  const Task task = ctx.project().task_or_here(args.at(0));
  return change(ctx, task, "task.fail", {{"why", why}, {"bead", ctx.project().bead("failure", why, task.id)}},
                "failed");
}

int block(Context& ctx, const Args& args) {
  const std::string why = needed_reason(args);
  return change(ctx, ctx.project().task_or_here(args.at(0)), "task.block", {{"why", why}},
                "blocked until 'git agent-task unblock'");
}

int unblock(Context& ctx, const Args& args) {
  return change(ctx, ctx.project().task_or_here(args.at(0)), "task.unblock", Json::object(), "the hold has ended");
}

int cancel(Context& ctx, const Args& args) {
  const std::string why = needed_reason(args);
  const Task task = ctx.project().task(args.at(0));
  return change(ctx, task, "task.cancel",
                {{"why", why}, {"bead", ctx.project().bead("decision", "Cancelled: " + why, task.id)}}, "cancelled");
}

int reopen(Context& ctx, const Args& args) {
  return change(ctx, ctx.project().task(args.at(0)), "task.reopen", {{"why", normalize_utf8(args.get("message"))}},
                "open again");
}

int note(Context& ctx, const Args& args) {
  const bool named = args.positional().size() == 2;
  const Task task = named ? ctx.project().task(args.at(0)) : ctx.project().task_or_here("");
  return change(ctx, task, "task.note", {{"text", normalize_utf8(args.at(named ? 1 : 0))}}, "noted");
}

namespace {

// "gate:NAME" as evidence is checked: that gate must have passed on the very tree that is accepted.
void require_passed(work::Project& project, const Task& task, const git::Oid& commit, const std::string& evidence) {
  if (!starts_with(evidence, "gate:")) return;
  const std::string gate = trim(evidence.substr(5));
  const auto info = commit.zero() ? std::nullopt : project.repo().read_commit(commit);
  const auto verdict = gates::known_verdict(project.repo(), project.policy(), gate, info ? info->tree : git::Oid{},
                                            !project.actor().person);
  if (verdict && verdict->passed()) return;
  if (!info)
    throw Error(Kind::gate_failed, "'" + task.slug + "' has no branch, so no gate has judged its work",
                {"say in words what shows it"});
  const std::string what = verdict ? std::string("has failed") : "has not judged";
  throw Error(Kind::gate_failed,
              "gate '" + sanitize_line(gate) + "' " + what + (verdict ? " on " : " ") + commit.brief() +
                  ", so it shows nothing",
              {"git agent-gate run --gate " + shell_join({gate})});
}

// What the person or agent brings forward; an agent's word alone is not enough.
std::string evidence_of(Context& ctx, const Args& args, std::size_t place) {
  const std::string evidence = normalize_utf8(trim(args.get("evidence", args.at(place))));
  if (evidence.empty() && !args.has("undo") && !ctx.project().actor().person)
    fail_usage("what shows it? an agent gives evidence",
               {"git agent-task accept ID N --evidence gate:NAME, or in words"});
  return evidence;
}

}  // namespace

int accept(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.size() <= 4 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  // Inside a spun worktree the task may be left out: a first word that is a number is the criterion then.
  const bool here = is_number(args.at(0)) && !is_number(args.at(1)) && project.task_here();
  const std::size_t at = here ? 0 : 1;
  if (!is_number(args.at(at))) fail_usage("which criterion? give its number", {"git agent-task accept ID N EVIDENCE"});
  const Task task = here ? *project.task_here() : project.task(args.at(0));
  const git::Oid commit = task.branch.empty() ? git::Oid{} : project.branch_tip(task.branch);
  const std::string evidence = evidence_of(ctx, args, at + 1);
  if (!args.has("undo")) require_passed(project, task, commit, evidence);
  Json change_args = {
      {"index", std::stoi(args.at(at))}, {"evidence", evidence}, {"commit", commit.zero() ? "" : commit.hex()}};
  if (args.has("undo")) change_args["undo"] = true;
  return change(ctx, task, "task.accept", std::move(change_args),
                "criterion " + args.at(at) + (args.has("undo") ? " is open again" : " is met"));
}

}  // namespace ga::cli::task
