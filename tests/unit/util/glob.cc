#include "util/glob.hh"

#include "catch.hh"
#include "helpers.hh"

using namespace ga;

namespace {

// Git's own way, as its documentation and wildmatch.c have it: recursive, for short patterns only.
// `*` and `**` as described there; classes of single characters.
bool wild(std::string_view p, std::string_view t, bool at_start) {
  if (p.empty()) return t.empty();
  if (p[0] == '*') {
    std::size_t stars = 0;
    while (stars < p.size() && p[stars] == '*') ++stars;
    const std::string_view rest = p.substr(stars);
    if (stars >= 2 && at_start && (rest.empty() || rest[0] == '/')) {
      if (rest.empty()) return !t.empty();
      if (wild(rest.substr(1), t, true)) return true;
      for (std::size_t i = 0; i < t.size(); ++i)
        if (t[i] == '/' && wild(rest.substr(1), t.substr(i + 1), true)) return true;
      return false;
    }
    for (std::size_t i = 0;; ++i) {
      if (wild(rest, t.substr(i), false)) return true;
      if (i == t.size() || t[i] == '/') return false;
    }
  }
  if (t.empty()) return false;
  if (p[0] == '[') {
    const std::size_t end = p.find(']');
    const std::string_view set = p.substr(1, end - 1);
    const bool negated = set[0] == '!';
    const bool listed = set.substr(negated).find(t[0]) != std::string_view::npos;
    return listed != negated && t[0] != '/' && wild(p.substr(end + 1), t.substr(1), false);
  }
  const bool same = p[0] == '?' ? t[0] != '/' : p[0] == t[0];
  return same && wild(p.substr(1), t.substr(1), p[0] == '/');
}

// gitignore on top of it: every leading directory of the path may be what is matched.
bool slow_match(std::string_view pattern, std::string_view path) {
  const bool directory_only = pattern.ends_with('/');
  if (directory_only) pattern.remove_suffix(1);
  const bool anchored = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '/') continue;
    if (end == path.size() && directory_only) continue;
    std::string_view part = path.substr(0, end);
    if (!anchored) part.remove_prefix(part.rfind('/') + 1);  // npos + 1 is 0
    if (wild(pattern, part, true)) return true;
  }
  return false;
}

bool is_path(std::string_view text) {
  return !text.empty() && !text.starts_with('/') && !text.ends_with('/') && text.find("//") == std::string_view::npos;
}

// Every path over "ab/" of up to so many characters.
std::vector<std::string> all_paths(std::size_t longest) {
  std::vector<std::string> texts{""}, paths;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (is_path(texts[i])) paths.push_back(texts[i]);
    if (texts[i].size() < longest)
      for (const char* c : {"a", "b", "/"}) texts.push_back(texts[i] + c);
  }
  return paths;
}

std::string random_pattern(test::Random& random, std::size_t pieces_at_most) {
  static const std::vector<std::string> pieces = {"a",   "b",   "/",    "*",    "**", "?", "/**/",
                                                  "**/", "/**", "[ab]", "[!a]", "a",  "b"};
  std::string pattern;
  for (std::size_t n = 1 + random.below(pieces_at_most); n > 0; --n) pattern += random.pick(pieces);
  return pattern;
}

}  // namespace

TEST_CASE("patterns as in .gitignore") {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  const std::vector<Row> rows = {
      {"Makefile", "Makefile", true},
      {"Makefile", "a/b/Makefile", true},
      {"Makefile", "Makefile.am", false},
      {"Makefile", "aMakefile", false},
      {"src", "src/a/b.c", true},
      {"src", "lib/src/b.c", true},
      {"src", "srcs/b.c", false},
      {"src/", "src/a.c", true},
      {"src/", "lib/src/a.c", true},
      {"src/", "src", false},
      {"src/a.c", "src/a.c", true},
      {"src/a.c", "lib/src/a.c", false},
      {"src/a", "src/a/b", true},
      {"src/a", "src/ab", false},
      {"/src", "src/x", true},
      {"/src", "lib/src/x", false},
      {"*.c", "a.c", true},
      {"*.c", "src/a.c", true},
      {"*.c", "a.cc", false},
      {"*.c", ".c", true},
      {"*.c", "x.c/y", true},
      {"src/*.c", "src/a.c", true},
      {"src/*.c", "src/x/a.c", false},
      {"src/**", "src/a/b", true},
      {"src/**", "src", false},
      {"**/test", "test/x", true},
      {"**/test", "a/b/test", true},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"a**b", "axxb", true},
      {"a**b", "ax/b", false},
      {"**", "a/b", true},
      {"*", "a/b", true},
      {"?.c", "a.c", true},
      {"?.c", "ab.c", false},
      {"a?b", "a/b", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[^a-c]x", "ax", false},
      {"[]a]x", "]x", true},
      {"[a-]x", "-x", true},
      {"[\\]]x", "]x", true},
      {"[[:digit:]]", "7", true},
      {"[[:upper:]x]", "x", true},
      {"[[:digit:]]", "d", false},
      {"[[:nonsense:]]", "n", false},
      {"[[:]", ":", true},
      {"[[:a]b", "[b", true},
      {"a[/]b", "a/b", false},
      {"a[!x]b", "a/b", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a", false},
      {"[a", "a", false},
      {"[a", "[a", false},
      {"!x", "!x", true},
      {"#x", "#x", true},
      {"a.c", "axc", false},
      {"*.\xc3\xa4", "x.\xc3\xa4", true},
      {"", "a", false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " against " << row.path);
    REQUIRE(glob_match(row.pattern, row.path) == row.matches);
    REQUIRE(Glob(row.pattern).matches(row.path) == (row.matches));
  }
  REQUIRE(glob_match_any({"x", "*.c"}, "a.c"));
  REQUIRE_FALSE(glob_match_any({}, "a.c"));
}

TEST_CASE("matching agrees with the definition, over all short paths") {
  const std::vector<std::string> paths = all_paths(6);
  test::Random random(8);
  for (int i = 0; i < 1500; ++i) {
    const std::string pattern = random_pattern(random, 5);
    if (pattern.starts_with("//") || pattern.find("//") != std::string::npos) continue;
    const Glob glob(pattern);
    for (const std::string& path : paths) {
      const bool expected = slow_match(pattern, path);
      if (glob.matches(path) == expected && glob_match(pattern, path) == expected) continue;
      FAIL(pattern << " against " << path << " should be " << expected);
    }
  }
}

TEST_CASE("overlap is what brute force finds") {
  // Three pieces each share a path of seven characters when they share one at all; what "a" and "b"
  // do not show, no other letter does.
  const std::vector<std::string> paths = all_paths(7);
  test::Random random(9);
  int overlapping = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string a = random_pattern(random, 3), b = random_pattern(random, 3);
    const Glob first(a), second(b);
    bool found = false;
    for (const std::string& path : paths) found = found || (first.matches(path) && second.matches(path));
    INFO(a << " and " << b);
    REQUIRE(globs_overlap(a, b) == found);
    REQUIRE(globs_overlap(b, a) == found);
    overlapping += found;
  }
  REQUIRE(overlapping > 100);
  REQUIRE(overlapping < 1450);
}

TEST_CASE("overlaps people meet") {
  REQUIRE(globs_overlap("src/**", "src/a.c"));
  REQUIRE(globs_overlap("src", "src/a/b.c"));
  REQUIRE(globs_overlap("*.c", "src/"));
  REQUIRE(globs_overlap("src/*.c", "src/a*"));
  REQUIRE(globs_overlap("a/**/z", "a/b/**"));
  REQUIRE(globs_overlap("[a-m]*", "[m-z]*"));
  REQUIRE(globs_overlap("Makefile", "sub/"));
  REQUIRE(globs_overlap("src/", "tests/x"));  // "tests/x/src/y": without a '/' before its end it matches anywhere
  REQUIRE(globs_overlap("*.c", "*.h"));       // "x.c/y.h": a directory may have any name
  REQUIRE_FALSE(globs_overlap("src/*.c", "src/*.h"));
  REQUIRE_FALSE(globs_overlap("/src/", "tests/x"));
  REQUIRE_FALSE(globs_overlap("src/a.c", "src/b.c"));
  REQUIRE_FALSE(globs_overlap("src/**", "tests/**"));
  REQUIRE_FALSE(globs_overlap("/a", "/b"));
  REQUIRE_FALSE(globs_overlap("[a", "[a"));
  REQUIRE_FALSE(globs_overlap("src/.", "src/?"));
}

TEST_CASE("no pattern is slow") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  REQUIRE_FALSE(glob_match(pattern + "b", std::string(2000, 'a')));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "**/*a*/";
  REQUIRE_FALSE(glob_match(deep + "b", std::string(2000, 'a')));
  REQUIRE(globs_overlap(pattern, pattern + "a"));
}

TEST_CASE("refused patterns") {
  for (const char* fine :
       {"src/**", "*.c", "a b", "!x", "src/", "..a/b", ".gitignore", "[a-z]", "a\\*", ".github/x", "ä"})
    REQUIRE(glob_error(fine) == "");
  for (const char* refused : {"", "/src", "../x", "a/../b", "a/..", ".git", ".git/hooks", "sub/.GIT/x", "a\nb", "a\x7f",
                              "./a", "a/./b", "a//b", "[a", "a\\", "a[/]b"})
    REQUIRE(glob_error(refused) != "");
  REQUIRE(glob_error(std::string("a\0b", 3)) != "");
  REQUIRE(glob_error(std::string(2000, 'a')) != "");
}
