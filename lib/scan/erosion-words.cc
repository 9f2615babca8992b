#include "scan/erosion-words.hh"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>

#include "util/text.hh"

namespace ga::scan::detail {
namespace {

using Words = std::initializer_list<std::string_view>;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Where a word stands that does not continue another: "it.skip(" not in "visit.skip(".
std::size_t find_word(std::string_view line, std::string_view word, std::size_t from = 0) {
  for (std::size_t at = line.find(word, from); at != line.npos; at = line.find(word, at + 1)) {
    const bool bound_left =
        at == 0 || !is_name_byte(word.front()) || !(is_name_byte(line[at - 1]) || line[at - 1] == '.');
    const std::size_t end = at + word.size();
    const bool bound_right = !is_name_byte(word.back()) || end == line.size() || !is_name_byte(line[end]);
    if (bound_left && bound_right) return at;
  }
  return line.npos;
}

bool has_any(std::string_view text, Words words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

std::string name_at(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && is_name_byte(line[end])) ++end;
  return std::string(line.substr(at, end - at));
}

// The first string in a line from a place on.
std::string literal_after(std::string_view line, std::size_t at) {
  const std::size_t start = line.find_first_of("\"'`", at);
  if (start == line.npos) return "";
  std::size_t end = start + 1;
  while (end < line.size() && line[end] != line[start]) end += line[end] == '\\' ? 2 : 1;
  return std::string(line.substr(start + 1, std::min(end, line.size()) - start - 1));
}

std::string file_extension(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? "" : lower_ascii(name.substr(dot + 1));
}

struct Words1 {
  Language language;
  Words words;
};

// Marks that skip always. What stands in `kConditional` takes a condition by its nature.
const std::array<Words1, 13> kSkips = {{
    {Language::python,
     {"@pytest.mark.skip", "pytest.mark.skip", "pytest.skip(", "@unittest.skip", "@skip", "self.skipTest(",
      "unittest.SkipTest", "raise SkipTest", "@pytest.mark.xfail", "pytest.mark.xfail", "pytest.xfail(",
      "@unittest.expectedFailure", "@expectedFailure", "__test__ = False", "@nottest"}},
    {Language::script,
     {"it.skip",
      "test.skip",
      "describe.skip",
      "context.skip",
      "suite.skip",
      "specify.skip",
      "bench.skip",
      "test.describe.skip",
      "test.fixme",
      "test.describe.fixme",
      "it.todo",
      "test.todo",
      "it.fails",
      "test.fails",
      "it.failing",
      "test.failing",
      "xit",
      "xtest",
      "xdescribe",
      "xcontext",
      "xspecify",
      "this.skip()",
      "t.skip(",
      "skip: true",
      "Deno.test.ignore",
      "ignore: true",
      "it.concurrent.skip",
      "test.concurrent.skip",
      "describe.concurrent.skip"}},
    {Language::jvm,
     {"@Ignore", "@Disabled", "@PendingFeature", "assumeTrue(false", "assumeFalse(true", "enabled = false",
      "throw new SkipException", "ignore(\"", "xit(", "xdescribe(", "xcontext("}},
    {Language::go,
     {"t.Skip(", "t.Skipf(", "t.SkipNow(", "b.Skip(", "b.SkipNow(", "s.T().Skip(", "//go:build ignore", "XIt(",
      "XDescribe(", "PIt(", "PDescribe(", "PContext("}},
    {Language::rust, {"#[ignore", "#[ignore]"}},
    {Language::cpp,
     {"DISABLED_", "GTEST_SKIP()", "QSKIP(", "SKIP(", "[!mayfail]", "[!shouldfail]", "doctest::skip",
      "doctest::may_fail", "utf::disabled", "unit_test::disabled"}},
    {Language::dotnet,
     {"[Ignore", "(Skip =", "(Skip=", ", Skip =", "Assert.Ignore(", "Assert.Inconclusive(", "Assert.Skip("}},
    {Language::ruby, {"xit", "xdescribe", "xcontext", "xspecify", "skip", "pending", "skip:", ":skip", "omit"}},
    {Language::php, {"markTestSkipped(", "markTestIncomplete(", "->skip(", "->todo("}},
    {Language::elixir, {"@tag :skip", "@moduletag :skip", "@describetag :skip", "@tag skip:", "@moduletag skip:"}},
    {Language::swift, {"XCTSkip(", ".disabled("}},
    {Language::shell, {"# SKIP", "# TODO", "skip", "skip_all=", "test_skip", "startSkipping"}},
    {Language::perl, {"skip_all", "skip(", "todo_skip", "skip "}},
}};

const std::array<Words1, 9> kConditional = {{
    {Language::python, {"skipif", "skipIf", "skipUnless", "importorskip", "requires_"}},
    {Language::script, {"skipIf", "runIf", ".skip(!", "process.env", "process.platform", "isCI"}},
    {Language::jvm, {"DisabledOn", "DisabledIf", "EnabledOn", "EnabledIf", "IgnoreIf"}},
    {Language::go, {"testing.Short()", "runtime.GOOS"}},
    {Language::rust, {"cfg_attr"}},
    {Language::ruby, {" if ", " unless "}},
    {Language::elixir, {" if "}},
    {Language::perl, {" if ", " unless "}},
    {Language::shell, {"||", "&&"}},
}};

const std::array<Words1, 7> kOnly = {{
    {Language::script,
     {"it.only", "test.only", "describe.only", "context.only", "suite.only", "test.describe.only", "bench.only", "fit",
      "fdescribe", "fcontext", "Deno.test.only"}},
    {Language::ruby, {"fit", "fdescribe", "fcontext", "focus: true", ":focus"}},
    {Language::go, {"FIt(", "FDescribe(", "FContext("}},
    {Language::jvm, {"fit(", "fdescribe(", "fcontext("}},
    {Language::php, {"->only("}},
    {Language::elixir, {"@tag :only"}},
    {Language::cpp, {"* doctest::only"}},
}};

template <std::size_t N>
Words words_for(const std::array<Words1, N>& table, Language language) {
  for (const Words1& each : table)
    if (each.language == language) return each.words;
  return {};
}

// "skip" in Ruby, shell and Perl is a statement or a directive, not any word.
bool is_statement(std::string_view line, std::size_t at, std::string_view word) {
  const bool begins = trimmed(line.substr(0, at)).empty();
  const std::size_t end = at + word.size();
  return begins && (end == line.size() || line[end] == ' ' || line[end] == '(');
}

bool counts_as_mark(Language language, std::string_view line, std::size_t at, std::string_view word) {
  const bool plain = word == "skip" || word == "pending" || word == "omit" || word == "skip " || word == "xit" ||
                     word == "fit" || word == "xtest" || word == "xdescribe" || word == "fdescribe" ||
                     word == "xcontext" || word == "fcontext" || word == "xspecify";
  if (word == "# SKIP" || word == "# TODO") return has_any(line, {"ok ", "1..0"});
  if (language == Language::ruby || language == Language::shell || language == Language::perl)
    if (plain) return is_statement(line, at, word);
  if (plain && language == Language::script) {
    const std::size_t end = at + word.size();
    return is_statement(line, at, word) && end < line.size() && line[end] == '(';
  }
  if (language == Language::jvm && (word.front() == 'x' || word.front() == 'f' || word == "ignore(\""))
    return is_statement(line, at, word.substr(0, word.find('(')));
  if (word == "SKIP(") return is_statement(line, at, "SKIP");
  if (word == "skip: true" || word == "ignore: true") return true;
  return true;
}

std::string java_name(std::string_view line) {
  const std::size_t paren = line.find('(');
  if (paren == line.npos || paren == 0) return "";
  if (line[paren - 1] == '`') return literal_after(line, 0);  // Kotlin: fun `adds numbers`()
  std::size_t start = paren;
  while (start > 0 && is_name_byte(line[start - 1])) --start;
  return std::string(line.substr(start, paren - start));
}

bool begins_with_any(std::string_view line, Words words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return starts_with(line, word); });
}

// it("..."), test.each(table)("..."), describe is a group and no test.
std::string script_test(std::string_view line) {
  for (const std::string_view word : {"it", "test", "specify", "fit", "xit", "xtest", "Deno.test"}) {
    if (!starts_with(line, word)) continue;
    std::size_t end = word.size();
    while (end < line.size() && (is_name_byte(line[end]) || line[end] == '.')) ++end;
    const std::string_view chain = line.substr(word.size(), end - word.size());
    if (end >= line.size() || (line[end] != '(' && line[end] != '`') || (!chain.empty() && chain.front() != '.'))
      continue;
    if (has_any(chain, {"describe", "beforeEach", "afterEach", "beforeAll", "afterAll", "step", "use", "extend"}))
      continue;
    const std::string name = literal_after(line, end);
    return name.empty() ? std::string(line) : name;
  }
  return "";
}

std::string cpp_test(std::string_view line) {
  for (const std::string_view word : {"TEST(", "TEST_F(", "TEST_P(", "TYPED_TEST(", "TEST_CASE(", "TEST_CASE_METHOD(",
                                      "SCENARIO(", "TEMPLATE_TEST_CASE(", "BOOST_AUTO_TEST_CASE(",
                                      "BOOST_FIXTURE_TEST_CASE(", "BOOST_DATA_TEST_CASE(", "TEST_METHOD("}) {
    if (!starts_with(line, word)) continue;
    const std::size_t close = line.find(')');
    std::string name(line.substr(word.size(), close == line.npos ? line.npos : close - word.size()));
    if (const std::string literal = literal_after(line, word.size()); !literal.empty()) name = literal;
    return replace_all(name, "DISABLED_", "");
  }
  return "";
}

std::string named_after(std::string_view line, Words words, std::string_view prefix = "") {
  for (const std::string_view word : words) {
    const std::size_t at = find_word(line, word);
    if (at == line.npos) continue;
    const std::string name = name_at(line, at + word.size());
    if (!name.empty() && starts_with(name, prefix)) return name;
  }
  return "";
}

bool is_attribute_of_test(Language language, std::string_view line) {
  switch (language) {
  case Language::jvm:
    return begins_with_any(
               line, {"@Test", "@ParameterizedTest", "@RepeatedTest", "@TestFactory", "@TestTemplate", "@Property"}) &&
           !begins_with_any(line, {"@TestInstance", "@Testcontainers", "@TestConfiguration", "@TestPropertySource",
                                   "@TestMethodOrder", "@TestProfile", "@TestSecurity"});
  case Language::rust:
    return begins_with_any(line, {"#[test]", "#[tokio::test", "#[async_std::test", "#[rstest", "#[test_case",
                                  "#[quickcheck", "#[wasm_bindgen_test", "#[sqlx::test", "#[actix_rt::test",
                                  "#[actix_web::test", "#[test_log::test"});
  case Language::dotnet:
    return begins_with_any(line,
                           {"[Fact", "[Theory", "[Test]", "[Test(", "[TestCase", "[TestMethod", "[DataTestMethod"});
  case Language::php:
    return starts_with(line, "#[Test]") || line.find("* @test") != line.npos;
  case Language::swift:
    return starts_with(line, "@Test");
  default:
    return false;
  }
}

std::string function_after_attribute(Language language, std::string_view line) {
  switch (language) {
  case Language::rust:
    return named_after(line, {"fn "});
  case Language::swift:
    return named_after(line, {"func "});
  case Language::php:
    return named_after(line, {"function "});
  default:
    return starts_with(line, "@") || starts_with(line, "[") ? "" : java_name(line);
  }
}

// ---- Assertions -----------------------------------------------------------------------------------------------------

int count_words(std::string_view line, Words words) {
  int count = 0;
  for (const std::string_view word : words)
    for (std::size_t at = line.find(word); at != line.npos; at = line.find(word, at + word.size()))
      if (at == 0 || !is_name_byte(line[at - 1])) ++count;
  return count;
}

// ---- Setup ----------------------------------------------------------------------------------------------------------

bool names_test_command(std::string_view line) {
  return has_any(line, {"test", "spec", "check", "lint", "tox", "nox", "jest", "mocha", "coverage", "clippy", "mypy",
                        "tsc", "ruff", "eslint", "verify", "audit"});
}

double number_at(std::string_view line, std::size_t at, bool& found) {
  at = std::min(line.find_first_not_of(" \t\"'=:>(", at), line.size());
  std::size_t end = at;
  while (end < line.size() && ((line[end] >= '0' && line[end] <= '9') || line[end] == '.')) ++end;
  found = end > at && end - at < 12;
  return found ? std::strtod(std::string(line.substr(at, end - at)).c_str(), nullptr) : 0;
}

struct Bound {
  std::string_view word;
  bool higher_is_stricter;
};
constexpr std::array<Bound, 16> kBounds = {{{"fail_under", true},
                                            {"fail-under", true},
                                            {"--cov-fail-under", true},
                                            {"--fail-under-lines", true},
                                            {"--fail-under-functions", true},
                                            {"--fail-under-regions", true},
                                            {"minimum_coverage", true},
                                            {"minCoverage", true},
                                            {"min-coverage", true},
                                            {"coverage_min", true},
                                            {"COVERAGE_MIN", true},
                                            {"MIN_COVERAGE", true},
                                            {"COVERAGE_THRESHOLD", true},
                                            {"coverageThreshold", true},
                                            {"minimumCoverage", true},
                                            {"max-warnings", false}}};
constexpr std::array<std::string_view, 5> kJestKeys = {"branches", "functions", "lines", "statements", "perFile"};

std::string base_name(std::string_view path) { return lower_ascii(path.substr(path.rfind('/') + 1)); }

bool holds_jest_bounds(std::string_view path) {
  return has_any(base_name(path), {"jest", "vitest", "vite.config", "nyc", "c8rc", "package.json", "karma"});
}

}  // namespace

Language language_of(std::string_view path) {
  const std::string extension = file_extension(path);
  static const std::vector<std::pair<Language, std::vector<std::string>>> extensions = {
      {Language::python, {"py"}},
      {Language::script, {"js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"}},
      {Language::jvm, {"java", "kt", "kts", "scala", "groovy"}},
      {Language::go, {"go"}},
      {Language::rust, {"rs"}},
      {Language::cpp, {"c", "cc", "cpp", "cxx", "h", "hh", "hpp", "cu", "m", "mm"}},
      {Language::dotnet, {"cs", "fs", "vb"}},
      {Language::ruby, {"rb"}},
      {Language::php, {"php"}},
      {Language::elixir, {"ex", "exs"}},
      {Language::swift, {"swift"}},
      {Language::shell, {"sh", "bash", "bats", "zsh", "fish"}},
      {Language::perl, {"t", "pl", "pm"}},
  };
  for (const auto& [language, list] : extensions)
    if (std::find(list.begin(), list.end(), extension) != list.end()) return language;
  return Language::none;
}

std::string_view code_of(Language language, std::string_view line) {
  line = trimmed(line);
  const bool hash = language == Language::python || language == Language::ruby || language == Language::shell ||
                    language == Language::perl || language == Language::elixir;
  if (hash && starts_with(line, "#")) return "";
  // Build tags are comments that count, and so are PHPUnit's annotations.
  if (!hash && starts_with(line, "//") && !starts_with(line, "//go:build")) return "";
  if (!hash && starts_with(line, "*") && language != Language::php) return "";
  return line;
}

Mark mark_of(Language language, std::string_view line, std::string_view before) {
  const std::string_view code = code_of(language, line);
  if (code.empty()) return {};
  for (const std::string_view word : words_for(kOnly, language)) {
    const std::size_t at = find_word(line, word);
    if (at != line.npos && counts_as_mark(language, line, at, word)) return {Mark::Kind::only, word, at};
  }
  const auto conditional = words_for(kConditional, language);
  for (const std::string_view word : words_for(kSkips, language)) {
    // DISABLED_ stands inside of names: at their beginning.
    const std::size_t at = word == "DISABLED_" ? line.find(word) : find_word(line, word);
    if (at == line.npos || !counts_as_mark(language, line, at, word)) continue;
    const std::string_view above = trimmed(before);
    const bool under_condition = has_any(line, conditional) || starts_with(above, "if ") || starts_with(above, "if(") ||
                                 starts_with(above, "} else") || starts_with(above, "else") ||
                                 starts_with(above, "unless ") || starts_with(code, "if ") ||
                                 starts_with(code, "if(") || starts_with(above, "except ") || ends_with(above, "||") ||
                                 ends_with(above, "&&") || starts_with(above, "case ");
    return {under_condition ? Mark::Kind::conditional : Mark::Kind::skip, word, at};
  }
  for (const std::string_view word : conditional)
    if (language == Language::python || language == Language::jvm || language == Language::rust) {
      const std::size_t at = line.find(word);
      const bool mark = language != Language::rust || line.find("ignore") != line.npos;
      if (at != line.npos && mark && word != "requires_" && trimmed(line).front() != '#')
        return {Mark::Kind::conditional, word, at};
      if (at != line.npos && mark && language == Language::rust) return {Mark::Kind::conditional, word, at};
    }
  return {};
}

std::string test_name(Language language, std::string_view line, bool& pending) {
  const std::string_view code =
      language == Language::php && line.find("* @test") != line.npos ? line : code_of(language, line);
  if (code.empty()) return "";
  const std::size_t function = std::min(find_word(code, "void "), find_word(code, "fun "));
  if (is_attribute_of_test(language, code)) {
    pending = true;
    if (function == code.npos) return "";  // "@Test void adds() {" may also be one line
  }
  if (pending) {
    std::string name = function_after_attribute(language, code.substr(function == code.npos ? 0 : function));
    if (!name.empty()) pending = false;
    return name;
  }
  switch (language) {
  case Language::python:
    return begins_with_any(code, {"def ", "async def "}) ? named_after(code, {"def "}, "test") : "";
  case Language::script:
    return script_test(code);
  case Language::go:
    if (!starts_with(code, "func ")) return "";
    for (const std::string_view prefix : {"Test", "Fuzz", "Benchmark", "Example"}) {
      const std::string name = starts_with(code, "func (")
                                   ? java_name(code.substr(std::min(code.find(')') + 1, code.size())))
                                   : named_after(code, {"func "});
      if (starts_with(name, prefix)) return name;
    }
    return "";
  case Language::cpp:
    return cpp_test(code);
  case Language::ruby:
    if (begins_with_any(code, {"it ", "it(", "test ", "test(", "specify ", "xit ", "fit ", "scenario ", "should \""}))
      return literal_after(code, 0);
    return starts_with(code, "def ") ? named_after(code, {"def "}, "test_") : "";
  case Language::php:
    if (begins_with_any(code, {"it(", "test("})) return literal_after(code, 0);
    return named_after(code, {"function "}, "test");
  case Language::elixir:
    return begins_with_any(code, {"test ", "property "}) ? literal_after(code, 0) : "";
  case Language::swift:
    return named_after(code, {"func "}, "test");
  case Language::shell:
    if (begins_with_any(code, {"@test ", "test_expect_success ", "test_expect_failure ", "It '", "It \""}))
      return literal_after(code, 0);
    return starts_with(code, "test_") && code.find("()") != code.npos ? name_at(code, 0) : "";
  case Language::perl:
    return starts_with(code, "subtest ") ? literal_after(code, 0) : "";
  default:
    return "";
  }
}

int assertions_in(Language language, std::string_view line) {
  const std::string_view code = code_of(language, line);
  if (code.empty()) return 0;
  switch (language) {
  case Language::python:
    return count_words(code, {"assert ", "assert(", "pytest.raises", "pytest.warns", "pytest.approx"}) +
           count_words(code, {"self.assert", "mock.assert_", "self.fail("});
  case Language::script:
    return count_words(code, {"expect(", "assert(", "assert.", "expectTypeOf(", "t.is(", "t.deepEqual(", "t.true(",
                              "t.false(", "t.throws(", "t.equal(", "t.ok("});
  case Language::jvm:
    return count_words(code, {"assert", "verify(", "expect(", "expectThat(", "shouldBe", "shouldThrow"});
  case Language::go:
    return count_words(
        code, {"t.Error", "t.Fatal", "t.Fail", "require.", "assert.", "Expect(", "is.", "qt.Assert", "cmp.Diff"});
  case Language::rust:
    return count_words(code, {"assert", "debug_assert", "panic!(", "prop_assert", "insta::assert"});
  case Language::cpp:
    return count_words(code, {"CHECK", "REQUIRE", "EXPECT_", "ASSERT_", "BOOST_CHECK", "BOOST_REQUIRE", "BOOST_TEST",
                              "QCOMPARE", "QVERIFY", "assert(", "TEST_ASSERT", "cl_assert", "XCTAssert"});
  case Language::dotnet:
    return count_words(code, {"Assert.", "Should(", "ShouldBe", "Expect("});
  case Language::ruby:
    return count_words(code,
                       {"expect(", "expect {", "assert", "refute", "should ", "should_not", "is_expected", "must_"});
  case Language::php:
    return count_words(code, {"assert", "$this->assert", "self::assert", "expect(", "expectException"});
  case Language::elixir:
    return count_words(code, {"assert", "refute"});
  case Language::swift:
    return count_words(code, {"XCTAssert", "#expect", "#require", "XCTFail"});
  case Language::shell:
    return count_words(code, {"assert", "[ ", "test ", "grep ", "diff ", "cmp ", "expect "});
  case Language::perl:
    return count_words(code, {"ok(", "is(", "isnt(", "like(", "unlike(", "is_deeply(", "cmp_ok(", "isa_ok(", "can_ok(",
                              "throws_ok", "lives_ok", "dies_ok"});
  default:
    return 0;
  }
}

std::string_view ignored_failure(std::string_view path, std::string_view line) {
  const std::string_view code = trimmed(line);
  if (code.empty() || code.front() == '#') return {};
  const std::string extension = file_extension(path);
  const bool yaml = extension == "yml" || extension == "yaml";
  if (yaml)
    for (const std::string_view key :
         {"continue-on-error", "allow_failure", "continueOnError", "soft_fail", "allow_failures"})
      if (const std::size_t at = code.find(key); at != code.npos && code.find("true", at) != code.npos) return key;
  for (const std::string_view word :
       {"--passWithNoTests", "--pass-with-no-tests", "passWithNoTests", "--allow-no-tests", "-DskipTests",
        "-Dmaven.test.skip", "-Dmaven.test.failure.ignore", "maven.test.failure.ignore", "ignoreFailures = true",
        "ignoreFailures true", "--suppress-no-test-exit-code", "--no-fail-on-empty-testsuite"})
    if (const std::size_t at = code.find(word); at != code.npos && code.find("false", at) == code.npos) return word;
  if (!names_test_command(lower_ascii(code))) return {};
  for (const std::string_view word : {"|| true", "|| :", "||true", "|| exit 0", "|| echo", "; true", "; exit 0",
                                      "--exit-zero", "--warn-only", "-i test", "&& exit 0 ||"})
    if (code.find(word) != code.npos) return word;
  // make goes on after a command that begins with '-'.
  const std::string name = base_name(path);
  const bool make = name == "makefile" || name == "gnumakefile" || extension == "mk";
  if (make && !line.empty() && line.front() == '\t' && begins_with_any(code, {"-", "@-"}) && code.size() > 2 &&
      code[1] != '-')
    return "-";
  return {};
}

std::vector<Threshold> thresholds_in(std::string_view path, std::string_view line) {
  std::vector<Threshold> found;
  const std::string_view code = trimmed(line);
  if (code.empty() || starts_with(code, "#") || starts_with(code, "//")) return found;
  const auto take = [&](std::string_view word, bool stricter, std::string_view shown) {
    bool number = false;
    const std::size_t at = find_word(code, word);
    const double value = at == code.npos ? 0 : number_at(code, at + word.size(), number);
    if (number) found.push_back({std::string(shown), value, stricter});
  };
  for (const Bound& bound : kBounds) {
    if (!found.empty()) break;
    take(bound.word, bound.higher_is_stricter, bound.word);
  }
  if (holds_jest_bounds(path))
    for (const std::string_view key : kJestKeys) take(key, true, key);
  const std::string name = base_name(path);
  if (has_any(name, {"codecov"})) {
    take("target", true, "target");
    take("threshold", false, "threshold");
  }
  if (has_any(name, {"build.gradle", "pom.xml"})) {
    take("<minimum", true, "minimum");
    take("minimum", true, "minimum");
  }
  if (has_any(name, {"testcoverage", "coverage.yml", "coverage.yaml"}))
    for (const std::string_view key : {"file", "package", "total"}) take(key, true, key);
  return found;
}

}  // namespace ga::scan::detail
