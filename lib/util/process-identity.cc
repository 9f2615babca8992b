#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga {

namespace {

struct ProcessFacts {
  bool known = false;  // /proc shows it
  char state = '?';
  pid_t parent = 0;
  std::uint64_t start = 0;
};

template <typename Number>
Number number_or_zero(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// /proc/PID/stat: "PID (NAME) STATE PPID ...", where the name may contain anything, brackets and
// blanks too; the last ')' ends it. The start time is field 22.
ProcessFacts facts_of(pid_t pid) {
  ProcessFacts facts;
  std::optional<std::string> text;
  if (pid > 0) {
    // A process that ends while it is read fails with ESRCH.
    try {
      text = read_file("/proc/" + std::to_string(pid) + "/stat", 65536);
    } catch (const Error&) {}
  }
  const std::size_t name_end = text ? text->rfind(") ") : std::string::npos;
  if (name_end == std::string::npos) return facts;
  const std::vector<std::string> fields = split(std::string_view(*text).substr(name_end + 2), ' ');
  if (fields.size() < 20 || fields[0].empty()) return facts;
  facts.known = true;
  facts.state = fields[0][0];
  facts.parent = number_or_zero<pid_t>(fields[1]);
  facts.start = number_or_zero<std::uint64_t>(fields[19]);
  return facts;
}

bool is_running(const ProcessFacts& facts) {
  return facts.known && facts.state != 'Z' && facts.state != 'X' && facts.state != 'x';
}

bool is_program(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

ProcessId process_identity(pid_t pid) {
  const ProcessFacts facts = facts_of(pid);
  if (!is_running(facts)) return {};
  return {pid, facts.start, boot_id()};
}

ProcessId this_process() { return process_identity(getpid()); }

bool is_alive(const ProcessId& process) {
  if (process.pid <= 0 || process.boot != boot_id()) return false;
  const ProcessFacts facts = facts_of(process.pid);
  if (facts.known) return is_running(facts) && facts.start == process.start;
  // /proc can be mounted so that it hides other users' processes: rather alive than robbed.
  return kill(process.pid, 0) == 0 || errno == EPERM;
}

pid_t parent_of(pid_t pid) { return facts_of(pid).parent; }

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

std::string boot_id() {
  static const std::string id = trim(read_file("/proc/sys/kernel/random/boot_id").value_or("unknown"));
  return id;
}

std::string find_program(const std::string& name) {
  if (name.empty()) return "";
  if (name.find('/') != std::string::npos) return is_program(name) ? name : "";
  const char* path = std::getenv("PATH");
  for (const std::string& directory : split(path ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    // Relative directories would find programs in whatever repository we stand in.
    if (!directory.starts_with('/')) continue;
    std::string program = directory + "/" + name;
    if (is_program(program)) return program;
  }
  return "";
}

std::string self_path() {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = readlink("/proc/self/exe", target.data(), target.size());
  if (size <= 0) fail_environment("cannot read /proc/self/exe; is /proc mounted?");
  std::string path(target.data(), static_cast<std::size_t>(size));
  // After an upgrade the path names the new program, which is the one to start.
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
  return path;
}

}  // namespace ga
