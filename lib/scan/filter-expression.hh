// betterleaks' filters: the part of its expression language that is plain comparisons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scan/rules.hh"

namespace ga::scan {

/// What a filter lets pass, as allowlists: one for each alternative.
struct FilterReading {
  std::vector<Allowlist> allowlists;
  /// Parts that need the expression language, as they stand there; they let nothing pass.
  std::vector<std::string> left_out;
};

/// Reads `entropy(finding["secret"]) <= 3.5`, `matchesAny(..., [...])` and `containsAny(finding["secret"], [...])`, joined by
/// ||, && and parentheses. Throws PatternError for a pattern in it that is no RE2. Anything else goes to `left_out`.
FilterReading read_filter(std::string_view expression);

}  // namespace ga::scan
