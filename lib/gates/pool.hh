// Private checkouts in which gates run.
//
//   Slot slot = Slot::acquire(repo);
//   slot.move_to(repo, tree);        // slot.tree() now holds exactly that tree
//
// Slot n has <common>/agent/pool/<n>/: `lock` (flock while in use), `index` (ours), `git/` (a private Git directory:
// HEAD, commondir, a copy of the index) and `scratch/`. The files stand in <user cache dir>/git-agent/<repository>/<n>,
// outside of every ".git" directory, because tools such as Jest ignore files below one, and outside of every work
// tree, because others look for configuration in the directories above; where no cache directory can be written it is
// <common>/agent/pool/<n>/tree. A `.git` file there makes git commands inside a gate work; `git worktree list`
// knows nothing of it.
//
// A slot is only ever brought from one tree to the next. Killed anywhere, it is repaired by its next user: stale lock
// files go (their owner is dead: we hold the slot), Git compares every file, and what cannot be repaired is made anew.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

#include "git/repository.hh"
#include "util/fs.hh"

namespace ga::gates {

/// What says how long something takes; may be empty.
using Progress = std::function<void(const std::string&)>;

class Slot {
 public:
  /// The first free slot; waits while all are in use.
  static Slot acquire(const git::Repository& repo, const Progress& progress);

  /// Makes the checkout exactly this tree: nothing more, nothing less.
  void move_to(git::Repository& repo, const git::Oid& tree);

  const fs::path& tree() const { return tree_; }
  /// Remembers a process started here, so that the next user can end it should we die before it does.
  void note_running(pid_t pid) const;
  /// An empty directory of the slot for one gate's HOME and TMPDIR.
  fs::path fresh_scratch(const std::string& gate) const;

 private:
  Slot(fs::path dir, fs::path tree, FileLock lock)
      : dir_(std::move(dir)), tree_(std::move(tree)), lock_(std::move(lock)) {}
  void prepare(git::Repository& repo, const git::Oid& head) const;
  bool check_out(const git::Oid& tree, std::string& why) const;
  void wipe() const;
  void end_leftovers() const;

  fs::path dir_, tree_;
  FileLock lock_;
};

/// Whether a Git directory is a slot's: hooks do nothing there.
bool is_pool_dir(const fs::path& common_dir, const fs::path& git_dir);

}  // namespace ga::gates
