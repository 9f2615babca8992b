#include "util/fault.hh"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

namespace ga {

namespace {

// One write, so that lines of processes that run at the same time do not mix.
void log_passing(const char* file, const char* name) {
  const int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return;
  const std::string line = std::string(name) + "\n";
  [[maybe_unused]] const ssize_t written = write(fd, line.data(), line.size());
  close(fd);
}

// "NAME" or "NAME:N" for this name: N, else 0.
long wanted_passing(const char* fault, const char* name) {
  const std::size_t length = std::strlen(name);
  if (std::strncmp(fault, name, length) != 0) return 0;
  if (fault[length] == '\0') return 1;
  return fault[length] == ':' ? std::strtol(fault + length + 1, nullptr, 10) : 0;
}

}  // namespace

void fault_point(const char* name) {
  if (const char* file = std::getenv("GIT_AGENT_TEST_FAULT_LOG")) log_passing(file, name);
  const char* fault = std::getenv("GIT_AGENT_TEST_FAULT");
  if (!fault) return;
  const long wanted = wanted_passing(fault, name);
  if (wanted == 0) return;
  // Only one name is ever wanted in a process, so one counter does.
  static std::atomic<long> passed{0};
  if (++passed == wanted) kill(getpid(), SIGKILL);
}

}  // namespace ga
