#include "util/json.hh"

#include <cmath>
#include <vector>

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using test::contains;
using test::failure_of;

TEST_CASE("canonical JSON is sorted, compact and valid UTF-8") {
  REQUIRE(canonical(Json{{"b", 1}, {"a", {1, 2}}}) == R"({"a":[1,2],"b":1})");
  REQUIRE(canonical(Json("a\xff"
                         "b")) == "\"a\xef\xbf\xbd"
                                  "b\"");
  REQUIRE(canonical(Json("ä")) == "\"ä\"");
  REQUIRE(canonical(parse_json(" { \"x\" : [ ] } ", "t")) == R"({"x":[]})");
}

TEST_CASE("canonical JSON is what the library writes, to the byte") {
  const auto library = [](const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); };
  std::string all;
  for (int code = 0; code < 128; ++code) all += static_cast<char>(code);
  const std::vector<Json> values = {all,
                                    all + "\xff" + all,
                                    "ä\u2028€😀",
                                    "\xed\xa0\x80",
                                    "\xf4\x90\x80\x80",
                                    "",
                                    nullptr,
                                    true,
                                    -1,
                                    1.0,
                                    1e300,
                                    -0.0,
                                    0.1,
                                    UINT64_MAX,
                                    INT64_MIN,
                                    Json::array(),
                                    Json::object(),
                                    std::nan(""),
                                    Json{{all, all}, {"", {1, {2}}}}};
  for (const Json& value : values) CHECK(canonical(value) == library(value));
  CHECK(canonical(Json(values)) == library(Json(values)));
}

TEST_CASE("malformed JSON is reported with line and column") {
  const auto text_of = [](const char* text) { return failure_of([&] { parse_json(text, "FILE"); })->text; };
  REQUIRE(contains(text_of("{\n  \"a\": x\n}"), "FILE:2:8: "));
  REQUIRE(contains(text_of(""), "FILE:1:1: "));
  REQUIRE(contains(text_of("[1,]"), "FILE:1:4: "));
  REQUIRE(contains(text_of("[\n\n1 2]"), "FILE:3:3: "));
  REQUIRE_FALSE(contains(text_of("[1,]"), "json.exception"));
  REQUIRE(failure_of([] { parse_json("[1", "f"); })->kind == Kind::environment);
  REQUIRE(failure_of([] { parse_json("1e999", "f"); })->kind == Kind::environment);
  REQUIRE(failure_of([] { parse_json("\"\xff\"", "f"); })->kind == Kind::environment);
}

TEST_CASE("JSON is refused beyond 200 levels, brackets in strings do not count") {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  REQUIRE_NOTHROW(parse_json(nested(200), "f"));
  REQUIRE(contains(failure_of([&] { parse_json(nested(201), "f"); })->text, "f:1:201: nested deeper than 200"));
  REQUIRE(failure_of([] { parse_json(std::string(1'000'000, '['), "f"); })->kind == Kind::environment);
  REQUIRE(failure_of([] {
            std::string deep;
            for (int i = 0; i < 300; ++i) deep += "{\"a\":";
            parse_json(deep, "f");
          })->kind == Kind::environment);
  REQUIRE_NOTHROW(parse_json("\"" + std::string(500, '[') + "\"", "f"));
  REQUIRE_NOTHROW(parse_json("[\"\\\"" + std::string(500, '[') + "\\\\\"]", "f"));
}

TEST_CASE("members are read without exceptions") {
  const Json object = {{"s", "x"},           {"i", -3},     {"u", 7u}, {"big", UINT64_MAX}, {"f", 1.5}, {"b", true},
                       {"l", {"a", 1, "b"}}, {"n", nullptr}};
  REQUIRE(get_string(object, "s") == "x");
  REQUIRE(get_string(object, "i", "other") == "other");
  REQUIRE(get_string(object, "missing", "other") == "other");
  REQUIRE(get_int(object, "i") == -3);
  REQUIRE(get_int(object, "u") == 7);
  REQUIRE(get_int(object, "f", 9) == 9);
  REQUIRE(get_int(object, "big", 9) == 9);
  REQUIRE(get_bool(object, "b"));
  REQUIRE(get_bool(object, "s", true));
  REQUIRE(get_strings(object, "l") == std::vector<std::string>{"a", "b"});
  REQUIRE(get_strings(object, "s").empty());
  REQUIRE(get_string(Json::array(), "s", "other") == "other");
  REQUIRE(get_string(Json(nullptr), "s").empty());
  REQUIRE(string_or_null("").is_null());
  REQUIRE(string_or_null("x") == "x");
}
