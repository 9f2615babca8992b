// The difference of two texts, line by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ga {

struct DiffLine {
  char mark = ' ';  ///< ' ' in both, '-' only before, '+' only after
  std::string_view text;
};
/// A shortest way from one to the other (Myers), where both are of reasonable size; beyond that all of one, then all of the
/// other. The views are into the arguments; a last line without an end counts as one.
std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after);
/// The same as text, each line with its mark before it; with `context` lines around changes and "@@ -L +L @@" before each
/// part, or everything when it is negative.
std::string line_difference(std::string_view before, std::string_view after, int context = -1);

}  // namespace ga
