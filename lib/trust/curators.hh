// The curators file: who may approve, in the format of allowed signers (ssh-keygen(1), ALLOWED SIGNERS).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/clock.hh"

namespace ga::trust {

struct CuratorLine {
  int line = 0;
  std::string principals;  ///< patterns, separated by commas
  bool authority = false;  ///< the key signs certificates
  std::optional<std::string> namespaces;
  Time valid_after = 0, valid_before = 0;  ///< 0: no limit. Without a 'Z' UTC is meant too, so that clones agree
  std::string key;                         ///< the public key's blob
  std::string comment;

  bool names(std::string_view principal) const;
  /// Whether it allows signatures of this namespace, made at that time; else why not.
  std::string problem(std::string_view name_space, Time time) const;
};

struct Curators {
  std::string text;  ///< the file
  std::vector<CuratorLine> lines;
  /// Lines with this key, in their order.
  std::vector<const CuratorLine*> of_key(std::string_view key) const;
  /// The name under which a key is listed: `preferred` when a line of it names that, else the first that is no pattern; "".
  std::string principal_of(std::string_view key, std::string_view preferred) const;
};

/// Throws Error(environment) "NAME:LINE: what" for anything ssh-keygen would not take too.
Curators parse_curators(std::string_view text, const std::string& name);

/// Whether a list of patterns ('*', '?', a leading '!' excludes) holds the word: OpenSSH's match_pattern_list().
bool matches_patterns(std::string_view patterns, std::string_view word);

}  // namespace ga::trust
