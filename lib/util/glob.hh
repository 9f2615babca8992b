// Path patterns as in .gitignore and gitattributes: `*` and `?` do not cross '/', `**` does, `[a-z]`
// classes, a leading '!' is not special here. A pattern without '/' matches at any depth, one with '/'
// is anchored at the repository root; a trailing '/' or a directory match covers everything below.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ga {

/// Whether the path ("src/a.c", '/'-separated, relative) is matched by the pattern.
bool glob_match(std::string_view pattern, std::string_view path);
/// Whether any of the patterns matches.
bool glob_match_any(const std::vector<std::string>& patterns, std::string_view path);
/// Whether some path is matched by both patterns. Exact for patterns without character classes spanning
/// '/'; never a false "no".
bool globs_overlap(std::string_view a, std::string_view b);
/// Why a pattern is refused (empty, absolute, "..", ".git", NUL, control character); "" when fine.
std::string glob_error(std::string_view pattern);

}  // namespace ga
