#include "gates/config-file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "git/cli.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr const char* kLine = "\tpath = agent/config\n";
constexpr const char* kHeader = "[include]\n";
// Behind a file whose last line had no end: the line break is ours too, and this header says so.
constexpr const char* kHeaderAfterBreak = "\n[include] ;\n";

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '\n') text += "\\n";
    else text += c;
  }
  return text + "\"";
}

/// The lock as git takes it. Waits a little: others hold it for moments.
int take_lock(const std::string& lock, mode_t mode) {
  for (int attempt = 0;; ++attempt) {
    const int fd = ::open(lock.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
    if (fd >= 0) return fd;
    const int error = errno;
    if (error != EEXIST || attempt == 100)
      fail_environment("cannot change the configuration: " + sanitize_line(lock) + ": " + std::strerror(error),
                       {error == EEXIST ? "when no git runs any more, remove that file"
                                        : "check that the repository can be written"});
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void write_whole(int fd, const std::string& text, const std::string& file) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      ::close(fd);
      ::unlink(file.c_str());
      fail_environment("cannot write " + sanitize_line(file) + ": " + std::strerror(error));
    }
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
}

/// The text as we left it: an editor may have taken away the end of our line, when it is the last one.
std::string with_line_end(std::string config) {
  const std::string_view line = kLine;
  if (ends_with(config, line.substr(0, line.size() - 1))) config += '\n';
  return config;
}

}  // namespace

std::string config_text(const Settings& settings) {
  std::string text = "# Written by git agent-init, included by the repository's config.\n";
  std::string section;
  for (const auto& [key, value] : settings) {
    const auto dot = key.find('.');
    if (key.substr(0, dot) != section) {
      section = key.substr(0, dot);
      text += "[" + section + "]\n";
    }
    text += "\t" + key.substr(dot + 1) + " = " + quoted(value) + "\n";
  }
  return text;
}

std::string include_for_git_dir(const std::string& git_dir, const std::string& file) {
  std::string pattern;
  for (const char c : git_dir) {
    if (std::strchr("*?[\\", c) != nullptr) pattern += '\\';
    pattern += c;
  }
  return "[includeIf " + quoted("gitdir:" + pattern) + "]\n\tpath = " + quoted(file) + "\n";
}

Settings read_settings(const fs::path& file) {
  Settings found;
  if (!fs::exists(file)) return found;
  const std::string list = git::git_or_fail({"config", "--file", file.string(), "-z", "--list"});
  for (const std::string& entry : split(list, '\0')) {
    const auto end = entry.find('\n');
    if (end != std::string::npos) found.emplace_back(entry.substr(0, end), entry.substr(end + 1));
  }
  return found;
}

bool has_include(const std::string& config) { return with_line_end(config).find(kLine) != std::string::npos; }

std::string with_include(const std::string& config) {
  const std::string text = without_include(config);
  const bool open_end = !text.empty() && text.back() != '\n';
  return text + (open_end ? kHeaderAfterBreak : kHeader) + kLine;
}

std::string without_include(std::string config) {
  config = with_line_end(std::move(config));
  for (const std::string header : {kHeaderAfterBreak, kHeader}) {
    const std::string block = header + kLine;
    const auto at = config.find(block);
    if (at == std::string::npos) continue;
    // More keys in this section are somebody else's and need its header.
    const auto after = at + block.size();
    const bool shared = after < config.size() && (config[after] == '\t' || config[after] == ' ');
    if (shared) return config.erase(at + header.size(), std::strlen(kLine));
    // Our line break stays when something follows it now.
    const std::size_t line_break = header.front() == '\n' && after < config.size() ? 1 : 0;
    return config.erase(at + line_break, block.size() - line_break);
  }
  const auto at = config.find(kLine);
  return at == std::string::npos ? config : config.erase(at, std::strlen(kLine));
}

bool edit_config(const fs::path& file, const std::function<std::string(const std::string&)>& edit) {
  std::error_code error;
  const fs::path real = fs::exists(file) ? fs::canonical(file, error) : file;
  struct stat info {};
  const mode_t mode = ::stat(real.c_str(), &info) == 0 ? info.st_mode & 0777 : 0666;
  if (const auto now = read_file(real).value_or(""); edit(now) == now) return false;
  const std::string lock = real.string() + ".lock";
  const int fd = take_lock(lock, mode);
  const std::string before = read_file(real).value_or("");
  const std::string after = edit(before);
  ::fchmod(fd, mode);
  write_whole(fd, after, lock);
  if (::rename(lock.c_str(), real.c_str()) != 0) {
    const int failed = errno;
    ::unlink(lock.c_str());
    fail_environment("cannot write " + sanitize_line(real.string()) + ": " + std::strerror(failed));
  }
  return after != before;
}

}  // namespace ga::gates
