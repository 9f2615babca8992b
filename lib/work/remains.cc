// What a client left running when it was killed together with its runner.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "util/fd.hh"
#include "util/text.hh"
#include "work/runs.hh"

namespace ga::work {
namespace {

constexpr int kGraceMilliseconds = 500;

struct Remnant {
  ProcessId id;
  Fd pidfd;
};

bool has_fence(pid_t pid, const std::string& fence) {
  const std::string wanted = "GIT_AGENT_FENCE=" + fence;
  if (fence.empty()) return false;
  const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ", 4u << 20);
  if (!environment) return false;
  for (const std::string& entry : split(*environment, '\0'))
    if (entry == wanted) return true;
  return false;
}

// Session and group together, or session and fence: one number alone may have been given to somebody else since.
bool belongs(const RunRecord& run, pid_t pid) {
  if (pid == ::getpid() || ::getsid(pid) != run.session) return false;
  return ::getpgid(pid) == run.process.pid || has_fence(pid, run.fence);
}

// Held by a descriptor, and looked at again after that: the number cannot change its owner unseen.
std::vector<Remnant> remnants(const RunRecord& run) {
  std::vector<Remnant> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/proc", none)) {
    const pid_t pid = static_cast<pid_t>(std::atol(entry.path().filename().c_str()));
    if (pid <= 1 || !belongs(run, pid)) continue;
    const ProcessId id = process_identity(pid);
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd || id.start < run.process.start || !belongs(run, pid) || !is_alive(id)) continue;
    found.push_back({id, std::move(pidfd)});
  }
  return found;
}

void send(const Remnant& remnant, int number) {
  ::syscall(SYS_pidfd_send_signal, remnant.pidfd.get(), number, nullptr, 0);
}

}  // namespace

void end_remains(const RunRecord& run) {
  if (run.session <= 1 || run.process.pid == 0 || run.process.boot != boot_id() || run.session == ::getsid(0)) return;
  const std::vector<Remnant> all = remnants(run);
  for (const Remnant& remnant : all) send(remnant, SIGTERM);
  for (const Remnant& remnant : all) {
    pollfd watched = {remnant.pidfd.get(), POLLIN, 0};
    if (::poll(&watched, 1, kGraceMilliseconds) == 0) send(remnant, SIGKILL);
  }
}

}  // namespace ga::work
