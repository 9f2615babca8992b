// Starting child processes and collecting what they write. Who a process is: process-identity.cc.
#include "util/process.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/process-env.hh"
#include "util/text.hh"

namespace ga {

namespace {

constexpr double kill_after = 1.0;  // seconds from SIGTERM to SIGKILL
constexpr double drain_for = 0.25;  // seconds a dead child's own children may still write to its pipes

// One of the child's output streams on its way to us.
struct Stream {
  Fd fd;
  std::string* kept = nullptr;
};

// What the child gets as its standard descriptors, and our ends of the pipes.
struct Plumbing {
  Fd child_in, child_out, child_err;  // none: the child has ours
  std::array<Stream, 2> streams;
};

// Descriptors 0 to 2 may be closed in us; ours must not end up there, where the child's go.
Fd above_standard(int fd) {
  if (fd < 0 || fd > 2) return Fd(fd);
  const Fd low(fd);
  return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

bool make_pipe(Fd& read_end, Fd& write_end) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  read_end = above_standard(ends[0]);
  write_end = above_standard(ends[1]);
  return read_end && write_end;
}

// Input lies in memory rather than in a pipe: nothing has to be written while the child runs, and a
// child that does not read it cannot stop or kill us.
Fd open_input(const std::string& input) {
  if (input.empty()) return above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Fd fd = above_standard(memfd_create("input", MFD_CLOEXEC));
  if (!fd || !write_all(fd.get(), input) || lseek(fd.get(), 0, SEEK_SET) != 0) return Fd();
  return fd;
}

bool plumb(const Command& command, Plumbing& plumbing, Result& result) {
  if (!command.inherit_stdin && !(plumbing.child_in = open_input(command.input))) return false;
  if (!command.output_file.empty()) {
    plumbing.child_out = above_standard(open_output_file(command.output_file));
    return static_cast<bool>(plumbing.child_out);
  }
  if (command.inherit_output) return true;
  plumbing.streams[0].kept = &result.out;
  if (!make_pipe(plumbing.streams[0].fd, plumbing.child_out)) return false;
  if (command.merge_output) return true;
  plumbing.streams[1].kept = &result.err;
  return make_pipe(plumbing.streams[1].fd, plumbing.child_err);
}

// The attributes and file actions of one posix_spawn.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void connect(const Command& command, const Plumbing& plumbing) {
    if (plumbing.child_in) posix_spawn_file_actions_adddup2(&actions_, plumbing.child_in.get(), 0);
    if (plumbing.child_out) posix_spawn_file_actions_adddup2(&actions_, plumbing.child_out.get(), 1);
    const Fd& err = plumbing.child_err ? plumbing.child_err : plumbing.child_out;
    if (err) posix_spawn_file_actions_adddup2(&actions_, err.get(), 2);
    else if (command.merge_output) posix_spawn_file_actions_adddup2(&actions_, 1, 2);
    if (!command.cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions_, command.cwd.c_str());
  }

  // The child begins with no signal blocked, and dies of a closed pipe although we may not.
  void set_up_signals(bool own_group) {
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0);
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }

  int spawn(pid_t& pid, char* const* argv, char* const* env) const {
    return posix_spawnp(&pid, argv[0], &actions_, &attributes_, argv, env);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A running child: its descriptors, its deadline, its end.
class Child {
 public:
  Child(const Command& command, pid_t pid, Plumbing& plumbing, Result& result)
      : command_(command), pid_(pid), streams_(plumbing.streams), result_(result) {
    if (command.timeout_seconds > 0) deadline_ = monotonic_seconds() + command.timeout_seconds;
  }

  void wait() {
    // With neither output nor deadline to watch there is nothing to do but wait.
    if (deadline_ == 0 && !streams_[0].fd && !streams_[1].fd) return reap(0);
    pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    while (!finished()) {
      read_what_is_there(poll_milliseconds());
      pass_deadlines();
      if (!reaped_) reap(WNOHANG);
    }
    // What a group just killed had written.
    const double until = monotonic_seconds() + drain_for;
    while (result_.timed_out && read_what_is_there(0) && monotonic_seconds() < until) {}
  }

 private:
  bool finished() const {
    if (!reaped_) return false;
    if (result_.timed_out) return group_gone_ || killed_;
    if (!streams_[0].fd && !streams_[1].fd) return true;
    return monotonic_seconds() >= drain_until_;
  }

  // Waits for output or the end of the child; false when there was neither.
  bool read_what_is_there(int milliseconds) {
    std::array<pollfd, 3> polled{};
    for (std::size_t i = 0; i < 2; ++i) polled[i] = {streams_[i].fd.get(), POLLIN, 0};
    polled[2] = {reaped_ ? -1 : pidfd_.get(), POLLIN, 0};
    if (poll(polled.data(), polled.size(), milliseconds) <= 0) return false;
    for (std::size_t i = 0; i < 2; ++i)
      if (polled[i].revents != 0) read_some(streams_[i]);
    return true;
  }

  int poll_milliseconds() const {
    double wait = -1;
    const auto sooner = [&](double seconds) { wait = wait < 0 ? seconds : std::min(wait, seconds); };
    if (deadline_ > 0) sooner(std::max(0.0, deadline_ - monotonic_seconds()));
    if (reaped_) sooner(std::max(0.0, drain_until_ - monotonic_seconds()));
    // Nobody tells when the last of a group ends; without a pidfd nobody tells of the child's end either.
    if (result_.timed_out) sooner(0.01);
    if (!pidfd_ && !reaped_) sooner(0.02);
    return wait < 0 ? -1 : static_cast<int>(std::min(wait, 3600.0) * 1000) + 1;
  }

  void read_some(Stream& stream) {
    static thread_local std::array<char, 65536> buffer;
    const ssize_t got = read(stream.fd.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      stream.fd.close();
      return;
    }
    const std::size_t room = command_.max_output - std::min(command_.max_output, stream.kept->size());
    const std::size_t kept = std::min(room, static_cast<std::size_t>(got));
    stream.kept->append(buffer.data(), kept);
    if (kept < static_cast<std::size_t>(got)) result_.truncated = true;
  }

  void pass_deadlines() {
    if (result_.timed_out && reaped_ && kill(-pid_, 0) != 0) group_gone_ = true;
    if (deadline_ == 0 || monotonic_seconds() < deadline_) return;
    kill(-pid_, result_.timed_out ? SIGKILL : SIGTERM);
    killed_ = result_.timed_out;
    result_.timed_out = true;
    deadline_ = killed_ ? 0 : monotonic_seconds() + kill_after;
  }

  void reap(int flags) {
    int status = 0;
    pid_t got = 0;
    do got = waitpid(pid_, &status, flags);
    while (got < 0 && errno == EINTR);
    if (got == 0) return;
    reaped_ = true;
    drain_until_ = monotonic_seconds() + drain_for;
    if (!result_.timed_out) deadline_ = 0;
    if (got < 0) return;  // somebody else collected it: the exit code stays unknown (-1)
    result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  const Command& command_;
  const pid_t pid_;
  std::array<Stream, 2>& streams_;
  Result& result_;
  Fd pidfd_;
  double deadline_ = 0;  // the next one: of the command, then of its end
  double drain_until_ = 0;
  bool reaped_ = false, killed_ = false, group_gone_ = false;
};

Result could_not_start(const Command& command, int error) {
  Result result;
  result.exit_code = 127;
  result.err = "cannot start '" + sanitize_line(command.argv.empty() ? "" : command.argv[0]) +
               "': " + std::strerror(error) + "\n";
  return result;
}

// A parent that ignores SIGCHLD passes that on to us, and then no exit code could be had.
void expect_children() {
  struct sigaction action {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
}

}  // namespace

Result run(const Command& command) {
  if (command.argv.empty()) return could_not_start(command, EINVAL);
  Result result;
  Plumbing plumbing;
  if (!plumb(command, plumbing, result)) return could_not_start(command, errno);
  const Environment env(command);
  SpawnPlan plan;
  plan.connect(command, plumbing);
  plan.set_up_signals(command.own_group || command.timeout_seconds > 0);
  expect_children();
  pid_t pid = 0;
  const int error = plan.spawn(pid, pointers_to(command.argv).data(), env.get());
  if (error != 0) return could_not_start(command, error);
  if (command.on_start) command.on_start(pid);
  // Only the child has the writing ends now, so that its end ends the reading.
  for (Fd* end : {&plumbing.child_in, &plumbing.child_out, &plumbing.child_err}) end->close();
  Child(command, pid, plumbing, result).wait();
  return result;
}

void exec_replace(const std::vector<std::string>& argv) {
  if (argv.empty()) GA_BUG("exec_replace without a program");
  execvp(argv[0].c_str(), pointers_to(argv).data());
  fail_environment("cannot start '" + sanitize_line(argv[0]) + "': " + std::strerror(errno));
}

}  // namespace ga
