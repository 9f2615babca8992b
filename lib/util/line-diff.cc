#include "util/line-diff.hh"

#include <algorithm>

namespace ga {
namespace {

constexpr std::size_t kMaxLines = 20'000;  // of both together
constexpr std::size_t kMaxSteps = 2'000;   // edits looked for, each of which costs their number in memory

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

using Lines = std::vector<std::string_view>;

// The furthest points of each step, by which the way is found back; none when it takes too many.
std::vector<std::vector<int>> explore(const Lines& a, const Lines& b) {
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  const int most = std::min(n + m, static_cast<int>(kMaxSteps));
  std::vector<int> reach(static_cast<std::size_t>(2 * most + 3), 0);
  const auto at = [&](int k) -> int& { return reach[static_cast<std::size_t>(k + most + 1)]; };
  std::vector<std::vector<int>> trace;
  for (int d = 0; d <= most; ++d) {
    trace.emplace_back(reach.begin() + (most + 1 - d), reach.begin() + (most + 2 + d));
    for (int k = -d; k <= d; k += 2) {
      int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)]) ++x;
      at(k) = x;
      if (x >= n && x - k >= m) return trace;
    }
  }
  return {};
}

std::vector<DiffLine> whole(const Lines& a, const Lines& b) {
  std::vector<DiffLine> out;
  for (const auto& line : a) out.push_back({'-', line});
  for (const auto& line : b) out.push_back({'+', line});
  return out;
}

std::vector<DiffLine> way_back(const Lines& a, const Lines& b, const std::vector<std::vector<int>>& trace) {
  std::vector<DiffLine> out;
  int x = static_cast<int>(a.size()), y = static_cast<int>(b.size());
  for (int d = static_cast<int>(trace.size()) - 1; d >= 0; --d) {
    // trace[d] holds the points before step d, of the diagonals -d .. d.
    const auto& reach = trace[static_cast<std::size_t>(d)];
    const auto at = [&](int k) { return k < -d || k > d ? -1 : reach[static_cast<std::size_t>(k + d)]; };
    const int k = x - y;
    const int from = d == 0 ? 0 : (k == -d || (k != d && at(k - 1) < at(k + 1)) ? k + 1 : k - 1);
    const int px = d == 0 ? 0 : at(from), py = d == 0 ? 0 : px - from;
    while (x > px && y > py) {
      out.push_back({' ', a[static_cast<std::size_t>(--x)]});
      --y;
    }
    if (d == 0) break;
    if (x == px) out.push_back({'+', b[static_cast<std::size_t>(--y)]});
    else out.push_back({'-', a[static_cast<std::size_t>(--x)]});
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after) {
  Lines a = lines_of(before), b = lines_of(after);
  // What both begin and end with needs no search.
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  std::vector<DiffLine> out;
  for (std::size_t i = 0; i < head; ++i) out.push_back({' ', a[i]});
  const auto cut = [&](const Lines& all) {
    return Lines(all.begin() + static_cast<std::ptrdiff_t>(head), all.end() - static_cast<std::ptrdiff_t>(tail));
  };
  const Lines inner_a = cut(a), inner_b = cut(b);
  const bool small = inner_a.size() + inner_b.size() <= kMaxLines;
  const auto trace = small ? explore(inner_a, inner_b) : std::vector<std::vector<int>>{};
  const auto middle = trace.empty() ? whole(inner_a, inner_b) : way_back(inner_a, inner_b, trace);
  out.insert(out.end(), middle.begin(), middle.end());
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) out.push_back({' ', a[i]});
  return out;
}

std::string line_difference(std::string_view before, std::string_view after, int context) {
  const auto lines = diff_lines(before, after);
  std::vector<bool> wanted(lines.size(), context < 0);
  for (std::size_t i = 0; context >= 0 && i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const std::size_t around = static_cast<std::size_t>(context);
    for (std::size_t k = i > around ? i - around : 0; k <= i + around && k < lines.size(); ++k) wanted[k] = true;
  }
  std::string text;
  std::size_t old_line = 0, new_line = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    old_line += lines[i].mark != '+' ? 1 : 0;
    new_line += lines[i].mark != '-' ? 1 : 0;
    if (!wanted[i]) continue;
    if (context >= 0 && (i == 0 || !wanted[i - 1]))
      text += "@@ -" + std::to_string(std::max<std::size_t>(old_line, 1)) + " +" +
              std::to_string(std::max<std::size_t>(new_line, 1)) + " @@\n";
    text += lines[i].mark;
    text += lines[i].text;
    text += '\n';
  }
  return text;
}

}  // namespace ga
