#include "util/dialogue.hh"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "util/error.hh"
#include "util/process-env.hh"
#include "util/text.hh"

namespace ga {

namespace {

[[noreturn]] void fail_start(const Command& command, int error) {
  fail_environment("cannot start '" + sanitize_line(command.argv.front()) + "': " + std::strerror(error));
}

// With no signal blocked, and SIGPIPE as it is by default.
int spawn(pid_t& pid, const Command& command, int socket, int errors) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, socket, 0);
  posix_spawn_file_actions_adddup2(&actions, socket, 1);
  posix_spawn_file_actions_adddup2(&actions, errors, 2);
  if (!command.cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.cwd.c_str());
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const Environment env(command);
  const auto argv = pointers_to(command.argv);
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), env.get());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// Standard descriptors may be closed in us; ours must not end up there, where the child's go.
Fd above_standard(int fd) {
  const Fd low(fd);
  return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

Dialogue::Dialogue(const Command& command) : owner_(::getpid()) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail_start(command, errno);
  socket_ = above_standard(ends[0]);
  const Fd theirs = above_standard(ends[1]);
  errors_ = above_standard(::memfd_create("errors", MFD_CLOEXEC));
  if (!socket_ || !theirs || !errors_) fail_start(command, errno);
  if (const int error = spawn(pid_, command, theirs.get(), errors_.get()); error != 0) fail_start(command, error);
}

Dialogue::~Dialogue() {
  socket_.close();
  if (owner_ != ::getpid()) return;
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

bool Dialogue::say(std::string_view text) {
  if (owner_ != ::getpid()) return false;
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Dialogue::receive() {
  if (owner_ != ::getpid()) return false;
  static thread_local std::array<char, 65536> buffer;
  ssize_t got = 0;
  do got = ::read(socket_.get(), buffer.data(), buffer.size());
  while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  // What was given away is dropped in large pieces: who reads a stream never has all of it.
  constexpr std::size_t kDrop = 1u << 20;
  if (used_ == received_.size() || used_ >= kDrop) received_.erase(0, used_), used_ = 0;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> Dialogue::line() {
  std::size_t end = received_.find('\n', used_);
  while (end == std::string::npos) {
    if (!receive()) return std::nullopt;
    end = received_.find('\n', used_);
  }
  std::string text = received_.substr(used_, end - used_);
  used_ = end + 1;
  return text;
}

std::optional<std::string> Dialogue::bytes(std::size_t count) {
  while (received_.size() - used_ < count)
    if (!receive()) return std::nullopt;
  std::string text = received_.substr(used_, count);
  used_ += count;
  return text;
}

std::string Dialogue::complaints() const {
  std::string text(4096, '\0');
  const ssize_t got = ::pread(errors_.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace ga
