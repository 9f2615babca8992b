// Which of many words a text holds: the filter in front of the patterns.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ga::scan {

/// An automaton after Aho and Corasick that reads a text once, whatever the number of words. ASCII letters count without
/// their case. Immutable once made.
class Keywords {
 public:
  /// Empty words are in every text.
  explicit Keywords(const std::vector<std::string>& words);

  /// Sets found[i] for each word i that the text holds; `found` has as many places as there are words.
  void find(std::string_view text, std::vector<char>& found) const;

  /// What one text holds. Kept from text to text: most words are in none, and emptying them would take longer than reading.
  struct Places {
    std::vector<std::uint32_t> found;            ///< words, in no order
    std::vector<std::vector<std::uint32_t>> of;  ///< where wanted words begin, in order
    std::vector<char> is_found;
  };
  /// For each word i that is wanted[i] every place it begins at, for the others whether they are there.
  void find(std::string_view text, const std::vector<char>& wanted, Places& places) const;
  std::size_t size() const { return count_; }

 private:
  std::size_t count_ = 0, width_ = 1;
  std::array<std::uint8_t, 256> class_{};          ///< which column a byte reads; 0: it is in no word
  std::vector<std::uint32_t> next_;                ///< state times `width_`, plus column: the next state times `width_`
  std::uint32_t speaking_ = 0;                     ///< from this entry on a state ends words
  std::vector<std::vector<std::uint32_t>> words_;  ///< of states from `speaking_` on
  std::vector<std::uint32_t> lengths_, empty_;
};

/// Words to be found anywhere in short texts, as gitleaks' stop words: no automaton is built for them.
class WordSet {
 public:
  WordSet() = default;
  /// Words count without their case.
  explicit WordSet(const std::vector<std::string>& words);
  bool empty() const { return words_.empty(); }
  const std::vector<std::string>& words() const { return words_; }
  /// Whether the text, its ASCII letters lower-cased, holds one of them.
  bool any_in(std::string_view text) const;

 private:
  std::vector<std::string> words_;  ///< sorted
  std::array<std::uint32_t, 257> begin_{};
};

}  // namespace ga::scan
