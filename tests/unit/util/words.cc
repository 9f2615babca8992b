#include "catch.hh"
#include "helpers.hh"
#include "util/process.hh"

using namespace ga;
using Strings = std::vector<std::string>;

TEST_CASE("words are split as a shell does") {
  REQUIRE(split_words("") == Strings{});
  REQUIRE(split_words("  a  b\tc\n") == Strings{"a", "b", "c"});
  REQUIRE(split_words("a 'b c' \"d e\"f") == Strings{"a", "b c", "d ef"});
  REQUIRE(split_words("'' \"\"") == Strings{"", ""});
  REQUIRE(split_words(R"(a\ b \\ \' "\"\\\n" '\n')") == Strings{"a b", "\\", "'", "\"\\\\n", "\\n"});
  REQUIRE(split_words("a\\\nb") == Strings{"ab"});
  REQUIRE(split_words("'a") == std::nullopt);
  REQUIRE(split_words("\"a") == std::nullopt);
  REQUIRE(split_words("a\\") == std::nullopt);
  REQUIRE(split_words("\"a\\\"") == std::nullopt);
  REQUIRE(split_words("$HOME *") == Strings{"$HOME", "*"});
}

TEST_CASE("words are quoted only when they need it") {
  REQUIRE(shell_quote("plain-word_1.2/x@y:z=%+,") == "plain-word_1.2/x@y:z=%+,");
  REQUIRE(shell_quote("") == "''");
  REQUIRE(shell_quote("a b") == "'a b'");
  REQUIRE(shell_quote("it's") == "'it'\\''s'");
  REQUIRE(shell_quote("~") == "'~'");
  REQUIRE(shell_join({"a", "b c", "--x=y"}) == "a 'b c' --x=y");
  REQUIRE(shell_join({"A=b", "A=b"}) == "'A=b' A=b");
}

TEST_CASE("what is quoted comes back, from us and from a shell") {
  test::Random random(5);
  const std::string_view characters = "ab '\"\\$`*?~#;&|<>(){}[]!\n\t=\xc3\xa4";
  for (int i = 0; i < 3000; ++i) {
    Strings words(1 + random.below(4));
    for (std::string& word : words)
      for (std::size_t n = random.below(8); n > 0; --n) word += random.pick(characters);
    const std::string line = shell_join(words);
    REQUIRE(split_words(line) == words);
    if (i >= 20) continue;
    Command command;
    command.argv = {"sh", "-c", "printf '%s|' " + shell_join(words)};
    std::string expected;
    for (const std::string& word : words) expected += word + "|";
    REQUIRE(run(command).out == expected);
  }
}
