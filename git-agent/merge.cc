// git agent-merge: integrate a feature.
#include "work/merge.hh"

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"
#include "work/move.hh"
#include "work/pull-request.hh"

namespace ga::cli {
namespace {

work::MergeStyle style_of(const Args& args) {
  if (args.has("squash") && args.has("no-ff")) fail_usage("--squash and --no-ff exclude each other");
  if (args.has("squash")) return work::MergeStyle::squash;
  return args.has("no-ff") ? work::MergeStyle::no_ff : work::MergeStyle::rebase;
}

std::string counted(std::size_t n) { return std::to_string(n) + (n == 1 ? " commit" : " commits"); }

void print_gates(Output& out, const std::vector<gates::Verdict>& verdicts) {
  for (const gates::Verdict& verdict : verdicts)
    out.print_line(
        "  gate " + sanitize_line(verdict.gate) + ": " +
        out.paint(verdict.passed() ? Style::green : Style::red, std::string(gates::outcome_name(verdict.outcome))) +
        (verdict.cached ? " (known for this tree)" : ""));
}

void print_dry(Output& out, const work::MergeResult& result) {
  out.print_line("would merge " + result.task.slug + " into " + work::branch_name(result.target) + ": " +
                 counted(result.commits.size()) + ", no conflict, no protected file");
  out.print_line(result.planned_gates.empty()
                     ? "  no gate would run"
                     : "  gates that would run: " + sanitize_line(join(result.planned_gates, ", ")));
}

void print_merge(Output& out, const work::MergeResult& result) {
  const std::string range = result.old == result.next ? "nothing new"
                                                      : result.old.brief() + ".." + result.next.brief() + ", " +
                                                            counted(result.commits.size());
  out.print_line(std::string(result.recovered ? "completed the interrupted merge of " : "merged ") +
                 out.paint(Style::bold, result.task.slug) + " into " + work::branch_name(result.target) + " (" + range +
                 ")");
  print_gates(out, result.verdicts);
  for (const model::Task& task : result.unblocked)
    out.print_line("  ready now: " + task.slug + "  " + sanitize_line(task.title));
}

// The host's people and gates decide; here the task stays in review until what they merged comes back.
int run_pull_request(Context& ctx, const Args& args) {
  for (const char* option : {"into", "squash", "no-ff", "adopt"})
    if (args.has(option)) fail_usage(std::string("--pr and --") + option + " exclude each other");
  Output& out = ctx.out;
  ctx.say_actor();
  const work::PullRequest request =
      work::open_pull_request(ctx.project(), {args.at(0), args.get("at"), args.has("dry-run"),
                                              [&](const std::string& text) { out.progress(text); },
                                              [&](const std::string& text) {
                                                out.end_progress();
                                                out.note(text);
                                              }});
  out.end_progress();
  if (!request.trouble.empty()) out.warning(request.trouble + "; the branch is pushed, open the request by hand");
  const bool opened = !request.opened_by.empty();
  const std::string url = sanitize_line(request.url);
  if (opened) {
    out.print_line("opened a pull request for " + request.task.slug + " into " + request.target + ": " + url);
  } else {
    const std::string where = url.empty() ? "at " + sanitize_line(request.remote) : url;
    out.print_line((args.has("dry-run") ? "would push " : "pushed ") + request.branch + " to " +
                   sanitize_line(request.remote) + "; open a pull request into " + request.target + ": " + where);
    out.print("\n" + request.title + "\n\n" + request.text);
  }
  return out.answer({{"pull_request", work::to_json(request)}, {"task", ctx.project().view(request.task)}});
}

int run_merge(Context& ctx, const Args& args) {
  if (args.has("pr")) return run_pull_request(ctx, args);
  work::MergeRequest request;
  request.feature = args.at(0);
  request.into = args.get("into");
  request.style = style_of(args);
  request.adopt = args.has("adopt");
  request.dry_run = args.has("dry-run");
  request.at = args.get("at");
  request.progress = [&](const std::string& text) { ctx.out.progress(text); };
  request.note = [&](const std::string& text) {
    ctx.out.end_progress();
    ctx.out.note(text);
  };
  ctx.say_actor();
  const work::MergeResult result = work::merge_feature(ctx.project(), request);
  ctx.out.end_progress();
  if (request.dry_run && !result.recovered) print_dry(ctx.out, result);
  else print_merge(ctx.out, result);
  Json data = {{"merge", work::to_json(result)}, {"task", ctx.project().view(result.task)}};
  if (request.dry_run) data["merge"]["would_run"] = result.planned_gates;
  return ctx.out.answer(data);
}

}  // namespace

extern const CommandRow cmd_merge;  // const alone would be local to this file
const CommandRow cmd_merge = {
    .name = "merge",
    .summary = "integrate a feature: rebase, gates, then the target moves",
    .group = Group::integrate,
    .verbs = {{.name = "",
               .usage = "[FEATURE] [--into BRANCH] [--squash|--no-ff] [--adopt] [--at COMMIT] [--pr] [--dry-run]",
               .summary = "merge a feature that is done",
               .options =
                   {{.name = "into", .arg = "BRANCH", .help = "merge into this branch", .completes = Completes::branch},
                    {.name = "squash", .help = "make one commit of it"},
                    {.name = "no-ff", .help = "put a merge commit on top"},
                    {.name = "adopt", .help = "take a branch as it stands, done or not"},
                    {.name = "at", .arg = "COMMIT", .help = "merge exactly this commit of it, or nothing"},
                    {.name = "pr", .help = "push the branch and open a pull request instead"},
                    {.name = "dry-run", .help = "look for conflicts and protected files; move nothing"}},
               .max_args = 1,
               .run = run_merge,
               .completes = Completes::feature}}};

}  // namespace ga::cli
