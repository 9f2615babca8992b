#include "git/sandbox.hh"

#include <stdlib.h>

#include <fstream>

#include "catch.hh"
#include "util/fs.hh"

namespace ga::git::test {

namespace {

void set(const std::string& name, const std::optional<std::string>& value) {
  if (value) {
    setenv(name.c_str(), value->c_str(), 1);
  } else {
    unsetenv(name.c_str());
  }
}

}  // namespace

Sandbox::Sandbox() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base && *base ? base : "/tmp") + "/git-agent-unit-XXXXXX";
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = fs::canonical(name);
  set("HOME", path_.string());
  set("GIT_CONFIG_NOSYSTEM", "1");
  for (const char* variable : {"XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"}) set(variable, std::nullopt);
  for (const std::string& variable : local_env_vars()) set(variable, std::nullopt);
  for (const char* who : {"AUTHOR", "COMMITTER"}) {
    set(std::string("GIT_") + who + "_NAME", "Ada");
    set(std::string("GIT_") + who + "_EMAIL", "ada@example.com");
    set(std::string("GIT_") + who + "_DATE", std::nullopt);
  }
}

Sandbox::~Sandbox() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Sandbox::repository(const std::string& name, std::vector<std::string> options) {
  const fs::path dir = path_ / name;
  std::vector<std::string> args = {"init", "-q", "-b", "main"};
  args.insert(args.end(), options.begin(), options.end());
  args.push_back(dir.string());
  sh_git(path_, args);
  return dir;
}

Environment::Environment(const Variables& variables) {
  for (const auto& [name, value] : variables) {
    const char* before = std::getenv(name.c_str());
    saved_.emplace_back(name, before ? std::optional<std::string>(before) : std::nullopt);
    set(name, value.empty() ? std::nullopt : std::optional(value));
  }
}

Environment::~Environment() {
  for (const auto& [name, value] : saved_) set(name, value);
}

std::string sh_git(const fs::path& dir, const std::vector<std::string>& args, const std::string& input) {
  GitOptions options;
  options.cwd = dir;
  options.input = input;
  Result result = git::git(args, options);
  INFO(args.front() << ": " << result.err);
  REQUIRE(result.exit_code == 0);
  if (!result.out.empty() && result.out.back() == '\n') result.out.pop_back();
  return result.out;
}

void write(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

Oid commit_file(const fs::path& dir, const std::string& file, std::string_view text) {
  write(dir / file, text);
  sh_git(dir, {"add", "-A"});
  sh_git(dir, {"commit", "-q", "-m", "change " + file});
  return Oid::parse(sh_git(dir, {"rev-parse", "HEAD"}));
}

Signature someone(std::int64_t time) { return {"Ada Lovelace", "ada@example.com", time, 90}; }

}  // namespace ga::git::test
