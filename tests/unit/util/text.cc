#include "util/text.hh"

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using Strings = std::vector<std::string>;

TEST_CASE("splitting and joining") {
  REQUIRE(split("", ',').empty());
  REQUIRE(split("a,,b", ',') == Strings{"a", "", "b"});
  REQUIRE(split(",", ',') == Strings{"", ""});
  REQUIRE(split("abc", ',') == Strings{"abc"});
  REQUIRE(split_lines("").empty());
  REQUIRE(split_lines("a\nb\n") == Strings{"a", "b"});
  REQUIRE(split_lines("a\r\n\nb") == Strings{"a", "", "b"});
  REQUIRE(join({"a", "b", ""}, ", ") == "a, b, ");
  REQUIRE(join({}, ",").empty());
  REQUIRE(trim(" \t a b\r\n ") == "a b");
  REQUIRE(trim(" \n ").empty());
}

TEST_CASE("small helpers") {
  REQUIRE(starts_with("abc", "ab"));
  REQUIRE_FALSE(starts_with("a", "ab"));
  REQUIRE(ends_with("abc", "bc"));
  REQUIRE_FALSE(ends_with("c", "bc"));
  REQUIRE(lower_ascii("AbÄZ1") == "abÄz1");
  REQUIRE(replace_all("aXbXX", "X", "yy") == "ayybyyyy");
  REQUIRE(replace_all("aaa", "aa", "a") == "aa");
  REQUIRE(replace_all("abc", "", "x") == "abc");
  REQUIRE(replace_all("abc", "x", "y") == "abc");
}

TEST_CASE("edit distance") {
  REQUIRE(edit_distance("", "") == 0);
  REQUIRE(edit_distance("abc", "") == 3);
  REQUIRE(edit_distance("", "abc") == 3);
  REQUIRE(edit_distance("kitten", "sitting") == 3);
  REQUIRE(edit_distance("flaw", "lawn") == 2);
  REQUIRE(edit_distance("same", "same") == 0);
}

TEST_CASE("a prefix never cuts a character") {
  REQUIRE(utf8_prefix("abc", 5) == "abc");
  REQUIRE(utf8_prefix("abc", 2) == "ab");
  REQUIRE(utf8_prefix("a€b", 1) == "a");
  REQUIRE(utf8_prefix("a€b", 2) == "a");
  REQUIRE(utf8_prefix("a€b", 3) == "a");
  REQUIRE(utf8_prefix("a€b", 4) == "a€");
  REQUIRE(utf8_prefix("😀", 3).empty());
  REQUIRE(utf8_prefix("abc", 0).empty());
  REQUIRE(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size() == 5);
}

TEST_CASE("SHA-256 of known texts") {
  REQUIRE(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  REQUIRE(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  REQUIRE(sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  // Around the ends of blocks, where the padding changes.
  REQUIRE(sha256_hex(std::string(55, 'a')) == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  REQUIRE(sha256_hex(std::string(56, 'a')) == "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  REQUIRE(sha256_hex(std::string(63, 'a')) == "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
  REQUIRE(sha256_hex(std::string(64, 'a')) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}
