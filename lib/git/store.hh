// What a repository is made of, behind two narrow interfaces, for its formats differ: objects are named by SHA-1 or
// SHA-256 (extensions.objectFormat), refs are files or tables (extensions.refStorage). Included by the files of lib/git
// only.
//
//                    SHA-1                        SHA-256
//   objects   read   libgit2                      loose ones ourselves, all others `git cat-file --batch-command`
//             write  loose files and packs, ourselves (pack-file.cc), under either name
//
//                    files                        reftable
//   refs      read   ourselves (refs.cc)          ourselves (reftable.cc)
//             move   libgit2's lock; with         `git update-ref --stdin`
//                    SHA-256 as reftable
//
// libgit2 1.5 knows neither SHA-256 nor reftable. It opens such a repository all the same when told that it may, and then
// says where its directories are and what is configured, which does not depend on either; its objects (odb) are asked only
// with SHA-1, its refs only with SHA-1 and files. So finding a repository costs the same whatever it is.
//
// Reading tables is ours because a question to Git costs a process, and the long-lived one that answers for objects cannot
// tell a ref that is not there from one whose object is not, nor where a symbolic one points. Writing them is Git's.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "git/hash.hh"
#include "git/repository.hh"

namespace ga::git {

/// The formats of a repository. Which back ends serve it follows from them, never from trying.
struct Formats {
  Hash hash = Hash::sha1;
  bool reftable = false;
};

/// An object's bytes, kept alive as long as this lives.
struct RawObject {
  ObjectType type = ObjectType::blob;
  std::string_view bytes;
  std::shared_ptr<const void> keep;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// nullopt when there is no such object.
  virtual std::optional<RawObject> read(const Oid& id) = 0;
  virtual bool has(const Oid& id) = 0;
  /// The id these bytes have as an object.
  virtual Oid name(ObjectType type, std::string_view bytes) = 0;
  /// Stores what name() has named; one that is there already is made younger, so that no gc takes it.
  virtual void write(const Oid& id, ObjectType type, std::string_view bytes) = 0;
  /// A pack has come since.
  virtual void refresh() = 0;
  /// A revision ("HEAD", "main~2", an id) as a commit; zero when it is none.
  virtual Oid resolve_commit(const std::string& revision) = 0;
};

/// What one ref holds: an id, or the name of another ref; neither when it does not exist.
struct RefValue {
  Oid id;
  std::string target;
  bool broken = false;  ///< there is something, but no ref in it
};
/// A ref after following symbolic ones: its final name, and the id, zero when it does not exist.
struct ResolvedRef {
  std::string name;
  Oid id;
  bool broken = false;
};

/// One move of a ref that is not symbolic.
struct RefMove {
  std::string name;
  Oid expected;  ///< zero: must not exist
  Oid next;      ///< zero: delete
  std::string message;
  bool keep_reflog = false;  ///< begin a reflog whatever the settings say
};

class RefStore {
 public:
  virtual ~RefStore() = default;
  virtual RefValue read(std::string_view name) = 0;
  /// HEAD and the like of any worktree, named by its own directory.
  virtual RefValue worktree_ref(const std::filesystem::path& git_dir, const std::string& name) = 0;
  /// What refs hold that only that worktree has.
  virtual std::vector<Oid> worktree_refs(const std::filesystem::path& git_dir) = 0;
  /// Refs with a prefix, symbolic ones followed, broken ones left out.
  virtual std::vector<std::pair<std::string, Oid>> list(std::string_view prefix) = 0;
  virtual Cas move(const RefMove& move) = 0;
  /// The ids a ref has had according to its reflog, newest first.
  virtual std::vector<Oid> reflog(std::string_view name) = 0;
  /// Throws Error(environment) when moves would fail whatever they are: an old git cannot write tables.
  virtual void require_writable() {}

  ResolvedRef resolve(std::string_view name);
};

/// SHA-1, by libgit2.
std::unique_ptr<ObjectStore> open_libgit2_objects(Repository::Impl& impl);
/// SHA-256, by ourselves and git.
std::unique_ptr<ObjectStore> open_git_objects(Repository::Impl& impl);
/// Refs as files, moved by libgit2 or, with SHA-256, by git.
std::unique_ptr<RefStore> open_file_refs(Repository::Impl& impl);
std::unique_ptr<RefStore> open_reftable_refs(Repository::Impl& impl);

/// Moves a ref by `git update-ref`, which takes the lock, compares and writes; no hook runs.
Cas move_by_git(Repository::Impl& impl, RefStore& refs, const RefMove& move);

/// Whether each worktree has its own ref of this name.
bool is_per_worktree(std::string_view name);

}  // namespace ga::git
