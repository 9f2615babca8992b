// git agent-learn: the lines that agents propose, and what a person makes of them.
#include "approving.hh"
#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/terminal.hh"
#include "learn/verbs.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/learnings.hh"
#include "work/shown.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kIdDigits = 8;
constexpr const char* kKinds = "rule prompt";
constexpr const char* kShown = "learning";

std::string kind_of(const Args& args) {
  const std::string kind = args.get("kind");
  if (!kind.empty() && kind != "rule" && kind != "prompt")
    fail_usage("'" + sanitize_line(fit(kind, 40)) + "' is no kind of learning", {"one of: rule, prompt"});
  return kind;
}

std::string remark_line(const work::Remark& remark) {
  return std::string(remark.likeness == model::Likeness::same ? "much the same" : "the opposite") + " stands in " +
         sanitize_line(remark.where) + ": " + sanitize_line(remark.text);
}

Json remarks_json(const std::vector<work::Remark>& remarks) {
  Json list = Json::array();
  for (const work::Remark& remark : remarks)
    list.push_back({{"likeness", remark.likeness == model::Likeness::same ? "same" : "opposite"},
                    {"where", remark.where},
                    {"text", remark.text}});
  return list;
}

std::string task_slug(work::Project& project, const std::string& id) {
  const auto task = id.empty() ? std::nullopt : project.index().task(id);
  return task ? task->slug : "";
}

void print_whole(Context& ctx, const model::Learning& learning) {
  work::Project& project = ctx.project();
  ctx.out.print_line(ctx.out.paint(Style::yellow, learning.id.substr(0, kIdDigits)) + "  " +
                     ctx.out.paint(Style::bold, sanitize_line(learning.state)) + "  " +
                     sanitize_line(work::file_of(learning)) +
                     (learning.kind == "rule" ? ", " + sanitize_line(learning.section) : ""));
  ctx.out.print_line("    " + sanitize_line(learning.text));
  const auto member = [&](const char* name, const std::string& value) {
    if (!value.empty()) ctx.out.print_line("  " + std::string(name) + ": " + sanitize_line(value));
  };
  const std::string slug = task_slug(project, learning.task);
  member("by", learning.by + (slug.empty() ? "" : ", after the task '" + slug + "'"));
  member("proposed", work::local_time(learning.time));
  if (learning.decided != 0) member("decided", work::local_time(learning.decided) + ", by " + learning.decided_by);
  member("reason", learning.reason);
  member("commit", learning.commit);
}

// What is approved: the line, where it goes, and what that file is now.
std::string version_of(work::Project& project, const model::Learning& learning) {
  const std::string now = work::curated_text(project, work::file_of(learning));
  return sha256_hex(learning.section + "\n" + learning.text + "\n" + now).substr(0, 40);
}

int list(Context& ctx, const Args& args) {
  const auto all = work::learnings(ctx.project(), args.has("all") ? "" : "proposed", kind_of(args));
  start_pager();
  std::vector<std::vector<std::string>> rows;
  ctx.out.begin_list("learnings");
  for (const model::Learning& learning : all) {
    if (ctx.out.json()) ctx.out.item(work::to_json(learning));
    rows.push_back({learning.id.substr(0, kIdDigits), learning.kind, learning.state, sanitize_line(learning.section),
                    sanitize_line(learning.by), sanitize_line(fit(learning.text, 100))});
  }
  if (!rows.empty()) ctx.out.table({"ID", "KIND", "STATE", "SECTION", "BY", "LINE"}, rows);
  else ctx.out.note(args.has("all") ? "nothing was proposed yet" : "nothing waits for you");
  return ctx.out.end_list(rows.empty() ? 1 : 0);
}

int show(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Learning learning = work::find_learning(project, args.at(0));
  print_whole(ctx, learning);
  const auto remarks = work::remarks_on(project, learning);
  for (const work::Remark& remark : remarks) ctx.out.print_line("  note: " + remark_line(remark));
  if (learning.state == "proposed")
    ctx.out.hint("git agent-learn approve " + learning.id.substr(0, kIdDigits) + ", edit, or reject -m WHY");
  if (learning.state == "proposed") work::mark_shown(project, kShown, learning.id, version_of(project, learning));
  Json data = work::to_json(learning);
  data["remarks"] = remarks_json(remarks);
  data["version"] = version_of(project, learning);
  return ctx.out.answer({{"learning", std::move(data)}});
}

int edit(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Learning learning = work::find_learning(project, args.at(0));
  std::string text = normalize_utf8(trim(args.get("message")));
  const std::string section = normalize_utf8(trim(args.get("section")));
  if (text.empty() && section.empty()) {
    if (!can_ask()) fail_usage("say what the line becomes, with -m or --section");
    text = trim(edit_text(learning.text + "\n", "LEARNING"));
    if (text.empty()) fail_usage("the line is empty: nothing has changed");
  }
  ctx.say_actor();
  work::edit_learning(project, learning, text, section);
  const model::Learning now = work::find_learning(project, learning.id);
  print_whole(ctx, now);
  return ctx.out.answer({{"learning", work::to_json(now)}});
}

int approve(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  if (!project.actor().person)
    throw Error(Kind::not_lead, "approving a learning is a person's act; you act as " + project.actor().name,
                {"tell the lead which line should stand where"});
  const model::Learning learning = work::find_learning(project, args.at(0));
  if (learning.state != "proposed")
    throw Error(Kind::wrong_status, "it is " + learning.state + " already, by " + sanitize_line(learning.decided_by));
  const std::string version = version_of(project, learning);
  const auto show_it = [&] {
    print_whole(ctx, learning);
    for (const work::Remark& remark : work::remarks_on(project, learning))
      ctx.out.print_line("  note: " + remark_line(remark));
  };
  const bool seen = work::last_shown(project, kShown, learning.id) == version;
  work::require_shown(project, {kShown, learning.id, version, args.get("at"), show_it});
  if (!seen) show_it();
  work::mark_shown(project, kShown, learning.id, version);
  const work::LearningCommit made = work::write_learning(project, learning);
  std::string approval;
  if (!made.commit.zero()) {
    const work::GuardSubject subject = work::guard_subject(project, made.commit.hex());
    require_person(ctx, {.rules = subject.rules,
                         .seen = seen || args.has("at"),
                         .when_not = "edit the line, reject it, or say yes next time"});
    const auto approvals = work::approve_changes(project, subject, "learning " + learning.id.substr(0, kIdDigits));
    if (!approvals.empty()) approval = approvals.front().id;
  } else {
    ctx.out.note("that line stands in " + made.path + " already");
  }
  work::record_learning(project, learning, made, approval);
  work::forget_shown(project, kShown, learning.id);
  const model::Learning now = work::find_learning(project, learning.id);
  ctx.out.print_line("approved: " + made.path + " has it" +
                     (made.commit.zero() ? "" : ", commit " + made.commit.brief(10)));
  return ctx.out.answer({{"learning", work::to_json(now)}});
}

int reject(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Learning learning = work::find_learning(project, args.at(0));
  const std::string why = normalize_utf8(trim(args.get("message")));
  if (why.empty()) fail_usage("say why with -m: whoever proposed it is told");
  ctx.say_actor();
  work::reject_learning(project, learning, why);
  const model::Learning now = work::find_learning(project, learning.id);
  ctx.out.print_line("rejected: " + sanitize_line(now.text));
  return ctx.out.answer({{"learning", work::to_json(now)}});
}

}  // namespace

extern const CommandRow cmd_learn;
const CommandRow cmd_learn = {
    .name = "learn",
    .summary = "lines that agents propose for AGENTS.md and for prompts",
    .group = Group::retro,
    .verbs = {
        {.name = "list",
         .usage = "[--kind K] [--all]",
         .summary = "what is proposed, newest first",
         .options = {{.name = "kind",
                      .arg = "K",
                      .help = "only rules (of AGENTS.md) or prompts",
                      .completes = Completes::words,
                      .words = kKinds},
                     {.name = "all", .help = "also what was approved and rejected"}},
         .run = list},
        {.name = "show",
         .usage = "ID",
         .summary = "one, where it comes from, and what says the same or the opposite",
         .min_args = 1,
         .max_args = 1,
         .run = show},
        {.name = "edit",
         .usage = "ID [-m TEXT] [--section S]",
         .summary = "change the line before it is decided about",
         .options = {{.name = "message", .letter = 'm', .arg = "TEXT", .help = "what the line becomes"},
                     {.name = "section", .arg = "S", .help = "where it belongs; of a prompt, the role"}},
         .min_args = 1,
         .max_args = 1,
         .run = edit},
        {.name = "approve",
         .usage = "ID [--at VERSION]",
         .summary = "add the line to its file, signed, as a commit of yours on the target",
         .options = {{.name = "at", .arg = "VERSION", .help = "exactly this version, whatever was shown last"}},
         .min_args = 1,
         .max_args = 1,
         .run = approve},
        {.name = "reject",
         .usage = "ID -m WHY",
         .summary = "turn it down; whoever proposed it is told why",
         .options = {{.name = "message", .letter = 'm', .arg = "WHY", .help = "why not"}},
         .min_args = 1,
         .max_args = 1,
         .run = reject},
        {.name = "lint",
         .usage = "[FILE...]",
         .summary = "what is wrong with an AGENTS.md",
         .max_args = -1,
         .run = learn::lint,
         .completes = Completes::file},
    }};

}  // namespace ga::cli
