// A pack with its index, written in one go. Included by the files of lib/git only.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "git/hash.hh"
#include "git/repository.hh"

namespace ga::git {

/// Builds a pack of whole objects (no deltas) in memory. Git's own repacking finds the deltas later.
class PackFile {
 public:
  PackFile(Hash hash, std::size_t objects);
  ~PackFile();
  void add(ObjectType type, const Oid& id, std::string_view bytes);
  /// Writes pack-*.pack and then pack-*.idx into objects/pack, each in one step.
  void write(const std::filesystem::path& objects_dir);

 private:
  class Deflater;
  struct Entry {
    Oid id;
    std::uint32_t crc;
    std::uint64_t offset;
  };
  std::string index(const std::string& pack_checksum) const;

  Hash hash_;
  std::string bytes_;
  std::vector<Entry> entries_;
  std::unique_ptr<Deflater> deflater_;
};

}  // namespace ga::git
