// Waiting for a lock is done twice: for the queue file beside it, then, holding that, for the lock
// itself. Who releases the lock and wants it again has to queue behind those who wait already; with
// one file it would win every time, being awake.
//
// Waiters sleep in flock(), where the kernel wakes them at once and in order. A timer's signal
// interrupts that at the deadline.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace ga {

namespace {

[[noreturn]] void fail_lock(const fs::path& path, int error) {
  fail_environment("cannot lock '" + sanitize_line(path.native()) + "': " + std::strerror(error));
}

timespec as_timespec(double seconds) {
  const double whole = std::floor(seconds);
  return {static_cast<time_t>(whole), static_cast<long>((seconds - whole) * 1e9)};
}

// From `seconds` on, interrupts what this thread waits for, again and again: the first signal may
// arrive just before the wait begins.
class Interrupter {
 public:
  explicit Interrupter(double seconds) {
    const int number = SIGRTMAX - 1;
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and without SA_RESTART
    sigaction(number, &action, nullptr);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, number);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = number;
    event.sigev_notify_thread_id = gettid();
    const itimerspec times = {as_timespec(0.02), as_timespec(std::max(seconds, 1e-6))};
    running_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
    if (running_ && timer_settime(timer_, 0, &times, nullptr) != 0) stop();
  }
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;
  ~Interrupter() { stop(); }

  bool running() const { return running_; }

 private:
  void stop() {
    if (std::exchange(running_, false)) timer_delete(timer_);
  }

  timer_t timer_{};
  bool running_ = false;
};

// 0, or the errno; EINTR only where it would wait.
int lock_once(int fd, int flags) {
  while (flock(fd, LOCK_EX | flags) != 0)
    if (errno != EINTR || (flags & LOCK_NB) == 0) return errno;
  return 0;
}

// 0, EWOULDBLOCK when somebody else held it until the deadline, or another errno.
int lock_until(int fd, double deadline) {
  int error = lock_once(fd, LOCK_NB);
  const double seconds = deadline - monotonic_seconds();
  if (error != EWOULDBLOCK || seconds <= 0) return error;
  const Interrupter interrupter(seconds);
  const int flags = interrupter.running() ? 0 : LOCK_NB;  // no timers left: ask again and again
  while ((error = lock_once(fd, flags)) == EINTR || error == EWOULDBLOCK) {
    if (monotonic_seconds() >= deadline) return EWOULDBLOCK;
    const timespec pause = as_timespec(0.001);
    if (flags != 0) nanosleep(&pause, nullptr);
  }
  return error;
}

// Whether the path still names the file that is open: a tree removed and made again has another one,
// and two processes would hold "the" lock.
bool still_there(int fd, const fs::path& path) {
  struct stat ours {
  }, theirs{};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino &&
         ours.st_dev == theirs.st_dev;
}

// The locked file; none when somebody else held it until the deadline.
Fd lock_file_until(const fs::path& path, double deadline) {
  for (;;) {
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!fd) fail_lock(path, errno);
    const int error = lock_until(fd.get(), deadline);
    if (error == EWOULDBLOCK) return Fd();
    if (error != 0) fail_lock(path, error);
    if (still_there(fd.get(), path)) return fd;
  }
}

std::string seconds_text(double seconds) {
  std::string text = std::to_string(seconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "s";
}

}  // namespace

FileLock FileLock::acquire(const fs::path& path, double seconds, const std::string& what) {
  if (seconds > 0) {
    // Times beyond a year overflow in the system.
    const double deadline = monotonic_seconds() + std::min(seconds, 3e7);
    fs::path queue = path;
    queue += ".queue";
    FileLock turn, lock;
    turn.fd_ = lock_file_until(queue, deadline).release();
    if (turn.held()) lock.fd_ = lock_file_until(path, deadline).release();
    if (lock.held()) return lock;
  } else if (std::optional<FileLock> lock = try_acquire(path)) {
    return std::move(*lock);
  }
  throw Error(Kind::timeout, what + " is still locked by another process after " + seconds_text(seconds),
              {"wait for the process that holds " + path.string() + ", or end it; then try again"});
}

std::optional<FileLock> FileLock::try_acquire(const fs::path& path) {
  FileLock lock;
  lock.fd_ = lock_file_until(path, 0).release();
  if (!lock.held()) return std::nullopt;
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileLock::~FileLock() { release(); }

void FileLock::release() {
  const int fd = std::exchange(fd_, -1);
  if (fd < 0) return;
  // Not close() alone: a child between fork and exec still has the open file and would keep the lock.
  flock(fd, LOCK_UN);
  close(fd);
}

}  // namespace ga
