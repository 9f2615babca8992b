#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga {

namespace {

[[noreturn]] void fail_copy(const fs::path& from, const fs::path& to, int error) {
  fail_environment("cannot copy '" + sanitize_line(from.native()) + "' to '" + sanitize_line(to.native()) +
                   "': " + std::strerror(error));
}

// What stands in the way is removed, never written through: it may be a link or share its blocks.
void copy_link(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::path target = fs::read_symlink(from, error);
  if (error) fail_copy(from, to, error.value());
  if (symlink(target.c_str(), to.c_str()) == 0) return;
  if (errno != EEXIST || unlink(to.c_str()) != 0 || symlink(target.c_str(), to.c_str()) != 0)
    fail_copy(from, to, errno);
}

Fd create_anew(const fs::path& to) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  Fd fd(open(to.c_str(), flags, 0600));
  if (!fd && errno == EEXIST && unlink(to.c_str()) == 0) fd = Fd(open(to.c_str(), flags, 0600));
  return fd;
}

// Copies inside the kernel from the current offsets as far as the file systems can.
void copy_in_kernel(int from, int to) {
  constexpr std::size_t chunk = 1u << 30;
  while (copy_file_range(from, nullptr, to, nullptr, chunk, 0) > 0) {}
}

// From the current offsets to the end of the file.
bool copy_by_hand(int from, int to) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got == 0) return true;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || !write_all(to, {buffer.data(), static_cast<std::size_t>(got)})) return false;
  }
}

bool copy_mode_and_time(int to, const struct stat& facts) {
  const std::array<timespec, 2> times = {facts.st_atim, facts.st_mtim};
  return fchmod(to, facts.st_mode & 0777) == 0 && futimens(to, times.data()) == 0;
}

}  // namespace

bool copy_file_cheaply(const fs::path& from, const fs::path& to) {
  // O_NONBLOCK: opening a pipe somebody left there must not wait for a writer.
  const Fd in(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!in && errno == ELOOP) {
    copy_link(from, to);
    return false;
  }
  struct stat facts {};
  if (!in || fstat(in.get(), &facts) != 0) fail_copy(from, to, errno);
  if (!S_ISREG(facts.st_mode)) fail_copy(from, to, EINVAL);
  Fd out = create_anew(to);
  if (!out) fail_copy(from, to, errno);
  const bool reflink = ioctl(out.get(), FICLONE, in.get()) == 0;
  if (!reflink) copy_in_kernel(in.get(), out.get());
  // After a copy in the kernel this only sees the end of the file, or does what the kernel could not.
  if ((reflink || copy_by_hand(in.get(), out.get())) && copy_mode_and_time(out.get(), facts) && out.close())
    return reflink;
  const int error = errno;
  unlink(to.c_str());
  fail_copy(from, to, error);
}

}  // namespace ga
