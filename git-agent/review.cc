// git agent-review: one verdict on one exact commit, and the lead's minute.
#include "work/reviews.hh"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/clock.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/shown.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kShownFiles = 12, kShownExcerpt = 12;

// In a reviewer's worktree the task may be left out, as in an agent's.
model::Task task_of(Context& ctx, const std::string& name) {
  work::Project& project = ctx.project();
  if (name.empty())
    if (const std::string id = work::reviewed_task(project.repo().git_dir()); !id.empty())
      return project.known_task(id);
  return project.task_or_here(name);
}

Style style_of(const std::string& state) {
  if (state == "passed" || state == "pass") return Style::green;
  if (state == "failed" || state == "fail" || state == "void" || state == "timeout" || state == "error")
    return Style::red;
  return Style::yellow;
}

// ---- what is given ------------------------------------------------------------------------------

/// "src/a.js:12:TEXT"; without a line the remark is about the file.
model::ReviewComment comment_of(const std::string& text) {
  const std::size_t first = text.find(':');
  if (first == std::string::npos || first == 0)
    fail_usage("--comment '" + sanitize_line(fit(text, 60)) + "' names no file", {"write it as FILE:LINE:TEXT"});
  const std::size_t second = text.find(':', first + 1);
  const std::string number = second == std::string::npos ? "" : text.substr(first + 1, second - first - 1);
  const bool has_line = !number.empty() && number.size() <= 9 &&
                        std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  model::ReviewComment comment{text.substr(0, first), has_line ? std::stoi(number) : 0,
                               trim(text.substr((has_line ? second : first) + 1))};
  if (comment.text.empty())
    fail_usage("--comment '" + sanitize_line(fit(text, 60)) + "' says nothing", {"write it as FILE:LINE:TEXT"});
  return comment;
}

std::string read_input(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  const auto text = read_file(file, 1u << 20);
  if (!text) fail_usage("there is no file '" + sanitize_line(file) + "'");
  return *text;
}

/// JSON lines: `{"file","line","text"}` for a remark, `{"text"}` for the verdict's own words.
void read_lines(const std::string& file, work::ReviewVerdict& verdict) {
  std::size_t number = 0;
  for (const std::string& line : split_lines(read_input(file))) {
    ++number;
    if (trim(line).empty()) continue;
    const Json json = Json::parse(line, nullptr, false);
    const std::string text = json.is_object() ? trim(get_string(json, "text")) : "";
    if (text.empty())
      fail_usage(sanitize_line(file) + ":" + std::to_string(number) + ": is no remark",
                 {"each line is an object: {\"file\":\"src/a.js\",\"line\":12,\"text\":\"...\"}"});
    if (const std::string path = get_string(json, "file"); !path.empty())
      verdict.comments.push_back(
          {path, static_cast<int>(std::clamp<std::int64_t>(get_int(json, "line"), 0, 1 << 30)), text});
    else verdict.text += (verdict.text.empty() ? "" : "\n") + text;
  }
}

Json answer_of(Context& ctx, const model::Task& task, const model::Review& review) {
  return {{"task", ctx.project().view(ctx.project().known_task(task.id))}, {"review", model::to_json(review)}};
}

int run_request(Context& ctx, const Args& args) {
  const model::Task task = task_of(ctx, args.at(0));
  ctx.say_actor();
  const model::Review review = work::request_review(ctx.project(), task, args.get("from"), args.get("message"));
  ctx.out.print_line("review of " + task.slug + " asked for at " + task.commit.substr(0, 10) +
                     (review.reviewer.empty() ? "" : " from " + sanitize_line(review.reviewer)));
  ctx.out.hint("start a reviewer: git agent-spin --role reviewer --task " + task.slug);
  return ctx.out.answer(answer_of(ctx, task, review));
}

int give(Context& ctx, const Args& args, bool passed) {
  work::Project& project = ctx.project();
  const model::Task task = task_of(ctx, args.at(0));
  work::ReviewVerdict verdict;
  verdict.passed = passed;
  verdict.text = trim(args.get("message"));
  verdict.at = args.get("at");
  for (const std::string& comment : args.get_all("comment")) verdict.comments.push_back(comment_of(comment));
  if (args.has("file")) read_lines(args.get("file"), verdict);
  if (!passed && verdict.text.empty() && verdict.comments.empty())
    fail_usage("say what is wrong, with -m, --comment or -F", {"whoever mends it is told that"});
  verdict.show = [&] {
    const std::string before = work::last_shown(project, "review", task.id);
    const std::string difference = work::version_difference(project, before, task.commit);
    ctx.out.note("in review now: " + task.commit.substr(0, 10) + "\n" + difference);
  };
  ctx.say_actor();
  const model::Review review = work::give_verdict(project, task, verdict);
  ctx.out.print_line("review of " + task.slug + " " + ctx.out.paint(style_of(review.state), review.state) + " at " +
                     review.commit.substr(0, 10) + (review.counts() ? "" : " (self-declared)"));
  if (!review.counts())
    ctx.out.warning("it does not count: a verdict does from a person, or from a reviewer that git agent-spin started");
  else if (passed) ctx.out.hint("merge it: git agent-merge " + task.slug);
  return ctx.out.answer(answer_of(ctx, task, review));
}

int run_pass(Context& ctx, const Args& args) { return give(ctx, args, true); }
int run_fail(Context& ctx, const Args& args) { return give(ctx, args, false); }

// ---- looking ------------------------------------------------------------------------------------

int run_list(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  Json all = Json::array();
  std::vector<std::vector<std::string>> rows;
  project.index().each_object("reviews", "", [&](const Json& object) {
    const model::Review review = model::review_from_json(object);
    const auto task = project.index().task(review.task);
    // What a newer commit or a verdict has overtaken is history.
    const bool open = review.state == "requested" && task && task->status == model::Status::in_review &&
                      task->commit == review.commit;
    if (!open && !args.has("all")) return true;
    all.push_back(model::to_json(review));
    rows.push_back({task ? task->slug : review.task.substr(0, 8), review.commit.substr(0, 10),
                    review.counts() || review.declared.empty() ? review.state : review.state + " (self-declared)",
                    sanitize_line(review.by.empty() ? review.reviewer : review.by),
                    sanitize_line(fit(review.text, 80))});
    return true;
  });
  if (rows.empty()) ctx.out.note(args.has("all") ? "no reviews" : "no review is asked for");
  else ctx.out.table({"TASK", "COMMIT", "STATE", "REVIEWER", ""}, rows);
  return ctx.out.answer({{"reviews", all}}, rows.empty() ? 1 : 0);
}

int run_wait(Context& ctx, const Args& args) {
  const std::string id = task_of(ctx, args.at(0)).id;
  const std::int64_t seconds = args.get_duration("timeout", 0);
  const double start = monotonic_seconds();
  constexpr unsigned kPollMicroseconds = 300'000;
  git::Oid looked;
  for (bool first = true;; first = false) {
    work::Project& project = ctx.project();
    const git::Oid tip = project.ledger().tip();
    if (first || tip != looked) {
      looked = tip;
      project.index().refresh(tip);
      const model::Task task = project.known_task(id);
      const work::ReviewStanding standing = work::review_standing(project, task);
      const Json data = {{"task", project.view(task)}, {"review", work::to_json(standing)}};
      const std::string& state = standing.state;
      if (state == "passed") {
        ctx.out.end_progress();
        ctx.out.print_line("review of " + task.slug + " passed at " + standing.commit.substr(0, 10));
        return ctx.out.answer(data);
      }
      if (state == "failed")
        throw Error(Kind::review_failed,
                    "the review of '" + task.slug + "' failed: " + sanitize_line(fit(task.reason, 300)),
                    {"what it says is in the next briefing: git agent-brief " + task.slug})
            .with_data(data);
      if (task.status != model::Status::in_review)
        throw Error(Kind::wrong_status,
                    "'" + task.slug + "' is " + std::string(model::status_name(task.status)) +
                        ", not in review any more",
                    {"git agent-task show " + task.slug})
            .with_data(data);
    }
    if (args.has("timeout") && monotonic_seconds() - start >= static_cast<double>(seconds))
      throw Error(Kind::timeout, "no verdict after " + format_age(seconds),
                  {"wait again, or look: git agent-review list"});
    ctx.out.progress("waiting for the review");
    ::usleep(kPollMicroseconds);
  }
}

void show_criteria(Output& out, const Json& criteria) {
  out.print_line(out.paint(Style::bold, "Criteria") + (criteria.empty() ? "  none" : ""));
  for (const Json& c : criteria) {
    const bool done = get_bool(c, "done");
    out.print_line("  " + out.paint(done ? Style::green : Style::red, done ? "[x]" : "[ ]") + " " +
                   sanitize_line(get_string(c, "text")));
    if (const std::string evidence = get_string(c, "evidence"); !evidence.empty())
      out.print_line("      " + sanitize_line(fit(evidence, 160)) + (done ? "" : " (void: of an older commit)"));
  }
}

void show_gates(Output& out, const std::vector<Json>& gates) {
  out.print_line(out.paint(Style::bold, "Gates") +
                 (gates.empty() ? "  none has judged this commit" : "  on this very commit"));
  for (const Json& gate : gates) {
    const std::string verdict = get_string(gate, "verdict"), coverage = get_string(gate, "coverage");
    out.print_line("  " + out.paint(style_of(verdict), sanitize_line(verdict)) + "  " +
                   sanitize_line(get_string(gate, "gate")) + (coverage.empty() ? "" : "  " + sanitize_line(coverage)) +
                   (get_bool(gate, "flaky") ? "  flaky" : "") + "  (" + sanitize_line(get_string(gate, "event")) +
                   ", run by " + sanitize_line(get_string(gate, "by")) + ")");
    for (const std::string& finding : get_strings(gate, "findings")) out.print_line("      " + sanitize_line(finding));
    std::vector<std::string> lines = split_lines(get_string(gate, "excerpt"));
    const std::size_t shown = verdict == "pass" ? 2 : kShownExcerpt;
    if (lines.size() > shown) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(shown));
    for (const std::string& line : lines) out.print_line("      | " + sanitize_line(line));
  }
}

void show_reviews(Output& out, const work::ReviewSheet& sheet) {
  const std::string& state = sheet.standing.state;
  out.print_line(out.paint(Style::bold, "Review") + "  " +
                 (state == "none" ? "none" : out.paint(style_of(state), state)) +
                 (state == "void" ? ": it was of " + sheet.standing.commit.substr(0, 10) : ""));
  for (const model::Review& review : sheet.reviews) {
    const std::string who = review.by.empty() ? review.requested_by : review.by;
    out.print_line("  " + sanitize_line(who) + " " + sanitize_line(review.state) +
                   (review.declared.empty() ? "" : " (" + sanitize_line(review.declared) + ")") +
                   (review.text.empty() ? "" : ":"));
    for (const std::string& line : split_lines(review.text)) out.print_line("    " + sanitize_line(line));
    for (const std::string& line : split_lines(model::comments_text(review)))
      out.print_line("    " + sanitize_line(line));
  }
}

void show_difference(Output& out, const work::ReviewSheet& sheet) {
  long added = 0, removed = 0;
  for (const auto& file : sheet.files) added += std::max(0L, file.added), removed += std::max(0L, file.removed);
  out.print_line(out.paint(Style::bold, "Changes") + "  " + std::to_string(sheet.files.size()) +
                 (sheet.files.size() == 1 ? " file, +" : " files, +") + std::to_string(added) + " -" +
                 std::to_string(removed) + ", " + std::to_string(sheet.commits.size()) +
                 (sheet.commits.size() == 1 ? " commit" : " commits"));
  std::vector<work::ReviewSheet::File> largest = sheet.files;
  std::stable_sort(largest.begin(), largest.end(),
                   [](const auto& a, const auto& b) { return a.added + a.removed > b.added + b.removed; });
  for (std::size_t i = 0; i < std::min(kShownFiles, largest.size()); ++i) {
    const auto& file = largest[i];
    const std::string size =
        file.added < 0 ? "binary" : "+" + std::to_string(file.added) + " -" + std::to_string(file.removed);
    out.print_line("  " + size + "  " + sanitize_line(file.path));
  }
  if (largest.size() > kShownFiles)
    out.print_line("  ... and " + std::to_string(largest.size() - kShownFiles) + " more");
}

int run_show(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const model::Task task = task_of(ctx, args.at(0));
  const work::ReviewSheet sheet = work::review_sheet(project, task);
  Json data = work::to_json(project, sheet);
  Output& out = ctx.out;
  out.print_line(out.paint(Style::bold, task.slug) + "  " + sanitize_line(task.title) + "  " +
                 std::string(model::status_name(task.status)) + " at " + sheet.commit.brief() +
                 (task.worker.empty() ? "" : " by " + sanitize_line(task.worker)));
  show_criteria(out, data["criteria"]);
  show_gates(out, sheet.gates);
  show_reviews(out, sheet);
  show_difference(out, sheet);
  std::vector<std::string> conflicts;
  for (const std::string& path : sheet.conflicts) conflicts.push_back(sanitize_line(path));
  out.print_line(out.paint(Style::bold, "Conflicts") + "  " + (conflicts.empty() ? "none" : join(conflicts, ", ")));
  out.print_line(out.paint(Style::bold, "Cost") + "  not known");
  if (args.has("diff")) {
    const std::string diff = work::review_diff(project, sheet);
    data["diff"] = diff;
    out.print("\n" + diff);
  }
  out.print_line(out.paint(Style::bold, "Next") + "  " + shell_join(sheet.next));
  return out.answer(data);
}

const Option kMessage = {.name = "message", .letter = 'm', .arg = "TEXT", .help = "the verdict in words"};
const Option kComment = {.name = "comment", .arg = "FILE:LINE:TEXT", .help = "a remark on one line", .repeated = true};
const Option kFile = {.name = "file",
                      .letter = 'F',
                      .arg = "FILE",
                      .help = "remarks as JSON lines (-: standard input)",
                      .completes = Completes::file};
const Option kAt = {.name = "at", .arg = "COMMIT", .help = "the commit that the verdict is about"};

}  // namespace

extern const CommandRow cmd_review;
const CommandRow cmd_review = {
    .name = "review",
    .summary = "give a verdict on exactly the commit that is handed in",
    .group = Group::verify,
    .verbs = {{.name = "request",
               .usage = "[FEATURE] [--from NAME] [-m TEXT]",
               .summary = "ask for a review of what is in review now",
               .options = {{.name = "from", .arg = "NAME", .help = "whom", .completes = Completes::agent},
                           {.name = "message", .letter = 'm', .arg = "TEXT", .help = "what to look at"}},
               .max_args = 1,
               .run = run_request,
               .completes = Completes::feature},
              {.name = "show",
               .usage = "[FEATURE] [--diff]",
               .summary = "criteria, gates, reviews, changes and the next command on one screen",
               .options = {{.name = "diff", .help = "also the whole difference"}},
               .max_args = 1,
               .run = run_show,
               .completes = Completes::feature},
              {.name = "list",
               .usage = "[--all]",
               .summary = "reviews that are asked for and not given",
               .options = {{.name = "all", .help = "also those that have their verdict"}},
               .run = run_list},
              {.name = "wait",
               .usage = "[FEATURE] [--timeout T]",
               .summary = "wait for the verdict",
               .options = {{.name = "timeout", .arg = "T", .help = "give up after this time"}},
               .max_args = 1,
               .run = run_wait,
               .completes = Completes::feature},
              {.name = "pass",
               .usage = "[FEATURE] [-m TEXT] [--comment FILE:LINE:TEXT]... [-F FILE] [--at COMMIT]",
               .summary = "this commit may be merged",
               .options = {kMessage, kComment, kFile, kAt},
               .max_args = 1,
               .run = run_pass,
               .completes = Completes::feature},
              {.name = "fail",
               .usage = "[FEATURE] -m TEXT [--comment FILE:LINE:TEXT]... [-F FILE] [--at COMMIT]",
               .summary = "this commit needs more work: it goes back with the reason",
               .options = {kMessage, kComment, kFile, kAt},
               .max_args = 1,
               .run = run_fail,
               .completes = Completes::feature}}};

}  // namespace ga::cli
