#include "git/cli.hh"

#include <algorithm>

#include "git/environment.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string>& config_variables() {
  static const std::vector<std::string> names = {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"};
  return names;
}

bool is_config_variable(const std::string& name) {
  return std::find(config_variables().begin(), config_variables().end(), name) != config_variables().end();
}

// Git's variables may be relative to where we are, not to where the child will be.
void make_absolute(Command& command) {
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}) {
    const std::string value = variable(name);
    if (!value.empty() && value.front() != '/') command.set_env[name] = fs::absolute(value).string();
  }
}

void set_unless_empty(Command& command, const char* name, const fs::path& path) {
  if (!path.empty()) command.set_env[name] = path.string();
}

void keep_quiet(Command& command) {
  command.set_env["GIT_EDITOR"] = "true";
  command.set_env["GIT_SEQUENCE_EDITOR"] = "true";
  command.set_env["GIT_TERMINAL_PROMPT"] = "0";
  command.set_env["GIT_OPTIONAL_LOCKS"] = "0";
  // Objects are what their names say; a replacement would show people something else than what is merged.
  command.set_env["GIT_NO_REPLACE_OBJECTS"] = "1";
  // Messages in English, and yet hooks and filters that git starts still see UTF-8.
  command.set_env["LC_ALL"] = "C.UTF-8";
  command.set_env["LANGUAGE"] = "";
}

Command git_command(const std::vector<std::string>& args, const GitOptions& options) {
  Command command;
  command.argv = {"git"};
  if (!options.cwd.empty()) command.argv.insert(command.argv.end(), {"-C", options.cwd.string()});
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  if (!options.keep_local_env) {
    for (const std::string& name : local_env_vars()) {
      if (!options.keep_config || !is_config_variable(name)) command.unset_env.push_back(name);
    }
  } else if (!options.cwd.empty()) {
    make_absolute(command);
  }
  keep_quiet(command);
  set_unless_empty(command, "GIT_DIR", options.git_dir);
  set_unless_empty(command, "GIT_WORK_TREE", options.work_tree);
  set_unless_empty(command, "GIT_INDEX_FILE", options.index_file);
  for (const auto& [name, value] : options.env) command.set_env[name] = value;
  for (const auto& [name, value] : command.set_env) {
    command.unset_env.erase(std::remove(command.unset_env.begin(), command.unset_env.end(), name),
                            command.unset_env.end());
  }
  command.input = options.input;
  command.timeout_seconds = options.timeout_seconds;
  return command;
}

std::vector<std::string> hints_of(const Result& result) {
  std::vector<std::string> hints;
  for (const std::string& line : split_lines(result.err)) {
    if (starts_with(line, "hint: ")) hints.push_back(line.substr(6));
  }
  return hints;
}

}  // namespace

void git_in_background(const std::vector<std::string>& args, const fs::path& dir) {
  if (find_program("git").empty()) return;
  Command command;
  command.argv = {"git"};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  command.unset_env = local_env_vars();
  command.cwd = dir.string();
  // What the caller has done stays done: no failure here is worth a word.
  try {
    spawn_detached(command);
  } catch (const Error&) {}
}

const std::vector<std::string>& local_env_vars() {
  static const std::vector<std::string> names = {
      "GIT_ALTERNATE_OBJECT_DIRECTORIES",
      "GIT_CONFIG",
      "GIT_CONFIG_PARAMETERS",
      "GIT_CONFIG_COUNT",
      "GIT_OBJECT_DIRECTORY",
      "GIT_DIR",
      "GIT_WORK_TREE",
      "GIT_IMPLICIT_WORK_TREE",
      "GIT_GRAFT_FILE",
      "GIT_INDEX_FILE",
      "GIT_NO_REPLACE_OBJECTS",
      "GIT_REPLACE_REF_BASE",
      "GIT_PREFIX",
      "GIT_INTERNAL_SUPER_PREFIX",
      "GIT_SHALLOW_FILE",
      "GIT_COMMON_DIR",
  };
  return names;
}

Result git(const std::vector<std::string>& args, const GitOptions& options) { return run(git_command(args, options)); }

std::unique_ptr<Dialogue> start_git(const std::vector<std::string>& args, const GitOptions& options) {
  return std::make_unique<Dialogue>(git_command(args, options));
}

std::string last_words(const Result& result) {
  std::string words;
  for (const std::string& line : split_lines(result.err)) {
    const std::string text = trim(line);
    if (text.empty() || starts_with(text, "hint:") || starts_with(text, "warning:")) continue;
    words = text;
    // Git goes on with advice after the line that matters.
    if (starts_with(text, "fatal: ") || starts_with(text, "error: ")) break;
  }
  for (const char* prefix : {"fatal: ", "error: "}) {
    if (starts_with(words, prefix)) words = words.substr(7);
  }
  return words.empty() ? "exit code " + std::to_string(result.exit_code) : words;
}

std::string git_or_fail(const std::vector<std::string>& args, const GitOptions& options) {
  Result result = git(args, options);
  const std::string what = "git " + (args.empty() ? "" : args.front());
  if (result.timed_out) throw Error(Kind::timeout, what + " took too long");
  if (result.exit_code == 127) fail_environment("cannot start git", {"install Git 2.36 or newer"});
  if (!result.ok()) fail_environment(what + " failed: " + last_words(result), hints_of(result));
  if (ends_with(result.out, "\n")) result.out.pop_back();
  return std::move(result.out);
}

}  // namespace ga::git
