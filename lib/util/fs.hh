// Files: atomic writes, locks, trees of files. Errors are Error(environment) naming the path.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ga {

namespace fs = std::filesystem;

/// The file's bytes; nullopt when there is no such file. Throws on other errors, and when the file is
/// larger than `limit`.
std::optional<std::string> read_file(const fs::path& path, std::size_t limit = 64u << 20);
/// Writes by a temporary file and rename, so that a reader sees the old or the new, never a half.
void write_file_atomic(const fs::path& path, std::string_view bytes, unsigned mode = 0666);
void append_file(const fs::path& path, std::string_view bytes);
void make_directories(const fs::path& path);
/// Removes a file or tree; no error when it is not there.
void remove_tree(const fs::path& path);
/// Copies one regular file or symbolic link, keeping mode and time; by reflink (FICLONE) where the file
/// system can, else copy_file_range, else read and write. What stands at `to` is replaced. True when it
/// was a reflink.
bool copy_file_cheaply(const fs::path& from, const fs::path& to);
/// `child` resolved lexically and through links lies inside `root`.
bool is_inside(const fs::path& root, const fs::path& child);

/// An advisory lock on a file (flock), released by the destructor and by the kernel when the process
/// dies. One holder at a time across processes; not recursive. Those who wait get it in the order they
/// came, for which acquire() uses a second file, "PATH.queue". Neither file is ever removed.
class FileLock {
 public:
  FileLock() = default;
  /// Waits up to `seconds` (0: does not wait). Throws Error(timeout) naming `what` when it stays held.
  static FileLock acquire(const fs::path& path, double seconds, const std::string& what);
  /// nullopt when somebody holds it.
  static std::optional<FileLock> try_acquire(const fs::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();
  bool held() const { return fd_ >= 0; }
  void release();

 private:
  int fd_ = -1;
};

/// $XDG_CONFIG_HOME or ~/.config, plus /git-agent.
fs::path user_config_dir();

}  // namespace ga
