#include "cli/context.hh"
#include "cli/help.hh"
#include "util/error.hh"
#include "util/process.hh"
#include "work/status.hh"

namespace ga::cli {
namespace {

// What a lead does next: what waits, then what is ready, then what is to be written down.
std::string next_for_lead(work::Project& project) {
  const work::Status status = work::read_status(project);
  if (!status.waiting.empty()) return shell_join(status.waiting.front().command);
  index::TaskFilter ready;
  ready.ready_only = true;
  ready.limit = 1;
  const auto first = project.index().tasks(ready);
  if (!first.empty() && status.wip_now < status.wip_limit) return "git agent-spin " + first.front().slug;
  const work::Counts& counts = status.counts;
  if (status.wip_now > 0 || counts.in_progress > 0) return "git agent-status";
  if (counts.pending > 0) return "git agent-task ready --explain";
  return "git agent-task add TITLE";
}

std::string next_in(work::Project& project) {
  if (project.ledger().tip().zero()) return project.actor().person ? "git agent-init" : "git agent-whoami";
  if (project.actor().person) return next_for_lead(project);
  return project.task_here() ? "git agent-brief" : "git agent-task next";
}

}  // namespace

std::string next_step(Context& ctx) {
  try {
    ctx.project().repo();
  } catch (const Error&) {
    return "git init";
  }
  try {
    return next_in(ctx.project());
  } catch (const Error&) {
    return "git agent-doctor";
  }
}

}  // namespace ga::cli
