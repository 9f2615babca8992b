#include "agent-view.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/streams.hh"
#include "util/fd.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::cli {
namespace {

constexpr int kWakeMilliseconds = 30'000;  // should a notification be lost

/// A terminal gets safe text; a pipe gets what the client wrote. A line that is not whole yet waits.
class LogPrinter {
 public:
  explicit LogPrinter(Context& ctx) : ctx_(ctx), safe_(ctx.out.terminal()) {}
  void print(const std::string& bytes) {
    if (!safe_) return emit(bytes);
    held_ += bytes;
    const std::size_t end = held_.rfind('\n');
    if (end == std::string::npos) return;
    emit(sanitize(held_.substr(0, end + 1)));
    held_.erase(0, end + 1);
  }
  void finish() {
    if (!held_.empty()) emit(sanitize(held_) + "\n");
    held_.clear();
  }

 private:
  void emit(const std::string& text) {
    ctx_.out.print(text);
    std::fflush(stdout);
  }
  Context& ctx_;
  bool safe_;
  std::string held_;
};

/// Everything that can be read now; false at an error.
void drain(int log, LogPrinter& printer) {
  char buffer[64 * 1024];
  for (ssize_t got = 0; (got = ::read(log, buffer, sizeof buffer)) > 0;)
    printer.print(std::string(buffer, static_cast<std::size_t>(got)));
}

/// Prints what is appended until the client has ended.
void follow_log(int log, const work::RunRecord& run, LogPrinter& printer) {
  const Fd notify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ::inotify_add_watch(notify.get(), run.log.c_str(), IN_MODIFY);
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, run.process.pid, 0)));
  for (;;) {
    drain(log, printer);
    if (!process || !work::is_alive(run)) break;
    pollfd watched[] = {{notify.get(), POLLIN, 0}, {process.get(), POLLIN, 0}};
    ::poll(watched, 2, kWakeMilliseconds);
    char events[4096];
    while (::read(notify.get(), events, sizeof events) > 0) {}
  }
  drain(log, printer);
}

void open_window(const work::RunRecord& run) {
  Command command;
  command.argv = {"tmux", "new-window", "-n",  run.slug, "-c",     run.worktree,
                  "--",   self_path(),  "run", "logs",   run.slug, "-f"};
  const Result made = ga::run(command);
  if (!made.ok()) fail_environment("tmux opened no window: " + sanitize_line(made.err));
}

}  // namespace

Json worktree_view(const work::RunRecord& run) {
  return {{"path", run.worktree},
          {"branch", starts_with(run.branch, "refs/heads/") ? run.branch.substr(11) : run.branch},
          {"base", run.base},
          {"agent", run.agent},
          {"pid", run.process.pid != 0 ? Json(run.process.pid) : Json()},
          {"log", string_or_null(run.log)}};
}

void require_log(const work::RunRecord& run) {
  if (::access(run.log.c_str(), R_OK) == 0) return;
  throw Error(Kind::empty, "'" + run.slug + "' has no log",
              {"start an agent on it with 'git agent-spin " + run.slug + "'"});
}

int print_log(Context& ctx, const work::RunRecord& run, bool follow) {
  require_log(run);
  const Fd log(::open(run.log.c_str(), O_RDONLY | O_CLOEXEC));
  if (!log) fail_environment("cannot read " + run.log);
  ::lseek(log.get(), run.log_offset, SEEK_SET);
  LogPrinter printer(ctx);
  if (follow) follow_log(log.get(), run, printer);
  else drain(log.get(), printer);
  printer.finish();
  return 0;
}

int attach_run(Context& ctx, const work::RunRecord& run, bool window) {
  const bool inside = std::getenv("TMUX") != nullptr && !find_program("tmux").empty();
  if (inside) {
    open_window(run);
    ctx.out.note("opened the window '" + run.slug + "'");
    return 0;
  }
  if (window && ctx.out.terminal() && !find_program("tmux").empty())
    exec_replace(
        {"tmux", "new-session", "-A", "-s", "agent-" + run.slug, "--", self_path(), "run", "logs", run.slug, "-f"});
  ctx.out.note("following the log of '" + run.slug + "'; Ctrl-C leaves the agent at work");
  const int code = print_log(ctx, run, true);
  if (const auto now = work::load_run(ctx.project(), run.slug); now && now->id == run.id && now->ended != 0)
    ctx.out.note(now->agent + " has ended: " + now->state +
                 (now->reason.empty() ? "" : " (" + sanitize_line(now->reason) + ")"));
  return code;
}

}  // namespace ga::cli
