#include "cli/streams.hh"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "git/cli.hh"

namespace ga::cli {

namespace {

int write_errno = 0;  // of the first write to standard output that failed
bool to_pager = false;

bool variable_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

bool config_forbids_colours() {
  try {
    const auto value = git::Config::load(".").get("color.ui");
    return value && (*value == "never" || *value == "false" || *value == "no" || *value == "off" || *value == "0");
  } catch (const std::exception&) {
    return false;  // a broken configuration is reported by what depends on it
  }
}

bool decide_colours() {
  if (!output_is_terminal() || variable_set("NO_COLOR")) return false;
  const char* term = std::getenv("TERM");
  if (!term || std::strcmp(term, "dumb") == 0) return false;
  return !config_forbids_colours();
}

}  // namespace

void open_closed_streams() {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2) {
    fcntl(fd, F_SETFD, 0);  // stays: it took the place of a closed one
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  }
  if (fd > 2) close(fd);
}

bool output_is_terminal() {
  static const bool answer = isatty(STDOUT_FILENO) == 1;
  return answer || to_pager;
}

void output_goes_to_pager() { to_pager = true; }

bool error_is_terminal() {
  static const bool answer = isatty(STDERR_FILENO) == 1;
  return answer;
}

bool colours_wanted() {
  static const bool answer = decide_colours();
  return answer;
}

int terminal_columns() {
  if (const char* columns = std::getenv("COLUMNS"); columns && std::atoi(columns) > 0) return std::atoi(columns);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

void write_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && write_errno == 0) write_errno = errno;
}

void write_error(const std::string& text) {
  if (std::fflush(stdout) != 0 && write_errno == 0) write_errno = errno;
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int close_output() {
  if (std::fflush(stdout) != 0 && write_errno == 0) write_errno = errno;
  // Not fclose(): what runs at exit (the pager) may flush once more.
  if (close(STDOUT_FILENO) != 0 && write_errno == 0) write_errno = errno;
  return write_errno;
}

}  // namespace ga::cli
