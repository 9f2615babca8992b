#include "util/fd.hh"

#include <unistd.h>

#include <cerrno>

namespace ga {

Fd& Fd::operator=(Fd&& other) noexcept {
  // Errors of those that look at errno after a move are older than the descriptor given up here.
  const int error = errno;
  close();
  errno = error;
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

Fd::~Fd() {
  const int error = errno;
  close();
  errno = error;
}

bool Fd::close() {
  const int fd = release();
  // Linux closes even when it says EINTR; trying again could close somebody else's descriptor.
  return fd < 0 || ::close(fd) == 0 || errno == EINTR;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace ga
