#include "scan/content.hh"

#include "catch.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::scan;

namespace {

// "rule@line:column-end" of each, a '~' before those that only warn.
std::string places(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& each : findings)
    text += (text.empty() ? "" : " ") + std::string(each.blocks ? "" : "~") + each.rule + "@" +
            std::to_string(each.line) + ":" + std::to_string(each.column) + "-" + std::to_string(each.end_column);
  return text;
}

std::string judged(std::string_view after, std::string_view path = "src/a.c", TextClass text = TextClass::code) {
  return places(check_content({.path = path, .after = after, .text = text}, {}));
}

std::string changed(std::string_view before, std::string_view after, std::string_view path = "a.c") {
  return places(check_content({.path = path, .before = before, .after = after, .existed = true}, {}));
}

}  // namespace

TEST_CASE("characters that change direction or show nothing") {
  CHECK(judged("int a;\n").empty());
  CHECK(judged("x\n  /* \xe2\x80\xae } */\n") == "bidi-control@2:6-8");
  CHECK(judged("a\xe2\x80\x8b"
               "b") == "invisible-character@1:2-4");
  CHECK(judged("\xef\xbb\xbfint a;\nb\xef\xbb\xbf\n") ==
        "invisible-character@2:2-4");  // a byte order mark at the start is fine
  CHECK(judged("a\xc2\xad"
               "b") == "invisible-character@1:2-3");
  CHECK(judged("var \xe3\x85\xa4;") == "invisible-character@1:5-7");
  // A run of one kind is one finding.
  CHECK(judged("s = '\xf3\xa0\x81\x81\xf3\xa0\x81\x82\xf3\xa0\x81\x83'") == "invisible-character@1:6-17");
  // Bytes that are no UTF-8 are none of these.
  CHECK(judged("\xff\xe2\x80 \xf4\x90\x80\x80 \xc0\x80").empty());
}

TEST_CASE("emoji, flags and scripts that need joiners are fine") {
  CHECK(judged("ok \xe2\x9d\xa4\xef\xb8\x8f 1\xef\xb8\x8f\xe2\x83\xa3").empty());  // heart, keycap
  CHECK(judged("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb \xf0\x9f\x8f\xb3\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x8c\x88")
            .empty());
  CHECK(judged("\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7\xf3"
               "\xa0\x81\xbf")
            .empty());
  CHECK(judged("\"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\"").empty());  // Persian
  CHECK(judged("a\xef\xb8\x8f") == "invisible-character@1:2-4");
  CHECK(judged("a\xe2\x80\x8d"
               "b") == "invisible-character@1:2-4");
}

TEST_CASE("prose and translations are warned of, guarded files are not spared") {
  CHECK(text_class("docs/a.md") == TextClass::prose);
  CHECK(text_class("app/locales/he.json") == TextClass::prose);
  CHECK(text_class("res/values-fa/strings.xml") == TextClass::prose);
  CHECK(text_class("src/a.ts") == TextClass::code);
  CHECK(text_class("md") == TextClass::code);
  const std::string mark = "see \xe2\x80\x8f here\n";
  CHECK(judged(mark, "a.md", TextClass::prose) == "~bidi-control@1:5-7");
  CHECK(judged(mark, "AGENTS.md", TextClass::guarded) == "bidi-control@1:5-7");
  // Tags carry text that nobody sees, in prose as well.
  CHECK(judged("a\xf3\xa0\x81\x81", "a.md", TextClass::prose) == "invisible-character@1:2-5");
  CHECK(judged("\xe8\x91\x9b\xf3\xa0\x84\x80", "a.md", TextClass::prose) == "~invisible-character@1:4-7");
}

TEST_CASE("only what a change adds") {
  const std::string odd = "a\xe2\x80\x8b\n";
  CHECK(changed(odd + "b\n", odd + "c\n").empty());
  CHECK(changed(odd + "b\n", "b\n" + odd).empty());
  CHECK(changed(odd, odd + odd) == "invisible-character@2:2-4");
  CHECK(changed("", odd) == "invisible-character@1:2-4");
  CHECK(changed("a\r\n" + odd, "a\n" + odd).empty());
}

TEST_CASE("identifiers whose letters look alike and are not") {
  CHECK(judged("p\xd0\xb0ypal = 1") == "~mixed-script-identifier@1:1-7");
  CHECK(judged("x.p\xd0\xb0y()") == "~mixed-script-identifier@1:3-6");
  CHECK(judged("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 = \"a\"").empty());
  CHECK(judged("\xce\x94t = \xce\xbbx + \xc2\xb5s").empty());
  CHECK(judged("\xce\x91"
               "dmin") == "~mixed-script-identifier@1:1-6");
  CHECK(judged("p\xd0\xb0ypal", "a.md", TextClass::prose).empty());
}

TEST_CASE("conflict markers, all three kinds in their order") {
  const std::string one = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n";
  CHECK(judged("x\n" + one) == "conflict-marker@2:1-7");
  CHECK(judged("<<<<<<< a\r\nx\r\n||||||| base\r\ny\r\n=======\r\nb\r\n>>>>>>> b\r\n") == "conflict-marker@1:1-7");
  CHECK(judged("Title\n=======\ntext\n").empty());
  CHECK(judged("<<<<<<< HEAD\n=======\n").empty());
  CHECK(judged("=======\n>>>>>>> b\n").empty());
  CHECK(judged("<<<<<<<<\n=======\n>>>>>>> b\n").empty());
  CHECK(judged(" <<<<<<< HEAD\n=======\n>>>>>>> b\n").empty());
  CHECK(judged("```\n" + one + "```\n", "a.md", TextClass::prose) == "~conflict-marker@2:1-7");
  CHECK(judged(one, "a.md", TextClass::prose) == "conflict-marker@1:1-7");
  CHECK(changed(one, one + "c\n").empty());
  CHECK(changed("<<<<<<< HEAD\na\n=======\nb\n", one) == "conflict-marker@1:1-7");
}

TEST_CASE("what is large or binary") {
  const ContentLimits small{.max_bytes = 10, .binary = Binaries::refuse};
  const std::string large = "12345678901\n", nul("a\0b", 3);
  const auto with = [&](std::string_view path, std::string_view before, std::string_view after, bool existed) {
    return places(check_content({.path = path, .before = before, .after = after, .existed = existed}, small));
  };
  CHECK(with("a", "", large, false) == "oversized-file@0:0-0");
  CHECK(with("a", large, large + "x", true) == "~oversized-file@0:0-0");
  CHECK(with("a", "x", "y", true).empty());
  CHECK(with("a.o", "", nul, false) == "binary-file@0:0-0");
  CHECK(with("a.o", nul, nul + "c", true).empty());
  CHECK(with("a.png", "", nul, false).empty());
  CHECK(places(check_content({.path = "a.o", .after = nul}, {})) == "~binary-file@0:0-0");
  CHECK(check_content({.path = "a.o", .after = nul}, {.binary = Binaries::allow}).empty());
  CHECK(check_content({.path = "a", .after = std::string(6 << 20, 'a')}, {})[0].description ==
        "6.0 MB, more than the 5.0 MB that a file may have: in the history it stays for good");
}

TEST_CASE("many findings of one file end somewhere") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xe2\x80\x8b\n";
  CHECK(check_content({.path = "a", .after = text}, {}).size() == 100);
  CHECK(invisible_characters("a", "p\xd0\xb0y \xe2\x80\x8b", TextClass::guarded).size() == 1);
}
