// Which paths are protected, and which of them a change touches.
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "gates/policy.hh"
#include "gates/protected.hh"
#include "gates/runner.hh"
#include "util/glob.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// Case, compatibility form and what nobody sees, folded away by the rules of Unicode. What is no UTF-8 stays as it is.
std::string folded_text(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                                      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPNA);
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out, options);
  if (size < 0) return lower_ascii(text);
  std::string folded(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  std::free(out);  // utf8proc allocates with malloc
  return folded;
}

/// The path as the most forgiving file system sees it: case, Unicode form, trailing dots and spaces gone.
std::string folded(std::string_view path) {
  // Only '/' of the path itself separates: some characters become one by folding.
  std::vector<std::string> parts = split(path, '/');
  for (std::string& part : parts) {
    part = replace_all(folded_text(part), "/", "_");
    // An NTFS stream names the same file.
    if (const auto colon = part.find(':'); colon != std::string::npos && colon > 0) part.resize(colon);
    while (part.size() > 1 && (part.back() == '.' || part.back() == ' ')) part.pop_back();
  }
  return join(parts, "/");
}

bool matches_anywhere(std::string pattern, const std::string& path) {
  pattern = folded(pattern);
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

constexpr unsigned kLink = 0120000, kGitlink = 0160000, kTree = 040000;
constexpr int kMaxLinks = 16;  // one after the other

/// The entries of the directories on the way to `path` that are links or other repositories: whoever sets such a thing
/// there decides what is read as the protected file.
void follow(const git::Repository& repo, const git::Oid& tree, const std::string& path, int depth,
            std::set<std::string>& read) {
  if (depth > kMaxLinks || path.empty()) return;
  for (std::size_t at = path.find('/');; at = path.find('/', at + 1)) {
    const std::string upto = path.substr(0, at);
    const auto entry = repo.entry_at(tree, upto);
    if (!entry) break;
    if (entry->mode == kLink) {
      const std::string target = resolve_link(upto, repo.read_blob(entry->id).value_or(""));
      const std::string rest = at == std::string::npos ? "" : path.substr(at);
      if (!target.empty() && read.insert(target + rest).second) follow(repo, tree, target + rest, depth + 1, read);
    }
    if (at == std::string::npos) break;
  }
}

/// Protected links of a tree, and all that is read through them.
class LinkFinder {
 public:
  LinkFinder(const git::Repository& repo, const Policy& policy, const git::Oid& root)
      : repo_(repo), policy_(policy), root_(root) {}

  std::set<std::string> find() {
    walk(root_, "");
    return std::move(read_);
  }

 private:
  void walk(const git::Oid& tree, const std::string& prefix) {
    const auto entries = tree.zero() ? std::nullopt : repo_.read_tree(tree);
    if (!entries) return;
    for (const git::TreeEntry& entry : *entries) {
      const std::string path = prefix + entry.name;
      if (entry.mode == kLink && is_protected(policy_, path)) follow(repo_, root_, path, 0, read_);
      // A directory that is a link may lead to what is protected under its own name, and does so under this one too.
      if (entry.mode == kTree && !prefix_done(path)) walk(entry.id, path + "/");
    }
  }
  // Links are looked for where people put them: deep trees would cost every merge.
  static bool prefix_done(const std::string& path) { return std::count(path.begin(), path.end(), '/') >= 3; }

  const git::Repository& repo_;
  const Policy& policy_;
  const git::Oid root_;
  std::set<std::string> read_;
};

bool lies_below(const std::string& path, const std::set<std::string>& places) {
  if (places.count(path) > 0) return true;
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
    if (places.count(path.substr(0, at)) > 0) return true;
  return false;
}

/// A change at `path` that hides or brings a protected file without touching its own entry: what was a directory with
/// protected files in it becomes a file, a link or another repository, or the other way round.
bool replaces_directory(const Policy& policy, const git::Change& change) {
  const bool special = change.new_mode == kLink || change.new_mode == kGitlink;
  if (!special) return false;
  // ".claude", ".cursor": a pattern begins below this name.
  for (const auto* patterns : {&built_in_protected(), &policy.protected_paths})
    for (const std::string& pattern : *patterns) {
      const auto slash = pattern.find('/');
      if (slash == std::string::npos || slash == 0) continue;
      if (matches_anywhere(pattern.substr(0, slash), folded(change.path))) return true;
    }
  return false;
}

/// One word of a built-in pattern: they have at most one '*' a word.
bool matches_word(std::string_view pattern, std::string_view word) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == word;
  return word.size() + 1 >= pattern.size() && starts_with(word, pattern.substr(0, star)) &&
         ends_with(word, pattern.substr(star + 1));
}

/// The built-in patterns word by word, folded: compiling and running each as a Glob would cost a large merge seconds.
bool is_built_in(const std::string& folded_path) {
  static const auto patterns = [] {
    std::vector<std::vector<std::string>> all;
    for (const std::string& pattern : built_in_protected()) all.push_back(split(folded(pattern), '/'));
    return all;
  }();
  const auto words = split(folded_path, '/');
  for (std::size_t from = 0; from < words.size(); ++from)
    for (const auto& pattern : patterns) {
      // "x/**" is x and all below it; others end where the path ends.
      const bool below = pattern.back() == "**";
      const std::size_t size = pattern.size() - (below ? 1 : 0);
      if (below ? from + size > words.size() : from + size != words.size()) continue;
      std::size_t at = 0;
      while (at < size && matches_word(pattern[at], words[from + at])) ++at;
      if (at == size) return true;
    }
  return false;
}

}  // namespace

const std::vector<std::string>& built_in_protected() {
  static const std::vector<std::string> patterns = {
      "AGENTS.md",
      "AGENTS.override.md",
      "CLAUDE.md",
      "CLAUDE.local.md",
      "GEMINI.md",
      "MODEL_ROUTING.md",
      ".git-agent.toml",
      ".git-agent/**",
      ".claude/settings*.json",
      ".claude/agents/**",
      ".claude/commands/**",
      ".claude/hooks/**",
      ".claude/skills/**",
      ".mcp.json",
      ".codex/**",
      ".gemini/**",
      ".opencode/**",
      "opencode.json",
      "opencode.jsonc",
      ".cursorrules",
      ".cursor/**",
      ".github/copilot-instructions.md",
      ".github/instructions/**",
      ".windsurfrules",
      ".windsurf/**",
      ".clinerules",
      ".clinerules/**",
      ".aider.conf.yml",
      ".gitleaks*.toml",
      ".gitleaksignore",
  };
  return patterns;
}

bool is_protected(const Policy& policy, std::string_view path) {
  const std::string name = folded(path);
  if (is_built_in(name)) return true;
  for (const std::string& pattern : policy.protected_paths)
    if (matches_anywhere(pattern, name)) return true;
  return name == folded(policy.curators) || (!policy.revoked.empty() && name == folded(policy.revoked));
}

std::vector<git::Change> protected_file_changes(const git::Repository& repo, const Policy& policy,
                                                const git::Oid& before_tree, const git::Oid& after_tree) {
  std::vector<git::Change> changed, others;
  if (before_tree == after_tree) return changed;
  git::each_change(repo, before_tree, after_tree, [&](const git::Change& change) {
    if (is_protected(policy, change.path) || replaces_directory(policy, change)) changed.push_back(change);
    else others.push_back(change);
  });
  if (others.empty()) return changed;
  // What is read through protected links, as they were and as they are to be.
  std::set<std::string> linked = LinkFinder(repo, policy, before_tree).find();
  linked.merge(LinkFinder(repo, policy, after_tree).find());
  if (linked.empty()) return changed;
  for (git::Change& change : others)
    if (lies_below(change.path, linked)) changed.push_back(std::move(change));
  std::sort(changed.begin(), changed.end(), [](const git::Change& a, const git::Change& b) { return a.path < b.path; });
  return changed;
}

std::vector<std::string> protected_changes(const git::Repository& repo, const Policy& policy,
                                           const git::Oid& before_tree, const git::Oid& after_tree) {
  std::vector<std::string> paths;
  for (git::Change& change : protected_file_changes(repo, policy, before_tree, after_tree))
    paths.push_back(std::move(change.path));
  return paths;
}

}  // namespace ga::gates
