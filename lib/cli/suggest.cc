#include "cli/suggest.hh"

#include <algorithm>

#include "util/text.hh"

namespace ga::cli {

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  // One wrong letter in short words, a third of the letters in long ones.
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    std::size_t distance = edit_distance(word, candidate);
    // "stat" is a cut "status" rather than a misspelt "start".
    if (word.size() >= 2 && starts_with(candidate, word)) distance = 0;
    if (distance >= candidate.size()) continue;  // shares nothing
    if (distance < best_distance) best_distance = distance, best = candidate;
  }
  return best;
}

}  // namespace ga::cli
