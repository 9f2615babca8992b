// Ending an agent's run from outside.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/spin.hh"

namespace ga::work {
namespace {

constexpr int kGraceMilliseconds = 5000;

/// True when the process ended within the time.
bool wait_for_end(const ProcessId& process, int milliseconds) {
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  pollfd watched = {pidfd.get(), POLLIN, 0};
  if (!pidfd || !is_alive(process)) return true;
  return ::poll(&watched, 1, milliseconds) > 0;
}

/// The client and everything in its group.
void end_process(const ProcessId& process, bool now) {
  if (!is_alive(process)) return;
  ::kill(-process.pid, now ? SIGKILL : SIGTERM);
  if (wait_for_end(process, kGraceMilliseconds)) return;
  ::kill(-process.pid, SIGKILL);
  wait_for_end(process, kGraceMilliseconds);
}

void snapshot(Project& project, const RunRecord& run, bool now, StopResult& result) {
  try {
    Backup backup = make_backup(project, run.slug, run.task, run.branch, run.worktree);
    result.backup = backup.ref;
    result.warnings = backup.warnings;
  } catch (const Error& error) {
    if (!now) throw;
    result.warnings.push_back("no snapshot was made: " + std::string(error.what()));
  }
}

/// The runner records the end; when it is gone too, we do.
RunRecord wait_for_record(Project& project, const std::string& slug) {
  for (int i = 0; i < 500; ++i) {
    const auto run = load_run(project, slug);
    if (!run) break;
    if (run->state != "running" && run->state != "starting") return *run;
    if (!is_alive(run->runner)) recover_run(project, slug);
    else ::usleep(10'000);
  }
  fail_environment("the end of '" + slug + "' was not recorded", {"try again"});
}

void give_back(Project& project, const RunRecord& run) {
  project.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
    const auto task = state.task(run.task);
    if (!task || !task->claim || task->claim->fence != run.fence) return std::nullopt;
    return project.operation("task.release", {{"task", run.task}, {"fence", run.fence}});
  });
}

}  // namespace

StopResult stop(Project& project, const std::string& slug, bool now, const std::string& why) {
  const FileLock lock = lock_run(project, slug, 120);
  recover_run(project, slug);
  const auto run = load_run(project, slug);
  if (!run || !(is_alive(*run) || is_alive(run->runner)))
    throw Error(Kind::not_found, "no agent is at work on '" + slug + "'", {"see 'git agent-run list'"});
  StopResult result;
  snapshot(project, *run, now, result);
  write_file_atomic(stop_file(project, slug), why + "\n");
  end_process(run->process, now);
  result.run = wait_for_record(project, slug);
  give_back(project, result.run);
  const std::string reason = normalize_utf8(why.empty() ? "no reason given" : why);
  project.commit("bead.add", {{"bead", project.bead("failure", (now ? "Killed: " : "Stopped: ") + reason, run->task,
                                                    result.backup.empty() ? "" : "work kept in " + result.backup)}});
  return result;
}

}  // namespace ga::work
