// What stands behind a Repository. Included by the files of lib/git only.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "git/cli.hh"
#include "git/handle.hh"
#include "git/repository.hh"
#include "git/store.hh"

namespace ga::git {

/// An object written in bulk and not yet on disk.
struct PendingObject {
  ObjectType type = ObjectType::blob;
  std::shared_ptr<const std::string> bytes;
};

/// Objects collected by a BulkWriter, in the order they were written.
struct PendingObjects {
  std::unordered_map<Oid, PendingObject, OidHash> by_id;
  std::vector<Oid> order;
  std::size_t bytes = 0;
};

struct Repository::Impl {
  /// Paths and configuration. Objects only with SHA-1, refs only when they are files besides (store.hh).
  RepositoryHandle handle;
  Formats formats;
  std::filesystem::path git_dir, common_dir, work_dir, objects_dir;
  bool bare = false, linked = false;
  bool from_env = false;  ///< opened from the environment, not from a path
  std::unique_ptr<PendingObjects> pending;
  std::unique_ptr<ObjectStore> objects;
  std::unique_ptr<RefStore> refs;
  bool asked_durability = false;  ///< follow_durability_settings() has looked
  bool unflushed = false;         ///< objects were written as files since flush_objects()

  std::optional<RawObject> read(const Oid& id);
  Oid write(ObjectType type, std::string_view bytes);
  /// The same for what has its name already.
  Oid write(const Oid& id, ObjectType type, std::string_view bytes);
  /// Where writes must be durable: everything that was written is on the disk afterwards. Once before a ref names new objects
  /// instead of once for each of them, its folder and the folder above: syncfs(2) waits for all of them together.
  void flush_objects();
  /// One value of the configuration libgit2 sees: the files, not the command line. "" when unset.
  std::string setting(const char* key) const;
  bool is_partial_clone() const;
  /// libgit2 1.5 does not know where a shallow clone's history ends, nor SHA-256; Git does.
  bool git_walks_history() const;
  /// How to run git on this very repository, with its index, alternates and quarantine.
  GitOptions git_options() const;
};

}  // namespace ga::git
