#include "git/tree-text.hh"

#include <algorithm>
#include <cstring>

#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

bool TreeReader::next(RawEntry& entry) {
  if (rest_.empty()) return false;
  const auto space = rest_.find(' ');
  const auto end = space == std::string_view::npos ? space : rest_.find('\0', space);
  if (end == std::string_view::npos || rest_.size() - end <= id_size_) fail_environment("a tree object is malformed");
  entry.mode = 0;
  for (const char digit : rest_.substr(0, space)) {
    if (digit < '0' || digit > '7') fail_environment("a tree object is malformed");
    entry.mode = entry.mode * 8 + static_cast<unsigned>(digit - '0');
  }
  entry.name = rest_.substr(space + 1, end - space - 1);
  entry.id = rest_.substr(end + 1, id_size_);
  entry.bytes = rest_.substr(0, end + 1 + id_size_);
  rest_.remove_prefix(entry.bytes.size());
  return true;
}

Oid raw_oid(std::string_view id) {
  Oid result;
  if (id.size() != 20 && id.size() != 32) return result;
  result.size = static_cast<std::uint8_t>(id.size());
  std::memcpy(result.bytes.data(), id.data(), id.size());
  return result;
}

void append_entry(std::string& bytes, unsigned mode, std::string_view name, const Oid& id) {
  char digits[12];
  char* first = std::end(digits);
  do *--first = static_cast<char>('0' + mode % 8);
  while (mode /= 8);
  bytes.append(first, std::end(digits)).append(1, ' ').append(name).append(1, '\0');
  bytes.append(reinterpret_cast<const char*>(id.bytes.data()), id.size);
}

int compare_entries(std::string_view a, bool a_is_tree, std::string_view b, bool b_is_tree) {
  const std::size_t common = std::min(a.size(), b.size());
  if (const int order = std::memcmp(a.data(), b.data(), common)) return order;
  const auto after = [common](std::string_view name, bool is_tree) -> int {
    if (name.size() > common) return static_cast<unsigned char>(name[common]);
    return is_tree ? '/' : 0;
  };
  if (const int order = after(a, a_is_tree) - after(b, b_is_tree)) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

void check_entry_name(std::string_view name) {
  const bool refused = name.empty() || name == "." || name == ".." ||
                       name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos ||
                       (name.size() == 4 && lower_ascii(name) == ".git");
  if (refused) fail_environment("a tree cannot hold an entry named '" + sanitize_line(name) + "'");
}

}  // namespace ga::git
