// An owned file descriptor, and reading and writing that do not stop half-way.
#pragma once

#include <string_view>
#include <utility>

namespace ga {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  /// False when the system reports a late error (errno); the descriptor is gone either way.
  bool close();

 private:
  int fd_ = -1;
};

/// Writes everything; false on an error (errno).
bool write_all(int fd, std::string_view bytes);

}  // namespace ga
