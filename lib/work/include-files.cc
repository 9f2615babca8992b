// .worktreeinclude: ignored files (settings, credentials of tests, caches) that a new worktree gets a copy of.
#include <system_error>

#include "git/cli.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr const char* kIncludeFile = ".worktreeinclude";

std::vector<std::string> zero_separated(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\0', begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  return parts;
}

/// Untracked files that .worktreeinclude names, then only those of them that Git ignores.
std::vector<std::string> named_and_ignored(const fs::path& from) {
  git::GitOptions options;
  options.cwd = from;
  const Result named =
      git::git({"ls-files", "-z", "--others", "--ignored", "--exclude-from=" + std::string(kIncludeFile)}, options);
  if (!named.ok() || named.out.empty()) return {};
  options.input = named.out;
  return zero_separated(git::git({"check-ignore", "-z", "--stdin"}, options).out);
}

/// Whether a directory on the way to root/relative is a symbolic link (or no directory).
bool passes_link(const fs::path& root, const fs::path& relative) {
  fs::path at = root;
  std::error_code none;
  for (const fs::path& part : relative.parent_path()) {
    at /= part;
    const auto status = fs::symlink_status(at, none);
    if (fs::exists(status) && !fs::is_directory(status)) return true;
  }
  return false;
}

bool may_copy(const fs::path& from, const fs::path& to, const fs::path& relative) {
  std::error_code none;
  const auto source = fs::symlink_status(from / relative, none);
  if (fs::exists(fs::symlink_status(to / relative, none))) return false;
  if (passes_link(from, relative) || passes_link(to, relative)) return false;
  if (fs::is_regular_file(source)) return true;
  // A link is copied as a link, and only when it stays inside.
  return fs::is_symlink(source) && fs::read_symlink(from / relative, none).is_relative() &&
         is_inside(from, from / relative);
}

}  // namespace

std::size_t copy_included_files(const fs::path& from, const fs::path& to) {
  std::error_code none;
  if (!fs::is_regular_file(fs::symlink_status(from / kIncludeFile, none))) return 0;
  std::size_t copied = 0;
  for (const std::string& name : named_and_ignored(from)) {
    const fs::path relative(name);
    if (name.empty() || ends_with(name, "/") || relative.is_absolute() || !may_copy(from, to, relative)) continue;
    make_directories((to / relative).parent_path());
    copy_file_cheaply(from / relative, to / relative);
    ++copied;
  }
  return copied;
}

}  // namespace ga::work
