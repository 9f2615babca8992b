// The bytes of a tree object. Included by the files of lib/git only.
#pragma once

#include <string>
#include <string_view>

#include "git/repository.hh"

namespace ga::git {

/// One entry as it stands in the bytes of a tree.
struct RawEntry {
  unsigned mode = 0;
  std::string_view name;
  std::string_view id;     ///< the raw id
  std::string_view bytes;  ///< the whole entry
  bool is_tree() const { return mode == 040000; }
};

/// Walks over the entries of a tree, whose ids have so many bytes:  for (RawEntry e; reader.next(e);) ...
class TreeReader {
 public:
  TreeReader(std::string_view bytes, std::size_t id_size) : rest_(bytes), id_size_(id_size) {}
  /// False at the end. Throws Error(environment) for bytes that are no tree.
  bool next(RawEntry& entry);

 private:
  std::string_view rest_;
  std::size_t id_size_;
};

/// Of 20 or 32 bytes; zero for anything else.
Oid raw_oid(std::string_view id);
void append_entry(std::string& bytes, unsigned mode, std::string_view name, const Oid& id);

/// Git's order of entries: by bytes, a tree as if its name ended with '/'.
int compare_entries(std::string_view a, bool a_is_tree, std::string_view b, bool b_is_tree);

/// Throws Error(environment) for a name that Git would not check out: empty, ".", "..", ".git",
/// or with '/' or NUL.
void check_entry_name(std::string_view name);

}  // namespace ga::git
