// The packed-refs file, looked up by binary search: with 100,000 tags in it, reading one ref must
// cost what it costs with none. Included by the files of lib/git only.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "git/oid.hh"

namespace ga::git {

class PackedRefs {
 public:
  /// Maps the file as it is now; a missing one is like an empty one.
  explicit PackedRefs(const std::filesystem::path& common_dir);
  ~PackedRefs();
  PackedRefs(const PackedRefs&) = delete;
  PackedRefs& operator=(const PackedRefs&) = delete;

  /// Zero when the ref is not in the file.
  Oid find(std::string_view name) const;
  /// Calls back for every ref with that prefix, in the file's order.
  void each(std::string_view prefix, const std::function<void(std::string_view name, const Oid& id)>& call) const;
  /// Whether some ref has that prefix.
  bool any(std::string_view prefix) const;
  /// The ref's lines in the file (with that of a tag's target); empty when it is not there.
  std::string_view lines_of(std::string_view name) const;
  std::string_view bytes() const { return bytes_; }

 private:
  std::size_t lower_bound(std::string_view name) const;

  std::string_view bytes_;
  bool sorted_ = false;
};

}  // namespace ga::git
