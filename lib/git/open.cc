#include "git/open.hh"

#include "git/cli.hh"
#include "git/environment.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace fs = std::filesystem;

namespace {

int try_open(RepositoryHandle& handle, const fs::path& path) {
  const HiddenVariables hidden;
  if (path.empty()) {
    return git_repository_open_ext(out(handle), nullptr, GIT_REPOSITORY_OPEN_FROM_ENV, nullptr);
  }
  return git_repository_open_ext(out(handle), path.c_str(), 0, nullptr);
}

[[noreturn]] void refuse_extension(const std::string& name, const std::string& value = "") {
  fail_environment("this repository uses the extension '" + sanitize_line(name) + "'" +
                       (value.empty() ? "" : " with the value '" + sanitize_line(value) + "'") +
                       ", which is not supported yet",
                   {"see what 'git config --get-regexp ^extensions' says"});
}

std::string setting(git_config* config, const char* key) {
  git_config_entry* entry = nullptr;
  if (!config || git_config_get_entry(&entry, config, key) < 0) return "";
  std::string value = entry->value ? entry->value : "";
  git_config_entry_free(entry);
  return lower_ascii(value);
}

// Nothing is read or written in a format that is not known; Git itself refuses these extensions in version 0.
Formats formats_of(git_repository* repository) {
  ConfigHandle config;
  check(git_repository_config(out(config), repository), "read the repository's configuration");
  const std::string objects = setting(config.get(), "extensions.objectformat"),
                    refs = setting(config.get(), "extensions.refstorage");
  Formats formats;
  if (objects == "sha256") formats.hash = Hash::sha256;
  else if (!objects.empty() && objects != "sha1") refuse_extension("objectFormat", objects);
  if (refs == "reftable") formats.reftable = true;
  else if (!refs.empty() && refs != "files") refuse_extension("refStorage", refs);
  const std::string version = setting(config.get(), "core.repositoryformatversion");
  if ((formats.hash != Hash::sha1 || formats.reftable) && (version.empty() || version == "0"))
    fail_environment("the repository's configuration contradicts itself: it has extensions, but "
                     "core.repositoryFormatVersion is not 1",
                     {"see what 'git status' says about it"});
  return formats;
}

[[noreturn]] void fail_not_a_repository(const fs::path& path) {
  const std::string git_dir = path.empty() ? variable("GIT_DIR") : "";
  if (!git_dir.empty()) {
    fail_environment("not a git repository: '" + git_dir + "'", {"GIT_DIR names it: unset that variable"});
  }
  const std::string where = path.empty() ? "" : "'" + path.string() + "' is ";
  fail_environment(where + "not a git repository (or any of the parent directories)", {"git init"});
}

// libgit2 knows neither safe.directory=* nor GIT_CONFIG_*, so Git itself decides about an owner.
void accept_owner_as_git_does(const fs::path& path) {
  GitOptions options;
  options.cwd = path;
  options.keep_local_env = path.empty();
  const Result answer = git({"rev-parse", "--git-dir"}, options);
  if (answer.ok()) return;
  std::string line = split_lines(answer.err).empty() ? "" : split_lines(answer.err).front();
  if (starts_with(line, "fatal: ")) line = line.substr(7);
  const auto quote = line.find('\'');
  std::string directory = quote == std::string::npos ? "PATH" : line.substr(quote + 1);
  if (ends_with(directory, "'")) directory.pop_back();
  fail_environment(line.empty() ? "the repository belongs to somebody else" : line,
                   {"git config --global --add safe.directory " + shell_quote(directory)});
}

RepositoryHandle open_without_owner_check(const fs::path& path) {
  RepositoryHandle handle;
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  const int code = try_open(handle, path);
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
  check(code, "open the repository");
  return handle;
}

}  // namespace

RepositoryHandle open_repository(const fs::path& path, Formats& formats) {
  start_libgit2();
  RepositoryHandle handle;
  const int code = try_open(handle, path);
  if (code < 0) {
    const std::string message = last_message();
    // With no safe.directory at all, libgit2 says that this setting was not found.
    if (code == GIT_EOWNER || message.find("safe.directory") != std::string::npos) {
      accept_owner_as_git_does(path);
      handle = open_without_owner_check(path);
    } else if (message.find("unsupported extension name") != std::string::npos) {
      refuse_extension(message.substr(message.rfind('.') + 1));
    } else if (code == GIT_ENOTFOUND) {
      fail_not_a_repository(path);
    } else {
      fail_environment("cannot open the repository: " + message);
    }
  }
  formats = formats_of(handle.get());
  return handle;
}

}  // namespace ga::git
