// The tree id that Git keeps in its index: before the hooks of a commit run it is up to date, and reading it costs a
// tenth of reading the index as a whole.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "git/oid.hh"

namespace ga::git {

/// The tree of an index (versions 2 to 4) whose ids have so many bytes, given as its bytes, as its extension TREE says (gitformat-index(5)).
/// nullopt when it does not know, and for anything unusual: unmerged paths, split or sparse indexes, cut off files.
/// The object need not exist. Pure.
std::optional<Oid> cached_tree(std::string_view index, std::size_t id_size = 20);

/// The same of a file; nullopt also when it cannot be read.
std::optional<Oid> cached_tree_of(const std::filesystem::path& index_file, std::size_t id_size = 20);

}  // namespace ga::git
