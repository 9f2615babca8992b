// git agent-status: what goes on, on one screen.
#include "work/status.hh"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/process.hh"
#include "util/text.hh"
#include "work/merge.hh"
#include "work/runs.hh"
#include "work/seen.hh"
#include "work/story.hh"

namespace ga::cli {
namespace {

constexpr unsigned kWatchSeconds = 2;
constexpr std::size_t kMaxPairs = 45;  // ten features, each with each
constexpr std::size_t kShownChanges = 20;

std::string age_of(Time time, Time now) { return time > 0 ? format_age(now > time ? now - time : 0) : ""; }

Style style_of(const work::AgentStatus& agent) {
  if (agent.at_work) return Style::green;
  return agent.state == "done" || agent.state == "prepared" ? Style::dim : Style::red;
}

void show_agents(Output& out, const work::Status& status, Time now) {
  const std::string wip = std::to_string(status.wip_now) + " of " + std::to_string(status.wip_limit) + " at work";
  if (status.agents.empty()) return out.print_line(out.paint(Style::bold, "Agents") + "  none (" + wip + ")");
  out.print_line(out.paint(Style::bold, "Agents") + "  " + wip);
  std::vector<std::vector<std::string>> rows;
  for (const work::AgentStatus& agent : status.agents) {
    if (agent.over && !agent.at_work) continue;  // nothing to do about it; 'git agent-clean' removes its worktree
    rows.push_back({"  " + sanitize_line(agent.name), sanitize_line(agent.slug),
                    out.paint(style_of(agent), sanitize_line(agent.state)),
                    age_of(agent.at_work || agent.ended == 0 ? agent.started : agent.ended, now),
                    std::to_string(agent.iteration) + "/" + std::to_string(agent.max_iterations),
                    agent.last_line.empty() ? agent.reason : agent.last_line});
  }
  out.table({}, rows);
}

void show_counts(Output& out, const work::Counts& counts) {
  std::vector<std::string> parts;
  const auto part = [&](std::int64_t number, const std::string& name) {
    if (number > 0) parts.push_back(std::to_string(number) + " " + name);
  };
  part(counts.ready, "ready");
  part(counts.blocked, "blocked");
  part(counts.in_progress, "in progress");
  part(counts.in_review, "in review");
  part(counts.completed, "completed");
  part(counts.failed, "failed");
  part(counts.cancelled, "cancelled");
  out.print_line(out.paint(Style::bold, "Tasks") + "   " +
                 (parts.empty() ? "none; make one with 'git agent-task add TITLE'" : join(parts, ", ")));
}

void show_waiting(Output& out, const work::Status& status, Time now) {
  if (status.waiting.empty()) return out.print_line(out.paint(Style::bold, "Waits for you") + "  nothing");
  out.print_line(out.paint(Style::bold, "Waits for you"));
  for (const work::Waiting& each : status.waiting) {
    const std::string age = age_of(each.since, now);
    out.print_line("  " + each.what + (age.empty() ? "" : out.paint(Style::dim, "  " + age)));
    out.print_line("      " + out.paint(Style::cyan, sanitize_line(shell_join(each.command))));
  }
}

void show_messages(Output& out, const work::Status& status) {
  if (status.messages.empty()) return;
  out.print_line(out.paint(Style::bold, "Messages"));
  for (const Json& message : status.messages)
    out.print_line("  " + work::local_time(parse_time(get_string(message, "time"))) + "  from " +
                   sanitize_line(get_string(message, "from")) + ": " + sanitize_line(get_string(message, "text")));
}

void show_conflicts(Output& out, const work::Status& status) {
  if (!status.conflicts_known) return;
  if (status.conflicts.empty()) return out.print_line(out.paint(Style::bold, "Conflicts") + "  none to come");
  out.print_line(out.paint(Style::bold, "Conflicts") + "  to come, when one of the two is merged");
  for (const work::Conflict& each : status.conflicts)
    out.print_line("  " + sanitize_line(each.first) + " and " + sanitize_line(each.second) + ": " +
                   sanitize_line(join(each.paths, ", ")));
}

void show_changes(Output& out, const std::vector<work::StoryLine>& lines) {
  out.print_line(out.paint(Style::bold, "Since you last looked") + (lines.empty() ? "  nothing happened" : ""));
  const std::size_t shown = std::min(lines.size(), kShownChanges);
  if (shown < lines.size())
    out.print_line("  ... " + std::to_string(lines.size() - shown) + " earlier, see 'git agent-log'");
  for (std::size_t i = shown; i-- > 0;)
    out.print_line("  " + work::local_time(lines[i].op.time) + "  " + lines[i].summary);
}

struct Wanted {
  bool since_last = false, conflicts = false;
};

// One look. A new project each time: what it read once it would not read again.
int look(Context& ctx, const Wanted& wanted) {
  work::Project project;
  work::recover_runs(project);
  work::recover_merges(project);
  work::Status status = work::read_status(project);
  if (wanted.conflicts) work::predict_conflicts(project, status, kMaxPairs);
  Json data = work::to_json(status);
  std::vector<work::StoryLine> changes;
  if (wanted.since_last) {
    const git::Oid seen = work::last_seen(project);
    if (!seen.zero()) changes = work::story(project, {.until = seen});
    data["changes"] = Json::array();
    for (const work::StoryLine& line : changes) data["changes"].push_back(work::to_json(line));
    show_changes(ctx.out, changes);
  }
  const Time now = ga::now();
  show_agents(ctx.out, status, now);
  show_counts(ctx.out, status.counts);
  show_waiting(ctx.out, status, now);
  show_conflicts(ctx.out, status);
  show_messages(ctx.out, status);
  if (project.ledger().tip().zero()) ctx.out.hint("there is no ledger yet: 'git agent-init' begins one");
  work::mark_seen(project);
  return ctx.out.answer(data);
}

int watch(Context& ctx, const Wanted& wanted) {
  for (bool first = true;; first = false) {
    // Home, clear to the end: the screen is drawn over, nothing scrolls.
    if (ctx.out.terminal()) ctx.out.print("\x1b[H\x1b[J");
    else if (!first) ctx.out.print("\n");
    look(ctx, {wanted.since_last && first, wanted.conflicts && first});
    if (std::fflush(stdout) != 0) return 0;  // whoever read it has gone
    ::sleep(kWatchSeconds);
  }
}

int run_status(Context& ctx, const Args& args) {
  const Wanted wanted{args.has("since-last"), args.has("conflicts")};
  if (!args.has("watch")) return look(ctx, wanted);
  if (ctx.out.json())
    fail_usage("--watch and --json exclude each other", {"call it again with --json when you want to look again"});
  return watch(ctx, wanted);
}

}  // namespace

extern const CommandRow cmd_status;
const CommandRow cmd_status = {
    .name = "status",
    .summary = "see what agents do, how tasks stand and what waits for you",
    .group = Group::monitor,
    .verbs = {{.usage = "[--watch] [--since-last] [--conflicts]",
               .summary = "one screen: agents, tasks, what waits for you",
               .options = {{.name = "watch", .help = "draw it again every two seconds"},
                           {.name = "since-last", .help = "first what happened since you last looked"},
                           {.name = "conflicts", .help = "try which branches at work conflict with each other"}},
               .run = run_status}}};

}  // namespace ga::cli
