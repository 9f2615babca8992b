#include "work/snapshot.hh"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "git/cli.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmallIgnored = 1u << 20;      // all ignored files nobody asked for, together
constexpr std::uintmax_t kIncludedIgnored = 64u << 20;  // those .worktreeinclude names

// Directories that a build or a package manager makes again.
constexpr std::array kMadeAgain = {
    "node_modules", "target",        "build",       "dist",     "venv",   ".venv",
    "__pycache__",  ".cache",        ".gradle",     ".next",    ".nuxt",  ".tox",
    ".mypy_cache",  ".pytest_cache", ".ruff_cache", "coverage", ".turbo", "bower_components",
    ".terraform",   "Pods",          "DerivedData", "obj",      "_build", ".parcel-cache",
    ".ccache"};

std::vector<std::string> zero_separated(const std::string& text) {
  std::vector<std::string> parts = split(text, '\0');
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

std::string zero_joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text.append(part).push_back('\0');
  return text;
}

// A private copy of an index, removed at the end. The time of last change is kept: Git compares it with those of
// the files to find out which entries it must not trust.
class IndexCopy {
 public:
  IndexCopy(const fs::path& git_dir, const fs::path& scratch) : path_(scratch / ("index-" + new_id())) {
    make_directories(scratch);
    std::error_code error;
    const fs::path original = git_dir / "index";
    if (!fs::exists(original, error)) return;
    fs::copy_file(original, path_);
    fs::last_write_time(path_, fs::last_write_time(original));
  }
  ~IndexCopy() {
    std::error_code error;
    fs::remove(path_, error);
    fs::remove(path_.string() + ".lock", error);
  }
  IndexCopy(const IndexCopy&) = delete;
  IndexCopy& operator=(const IndexCopy&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Git in the worktree with the copy as its index.
class Work {
 public:
  Work(fs::path worktree, fs::path git_dir, fs::path index)
      : worktree_(std::move(worktree)), git_dir_(std::move(git_dir)), index_(std::move(index)) {}

  git::GitOptions options(std::string input = "") const {
    git::GitOptions options;
    if (!worktree_.empty()) options.cwd = worktree_;
    else options.git_dir = git_dir_;
    options.index_file = index_;
    options.input = std::move(input);
    return options;
  }
  std::vector<std::string> list(const std::vector<std::string>& args) const {
    return zero_separated(git::git_or_fail(args, options()));
  }
  const fs::path& worktree() const { return worktree_; }

 private:
  fs::path worktree_, git_dir_, index_;
};

git::Oid write_tree(const Work& work) {
  return git::Oid::parse(trim(git::git_or_fail({"write-tree"}, work.options())));
}

std::vector<std::string> unmerged_paths(const std::vector<std::string>& stages) {
  std::set<std::string> paths;
  for (const std::string& line : stages)
    if (const auto tab = line.find('\t'); tab != std::string::npos) paths.insert(line.substr(tab + 1));
  return {paths.begin(), paths.end()};
}

// Entries that Git was told not to look at (skip-worktree, assume-unchanged) but whose files are there.
void look_at_hidden_entries(const Work& work) {
  std::vector<std::string> hidden;
  for (const std::string& line : work.list({"ls-files", "-v", "-z"})) {
    if (line.size() < 3 || (line[0] != 'S' && !(line[0] >= 'a' && line[0] <= 'z'))) continue;
    std::error_code error;
    const std::string path = line.substr(2);
    if (fs::exists(fs::symlink_status(work.worktree() / path, error))) hidden.push_back(path);
  }
  if (hidden.empty()) return;
  for (const char* flag : {"--no-skip-worktree", "--no-assume-unchanged"})
    git::git_or_fail({"update-index", flag, "-z", "--stdin"}, work.options(zero_joined(hidden)));
}

// Another repository inside the worktree would become a bare link: its content cannot be kept.
void refuse_nested_repositories(const std::vector<std::string>& untracked) {
  for (const std::string& path : untracked)
    if (ends_with(path, "/"))
      fail_environment("another Git repository lies in the worktree, and a backup cannot hold it: " +
                           sanitize_line(path),
                       {"move that directory elsewhere (or delete it), then try again"});
}

bool is_made_again(const fs::path& path) {
  for (const fs::path& part : path)
    if (std::find(kMadeAgain.begin(), kMadeAgain.end(), part.string()) != kMadeAgain.end()) return true;
  return false;
}

// The size of a file or of all files below a directory; more than `limit` when a directory cannot be kept at all.
std::uintmax_t size_of(const fs::path& path, std::uintmax_t limit) {
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (fs::is_symlink(status)) return 1;
  if (fs::is_regular_file(status)) return fs::file_size(path, error);
  if (!fs::is_directory(status)) return limit + 1;
  std::uintmax_t sum = 0;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end && sum <= limit;
       it.increment(error)) {
    if (it->path().filename() == ".git") return limit + 1;
    if (it->is_regular_file(error) && !it->is_symlink(error)) sum += it->file_size(error);
    ++sum;
  }
  return error ? limit + 1 : sum;
}

// Of ignored files: what .worktreeinclude names, and whatever is small. The rest is listed as dropped.
void choose_ignored(const Work& work, Snapshot& snapshot) {
  const auto all =
      work.list({"ls-files", "-o", "-i", "--exclude-standard", "--directory", "--no-empty-directory", "-z"});
  std::set<std::string> kept;
  std::uintmax_t room = kIncludedIgnored;
  if (std::error_code error; !all.empty() && fs::exists(work.worktree() / ".worktreeinclude", error)) {
    for (const std::string& path : work.list({"ls-files", "-o", "-i", "--exclude-from=.worktreeinclude", "-z"})) {
      const std::uintmax_t size = size_of(work.worktree() / path, room);
      if (size > room || is_made_again(path) || ends_with(path, "/")) continue;
      room -= size;
      kept.insert(path);
    }
  }
  std::vector<std::pair<std::uintmax_t, std::string>> others;
  for (const std::string& path : all) {
    if (kept.contains(path)) continue;
    others.emplace_back(is_made_again(path) ? kSmallIgnored + 1 : size_of(work.worktree() / path, kSmallIgnored), path);
  }
  std::sort(others.begin(), others.end());
  room = kSmallIgnored;
  for (const auto& [size, path] : others) {
    if (size > room) {
      snapshot.dropped.push_back(path);
      continue;
    }
    room -= size;
    kept.insert(path);
  }
  snapshot.ignored.assign(kept.begin(), kept.end());
  std::sort(snapshot.dropped.begin(), snapshot.dropped.end());
}

void add_everything(const Work& work, const std::vector<std::string>& ignored) {
  const std::vector<std::string> quiet = {"-c",
                                          "core.safecrlf=false",
                                          "-c",
                                          "core.fsmonitor=false",
                                          "-c",
                                          "core.splitIndex=false",
                                          "-c",
                                          "advice.addEmbeddedRepo=false",
                                          "--literal-pathspecs"};
  auto command = quiet;
  command.insert(command.end(), {"add", "-A", "--sparse", "--", "."});
  git::git_or_fail(command, work.options());
  if (ignored.empty()) return;
  command = quiet;
  command.insert(command.end(), {"add", "-f", "--sparse", "--pathspec-from-file=-", "--pathspec-file-nul"});
  git::git_or_fail(command, work.options(zero_joined(ignored)));
}

// The entries that are not in conflict; an index with others cannot be written as a tree.
git::Oid write_merged_tree(const fs::path& worktree, const fs::path& git_dir, const fs::path& scratch,
                           const std::vector<std::string>& unmerged, const std::string& zero_id) {
  const IndexCopy index(git_dir, scratch);
  const Work work(worktree, git_dir, index.path());
  std::vector<std::string> removed;
  for (const std::string& path : unmerged) removed.push_back("0 " + zero_id + "\t" + path);
  git::git_or_fail({"update-index", "-z", "--index-info"}, work.options(zero_joined(removed)));
  return write_tree(work);
}

}  // namespace

Snapshot take_snapshot(const fs::path& worktree, const fs::path& git_dir, const fs::path& scratch,
                       const std::string& zero_id) {
  const IndexCopy index(git_dir, scratch);
  std::error_code error;
  const bool present = !worktree.empty() && fs::is_directory(worktree, error);
  const Work work(present ? worktree : fs::path{}, git_dir, index.path());
  Snapshot snapshot;
  snapshot.stages = work.list({"ls-files", "-u", "-z"});
  snapshot.unmerged = unmerged_paths(snapshot.stages);
  if (snapshot.unmerged.empty()) snapshot.index_tree = write_tree(work);
  else snapshot.index_tree = write_merged_tree(work.worktree(), git_dir, scratch, snapshot.unmerged, zero_id);
  if (!present) return snapshot;
  snapshot.untracked = work.list({"ls-files", "-o", "--exclude-standard", "-z"});
  refuse_nested_repositories(snapshot.untracked);
  choose_ignored(work, snapshot);
  look_at_hidden_entries(work);
  add_everything(work, snapshot.ignored);
  snapshot.worktree_tree = write_tree(work);
  return snapshot;
}

}  // namespace ga::work
