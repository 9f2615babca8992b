// Path patterns as in .gitignore and gitattributes: `*` and `?` do not cross '/', `**` does, `[a-z]`
// classes, a leading '!' is not special here. A pattern without '/' matches at any depth, one with '/'
// is anchored at the repository root; a trailing '/' or a directory match covers everything below.
//
// As in Git, characters are bytes, and a trailing '/' matches directories only: the file "a" is not
// matched by "a/". No pattern makes matching slow: it reads a path once.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace ga {

/// A compiled pattern, for matching many paths: a nondeterministic automaton over bytes.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  bool matches(std::string_view path) const;
  /// Whether some path is matched by both.
  bool overlaps(const Glob& other) const;

  /// One state: reading one of `bytes` leads to the next state, reading one of `loop` stays, and the
  /// state `skip` further on is reached without reading (0: none).
  struct State {
    std::bitset<256> bytes, loop;
    unsigned skip = 0;
    bool accepts = false;
  };

 private:
  std::vector<State> states_;  ///< the first is the start; none: nothing matches
};

/// Whether the path ("src/a.c", '/'-separated, relative) is matched by the pattern.
bool glob_match(std::string_view pattern, std::string_view path);
/// Whether any of the patterns matches.
bool glob_match_any(const std::vector<std::string>& patterns, std::string_view path);
/// Whether some path is matched by both patterns: exact.
bool globs_overlap(std::string_view a, std::string_view b);
/// Why a pattern is refused (empty, absolute, "..", ".git", NUL, control character, too long, one that
/// can never match); "" when fine.
std::string glob_error(std::string_view pattern);

}  // namespace ga
