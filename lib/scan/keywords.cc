#include "scan/keywords.hh"

#include <algorithm>
#include <deque>

#include "util/text.hh"

namespace ga::scan {
namespace {

unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c; }

struct Node {
  std::vector<std::pair<std::uint8_t, std::uint32_t>> children;
  std::vector<std::uint32_t> words;
  std::uint32_t fallback = 0;
};

}  // namespace

Keywords::Keywords(const std::vector<std::string>& words) : count_(words.size()) {
  for (const std::string& word : words)
    for (const char c : word)
      if (auto& column = class_[lower(static_cast<unsigned char>(c))]; column == 0)
        column = static_cast<std::uint8_t>(width_++);
  for (int c = 'A'; c <= 'Z'; ++c) class_[static_cast<std::size_t>(c)] = class_[static_cast<std::size_t>(c + 32)];

  std::vector<Node> nodes(1);
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    lengths_.push_back(static_cast<std::uint32_t>(words[i].size()));
    if (words[i].empty()) {
      empty_.push_back(i);
      continue;
    }
    std::uint32_t at = 0;
    for (const char c : words[i]) {
      const std::uint8_t column = class_[static_cast<unsigned char>(c)];
      auto& children = nodes[at].children;
      const auto known =
          std::find_if(children.begin(), children.end(), [&](const auto& p) { return p.first == column; });
      if (known != children.end()) {
        at = known->second;
        continue;
      }
      const auto fresh = static_cast<std::uint32_t>(nodes.size());
      children.emplace_back(column, fresh);
      nodes.emplace_back();
      at = fresh;
    }
    nodes[at].words.push_back(i);
  }

  // Breadth first: where a state falls back to has its whole row already.
  std::vector<std::uint32_t> table(nodes.size() * width_, 0), order = {0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t at = order[i];
    Node& node = nodes[at];
    const auto row = table.begin() + static_cast<std::ptrdiff_t>(at * width_);
    if (at != 0) {
      std::copy_n(table.begin() + static_cast<std::ptrdiff_t>(node.fallback * width_), width_, row);
      const auto& inherited = nodes[node.fallback].words;
      node.words.insert(node.words.end(), inherited.begin(), inherited.end());
    }
    for (const auto& [column, child] : node.children) {
      nodes[child].fallback = at == 0 ? 0 : row[column];
      row[column] = child;
      order.push_back(child);
    }
  }

  // States that end words come last, so that one comparison tells them.
  std::stable_partition(order.begin(), order.end(), [&](std::uint32_t at) { return nodes[at].words.empty(); });
  std::vector<std::uint32_t> place(nodes.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  next_.resize(table.size());
  const auto width = static_cast<std::uint32_t>(width_);
  speaking_ = static_cast<std::uint32_t>(nodes.size()) * width;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    Node& node = nodes[order[i]];
    for (std::uint32_t column = 0; column < width; ++column)
      next_[i * width + column] = place[table[order[i] * width + column]] * width;
    if (node.words.empty()) continue;
    speaking_ = std::min(speaking_, i * width);
    words_.push_back(std::move(node.words));
  }
}

void Keywords::find(std::string_view text, std::vector<char>& found) const {
  for (const std::uint32_t word : empty_) found[word] = 1;
  if (width_ == 1) return;
  const std::uint32_t* next = next_.data();
  std::uint32_t state = 0;
  for (const char c : text) {
    state = next[state + class_[static_cast<unsigned char>(c)]];
    if (state < speaking_) continue;
    for (const std::uint32_t word : words_[(state - speaking_) / width_]) found[word] = 1;
  }
}

void Keywords::find(std::string_view text, const std::vector<char>& wanted, Places& places) const {
  for (const std::uint32_t word : places.found) {
    places.is_found[word] = 0;
    places.of[word].clear();
  }
  places.found.clear();
  if (places.of.size() < count_) places.of.resize(count_), places.is_found.resize(count_, 0);
  const auto note = [&](std::uint32_t word) {
    if (places.is_found[word]) return;
    places.is_found[word] = 1;
    places.found.push_back(word);
  };
  for (const std::uint32_t word : empty_) note(word);
  if (width_ == 1) return;
  const std::uint32_t* next = next_.data();
  std::uint32_t state = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    state = next[state + class_[static_cast<unsigned char>(text[at])]];
    if (state < speaking_) continue;
    for (const std::uint32_t word : words_[(state - speaking_) / width_]) {
      note(word);
      if (wanted[word]) places.of[word].push_back(static_cast<std::uint32_t>(at + 1 - lengths_[word]));
    }
  }
}

WordSet::WordSet(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (!word.empty()) words_.push_back(lower_ascii(word));
  std::sort(words_.begin(), words_.end(), [](const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
  });
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  for (const std::string& word : words_) ++begin_[static_cast<unsigned char>(word[0]) + 1u];
  for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
}

bool WordSet::any_in(std::string_view text) const {
  if (words_.empty()) return false;
  const std::string low = lower_ascii(text);
  const std::string_view view = low;
  for (std::size_t at = 0; at < view.size(); ++at) {
    const auto first = static_cast<unsigned char>(view[at]);
    for (std::uint32_t i = begin_[first]; i < begin_[first + 1u]; ++i)
      if (view.substr(at).starts_with(words_[i])) return true;
  }
  return false;
}

}  // namespace ga::scan
