#include "util/line-diff.hh"

#include <random>

#include "catch.hh"

using namespace ga;

TEST_CASE("a difference has both texts in it, and no more changes than needed") {
  CHECK(line_difference("a\nb\nc\n", "a\nx\nc\n") == " a\n-b\n+x\n c\n");
  CHECK(line_difference("", "a\n") == "+a\n");
  CHECK(line_difference("a\n", "") == "-a\n");
  CHECK(line_difference("a\n", "a\n", 3).empty());
  CHECK(line_difference("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nx\n", 1) == "@@ -5 +5 @@\n 5\n-6\n+x\n");
  std::mt19937 dice(7);
  for (int round = 0; round < 400; ++round) {
    std::string a, b;
    for (unsigned n = dice() % 12; n > 0; --n) a += std::string(1, static_cast<char>('a' + dice() % 3)) + "\n";
    for (unsigned n = dice() % 12; n > 0; --n) b += std::string(1, static_cast<char>('a' + dice() % 3)) + "\n";
    std::string before, after;
    for (const DiffLine& line : diff_lines(a, b)) {
      if (line.mark != '+') before += std::string(line.text) + "\n";
      if (line.mark != '-') after += std::string(line.text) + "\n";
    }
    CHECK(before == a);
    CHECK(after == b);
  }
}
