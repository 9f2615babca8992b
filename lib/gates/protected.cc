// Which paths are protected, and which of them a change touches.
#include <set>

#include "gates/policy.hh"
#include "gates/runner.hh"
#include "util/glob.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// Characters that some file systems ignore in names, and readers never see.
bool is_ignorable(std::uint32_t c) {
  return c == 0xAD || c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F);
}

/// The name without ignorable characters. Only sequences of two and three bytes can be such.
std::string without_ignorable(const std::string& name) {
  std::string kept;
  for (std::size_t i = 0; i < name.size();) {
    const auto lead = static_cast<unsigned char>(name[i]);
    const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code = 0;
    if (size == 2) code = lead & 0x1Fu;
    if (size == 3) code = lead & 0x0Fu;
    for (std::size_t k = 1; k < size && i + k < name.size(); ++k)
      code = (code << 6) | (static_cast<unsigned char>(name[i + k]) & 0x3Fu);
    if (size == 1 || size == 4 || !is_ignorable(code)) kept += name.substr(i, size);
    i += size;
  }
  return kept;
}

/// The path as the most forgiving file system sees it: case, Unicode form, trailing dots and spaces gone.
std::string folded(std::string_view path) {
  std::vector<std::string> parts = split(fold_case(path), '/');
  for (std::string& part : parts) {
    part = without_ignorable(part);
    while (part.size() > 1 && (part.back() == '.' || part.back() == ' ')) part.pop_back();
  }
  return join(parts, "/");
}

bool matches_anywhere(std::string pattern, const std::string& path) {
  pattern = fold_case(pattern);
  while (starts_with(pattern, "/")) pattern.erase(0, 1);
  if (glob_match(pattern, path) || glob_match("**/" + pattern, path)) return true;
  // "x/**" protects what is below x; x itself turned into a file or a link takes that place.
  if (!ends_with(pattern, "/**")) return false;
  pattern.resize(pattern.size() - 3);
  return glob_match(pattern, path) || glob_match("**/" + pattern, path);
}

/// Lexical resolution of a link's target seen from the directory of `path`; "" when it leaves the tree.
std::string resolve_link(const std::string& path, const std::string& target) {
  if (target.empty() || target.front() == '/') return "";
  std::vector<std::string> parts = split(path, '/');
  parts.pop_back();
  for (const std::string& part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") parts.push_back(part);
    else if (parts.empty()) return "";
    else parts.pop_back();
  }
  return join(parts, "/");
}

/// Files that protected names at the root link to: whoever changes those changes what is protected.
std::set<std::string> linked_files(const git::Repository& repo, const Policy& policy, const git::Oid& tree) {
  std::set<std::string> targets;
  const auto entries = tree.zero() ? std::nullopt : repo.read_tree(tree);
  if (!entries) return targets;
  for (const git::TreeEntry& entry : *entries) {
    if (entry.mode != 0120000 || !is_protected(policy, entry.name)) continue;
    const std::string target = resolve_link(entry.name, repo.read_blob(entry.id).value_or(""));
    if (!target.empty()) targets.insert(target);
  }
  return targets;
}

}  // namespace

bool is_protected(const Policy& policy, std::string_view path) {
  const std::string name = folded(path);
  for (const std::string& pattern : policy.protected_paths)
    if (matches_anywhere(pattern, name)) return true;
  return false;
}

std::vector<std::string> protected_changes(const git::Repository& repo, const Policy& policy,
                                           const git::Oid& before_tree, const git::Oid& after_tree) {
  std::vector<std::string> changed;
  if (before_tree == after_tree) return changed;
  const std::set<std::string> linked = linked_files(repo, policy, before_tree);
  for (const git::Change& change : git::diff_trees(repo, before_tree, after_tree))
    if (is_protected(policy, change.path) || linked.count(change.path) > 0) changed.push_back(change.path);
  return changed;
}

}  // namespace ga::gates
