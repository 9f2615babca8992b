#include "gates/pool.hh"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "git/cli.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fault.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr unsigned kMinSlots = 4;
constexpr double kMaxWaitSeconds = 2 * 3600;
constexpr const char* kMarker = ".git";

fs::path pool_dir(const fs::path& common_dir) { return common_dir / "agent" / "pool"; }

fs::path user_cache_dir() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/')
    return fs::path(cache) / "git-agent";
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
    return fs::path(home) / ".cache" / "git-agent";
  return {};
}

bool can_hold(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  return !error && ::access(dir.c_str(), W_OK | X_OK) == 0;
}

/// Where slot `name`'s files stand. The choice is kept in the slot, so that it does not wander.
fs::path choose_tree(const fs::path& common_dir, const fs::path& slot) {
  const std::string kept = trim(read_file(slot / "where").value_or(""));
  if (!kept.empty() && can_hold(kept)) return kept;
  std::error_code error;
  const fs::path real = fs::canonical(common_dir, error);
  const fs::path cache = user_cache_dir();
  fs::path tree = slot / "tree";
  if (!cache.empty()) {
    const fs::path wanted = cache / sha256_hex(real.string()).substr(0, 16) / slot.filename();
    if (can_hold(wanted)) tree = wanted;
  }
  make_directories(tree);
  write_file_atomic(slot / "where", tree.string() + "\n");
  return tree;
}

void write_if_other(const fs::path& file, const std::string& text) {
  if (read_file(file) != text) write_file_atomic(file, text);
}

/// A commit without parents, the same for the same tree everywhere: verdicts must depend on the tree alone.
git::Oid commit_of(git::Repository& repo, const git::Oid& tree) {
  const git::Signature nobody{"git-agent", "git-agent@localhost", 0, 0};
  return repo.write_commit(tree, {}, nobody, nobody, "The tree that gates judge\n");
}

/// Settings under which a checkout is complete and runs nobody's hooks.
std::vector<std::string> strict(std::vector<std::string> args) {
  std::vector<std::string> all;
  for (const char* setting :
       {"core.hooksPath=/dev/null", "core.fsmonitor=false", "core.untrackedCache=false", "core.sparseCheckout=false",
        "core.trustctime=true", "core.checkStat=default", "core.ignoreStat=false", "checkout.workers=0",
        "submodule.recurse=false", "advice.detachedHead=false"}) {
    all.emplace_back("-c");
    all.emplace_back(setting);
  }
  all.insert(all.end(), args.begin(), args.end());
  return all;
}

}  // namespace

Slot Slot::acquire(const git::Repository& repo, const Progress& progress) {
  const fs::path pool = pool_dir(repo.common_dir());
  const unsigned slots = std::max(kMinSlots, std::thread::hardware_concurrency());
  const double start = monotonic_seconds();
  while (true) {
    for (unsigned n = 1; n <= slots; ++n) {
      const fs::path dir = pool / std::to_string(n);
      make_directories(dir / "git");
      if (auto lock = FileLock::try_acquire(dir / "lock"))
        return Slot(dir, choose_tree(repo.common_dir(), dir), std::move(*lock));
    }
    if (monotonic_seconds() - start > kMaxWaitSeconds)
      throw Error(Kind::timeout, "all " + std::to_string(slots) + " places for gates have been busy for two hours",
                  {"see what still runs in " + pool.string()});
    if (progress) progress("waiting for a free place to run gates in");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void Slot::note_running(pid_t pid) const {
  const ProcessId process = process_identity(pid);
  append_file(dir_ / "running",
              std::to_string(process.pid) + " " + std::to_string(process.start) + " " + process.boot + "\n");
}

void Slot::end_leftovers() const {
  const auto list = read_file(dir_ / "running");
  if (!list) return;
  for (const std::string& line : split_lines(*list)) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() != 3) continue;
    const auto pid = static_cast<pid_t>(std::strtol(words[0].c_str(), nullptr, 10));
    // Each gate leads a process group of its own.
    if (pid > 1 && is_alive(ProcessId{pid, std::strtoull(words[1].c_str(), nullptr, 10), words[2]}))
      ::kill(-pid, SIGKILL);
  }
  remove_tree(dir_ / "running");
}

// Everything Git needs to see a work tree here.
void Slot::prepare(git::Repository& repo, const git::Oid& head) const {
  for (const char* stale : {"index.lock", "git/index.lock", "git/HEAD.lock", "git/config.worktree.lock"})
    remove_tree(dir_ / stale);
  make_directories(tree_);
  // Where refs are in tables, that file is only a sign, and HEAD is in a table.
  write_if_other(dir_ / "git" / "HEAD", repo.uses_reftable() ? "ref: refs/heads/.invalid\n" : head.hex() + "\n");
  // Relative to that directory: it survives a move of the repository.
  write_if_other(dir_ / "git" / "commondir", "../../../..\n");
  const fs::path marker = tree_ / kMarker;
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(marker, error))) remove_tree(marker);
  write_if_other(marker, "gitdir: " + (dir_ / "git").string() + "\n");
  if (!repo.uses_reftable()) return;
  make_directories(dir_ / "git" / "reftable");
  if (repo.head_of(dir_ / "git").id != head)
    git::git_or_fail(strict({"update-ref", "--no-deref", "HEAD", head.hex()}), {.git_dir = dir_ / "git"});
}

bool Slot::check_out(const git::Oid& tree, std::string& why) const {
  git::GitOptions options;
  options.cwd = tree_;
  options.git_dir = dir_ / "git";
  options.work_tree = tree_;
  // Our own index: what a gate does to the one it sees must not decide what the next one is shown.
  options.index_file = dir_ / "index";
  for (const auto& args : {std::vector<std::string>{"read-tree", "--reset", "-u", tree.hex()}, {"clean", "-ffdxq"}}) {
    const Result result = git::git(strict(args), options);
    if (!result.ok()) {
      why = "git " + args.front() + ": " + sanitize_line(utf8_prefix(result.err, 500));
      return false;
    }
    fault_point("gates.checkout");
  }
  return true;
}

void Slot::wipe() const {
  remove_tree(tree_);
  remove_tree(dir_ / "index");
  remove_tree(dir_ / "git");
  make_directories(dir_ / "git");
}

void Slot::move_to(git::Repository& repo, const git::Oid& tree) {
  end_leftovers();
  const git::Oid head = commit_of(repo, tree);
  std::string why;
  for (int attempt = 0;; ++attempt) {
    prepare(repo, head);
    if (check_out(tree, why)) break;
    if (attempt == 1)
      fail_environment("cannot check out the tree to judge in " + tree_.string() + ": " + why,
                       {"free space, or remove that directory: it is made again"});
    wipe();
  }
  std::error_code error;
  fs::copy_file(dir_ / "index", dir_ / "git" / "index", fs::copy_options::overwrite_existing, error);
  if (error) fail_environment("cannot write " + (dir_ / "git" / "index").string() + ": " + error.message());
}

fs::path Slot::fresh_scratch(const std::string& gate) const {
  const fs::path scratch = dir_ / "scratch" / gate;
  remove_tree(scratch);
  make_directories(scratch / "home");
  make_directories(scratch / "tmp");
  return scratch;
}

bool is_pool_dir(const fs::path& common_dir, const fs::path& git_dir) {
  std::error_code error;
  const fs::path pool = fs::weakly_canonical(pool_dir(common_dir), error);
  return is_inside(pool, git_dir);
}

}  // namespace ga::gates
