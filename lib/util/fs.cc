#include "util/fs.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/text.hh"

namespace ga {

namespace {

std::string shown(const fs::path& path) { return "'" + sanitize_line(path.native()) + "'"; }

[[noreturn]] void fail_path(const char* doing, const fs::path& path, int error) {
  fail_environment(std::string("cannot ") + doing + " " + shown(path) + ": " + std::strerror(error));
}

void read_all(int fd, std::string& bytes, std::size_t limit, const fs::path& path) {
  for (std::size_t size = 0;;) {
    // Room for one byte more than expected, so that the end is seen without growing.
    if (size == bytes.size()) bytes.resize(size < 4096 ? 8192 : size * 2);
    const ssize_t got = read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_path("read", path, errno);
    size += static_cast<std::size_t>(got);
    if (size > limit) fail_environment(shown(path) + " is larger than " + std::to_string(limit) + " bytes");
    if (got == 0) return bytes.resize(size);
  }
}

// A new file beside `path` under a name nobody else uses; the kernel applies the umask to `mode`.
Fd create_beside(const fs::path& path, unsigned mode, fs::path& temporary) {
  for (int tries = 0; tries < 100; ++tries) {
    temporary = path;
    temporary += ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(random_below(1'000'000'000));
    Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (fd || errno != EEXIST) return fd;
  }
  return Fd();
}

// Trees of read-only directories (module caches) can only be removed once they are writable.
void make_writable(const fs::path& directory) {
  std::error_code ignored;
  fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ignored);
  for (auto entry = fs::directory_iterator(directory, ignored); !ignored && entry != fs::directory_iterator();
       entry.increment(ignored)) {
    std::error_code unknown;
    if (entry->symlink_status(unknown).type() == fs::file_type::directory) make_writable(entry->path());
  }
}

// Absolute, without ".", ".." and links: those of the part that exists are followed as the kernel
// does, a link that leads nowhere too, for creating a file through it would follow it.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  std::string rest = fs::absolute(path, error).native();
  if (error) fail_path("resolve", path, error.value());
  std::string done;  // "" is the root
  for (int links = 0; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash);
    rest.erase(0, slash == std::string::npos ? slash : slash + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      done.erase(done.empty() ? 0 : done.rfind('/'));
      continue;
    }
    const fs::path link = fs::read_symlink(done + "/" + name, error);
    if (error) {
      done += "/" + name;
      continue;
    }
    if (++links > 40) fail_path("resolve", path, ELOOP);
    if (link.is_absolute()) done.clear();
    rest = link.native() + "/" + rest;
  }
  return done.empty() ? fs::path("/") : fs::path(done);
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path, std::size_t limit) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat facts {};
  if (!fd || fstat(fd.get(), &facts) != 0) fail_path("read", path, errno);
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (S_ISREG(facts.st_mode) && size > limit)
    fail_environment(shown(path) + " is larger than " + std::to_string(limit) + " bytes");
  std::string bytes(S_ISREG(facts.st_mode) && size > 0 ? size + 1 : 0, '\0');
  read_all(fd.get(), bytes, limit, path);
  return bytes;
}

void write_file_atomic(const fs::path& path, std::string_view bytes, unsigned mode) {
  fs::path temporary;
  Fd fd = create_beside(path, mode, temporary);
  if (!fd) fail_path("write", path, errno);
  if (write_all(fd.get(), bytes) && fd.close() && rename(temporary.c_str(), path.c_str()) == 0) return;
  const int error = errno;
  unlink(temporary.c_str());
  fail_path("write", path, error);
}

void append_file(const fs::path& path, std::string_view bytes) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!fd || !write_all(fd.get(), bytes) || !fd.close()) fail_path("write", path, errno);
}

void make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail_path("create directory", path, error.value());
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  // Again when somebody put a file into a directory just emptied.
  for (int tries = 0; tries < 5; ++tries) {
    error.clear();
    fs::remove_all(path, error);
    if (!error || error == std::errc::no_such_file_or_directory) return;
    if (error == std::errc::permission_denied) make_writable(path);
    else if (error != std::errc::directory_not_empty) break;
  }
  fail_path("remove", path, error.value());
}

bool is_inside(const fs::path& root, const fs::path& child) {
  const std::string outer = resolve(root).native(), inner = resolve(child).native();
  if (outer == "/" || inner == outer) return true;
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

fs::path user_config_dir() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  // The specification has relative paths ignored.
  if (config && *config == '/') return fs::path(config) / "git-agent";
  const char* home = std::getenv("HOME");
  if (!home || !*home) fail_environment("neither XDG_CONFIG_HOME nor HOME is set");
  return fs::path(home) / ".config" / "git-agent";
}

}  // namespace ga
