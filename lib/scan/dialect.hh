// Patterns of other tools: what they may hold, and the same meaning in PCRE2's words.
//
// gitleaks' rules are written for Go's regular expressions (RE2 syntax). They run here by PCRE2, and every span they match
// is the one that Go finds: see translate_re2() for what differs. Pure.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ga::scan {

/// A pattern that cannot be used, and where in it.
struct PatternError : std::runtime_error {
  PatternError(const std::string& what, std::size_t where) : std::runtime_error(what), at(where) {}
  std::size_t at;  ///< byte in the pattern
};

/// A pattern in PCRE2's words.
struct Translated {
  std::string text;
  int groups = 0;    ///< that capture
  bool utf = false;  ///< counts characters, not bytes: it names some beyond ASCII
};

/// From RE2's syntax as Go reads it. Throws PatternError for what Go refuses, though PCRE2 would take it: look-around,
/// back-references, possessive and nested quantifiers, counts over 1000, verbs, callouts, escapes that Go does not know.
/// What both take and read differently (`\s`, `\v`, "{,n}", octal escapes, '-' and '[' in classes, names of groups) is
/// rewritten. With DOLLAR_ENDONLY, ALT_CIRCUMFLEX and newline LF the result matches what Go matches.
Translated translate_re2(std::string_view pattern);

/// A generic beginning, taken off.
///
/// Patterns that begin with `[\w.-]{0,50}?` try that many lengths at every byte. Without it they begin at the word that
/// matters, and whoever wants the start walks back from there: `reach` bytes at most, over bytes of `members`. The match is
/// the same, because the quantifier is lazy: see Pattern::find().
struct Stripped {
  std::string core;       ///< the pattern without it
  std::string members;    ///< the class as a pattern, "[\w.-]"; "" when nothing was taken off
  std::size_t reach = 0;  ///< how many bytes it could match
};
Stripped strip_generic_prefix(std::string_view pattern);

/// What every match holds: one of `words` (ASCII, lower case, the case in the match aside; the first 8 bytes), which begins at least `least` and
/// at most `most` bytes behind the match's begin. No words: nothing that is plain to see.
struct Anchor {
  std::vector<std::string> words;
  std::size_t least = 0, most = 0;
};
/// Of several the one that stands most seldom elsewhere. "(?i)(?:api[_-]?key|token)=" has "api_key=", "api-key=",
/// "apikey=" and "token=" at the begin; "\b[a-f0-9]{32}-us\d" has "-us", 32 bytes behind it.
Anchor find_anchor(std::string_view pattern);

}  // namespace ga::scan
