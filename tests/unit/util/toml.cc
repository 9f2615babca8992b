#include "util/toml.hh"

#include <cmath>

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using test::contains;
using test::failure_of;

namespace {

std::string failure_text(const std::string& text) {
  return failure_of([&] { parse_toml(text, "FILE"); }).value().text;
}

bool refused(const std::string& text) {
  return failure_of([&] { parse_toml(text, "FILE"); }).has_value();
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("the canonical form") {
  const Json object = {
      {"title", "Write \"it\""},
      {"body", "First line\n\n  second \"\"\" line\\\n"},
      {"count", 3},
      {"share", 0.5},
      {"whole", 2.0},
      {"done", false},
      {"tags", {"a", "b"}},
      {"nothing", nullptr},
      {"none", Json::array()},
      {"odd key", 1},
      {"table", {{"z", 1}, {"inner", {{"x", "y"}}}}},
      {"only", {{"tables", {{"inside", Json::object()}}}}},
      {"list", {{{"n", 1}, {"sub", {{"k", true}}}}, {{"n", 2}}, Json::object()}},
      {"mixed", {1, "two", {{"three", 3}, {"four", {4}}}, {5, 6}}},
  };
  const std::string expected = R"(body = """
First line

  second ""\" line\\
"""
count = 3
done = false
mixed = [1, "two", { four = [4], three = 3 }, [5, 6]]
"odd key" = 1
share = 0.5
tags = ["a", "b"]
title = "Write \"it\""
whole = 2.0

[only.tables.inside]

[table]
z = 1

[table.inner]
x = "y"

[[list]]
n = 1

[list.sub]
k = true

[[list]]
n = 2

[[list]]
)";
  REQUIRE(write_toml(object) == expected);
  Json rest = object;
  rest.erase("nothing");
  rest.erase("none");
  REQUIRE(parse_toml(expected, "f") == rest);
  REQUIRE(write_toml(Json::object()).empty());
  REQUIRE(parse_toml("", "f") == Json::object());
}

TEST_CASE("long arrays have one element a line") {
  Json object = {{"list", Json::array()}};
  for (int i = 0; i < 4; ++i) object["list"].push_back("an element of some length " + std::to_string(i));
  REQUIRE(write_toml(object) == "list = [\n"
                                "  \"an element of some length 0\",\n"
                                "  \"an element of some length 1\",\n"
                                "  \"an element of some length 2\",\n"
                                "  \"an element of some length 3\",\n"
                                "]\n");
  REQUIRE(parse_toml(write_toml(object), "f") == object);
}

TEST_CASE("strings keep every character, and none that drives a terminal is written raw") {
  const Json object = {{"a", std::string("nul \0 esc \x1b del \x7f cr \r", 22)},
                       {"b", "\xe2\x80\xae right \xc2\x9b\xef\xbb\xbf"},
                       {"c", "ends with \"\n\""}};
  const std::string text = write_toml(object);
  REQUIRE(text == "a = \"nul \\u0000 esc \\u001B del \\u007F cr \\r\"\n"
                  "b = \"\\u202E right \\u009B\\uFEFF\"\n"
                  "c = \"\"\"\nends with \"\n\\\"\"\"\"\n");
  REQUIRE(parse_toml(text, "f") == object);
  REQUIRE(write_toml({{"a", "x\xff"}}) == "a = \"x\xef\xbf\xbd\"\n");
}

TEST_CASE("numbers") {
  const auto round_trip = [](const Json& value) { return parse_toml(write_toml({{"n", value}}), "f")["n"]; };
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) REQUIRE(round_trip(n) == n);
  for (const double n :
       {0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 1e-300, 5e-324, 1.7976931348623157e308, 123456789012345680.0}) {
    const Json back = round_trip(n);
    REQUIRE(back.is_number_float());
    REQUIRE(back.get<double>() == n);
    REQUIRE(std::signbit(back.get<double>()) == std::signbit(n));
  }
  REQUIRE(std::isinf(round_trip(-INFINITY).get<double>()));
  REQUIRE(std::isnan(round_trip(NAN).get<double>()));
  REQUIRE(failure_of([] { write_toml({{"n", UINT64_MAX}}); })->kind == Kind::environment);
}

TEST_CASE("TOML as people write it") {
  const Json object = parse_toml(R"(
# a comment
a.b = 1           # dotted
'c d' = 0xff
e = [ 1, 2,
      3 ]         # with a comment
f = { g = "h", i.j = true }
when = 2026-01-02T03:04:05Z
local = 2026-01-02T03:04:05.250
far = 2026-01-02T03:04:05-03:30
day = 2026-01-02
hour = 03:04:05
literal = 'C:\dir'
folded = """one \
            two"""
[l]
k = 1
)",
                                 "f");
  REQUIRE(canonical(object) ==
          R"({"a":{"b":1},"c d":255,"day":"2026-01-02","e":[1,2,3],"f":{"g":"h","i":{"j":true}},)"
          R"("far":"2026-01-02T03:04:05-03:30","folded":"one two","hour":"03:04:05","l":{"k":1},"literal":"C:\\dir",)"
          R"("local":"2026-01-02T03:04:05.25","when":"2026-01-02T03:04:05Z"})");
}

TEST_CASE("malformed TOML is reported with line and column") {
  REQUIRE(contains(failure_text("a = 1\nb = ?\n"), "FILE:2:5: "));
  REQUIRE(contains(failure_text("a = \"x"), "FILE:1:"));
  REQUIRE(failure_of([] { parse_toml("a", "f"); })->kind == Kind::environment);
  for (const char* text : {"a = 1\na = 2\n", "[a]\n[a]\n",     "a = 1\n[a]\n",
                           "[[a]]\n[a]\n",   "[a]\n[[a]]\n",   "a = []\n[[a]]\n",
                           "[]\n",           "[a.]\n",         "a = 01\n",
                           "a = 1.\n",       "a = 1e\n",       "a = \"\\ud800\"\n",
                           "a = \"\\x\"\n",  "a = \"\x1b\"\n", "a = \"\xff\"\n",
                           "a = \"\n\"\n",   " = 1\n",         "a = 9223372036854775808\n",
                           "a = [1\n",       "a = \"\"\"\nx",  "[a",
                           "a = tru\n",      "a = 1 b = 2\n"})
    REQUIRE(refused(text));
}

TEST_CASE("malformed TOML that breaks the library's assumptions is reported all the same") {
  REQUIRE(contains(failure_text("a = 1\n\nb = [1, 2}]\nc = 1\n"), "FILE:3:"));
  REQUIRE(contains(failure_text("a = [\n  1,\n  }\n]\n"), "FILE:3:"));
  for (const char* text : {"[[[1]]]", "[[[a]]]", "[[[]]", "[[=", "a = [}", "a = {b = }", "a = [1}"})
    REQUIRE(contains(failure_text(text), "FILE:1:"));
}

TEST_CASE("large and deep TOML is refused before it costs anything") {
  REQUIRE(contains(failure_text("a = \"" + std::string(1u << 20, 'x') + "\"\n"), "larger than"));
  const auto tables = [](int n) { return "[" + repeated("a.", n - 1) + "a]\nx = 1\n"; };
  REQUIRE_FALSE(refused(tables(32)));
  REQUIRE_FALSE(refused("# other\n" + tables(32)));
  REQUIRE(refused(tables(33)));
  REQUIRE(contains(failure_text(tables(100'000)), "nested deeper than 32"));
  REQUIRE(contains(failure_text("x = 1\n" + repeated("a.", 100'000) + "b = 1"), "nested deeper than 32"));
  REQUIRE(contains(failure_text("x = \"\"\"\"\"\n" + repeated("a . ", 100'000)), "FILE"));
  REQUIRE(contains(failure_text("x = \"\"\"a\"\"\"\"\"\n" + repeated("a . ", 100'000) + "b = 1"), "nested deeper"));
  REQUIRE(refused("x = { " + repeated("a.", 100'000) + "b = 1 }"));
  const auto arrays = [](int n) {
    return "a = " + std::string(static_cast<std::size_t>(n), '[') + "1" +
           std::string(static_cast<std::size_t>(n), ']') + "\n";
  };
  REQUIRE_FALSE(refused(arrays(32)));
  REQUIRE(refused(arrays(33)));
  REQUIRE(refused("a = " + std::string(500'000, '[')));
  REQUIRE(refused("a = " + repeated("{a=", 200'000)));
  REQUIRE(refused(repeated("[[a", 1) + repeated(".a", 20) + "]]\nx = " + std::string(20, '[') + std::string(20, ']') +
                  "\n"));
  REQUIRE_FALSE(refused("x = \"" + std::string(500, '.') + "\"\ny = '" + std::string(500, '.') + "' # " +
                        std::string(500, '.') + "\n"));

  Json deep = 1;
  for (int i = 0; i < 32; ++i) deep = Json{{"a", deep}};
  REQUIRE(parse_toml(write_toml({{"a", deep}}), "f") == Json{{"a", deep}});
  REQUIRE(failure_of([&] { write_toml({{"a", {{"a", deep}}}}); })->kind == Kind::environment);
}
