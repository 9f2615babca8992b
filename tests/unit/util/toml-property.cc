// Properties of the TOML reader and writer over random values and random damage.
#include <cmath>
#include <cstring>

#include "catch.hh"
#include "helpers.hh"
#include "util/toml-canonical.hh"
#include "util/toml.hh"

using namespace ga;
using test::Random;

namespace {

std::string random_text(Random& random) {
  static const std::vector<std::string> pieces = {
      "a",    "word ", "\"",   "\"\"", "\"\"\"", "'", "\\",           "\\n",      "\n",           "\r\n", "\t", " ",
      "\x01", "\x1b",  "\x7f", "ä",    "世",     "😀", "\xe2\x80\xae", "\xc2\x85", "\xef\xbf\xbf", "#",    "=",  "[",
      "]",    ".",     "{",    "}",    ",",      "0"};
  std::string text;
  for (std::size_t n = random.below(8); n > 0; --n) text += random.pick(pieces);
  if (random.one_in(20)) text += '\0';
  return text;
}

std::string random_key(Random& random) {
  static const std::vector<std::string> keys = {"a", "b",    "c",   "key",        "a-b", "a_b",
                                                "0", "true", "inf", "2026-01-02", "1.5"};
  return random.one_in(4) ? random_text(random) : random.pick(keys);
}

double random_float(Random& random) {
  switch (random.below(4)) {
  case 0:
    return static_cast<double>(random.below(1000)) / 8;
  case 1:
    return -static_cast<double>(random.below(1000));
  case 2:
    return 1e21 * static_cast<double>(random.below(1000));
  default:
    break;
  }
  const std::uint64_t bits = random.next();
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return std::isfinite(number) ? number : 0.25;
}

Json random_scalar(Random& random) {
  switch (random.below(6)) {
  case 0:
    return static_cast<std::int64_t>(random.next());
  case 1:
    return static_cast<std::int64_t>(random.below(100)) - 50;
  case 2:
    return random_float(random);
  case 3:
    return random.one_in(2);
  default:
    return random_text(random);
  }
}

Json random_object(Random& random, int depth);

// No nulls, no empty arrays: those are left out.
Json random_value(Random& random, int depth) {
  const std::size_t choice = random.below(depth > 3 ? 5 : 10);
  if (choice < 5) return random_scalar(random);
  if (choice < 7) return random_object(random, depth + 1);
  Json array = Json::array();
  const std::size_t kind = random.below(3);
  for (std::size_t n = 1 + random.below(4); n > 0; --n) {
    if (kind == 0) array.push_back(random_scalar(random));
    else if (kind == 1) array.push_back(random_object(random, depth + 1));
    else array.push_back(random_value(random, depth + 1));
  }
  return array;
}

Json random_object(Random& random, int depth) {
  Json object = Json::object();
  for (std::size_t n = random.below(6); n > 0; --n) object[random_key(random)] = random_value(random, depth);
  return object;
}

// What people write and the canonical form has not.
const char* const by_hand = R"(# a comment
a.b = 1           # dotted
'c d' = 0xff
e = [ 1, 2_000, [ "x", 'y' ],
      3 ]
f = { g = "h", i.j = true, k = [{}] }
when = 2026-01-02T03:04:05.25+01:00
local = 2026-01-02 03:04:05
day = 2026-01-02
hour = 03:04:05
literal = '''C:\dir
'''
folded = """one \
            two \u00e4 """
g = -inf
h = 0b101
i = 1e-3
[ a . "c" ]
k = 1
[[t]]
[t.u]
[[t]]
)";

// What a parser says: the value, or null when it refuses the text.
template <typename Parse>
Json outcome(Parse parse) {
  try {
    return parse();
  } catch (const Error&) {
    return nullptr;
  }
}

// Some bytes changed, dropped or put in.
std::string damaged(std::string text, Random& random) {
  static const std::string bytes = "a=\"\\[]{}.,# \n\t\r'0-+e_\x01\xc3\xa4";
  for (std::size_t n = 1 + random.below(3); n > 0 && !text.empty(); --n) {
    const std::size_t at = random.below(text.size());
    switch (random.below(3)) {
    case 0:
      text[at] = random.pick(bytes);
      break;
    case 1:
      text.erase(at, 1 + random.below(3));
      break;
    default:
      text.insert(at, 1, random.pick(bytes));
      break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("what is written is read back, by both parsers, and written alike") {
  Random random(6);
  int canonical_ones = 0;
  for (int i = 0; i < 5000; ++i) {
    const Json object = random_object(random, 0);
    const std::string text = write_toml(object);
    INFO(text);
    REQUIRE(parse_any_toml(text, "f") == object);
    REQUIRE(parse_toml(text, "f") == object);
    REQUIRE(write_toml(parse_toml(text, "f")) == text);
    if (const std::optional<Json> fast = parse_canonical_toml(text)) {
      REQUIRE(*fast == object);
      REQUIRE(canonical(*fast) == canonical(parse_any_toml(text, "f")));
      ++canonical_ones;
    }
  }
  // Only arrays in arrays and inline tables take the long way.
  REQUIRE(canonical_ones > 3000);
}

TEST_CASE("the fast parser reads damaged text as the library does, or not at all") {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = damaged(write_toml(random_object(random, 1)), random);
    INFO(text);
    if (const std::optional<Json> fast = parse_canonical_toml(text))
      REQUIRE(*fast == outcome([&] { return parse_any_toml(text, "f"); }));
    else outcome([&] { return parse_any_toml(text, "f"); });
  }
}

TEST_CASE("damaged text written by hand is read or refused, and nothing worse") {
  Random random(10);
  REQUIRE(outcome([] { return parse_toml(by_hand, "f"); }).is_object());
  for (int i = 0; i < 20000; ++i) {
    std::string text = by_hand;
    for (std::size_t n = 1 + random.below(3); n > 0; --n) text = damaged(text, random);
    outcome([&] { return parse_toml(text, "f"); });
  }
}
