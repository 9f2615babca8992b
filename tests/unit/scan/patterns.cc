// Patterns: RE2's words in PCRE2's, spans as Go finds them, and no text that stalls them.
#include "scan/pattern.hh"

#include <algorithm>

#include "catch.hh"
#include "scan/keywords.hh"
#include "util/clock.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::scan;

namespace {

std::string why_refused(const std::string& pattern) {
  try {
    Pattern(pattern).check();
  } catch (const PatternError& error) {
    return error.what();
  }
  return "";
}

// "begin-end" of every match, as Go's FindAllStringIndex gives them.
std::string spans(const std::string& pattern, std::string_view text, Dialect dialect = Dialect::re2) {
  const Pattern compiled(pattern, dialect);
  Budget budget(0);
  std::string all;
  Span match;
  for (std::size_t from = 0; from <= text.size() && compiled.find(text, from, budget, match) == Search::found;
       from = match.end > match.begin ? match.end : match.end + 1)
    all += (all.empty() ? "" : " ") + std::to_string(match.begin) + "-" + std::to_string(match.end);
  return all;
}

}  // namespace

TEST_CASE("what RE2 refuses is refused", "[scan]") {
  for (const char* pattern : {"(?=a)",
                              "(?!a)",
                              "(?<=a)b",
                              "(?<!a)b",
                              "(a)\\1",
                              "(?>a)",
                              "a++",
                              "a*+",
                              "a?+",
                              "a{2}+",
                              "a**",
                              "a{2}{3}",
                              "a{1001}",
                              "(*UTF)a",
                              "(?R)",
                              "(?1)",
                              "(?C)a",
                              "(?#x)a",
                              "(?x)a",
                              "\\Z",
                              "\\G",
                              "\\K",
                              "\\R",
                              "\\h",
                              "\\C",
                              "\\8",
                              "\\xZZ",
                              "\\x4",
                              "[a",
                              "(a",
                              "a)",
                              "*a",
                              "a|*",
                              "[\\b]",
                              "\\",
                              "[a-\\d]",
                              "[\\w.-&]{0,50}?a",
                              "(?P<n",
                              "(?i",
                              "(?)",
                              "{2}"}) {
    INFO(pattern);
    // "{2}" alone is text in PCRE2, and an error in Go.
    CHECK(!why_refused(pattern).empty());
  }
}

TEST_CASE("what RE2 takes is taken", "[scan]") {
  for (const char* pattern : {"(?P<name>a)", "(?<name>a)",   "(?i-s:a)",  "a{,3}", "a{",         "a{x}",    "{",
                              "[[:alpha:]]", "[[:^digit:]]", "[]a]",      "[^]a]", "[[a]",       "[a\\-z]", "[\\w-.]",
                              "[\\d-z]",     "\\Qa.b\\E",    "\\x{263A}", "\\pL",  "\\p{Greek}", "\\_",     "\\/",
                              "\\12",        "\\0",          "a{1000}",   "a??",   "a{2,3}?",    "x*"}) {
    INFO(pattern);
    CHECK(why_refused(pattern).empty());
  }
}

TEST_CASE("spans are Go's where PCRE2 would differ", "[scan]") {
  CHECK(spans("a$", "a\n") == "");  // only the very end
  CHECK(spans("(?m)a$", "a\na") == "0-1 2-3");
  CHECK(spans("\\s", "a\vb \t") == "3-4 4-5");  // the vertical tab is no space
  CHECK(spans("[\\s]", "\v") == "");
  CHECK(spans("\\S", "\v") == "0-1");
  CHECK(spans("[\\S]", "\v") == "0-1");
  CHECK(spans("[^\\S]", "\v ") == "1-2");
  CHECK(spans("\\v", "\v\n") == "0-1");
  CHECK(spans("a{,2}", "aa a{,2}") == "3-8");
  CHECK(spans("[\\w-.]+", "a-b.c") == "0-5");
  CHECK(spans("\\12", "\n") == "0-1");
  CHECK(spans("[[a]", "[") == "0-1");
  CHECK(spans(".", "\r\n") == "0-1");
  CHECK(spans("(?s).", "\n") == "0-1");
  CHECK(spans("\\x{e9}", "\xC3\xA9") == "0-2");
  CHECK(spans("[\xC3\xA9]", "a\xC3\xA9") == "1-3");
  CHECK(spans("(?P<x>a)(?P<x>b)", "ab") == "0-2");
  CHECK(spans("\\Q.*\\E", "a.*") == "1-3");
}

TEST_CASE("own patterns are PCRE2 in full", "[scan]") {
  CHECK(spans("^foo(?=bar)", "x\nfoobar", Dialect::pcre2) == "2-5");
  CHECK(spans("(\\w)\\1", "abba", Dialect::pcre2) == "1-3");
  CHECK(spans("^.$", "\xC3\xA9\n", Dialect::pcre2) == "0-2");
  CHECK(spans("b",
              "\xFF"
              "b",
              Dialect::pcre2) == "1-2");
  CHECK_THROWS_AS(Pattern("a(", Dialect::pcre2).check(), PatternError);
  CHECK_THROWS_AS(Pattern("\\C", Dialect::pcre2).check(), PatternError);
}

TEST_CASE("a generic beginning is taken off, and matches are the same", "[scan]") {
  const Stripped once = strip_generic_prefix("(?i)[\\w.-]{0,50}?(?:key)=(x+)");
  CHECK(once.core == "(?i)(?:key)=(x+)");
  CHECK(once.reach == 50);
  CHECK(strip_generic_prefix("[\\w.-]{0,50}?(?i:[\\w.-]{0,50}?(?:key))=x").core == "(?i:(?:key))=x");
  CHECK(strip_generic_prefix("[\\w.-]{0,50}?(?i:[\\w.-]{0,50}?(?:key))=x").reach == 100);
  // Where the rest is not all behind the beginning, or it is greedy, it stays.
  for (const char* pattern :
       {"[\\w.-]{0,50}?a|b", "[\\w.-]{0,50}a", "[\\w.-]{1,50}?a", "([\\w.-]{0,50}?a)", "[^a]{0,5}?a"}) {
    INFO(pattern);
    CHECK(strip_generic_prefix(pattern).members.empty());
  }

  const std::string pattern = "(?i)[\\w.-]{0,5}?(?:key)=(\\w+)";
  CHECK(spans(pattern, "my.key=abc") == "0-10");
  CHECK(spans(pattern, "a-very.long.key=abc") == "7-19");  // five bytes, no more
  CHECK(spans(pattern, "xx key=ab,bkey=c") == "3-9 10-16");
  CHECK(spans(pattern, "key=akey=b") == "0-8");
  CHECK(spans(pattern, "key=a key=bkey=c") == "0-5 6-14");
  // Never back into the match before.
  CHECK(spans("[a-z]{0,9}?(?:k)=", "k=ak=") == "0-2 2-5");
}

TEST_CASE("the words that every match holds, and where", "[scan]") {
  const auto anchor = [](std::string_view pattern) {
    Anchor found = find_anchor(pattern);
    std::sort(found.words.begin(), found.words.end());
    return found.words.empty()
               ? std::string()
               : join(found.words, " ") + " " + std::to_string(found.least) + "-" + std::to_string(found.most);
  };
  CHECK(anchor("(?i)(?:api[_-]?key|Token)=x") == "api-key= api_key= apikey=x token=x 0-0");
  CHECK(anchor("\\b(A3T[A-Z]|AKIA)\\w+") == "a3t akia 0-0");
  CHECK(anchor("(?:(?-i:[Aa]pi|API)|b(?:c)?d)(?:[ \\t]{0,3})") == "api api bcd bd 0-0");
  CHECK(anchor("ghp_\\d{36}") == "ghp_ 0-0");
  CHECK(anchor("a{2}b") == "a 0-0");
  CHECK(anchor("ab+c") == "ab 0-0");
  CHECK(anchor("(?P<n>ab)c\\.d") == "abc.d 0-0");
  CHECK(anchor("^abc") == "abc 0-0");
  // Behind a beginning that is as long as it may be.
  CHECK(anchor("\\b([a-f0-9]{32}-us\\d{1,2})") == "-us 32-32");
  CHECK(anchor("\\wab") == "ab 1-1");
  CHECK(anchor(".ab") == "ab 1-1");
  CHECK(anchor("\\d{5,16}:A[\\w-]{34}") == ":a 5-16");
  CHECK(anchor("(?:\\b|_)(?:abc|de\\w)") == "_abc _de abc de 0-0");
  CHECK(anchor("(?:x?abc|[^a]{2}(?:\\d|[a-z]{3})def)") == "abc def xabc 0-5");
  CHECK(anchor("a{0,2}bc") == "bc 0-2");
  CHECK(anchor("x\\s*secret") == "x 0-0");
  CHECK(anchor("(?:ab){2,3}c") == "ab 0-0");
  CHECK(anchor("[g-i]z") == "gz hz iz 0-0");
  for (const char* pattern :
       {"a?", "[a-z]*b", "\\w+ab", ".*a", "a|", "(?:a|)|\\d", "\\Qab\\E", "\\x41", "(a*)", "a{0,2}", "(?:ab)?", ""}) {
    INFO(pattern);
    CHECK(anchor(pattern).empty());
  }
}

TEST_CASE("around the words all is found, and nothing else", "[scan]") {
  // Every pattern tried where its words stand finds what it finds when it is tried everywhere.
  const std::vector<std::string> patterns = {"[a-z]{1,3}\\+[a-z]{1,4}:",
                                             "(?:\\b|_)(?:ab|cd)[a-d]{1,3}",
                                             "[a-c]{2}d(?:a|b)",
                                             "(?:x?abc|[^a]{2}(?:\\d|[a-z]{3})da)",
                                             "a{0,2}bc?d",
                                             "(?i)[\\w.-]{0,3}?(?:key|a)=",
                                             "b\\W{0,2}ab"};
  std::uint32_t seed = 1;
  for (const std::string& text : patterns) {
    const Pattern pattern(text);
    const Anchor anchor = pattern.anchor();
    INFO(text);
    REQUIRE(!anchor.words.empty());
    int found = 0;
    for (int round = 0; round < 400; ++round) {
      std::string subject;
      for (int i = 0; i < 40; ++i) {
        seed = seed * 1664525 + 1013904223;
        subject += "aabbccddxk=+: _ey1"[(seed >> 16) % 18];
      }
      Budget budget(0);
      Span match;
      for (std::size_t from = 0; pattern.find(subject, from, budget, match) == Search::found; from = match.end) {
        ++found;
        // The begin that counts is the one without what is walked back over.
        bool near = false;
        for (const std::string& word : anchor.words)
          for (std::size_t at = subject.find(word, match.begin); at < match.end; at = subject.find(word, at + 1))
            near |= at >= match.begin + anchor.least;
        CHECK(near);
      }
    }
    CHECK(found > 0);
  }
}

TEST_CASE("groups of the match, not of the text around it", "[scan]") {
  Budget budget(0);
  const Pattern pattern("[\\w.-]{0,50}?key=(\\w+)(?:;(z))?");
  const auto found = pattern.captures("the.key=abc", budget);
  REQUIRE(found.size() == 3);
  CHECK(found[0] == "the.key=abc");
  CHECK(found[1] == "abc");
  CHECK(found[2].empty());
  CHECK(pattern.groups() == 2);
  CHECK(pattern.captures("nothing", budget).empty());
}

TEST_CASE("what takes too long is said, not waited for", "[scan]") {
  const std::string text(100'000, 'a');
  const double begin = monotonic_seconds();
  Budget budget(0.2);
  Span match;
  CHECK(Pattern("(a+)+\\d", Dialect::pcre2).find(text, 0, budget, match) == Search::unfinished);
  CHECK(Pattern("(?:a|a)*\\d", Dialect::pcre2).find(text, 0, budget, match) == Search::unfinished);
  // Generous: whoever tests may have other work to do.
  CHECK(monotonic_seconds() - begin < 30);
  CHECK(Pattern("(a+)+\\d", Dialect::pcre2).matches(text, budget, true));
  CHECK_FALSE(Pattern("(a+)+\\d", Dialect::pcre2).matches(text, budget, false));
}

TEST_CASE("windows change nothing", "[scan]") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "some words, then: id=" + std::to_string(i * 7919) + "\n";
  const Pattern pattern("id=(\\d+)\\b");
  Budget budget(0);
  Span match;
  int count = 0;
  for (std::size_t from = 0; pattern.find(text, from, budget, match) == Search::found; from = match.end) {
    CHECK(text.compare(match.begin, 3, "id=") == 0);
    CHECK(text[match.end] == '\n');
    ++count;
  }
  CHECK(count == 5000);
}

TEST_CASE("keywords are found wherever they overlap, whatever their case", "[scan]") {
  const Keywords words({"he", "she", "his", "hers", "", "x_y", "zzz"});
  const auto found = [&](std::string_view text) {
    std::vector<char> marks(words.size(), 0);
    words.find(text, marks);
    std::string list;
    for (const char mark : marks) list += mark ? '1' : '0';
    return list;
  };
  CHECK(found("") == "0000100");
  CHECK(found("uSHErs") == "1101100");
  CHECK(found("xX_Yx") == "0000110");
  CHECK(found("zzhiszz") == "0010100");
  CHECK(found("zzzz") == "0000101");
  std::vector<char> marks(1, 0);
  Keywords({"a"}).find("b\xFF\0"
                       "A",
                       marks);
  CHECK(marks[0] == 0);  // the literal ends at the NUL
}

TEST_CASE("stop words are parts of a text", "[scan]") {
  const WordSet words({"Example", "test", "te", ""});
  CHECK(words.any_in("my-EXAMPLE"));
  CHECK(words.any_in("xxte"));
  CHECK_FALSE(words.any_in("exampl"));
  CHECK_FALSE(words.any_in(""));
  CHECK_FALSE(WordSet().any_in("a"));
}
