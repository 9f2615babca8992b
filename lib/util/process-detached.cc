#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "util/error.hh"
#include "util/fd.hh"
#include "util/process-env.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga {

namespace {

constexpr int report_fd = 3;  // where the new process keeps its end of the pipe to us

// What the new process tells: its pid first; then, only when something went wrong, an errno.
struct Report {
  pid_t pid = 0;
  int error = 0;
};

// Everything the new process needs, made before the fork: after it, only system calls are safe.
struct Prepared {
  std::vector<char*> argv;
  char* const* env;
  const char* program;
  const char* cwd;
  int in, out, report;
};

// All descriptors from `first` on. The loop is for kernels before 5.9.
void close_from(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
#endif
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536));
  for (int fd = static_cast<int>(first); fd < end; ++fd) close(fd);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number)
    if (number != SIGKILL && number != SIGSTOP) signal(number, number == SIGHUP ? SIG_IGN : SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The final process. A group of its own lets it be ended with all it started.
[[noreturn]] void become(const Prepared& prepared) {
  setpgid(0, 0);
  reset_signals();
  bool fine = dup2(prepared.in, 0) == 0 && dup2(prepared.out, 1) == 1 && dup2(prepared.out, 2) == 2;
  fine = fine && (prepared.report == report_fd || dup3(prepared.report, report_fd, O_CLOEXEC) == report_fd);
  if (!fine) _exit(127);
  close_from(report_fd + 1);
  const pid_t pid = getpid();
  if (write(report_fd, &pid, sizeof pid) != sizeof pid) _exit(127);
  if (prepared.cwd == nullptr || chdir(prepared.cwd) == 0) execve(prepared.program, prepared.argv.data(), prepared.env);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(report_fd, &error, sizeof error);
  _exit(127);
}

// The process in between: it makes the session and ends at once, so that the final one belongs to
// init and can never get a terminal.
[[noreturn]] void fork_again(const Prepared& prepared) {
  setsid();
  signal(SIGHUP, SIG_IGN);
  const pid_t pid = fork();
  if (pid == 0) become(prepared);
  _exit(pid < 0 ? 127 : 0);
}

// What was told until the other end was closed: by exec, or by the end of the process.
Report read_report(int fd) {
  std::array<char, sizeof(pid_t) + sizeof(int)> bytes{};
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  Report report;
  if (size < sizeof(pid_t)) return report;
  std::memcpy(&report.pid, bytes.data(), sizeof(pid_t));
  if (size == bytes.size()) std::memcpy(&report.error, bytes.data() + sizeof(pid_t), sizeof(int));
  return report;
}

Fd high(int fd, const std::string& what) {
  Fd low(fd);
  Fd moved(low ? fcntl(fd, F_DUPFD_CLOEXEC, 10) : -1);
  if (!moved) fail_environment("cannot open '" + sanitize_line(what) + "': " + std::strerror(errno));
  return moved;
}

}  // namespace

pid_t spawn_detached(const Command& command) {
  if (command.argv.empty()) GA_BUG("spawn_detached without a program");
  const std::string& name = command.argv[0];
  const std::string program = name.find('/') == std::string::npos ? find_program(name) : name;
  if (program.empty()) fail_environment("cannot start '" + sanitize_line(name) + "': no such program on PATH");
  const std::string output = command.output_file.empty() ? "/dev/null" : command.output_file;
  const Fd in = high(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  const Fd out = high(open_output_file(output), output);
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail_environment(std::string("cannot make a pipe: ") + std::strerror(errno));
  const Fd heard = high(ends[0], "pipe");
  Fd told = high(ends[1], "pipe");
  const Environment env(command);
  const Prepared prepared = {pointers_to(command.argv),
                             env.get(),
                             program.c_str(),
                             command.cwd.empty() ? nullptr : command.cwd.c_str(),
                             in.get(),
                             out.get(),
                             told.get()};
  const pid_t between = fork();
  if (between == 0) fork_again(prepared);
  const int fork_error = between < 0 ? errno : EAGAIN;
  told.close();
  const Report report = between < 0 ? Report{} : read_report(heard.get());
  while (between > 0 && waitpid(between, nullptr, 0) < 0 && errno == EINTR) {}
  const int error = report.pid == 0 ? fork_error : report.error;
  if (error != 0) fail_environment("cannot start '" + sanitize_line(name) + "': " + std::strerror(error));
  return report.pid;
}

}  // namespace ga
