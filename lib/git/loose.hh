// Loose objects, as gitrepository-layout(5) describes them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "git/store.hh"

namespace ga::git {

/// Writes and reads loose objects. An operation of the ledger is eight objects of a few hundred bytes; libgit2 takes nine
/// system calls and a new compressor of 256 KiB for each, this takes five and one small compressor for all.
///
/// Safe beside other writers and Git's own maintenance: a file appears whole under its name, or not at all. One object
/// is for one thread.
class LooseStore {
 public:
  explicit LooseStore(std::filesystem::path objects_dir);
  LooseStore(LooseStore&&) noexcept;
  LooseStore& operator=(LooseStore&&) noexcept;
  ~LooseStore();

  /// nullopt when there is no such file. Throws Error(environment) for one that holds no object.
  std::optional<RawObject> read(const Oid& id) const;
  bool has(const Oid& id) const;
  /// Makes a file younger; false when there is none.
  bool freshen(const Oid& id) const;
  /// Writes an object whose name is known to be `id`. Throws Error(environment) when it cannot be stored.
  void write(const Oid& id, ObjectType type, std::string_view bytes);

 private:
  class Deflater;

  std::filesystem::path place_of(const Oid& id) const;

  std::filesystem::path dir_;
  std::unique_ptr<Deflater> deflater_;  // made with the first object
  unsigned number_ = 0;                 // of the temporary file
};

}  // namespace ga::git
