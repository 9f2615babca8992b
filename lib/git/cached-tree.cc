// The tree that Git keeps in its index ("cache tree" extension). Format: gitformat-index(5).
#include "git/cached-tree.hh"

#include <charconv>
#include <cstdint>

#include "git/tree-text.hh"
#include "util/fs.hh"

namespace ga::git {

namespace {

constexpr std::size_t kStatSize = 40;
constexpr unsigned kExtended = 0x4000, kStage = 0x3000;

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Where the entry behind the one at `at` begins; npos for what has no place in a tree (an unmerged path) or is cut off.
std::size_t next_entry(std::string_view index, std::size_t at, std::uint32_t version, std::size_t id_size) {
  constexpr std::size_t npos = std::string_view::npos;
  const std::size_t flags_at = at + kStatSize + id_size;
  if (flags_at + 2 > index.size()) return npos;
  const std::uint32_t flags = big_endian(index, flags_at, 2);
  if (flags & kStage) return npos;
  std::size_t name = flags_at + 2 + (flags & kExtended ? 2 : 0);
  if (version == 4)  // how much of the former name stays, as a number of bytes with continuation bits
    while (name < index.size() && static_cast<unsigned char>(index[name++]) & 0x80) {}
  const std::size_t end = name < index.size() ? index.find('\0', name) : npos;
  if (end == npos) return npos;
  return version == 4 ? end + 1 : at + (end - at + 8) / 8 * 8;
}

// "" (the root), NUL, number of entries or -1 when outdated, blank, number of subtrees, line end, id.
std::optional<Oid> root_of(std::string_view data, std::size_t id_size) {
  int entries = -1;
  if (data.empty() || data[0] != '\0') return std::nullopt;
  const auto number = std::from_chars(data.data() + 1, data.data() + data.size(), entries);
  const std::size_t line_end = data.find('\n');
  if (number.ec != std::errc() || entries < 0 || line_end == std::string_view::npos ||
      line_end + 1 + id_size > data.size())
    return std::nullopt;
  return raw_oid(data.substr(line_end + 1, id_size));
}

}  // namespace

std::optional<Oid> cached_tree(std::string_view index, std::size_t id_size) {
  if (index.size() < 12 + id_size || index.substr(0, 4) != "DIRC") return std::nullopt;
  const std::uint32_t version = big_endian(index, 4, 4), count = big_endian(index, 8, 4);
  if (version < 2 || version > 4) return std::nullopt;
  std::size_t at = 12;
  for (std::uint32_t i = 0; i < count && at != std::string_view::npos; ++i)
    at = next_entry(index, at, version, id_size);
  std::optional<Oid> tree;
  const std::size_t end = index.size() - id_size;
  while (at != std::string_view::npos && at + 8 <= end) {
    const std::string_view name = index.substr(at, 4);
    const std::size_t size = big_endian(index, at + 4, 4);
    if (size > end - at - 8) return std::nullopt;
    // Small letters: entries are elsewhere too (split and sparse indexes).
    if (name[0] < 'A' || name[0] > 'Z') return std::nullopt;
    if (name == "TREE") tree = root_of(index.substr(at + 8, size), id_size);
    at += 8 + size;
  }
  return at == end ? tree : std::nullopt;
}

std::optional<Oid> cached_tree_of(const std::filesystem::path& index_file, std::size_t id_size) {
  const auto bytes = read_file(index_file);
  return bytes ? cached_tree(*bytes, id_size) : std::nullopt;
}

}  // namespace ga::git
