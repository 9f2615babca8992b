#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga {

namespace {

[[noreturn]] void fail_lock(const fs::path& path, int error) {
  fail_environment("cannot lock '" + sanitize_line(path.native()) + "': " + std::strerror(error));
}

// Whether the path still names the file that is open: a tree removed and made again has another one,
// and two processes would hold "the" lock.
bool still_there(int fd, const fs::path& path) {
  struct stat ours {}, theirs {};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino &&
         ours.st_dev == theirs.st_dev;
}

// The locked file; none when somebody else holds it.
Fd lock_now(const fs::path& path) {
  for (;;) {
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!fd) fail_lock(path, errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return Fd();
      fail_lock(path, errno);
    }
    if (still_there(fd.get(), path)) return fd;
  }
}

// Sleeps some part of `longest` seconds. Not from clock.hh's numbers: with a seed, all processes
// would wake at the same time.
void sleep_some(double longest, std::uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  const double part = 0.25 + 0.75 * static_cast<double>(state >> 40) / static_cast<double>(1u << 24);
  timespec time{0, static_cast<long>(longest * part * 1e9)};
  nanosleep(&time, nullptr);
}

std::string seconds_text(double seconds) {
  std::string text = std::to_string(seconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "s";
}

}  // namespace

FileLock FileLock::acquire(const fs::path& path, double seconds, const std::string& what) {
  const double deadline = monotonic_seconds() + seconds;
  auto state = static_cast<std::uint64_t>(getpid()) ^ static_cast<std::uint64_t>(deadline * 1e9);
  for (double longest = 0.0005;; longest = std::min(longest * 1.5, 0.003)) {
    if (std::optional<FileLock> lock = try_acquire(path)) return std::move(*lock);
    if (monotonic_seconds() >= deadline)
      throw Error(Kind::timeout, what + " is still locked by another process after " + seconds_text(seconds));
    sleep_some(longest, state);
  }
}

std::optional<FileLock> FileLock::try_acquire(const fs::path& path) {
  Fd fd = lock_now(path);
  if (!fd) return std::nullopt;
  FileLock lock;
  lock.fd_ = fd.release();
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
