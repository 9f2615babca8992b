#include "util/yaml.hh"

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using test::contains;
using test::failure_of;

TEST_CASE("front-matter becomes JSON, and nothing of a scalar is lost") {
  CHECK(canonical(parse_yaml("id: B-1\nn: 12\nv: 1.10\nz: 007\nd: 2025-01-02\nt: true\ne:\nq: \"12\"\n", "f")) ==
        R"({"d":"2025-01-02","e":null,"id":"B-1","n":12,"q":"12","t":true,"v":"1.10","z":"007"})");
  CHECK(canonical(parse_yaml("a: [x, {b: -3}]\nc: |\n  one\n  two\n", "f")) ==
        R"({"a":["x",{"b":-3}],"c":"one\ntwo\n"})");
  CHECK(parse_yaml("", "f").is_null());
  CHECK(parse_yaml("# nothing\n", "f").is_null());
}

TEST_CASE("YAML that data never needs is refused with its place") {
  const auto text_of = [](const std::string& text) { return failure_of([&] { parse_yaml(text, "F"); })->text; };
  CHECK(contains(text_of("a: [1\nb: 2\n"), "F:2:"));
  CHECK(contains(text_of("a: &x 1\nb: *x\n"), "F:2:4: an alias"));
  CHECK(contains(text_of("? [a]\n: b\n"), "a key that is no scalar"));
  CHECK(contains(text_of(std::string(100, '[')), "deeper than 32"));
  CHECK(contains(text_of(std::string((1 << 20) + 1, 'a')), "larger than 1 MiB"));
  CHECK(contains(text_of("a: \xff\n"), "F:"));
}
