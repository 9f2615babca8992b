#include "catch.hh"
#include "helpers.hh"
#include "util/text.hh"

using namespace ga;

namespace {

std::string utf8(unsigned code) {
  std::string text;
  if (code < 0x80) return text += static_cast<char>(code);
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    tail(6);
  } else {
    text += static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
  }
  tail(0);
  return text;
}

// As lib/model has it: [a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?
bool is_slug(const std::string& text) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (const char c : text)
    if (!alphanumeric(c) && c != '-' && c != '_') return false;
  return !text.empty() && text.size() <= 63 && alphanumeric(text.front()) && alphanumeric(text.back());
}

std::string random_bytes(test::Random& random) {
  std::string text;
  for (std::size_t n = random.below(40); n > 0; --n) {
    if (random.one_in(3)) text += static_cast<char>(random.below(256));
    else if (random.one_in(2)) text += utf8(static_cast<unsigned>(random.below(0x11000)));
    else text += static_cast<char>(' ' + random.below(95));
  }
  return text;
}

}  // namespace

TEST_CASE("plain text is shown as it is") {
  for (const char* text : {"", "plain ASCII ~ text\nwith\ttabs", "Grüße, 世界, שלום, हिन्दी", "☺\xef\xb8\x8f 😀 é"})
    REQUIRE(sanitize(text) == text);
}

TEST_CASE("what drives a terminal becomes visible") {
  REQUIRE(sanitize("\x1b[31mred\x1b]0;title\x07") == "\\x1b[31mred\\x1b]0;title\\x07");
  REQUIRE(sanitize("a\rb\x7f") == "a\\x0db\\x7f");
  REQUIRE(sanitize(std::string_view("a\0b", 3)) == "a\\x00b");
  REQUIRE(sanitize("\x9b"
                   "31m") == "\\x9b31m");  // C1 as one byte
  REQUIRE(sanitize("\xc2\x9b"
                   "31m") == "<U+009B>31m");  // and as a character
  REQUIRE(sanitize("a\xff\xc3(") == "a\\xff\\xc3(");
  REQUIRE(sanitize("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  REQUIRE(sanitize("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  REQUIRE(sanitize("\xe2\x82") == "\\xe2\\x82");           // cut off
}

TEST_CASE("what hides or reorders text becomes visible") {
  for (const unsigned code :
       {0xadu,   0x61cu,  0x180eu, 0x200bu, 0x200cu, 0x200du,  0x200eu,  0x200fu,  0x2028u, 0x2029u,
        0x202au, 0x202bu, 0x202cu, 0x202du, 0x202eu, 0x2060u,  0x2061u,  0x2064u,  0x2066u, 0x2067u,
        0x2068u, 0x2069u, 0x3164u, 0xfeffu, 0xfff9u, 0xe0001u, 0xe0041u, 0xe007fu, 0xe0100u}) {
    char name[16];
    std::snprintf(name, sizeof name, "<U+%04X>", code);
    REQUIRE(sanitize("a" + utf8(code) + "b") == "a" + std::string(name) + "b");
  }
}

TEST_CASE("whatever comes in, what is shown is safe, and showing it again changes nothing") {
  test::Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::string shown = sanitize(random_bytes(random));
    REQUIRE(is_valid_utf8(shown));
    for (const char c : shown) REQUIRE((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
    REQUIRE(sanitize(shown) == shown);
  }
}

TEST_CASE("one line") {
  REQUIRE(sanitize_line(" a\nb\tc \n") == "a b c");
  REQUIRE(sanitize_line("a\x1b"
                        "b") == "a\\x1b"
                                "b");
  REQUIRE(sanitize_line("\n").empty());
}

TEST_CASE("UTF-8 is checked and normalised") {
  REQUIRE(is_valid_utf8("Grüße 😀 and a long tail of ASCII characters"));
  REQUIRE(is_valid_utf8(""));
  REQUIRE_FALSE(is_valid_utf8("0123456789abcde\xff"));
  REQUIRE_FALSE(is_valid_utf8("0123456789abcdef\xc3"));
  REQUIRE_FALSE(is_valid_utf8("\xed\xa0\x80"));
  REQUIRE_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
  REQUIRE(replace_invalid_utf8("a\xff"
                               "b\xc3") == "a\xef\xbf\xbd"
                                           "b\xef\xbf\xbd");
  REQUIRE(normalize_utf8("e\xcc\x81") == "é");
  REQUIRE(normalize_utf8("a\xff") == "a\xef\xbf\xbd");
  REQUIRE(normalize_utf8(std::string_view("a\0é", 4)) == std::string("a\0é", 4));
}

TEST_CASE("names are compared without case") {
  REQUIRE(fold_case("README") == "readme");
  REQUIRE(fold_case("GRÜSSE") == fold_case("Grüße"));
  REQUIRE(fold_case("É") == fold_case("e\xcc\x81"));
  REQUIRE(fold_case("ΣΑΣ") == fold_case("σας"));
  for (unsigned code = 0x80; code < 0x2000; ++code) {
    const std::string once = fold_case(utf8(code));
    REQUIRE(fold_case(once) == once);
    REQUIRE(normalize_utf8(once) == once);
  }
}

TEST_CASE("columns") {
  REQUIRE(display_width("") == 0);
  REQUIRE(display_width("abc") == 3);
  REQUIRE(display_width("é") == 1);
  REQUIRE(display_width("e\xcc\x81") == 1);
  REQUIRE(display_width("世界") == 4);
  REQUIRE(display_width("\xff") == 1);
  REQUIRE(fit("abcdef", 10) == "abcdef");
  REQUIRE(fit("abcdef", 6) == "abcdef");
  REQUIRE(fit("abcdef", 4) == "abc…");
  REQUIRE(fit("abcdef", 1) == "…");
  REQUIRE(fit("abcdef", 0).empty());
  REQUIRE(fit("世界世界", 5) == "世界…");
  REQUIRE(fit("世界世界", 4) == "世…");
  REQUIRE(fit("e\xcc\x81"
              "e\xcc\x81"
              "e\xcc\x81",
              2) == "e\xcc\x81…");
}

TEST_CASE("fitted text never is too wide, and is a prefix") {
  test::Random random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = sanitize_line(random_bytes(random));
    const std::size_t columns = random.below(20);
    const std::string fitted = fit(text, columns);
    REQUIRE(display_width(fitted) <= columns);
    if (fitted != text && columns > 0) {
      REQUIRE(display_width(text) > columns);
      REQUIRE(text.starts_with(fitted.substr(0, fitted.size() - 3)));
    }
  }
}

TEST_CASE("slugs") {
  REQUIRE(slug_from_title("Write the parser!") == "write-the-parser");
  REQUIRE(slug_from_title("  Don't panic  ") == "dont-panic");
  REQUIRE(slug_from_title("Größe ändern, Łódź & Þór") == "grosse-andern-lodz-thor");
  REQUIRE(slug_from_title("ﬁx Ａｐｉ №5") == "fix-api-no5");
  REQUIRE(slug_from_title("foo_bar/baz.c") == "foo-bar-baz-c");
  REQUIRE(slug_from_title("世界") == "task");
  REQUIRE(slug_from_title("") == "task");
  REQUIRE(slug_from_title("---") == "task");
  REQUIRE(slug_from_title("CAFE") == "cafe-task");
  REQUIRE(slug_from_title("1234") == "1234-task");
  REQUIRE(slug_from_title("add fee") == "add-fee");
  REQUIRE(slug_from_title("Team") == "team-task");
  REQUIRE(slug_from_title(std::string(60, 'a')) == std::string(35, 'a') + "-task");
  REQUIRE(slug_from_title("implement the exceedingly long and winding road") == "implement-the-exceedingly-long-and");
}

TEST_CASE("whatever the title, the slug is one") {
  test::Random random(4);
  for (int i = 0; i < 20000; ++i) {
    const std::string slug = slug_from_title(random_bytes(random));
    REQUIRE(is_slug(slug));
    REQUIRE(slug.size() <= 40);
    REQUIRE(slug.find_first_not_of("0123456789abcdef") != std::string::npos);
    REQUIRE(slug_from_title(slug) == slug);
  }
}
