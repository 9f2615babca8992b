#include "cli/terminal.hh"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "cli/streams.hh"
#include "git/cli.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

pid_t pager_pid = 0;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value) return std::nullopt;
  return value;
}

/// The program Git would use: a variable of Git's, the configuration, a general variable, the system's own. Not by
/// `git var`: the one place that starts git switches editors off.
std::string choose(const char* git_variable, const char* key, std::initializer_list<const char*> variables,
                   const char* debian, const char* everywhere) {
  if (auto value = variable(git_variable)) return *value;
  if (auto value = git::Config::load(".").get(key)) return *value;
  for (const char* name : variables)
    if (auto value = variable(name); value && !value->empty()) return *value;
  return find_program(debian).empty() ? everywhere : debian;
}

void wait_for_pager() {
  if (pager_pid <= 0) return;
  std::fflush(stdout);
  close(STDOUT_FILENO);
  if (!error_is_terminal()) close(STDERR_FILENO);
  while (waitpid(pager_pid, nullptr, 0) < 0 && errno == EINTR) {}
  pager_pid = 0;
}

/// Ctrl-C reaches the pager too, which goes on: leave the terminal to it until the person quits.
void wait_for_pager_on_signal(int signal) {
  close(STDOUT_FILENO);
  if (pager_pid > 0)
    while (waitpid(pager_pid, nullptr, 0) < 0 && errno == EINTR) {}
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run_pager(const std::string& pager, int input) {
  dup2(input, STDIN_FILENO);
  setenv("LESS", "FRX", 0);
  setenv("LV", "-c", 0);
  // The person's own configuration, a command line for the shell as in Git.
  execl("/bin/sh", "sh", "-c", pager.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

/// What remains of an edited template, without the blank lines around it.
std::string without_comments(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : split_lines(text))
    if (!starts_with(line, "#")) lines.push_back(line);
  const std::string joined = trim(join(lines, "\n"));
  return joined.empty() ? "" : joined + "\n";
}

bool run_editor(const std::string& file) {
  const char* term = std::getenv("TERM");
  const bool dumb = !term || std::strcmp(term, "dumb") == 0;
  const std::string editor = dumb ? choose("GIT_EDITOR", "core.editor", {"EDITOR"}, "editor", "vi")
                                  : choose("GIT_EDITOR", "core.editor", {"VISUAL", "EDITOR"}, "editor", "vi");
  if (editor == ":") return true;
  Command command;
  command.argv = {"/bin/sh", "-c", editor + " \"$@\"", editor, file};
  command.inherit_stdin = true;
  command.inherit_output = true;
  return run(command).ok();
}

/// A directory of our own, so that nobody else can put a file there first.
std::string make_private_directory() {
  const char* tmp = std::getenv("TMPDIR");
  std::string path = std::string(tmp && *tmp ? tmp : "/tmp") + "/git-agent-XXXXXX";
  if (!mkdtemp(path.data())) fail_environment("cannot make a directory in " + path.substr(0, path.rfind('/')));
  return path;
}

}  // namespace

bool can_ask() { return isatty(STDIN_FILENO) == 1 && error_is_terminal(); }

bool ask_yes(const std::string& question) {
  if (!can_ask()) return false;
  write_error(sanitize(question) + " [y/N] ");
  char answer[64] = "";
  if (!std::fgets(answer, sizeof answer, stdin)) {
    write_error("\n");
    return false;
  }
  const std::string word = lower_ascii(trim(answer));
  return word == "y" || word == "yes";
}

std::string edit_text(const std::string& initial, const std::string& file_name) {
  const std::string directory = make_private_directory();
  const std::string file = directory + "/" + file_name;
  write_file_atomic(file, initial, 0600);
  const bool edited = run_editor(file);
  const std::string text = read_file(file).value_or("");
  remove_tree(directory);
  if (!edited)
    throw Error(Kind::environment, "the editor failed", {"choose another one: git config --global core.editor EDITOR"});
  return without_comments(text);
}

void start_pager() {
  if (pager_pid > 0 || !output_is_terminal()) return;
  colours_wanted();  // decided while standard output still is the terminal
  const std::string pager = choose("GIT_PAGER", "core.pager", {"PAGER"}, "pager", "less");
  int ends[2];
  if (pager.empty() || pager == "cat" || pipe2(ends, O_CLOEXEC) != 0) return;
  const pid_t pid = fork();
  if (pid == 0) run_pager(pager, ends[0]);
  if (pid > 0) {
    std::fflush(stdout);
    setenv("GIT_PAGER_IN_USE", "true", 1);
    setenv("COLUMNS", std::to_string(terminal_columns()).c_str(), 0);
    output_goes_to_pager();
    dup2(ends[1], STDOUT_FILENO);
    pager_pid = pid;
    std::atexit(wait_for_pager);
    for (const int number : {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE}) std::signal(number, wait_for_pager_on_signal);
  }
  close(ends[0]);
  close(ends[1]);
}

}  // namespace ga::cli
