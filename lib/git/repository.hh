// A repository: paths, objects, and refs with compare-and-swap.
//
//   auto repo = git::Repository::discover();
//   git::Oid tip = repo.ref("refs/agent/ledger");
//   ... repo.cas_ref("refs/agent/ledger", tip, next, "task add") ...
//
// Objects may be named by SHA-1 or SHA-256, refs be files or a reftable; store.hh says what serves which. Any other format
// (an extension that is not known) is refused by discover() with a clear message before anything is written. libgit2 is
// initialised on first use, runs no hooks and is never used for transports, work trees or configuration: those go through
// git/cli.hh. Not thread-safe: one Repository per thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/oid.hh"

namespace ga::git {

enum class ObjectType { blob, tree, commit, tag };
enum class Cas { committed, lost, busy };
/// Whether a move of a ref goes to its reflog: as Git's settings say and when it has one; or it begins one.
enum class Reflog { as_configured, kept };

struct TreeEntry {
  std::string name;
  unsigned mode = 0100644;  ///< 040000 for a tree
  Oid id;
  bool is_tree() const { return mode == 040000; }
};

struct Signature {
  std::string name, email;
  std::int64_t time = 0;
  int offset_minutes = 0;
};

struct CommitInfo {
  Oid id, tree;
  std::vector<Oid> parents;
  Signature author, committer;
  std::string message;  ///< whole, as stored
  std::string subject() const;
};

class Repository {
 public:
  /// Opens the repository of the current directory and environment (GIT_DIR, GIT_INDEX_FILE...)
  /// or of `path`. Throws Error(environment): not a repository, foreign owner, unsupported format.
  static Repository discover(const std::filesystem::path& path = {});
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;
  ~Repository();

  std::filesystem::path git_dir() const;     ///< this worktree's own directory
  std::filesystem::path common_dir() const;  ///< the directory all worktrees share
  std::filesystem::path work_dir() const;    ///< empty when bare
  /// The main worktree's directory; empty when the repository is bare.
  std::filesystem::path main_work_dir() const;
  bool is_bare() const;
  bool is_linked_worktree() const;
  /// Names of the remotes that have a URL, sorted. Like setting(), of the configuration files alone.
  std::vector<std::string> remotes() const;
  /// One value of the configuration files (not of `git -c` or the environment), "" when unset; starts no process.
  std::string setting(const char* key) const;

  /// Objects are named by SHA-256.
  bool uses_sha256() const;
  /// Refs are kept in tables (extensions.refStorage = reftable), not in files.
  bool uses_reftable() const;
  /// The id that Git writes for no object: zeros, as many as an id has digits here.
  std::string zero_id() const;

  // Objects. Reading a missing object gives nullopt (a partial clone's is fetched through git).
  std::optional<std::string> read_blob(const Oid& id) const;
  std::optional<std::vector<TreeEntry>> read_tree(const Oid& id) const;
  std::optional<CommitInfo> read_commit(const Oid& id) const;
  bool has_object(const Oid& id) const;
  Oid write_blob(std::string_view bytes);
  /// Many of them; named side by side.
  std::vector<Oid> write_blobs(const std::vector<std::string_view>& contents);
  /// Entries in any order; sorted as Git wants them.
  Oid write_tree(std::vector<TreeEntry> entries);
  /// Author and committer as given; time in seconds. Never signs.
  Oid write_commit(const Oid& tree, const std::vector<Oid>& parents, const Signature& author,
                   const Signature& committer, std::string_view message);
  /// The entry at a path below a tree ("tasks/3/f/x.toml"); nullopt when there is none.
  std::optional<TreeEntry> entry_at(const Oid& tree, std::string_view path) const;
  /// A new tree: `changes` are (path, blob id with mode) or removals (zero id), applied to `base`
  /// (zero: the empty tree). Empty directories vanish. Reads and writes only nodes on the paths.
  Oid update_tree(const Oid& base, const std::vector<TreeEntry>& changes);

  /// From here on written objects are kept in memory, where every reading function but history sees
  /// them, until end_bulk() writes them all as one pack (few ones as files). Git and other processes
  /// see nothing before. BulkWriter (git/bulk.hh) does both and drops them when an error ends it.
  void begin_bulk();
  void end_bulk();
  void discard_bulk();

  // Refs.
  /// The object a ref points to, following symbolic refs; zero when there is none.
  Oid ref(std::string_view name) const;
  /// Where a symbolic ref such as HEAD points ("refs/heads/main"); "" when detached or absent.
  std::string symbolic_target(std::string_view name) const;
  /// Refs with a prefix, sorted by name.
  std::vector<std::pair<std::string, Oid>> refs(std::string_view prefix) const;
  /// HEAD of any worktree, by that one's git_dir(): the branch (full ref), or the id when it is on none. Likewise
  /// another ref that each worktree has for itself, such as ORIG_HEAD.
  struct Head {
    std::string branch;
    Oid id;
  };
  Head head_of(const std::filesystem::path& git_dir, const std::string& name = "HEAD") const;
  /// All ids that such refs of a worktree hold.
  std::vector<Oid> worktree_refs(const std::filesystem::path& git_dir) const;
  /// Moves one ref from `expected` (zero: must not exist) to `next` (zero: delete), atomically against every other
  /// writer. `message` goes to the reflog.
  Cas cas_ref(std::string_view name, const Oid& expected, const Oid& next, std::string_view message,
              Reflog reflog = Reflog::as_configured);
  /// What a ref has pointed to according to its reflog, newest first.
  std::vector<Oid> reflog(std::string_view name) const;
  /// Throws Error(environment) when no ref could be moved here whatever it is: the installed git is too old for the
  /// repository's format. For those who are about to write for the first time; starts a process where that can be.
  void require_writable() const;

  // History.
  /// A revision ("HEAD", "main~2", an id) as a commit; zero when it is none.
  Oid resolve_commit(std::string_view revision) const;
  Oid merge_base(const Oid& a, const Oid& b) const;
  bool is_ancestor(const Oid& ancestor, const Oid& descendant) const;
  /// Commits reachable from `tip` and not from `base` (zero: all), oldest first, first parents only
  /// when asked.
  std::vector<Oid> commits_between(const Oid& base, const Oid& tip, bool first_parent = false) const;
  /// Commits reachable from `tip` but not `base`; counting only.
  std::size_t count_between(const Oid& base, const Oid& tip) const;

  /// The tree that `git commit` would record now: the index named by GIT_INDEX_FILE or the worktree's
  /// own. Writes tree objects only. Throws Error(environment) for an unmerged index.
  Oid write_index_tree() const;

  /// libgit2's handle, for the files of lib/git only.
  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  explicit Repository(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Whether objects and refs are flushed to the disk before a write counts as done; off unless set.
void set_durable(bool on);

/// By Git's own rules ("refs/heads/main", "HEAD").
bool is_valid_ref_name(std::string_view name);

/// The tree of a commit; zero when there is no such commit.
Oid tree_of(const Repository& repo, const Oid& commit);

struct Change {
  std::string path;
  unsigned old_mode = 0, new_mode = 0;  ///< 0: not there
  Oid old_id, new_id;
};
/// Files that differ between two trees (zero: the empty tree), in path order, no rename detection.
/// Equal subtrees are never read.
std::vector<Change> diff_trees(const Repository& repo, const Oid& before, const Oid& after);
/// The same, one at a time: for trees whose list would be long.
void each_change(const Repository& repo, const Oid& before, const Oid& after,
                 const std::function<void(const Change&)>& visit);

}  // namespace ga::git
