// A directory of its own for one test, with repositories made by the git program.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/cli.hh"
#include "git/repository.hh"

namespace ga::git::test {

namespace fs = std::filesystem;

/// Temporary directory; HOME lies in it, and no system or personal configuration of Git is seen.
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();
  const fs::path& path() const { return path_; }
  /// `git init` of a directory in here, with a branch main and no commit.
  fs::path repository(const std::string& name = "repo", std::vector<std::string> options = {});

 private:
  fs::path path_;
};

/// Sets or ("" ) removes environment variables as long as it lives.
class Environment {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;
  explicit Environment(const Variables& variables);
  ~Environment();

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> saved_;
};

/// The current directory as long as it lives.
class Inside {
 public:
  explicit Inside(const fs::path& path) : before_(fs::current_path()) { fs::current_path(path); }
  ~Inside() { fs::current_path(before_); }

 private:
  fs::path before_;
};

/// Runs git in a directory; its standard output without the last newline. Fails the test otherwise.
std::string sh_git(const fs::path& dir, const std::vector<std::string>& args, const std::string& input = "");
void write(const fs::path& file, std::string_view text);
/// Writes a file, adds and commits everything; the commit.
Oid commit_file(const fs::path& dir, const std::string& file, std::string_view text);
Signature someone(std::int64_t time = 1700000000);
/// The message of the Error that a call throws; "" when it throws none.
template <typename Call>
std::string message_of(Call call);

}  // namespace ga::git::test

#include "util/error.hh"

template <typename Call>
std::string ga::git::test::message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
