// Texts within texts: what base64, hexadecimal digits, percent and unicode escapes hide, one pass at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/pattern.hh"

namespace ga::scan {

/// A text whose encoded parts were replaced by what they mean, and where everything in it came from.
class Segments {
 public:
  /// Decodes every part of `current` (the text, then what the last call gave) that means printable ASCII. Empty() tells
  /// whether there was one.
  std::string decode(std::string_view current);
  /// Nothing was decoded, or nothing yet.
  bool empty() const { return fresh_ == 0; }

  /// Where a match in the decoded text stands in the first one; nullopt unless it touches what the last pass decoded.
  std::optional<Span> original(Span match) const;
  /// "decoded:base64", "decode-depth:1"
  std::vector<std::string> tags(Span match) const;
  /// The lines of the decoded text a match is on.
  std::string_view line(std::string_view current, Span match) const;

 private:
  struct Piece {
    Span now, first;            ///< in the decoded text, in the first text
    const char* how = nullptr;  ///< null: as it stood there
    int depth = 0;
  };
  Span first_of(Span now) const;

  std::vector<Piece> pieces_;  ///< in order, without gaps; none: the first text
  std::size_t fresh_ = 0;
  int depth_ = 0;
};

}  // namespace ga::scan
