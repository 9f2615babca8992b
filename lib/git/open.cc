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

[[noreturn]] void refuse_format(const std::string& extension, const std::string& value) {
  if (extension == "objectformat") {
    fail_environment("this repository uses SHA-256 objects (extensions.objectFormat = " + value +
                         "), which is not supported yet",
                     {"use a repository with SHA-1 objects, Git's default"});
  }
  if (extension == "refstorage") {
    fail_environment("this repository keeps its refs as '" + value +
                         "' (extensions.refStorage), which is not supported yet",
                     {"convert it with 'git refs migrate --ref-format=files' (Git 2.46 or newer)"});
  }
  fail_environment("this repository uses the extension '" + extension + "', which is not supported yet");
}

std::string local_setting(git_config* config, const char* key) {
  git_config_entry* entry = nullptr;
  if (!config || git_config_get_entry(&entry, config, key) < 0) return "";
  std::string value = entry->value ? entry->value : "";
  git_config_entry_free(entry);
  return lower_ascii(value);
}

void refuse_other_formats(git_config* config) {
  const std::string objects = local_setting(config, "extensions.objectformat");
  if (!objects.empty() && objects != "sha1") refuse_format("objectformat", objects);
  const std::string refs = local_setting(config, "extensions.refstorage");
  if (!refs.empty() && refs != "files") refuse_format("refstorage", refs);
}

// Version 0 with such an extension opens although it must not: look at every repository that did.
void check_format(git_repository* repository) {
  ConfigHandle config;
  check(git_repository_config(out(config), repository), "read the repository's configuration");
  refuse_other_formats(config.get());
}

// The configuration that all worktrees share, of a repository that cannot be opened.
fs::path config_file_of(const fs::path& path) {
  fs::path dir = path.empty() ? fs::path(variable("GIT_DIR")) : path;
  if (!path.empty() || dir.empty()) {
    git_buf found = GIT_BUF_INIT;
    if (git_repository_discover(&found, dir.empty() ? "." : dir.c_str(), 0, nullptr) == 0) dir = found.ptr;
    git_buf_dispose(&found);
  }
  const auto common = read_file(dir / "commondir");
  return (common ? dir / trim(*common) : dir) / "config";
}

// The format extensions are not known to libgit2 here, so that it opens no repository with them. One
// that only spells out the default is fine all the same.
RepositoryHandle open_with_extension(const fs::path& path, const std::string& message) {
  const std::string extension = message.substr(message.rfind('.') + 1);
  ConfigHandle config;
  check(git_config_open_ondisk(out(config), config_file_of(path).c_str()), "read the repository's configuration");
  refuse_other_formats(config.get());
  if (extension != "objectformat" && extension != "refstorage") refuse_format(extension, "");
  RepositoryHandle handle;
  allow_extensions(true);
  const int code = try_open(handle, path);
  allow_extensions(false);
  check(code, "open the repository");
  return handle;
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

RepositoryHandle open_repository(const fs::path& path) {
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
      handle = open_with_extension(path, message);
    } else if (code == GIT_ENOTFOUND) {
      fail_not_a_repository(path);
    } else {
      fail_environment("cannot open the repository: " + message);
    }
  }
  check_format(handle.get());
  return handle;
}

}  // namespace ga::git
