#include "git/cli.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

// "name value" or "name"
std::pair<std::string, std::string> attribute(const std::string& line) {
  const auto space = line.find(' ');
  if (space == std::string::npos) return {line, ""};
  return {line.substr(0, space), line.substr(space + 1)};
}

// The path of a line whose first fields are separated by single blanks.
std::string path_after(const std::string& line, int fields) {
  std::size_t at = 0;
  for (int i = 0; i < fields && at != std::string::npos; ++i) at = line.find(' ', at == 0 ? 0 : at + 1);
  return at == std::string::npos ? "" : line.substr(at + 1);
}

void add_changed(WorktreeStatus& status, const std::string& line, int fields) {
  const std::string path = path_after(line, fields);
  if (line.size() < 4 || path.empty()) return;
  if (line[2] != '.') status.staged.push_back(path);
  if (line[3] != '.') status.unstaged.push_back(path);
}

}  // namespace

std::vector<WorktreeInfo> list_worktrees(const std::filesystem::path& dir) {
  GitOptions options;
  options.cwd = dir;
  std::vector<WorktreeInfo> worktrees;
  for (const std::string& line : split(git_or_fail({"worktree", "list", "--porcelain", "-z"}, options), '\0')) {
    const auto [name, value] = attribute(line);
    if (name == "worktree") {
      worktrees.push_back({});
      worktrees.back().path = value;
    }
    if (worktrees.empty()) continue;
    WorktreeInfo& worktree = worktrees.back();
    if (name == "HEAD") worktree.head = Oid::parse(value);
    if (name == "branch") worktree.branch = value;
    if (name == "bare") worktree.bare = true;
    if (name == "locked") worktree.locked = true;
    if (name == "prunable") worktree.prunable = true;
  }
  return worktrees;
}

WorktreeStatus worktree_status(const std::filesystem::path& dir, bool with_ignored) {
  GitOptions options;
  options.cwd = dir;
  // Renames off: a rename's two paths are both reported.
  std::vector<std::string> args = {"status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=normal"};
  if (with_ignored) args.push_back("--ignored=traditional");
  WorktreeStatus status;
  const std::vector<std::string> lines = split(git_or_fail(args, options), '\0');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const char kind = line.empty() ? '\0' : line[0];
    if (kind == '1') add_changed(status, line, 8);
    if (kind == '2') {
      add_changed(status, line, 9);
      ++i;  // the path it had before
    }
    if (kind == 'u') status.unmerged.push_back(path_after(line, 10));
    if (kind == '?') status.untracked.push_back(line.substr(2));
    if (kind == '!') status.ignored.push_back(line.substr(2));
  }
  return status;
}

}  // namespace ga::git
