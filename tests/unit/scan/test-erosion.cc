#include "scan/test-erosion.hh"

#include "catch.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::scan;

namespace {

ErosionChange edit(const std::string& path, const std::string& before, const std::string& after) {
  return {path, before, after, true, true, is_test_path(path)};
}
ErosionChange removal(const std::string& path, const std::string& before) {
  return {path, before, "", true, false, is_test_path(path)};
}
ErosionChange addition(const std::string& path, const std::string& after) {
  return {path, "", after, false, true, is_test_path(path)};
}

// "rule@line" of each, a '~' before those that only warn.
std::string judged(const std::vector<ErosionChange>& changes) {
  std::string text;
  for (const Finding& each : check_erosion(changes))
    text +=
        (text.empty() ? "" : " ") + std::string(each.blocks ? "" : "~") + each.rule + "@" + std::to_string(each.line);
  return text;
}

const std::string kPython = "def test_a():\n    assert f(1) == 2\n\n\ndef test_b():\n    assert f(2) == 3\n";

}  // namespace

TEST_CASE("which paths are tests") {
  for (const char* path :
       {"tests/a.py", "src/test_a.py", "a/b_test.go", "web/x.spec.ts", "x/__tests__/y.js", "com/x/ATest.java",
        "spec/a_spec.rb", "t/a.t", "lib/My.Tests/A.cs", "a_unittest.cc", "test/data/in.json", "cypress/a.cy.ts"})
    CHECK((std::string(is_test_path(path) ? "" : "no: ") + path) == path);
  for (const char* path : {"src/a.py", "latest.py", "contest.go", "protest/a.js", "src/attest.rs", "README.md",
                           "AUDIT.java", "greatest.java", "inspect.py", "test_data.json"})
    CHECK((std::string(is_test_path(path) ? "yes: " : "") + path) == path);
}

TEST_CASE("tests that are deleted, moved, renamed, rewritten") {
  const std::string one = "def test_a():\n    assert f(1) == 2\n", b = "def test_b():\n    assert f(2) == 3\n";
  CHECK(judged({edit("tests/test_a.py", kPython, one)}) == "test-deleted@0");
  CHECK(check_erosion({edit("tests/test_a.py", kPython, one)})[0].description ==
        "the test 'test_b' is gone (it was in line 5) and nothing took its place");
  CHECK(judged({edit("tests/test_a.py", kPython, one), addition("tests/test_b.py", b)}).empty());
  CHECK(judged({edit("tests/test_a.py", kPython, replace_all(kPython, "test_b", "test_b_of_two"))}).empty());
  CHECK(judged({edit("tests/test_a.py", kPython,
                     replace_all(replace_all(kPython, "test_a", "test_x"), "test_b", "test_y"))})
            .empty());
  // A comment is no test.
  CHECK(judged({edit("tests/test_a.py", kPython, replace_all(kPython, "def test_b", "# def test_b"))}) ==
        "test-deleted@0");
  CHECK(judged({removal("tests/test_a.py", kPython)}) == "test-file-deleted@0");
  CHECK(judged({removal("tests/test_a.py", kPython), addition("tests/unit/test_a.py", kPython)}).empty());
  CHECK(judged({removal("tests/test_a.py", kPython), addition("tests/test_c.py", one)}) == "test-file-deleted@0");
  CHECK(judged({removal("tests/data/in.json", "{}")}).empty());
  CHECK(judged({removal("tests/helper.py", "def f():\n    return 1\n")}).empty());
  // Sources that are no tests are not looked at.
  CHECK(judged({edit("src/a.py", kPython, "")}).empty());
}

TEST_CASE("tests as each language writes them") {
  const auto one_less = [](const std::string& path, const std::string& kept, const std::string& lost) {
    return judged({edit(path, kept + lost, kept)});
  };
  CHECK(one_less("a.test.ts", "it('adds', () => {\n});\n", "test.each([1])('subtracts %s', () => {\n});\n") ==
        "test-deleted@0");
  CHECK(one_less("a_test.go", "func TestA(t *testing.T) {\n}\n", "func TestB(t *testing.T) {\n}\n") ==
        "test-deleted@0");
  CHECK(one_less("src/lib.rs", "#[test]\nfn a() {\n}\n", "#[tokio::test]\nasync fn b() {\n}\n") == "test-deleted@0");
  CHECK(one_less("ATest.java", "  @Test\n  void adds() {\n  }\n",
                 "  @ParameterizedTest\n  @ValueSource(ints = {1})\n  void more(int i) {\n  }\n") == "test-deleted@0");
  CHECK(one_less("ATest.kt", "  @Test\n  fun `adds two`() {\n  }\n", "  @Test fun other() {\n  }\n") ==
        "test-deleted@0");
  CHECK(one_less("a_test.cc", "TEST(A, One) {\n}\n", "TEST_CASE(\"two\", \"[x]\") {\n}\n") == "test-deleted@0");
  CHECK(one_less("ATests.cs", "  [Fact]\n  public void One() {\n",
                 "  [Theory]\n  [InlineData(1)]\n  public void Two(int i) {\n") == "test-deleted@0");
  CHECK(one_less("spec/a_spec.rb", "it 'adds' do\nend\n", "it \"more\" do\nend\n") == "test-deleted@0");
  CHECK(one_less("tests/ATest.php", "public function testA(): void {\n", "public function testB() {\n") ==
        "test-deleted@0");
  CHECK(one_less("test/a_test.exs", "test \"a\" do\nend\n", "test \"b\" do\nend\n") == "test-deleted@0");
  CHECK(one_less("test/a.bats", "@test \"a\" {\n}\n", "@test \"b\" {\n}\n") == "test-deleted@0");
}

TEST_CASE("marks that skip a test") {
  const auto marked = [](const std::string& path, const std::string& line, const std::string& above = "\n") {
    return judged({edit(path, "x\n", "x\n" + above + line + "\n")});
  };
  CHECK(marked("tests/test_a.py", "@pytest.mark.skip(reason='x')") == "test-skipped@3");
  CHECK(marked("tests/test_a.py", "    self.skipTest('x')") == "test-skipped@3");
  CHECK(marked("tests/test_a.py", "@pytest.mark.xfail") == "test-skipped@3");
  CHECK(marked("tests/test_a.py", "@pytest.mark.skipif(sys.platform == 'win32', reason='x')") == "~test-skipped@3");
  CHECK(marked("tests/test_a.py", "# pytest.skip('no')").empty());
  CHECK(marked("a.test.ts", "it.skip('adds', () => {") == "test-skipped@3");
  CHECK(marked("a.test.ts", "  describe.only('x', () => {") == "test-only@3");
  CHECK(marked("a.test.ts", "  xit('x', () => {") == "test-skipped@3");
  CHECK(marked("a.test.ts", "  await visit.skip('x')").empty());
  CHECK(marked("a.test.ts", "  exit(1); model.fit(x)").empty());
  CHECK(marked("a_test.go", "\tt.Skip(\"later\")") == "test-skipped@3");
  CHECK(marked("a_test.go", "\t\tt.Skip(\"short\")", "\tif testing.Short() {\n") == "~test-skipped@3");
  CHECK(marked("src/lib.rs", "    #[ignore]") == "test-skipped@3");
  CHECK(marked("src/lib.rs", "    #[ignore = \"slow\"]") == "test-skipped@3");
  CHECK(marked("src/lib.rs", "    #[cfg_attr(windows, ignore)]") == "~test-skipped@3");
  CHECK(marked("ATest.java", "  @Disabled(\"x\")") == "test-skipped@3");
  CHECK(marked("ATest.java", "  @DisabledOnOs(OS.WINDOWS)") == "~test-skipped@3");
  CHECK(marked("a_test.cc", "TEST(A, DISABLED_B) {") == "test-skipped@3");
  CHECK(marked("a_test.cc", "  GTEST_SKIP() << \"x\";") == "test-skipped@3");
  CHECK(marked("ATests.cs", "  [Fact(Skip = \"x\")]") == "test-skipped@3");
  CHECK(marked("spec/a_spec.rb", "  skip 'x'") == "test-skipped@3");
  CHECK(marked("spec/a_spec.rb", "  it 'can skip lines' do").empty());
  CHECK(marked("tests/ATest.php", "    $this->markTestSkipped('x');") == "test-skipped@3");
  CHECK(marked("t/a.t", "plan skip_all => 'x';") == "test-skipped@3");
  CHECK(marked("test/a.bats", "  skip \"x\"") == "test-skipped@3");
  CHECK(marked("tests/a.sh", "echo \"ok 1 # SKIP no x\"") == "test-skipped@3");
  const Finding finding = check_erosion({edit("a.test.ts", "", "  it.skip('a')\n")})[0];
  CHECK(finding.column == 3);
  CHECK(finding.end_column == 9);
}

TEST_CASE("a mark that was there, moved or was edited is not new") {
  const std::string skipped = "@pytest.mark.skip\ndef test_a():\n    assert 1\n";
  CHECK(judged({edit("tests/test_a.py", skipped, "import x\n" + skipped)}).empty());
  CHECK(judged({removal("tests/test_a.py", skipped), addition("tests/test_b.py", skipped)}).empty());
  CHECK(judged({edit("tests/test_a.py", skipped, replace_all(skipped, "skip", "skip(reason='why')"))}).empty());
  CHECK(judged({edit("tests/test_a.py", skipped, skipped + replace_all(skipped, "test_a", "test_b"))}) ==
        "test-skipped@4");
}

TEST_CASE("assertions that go away") {
  CHECK(judged({edit("tests/test_a.py", kPython, replace_all(kPython, "    assert f(2) == 3\n", "    f(2)\n"))}) ==
        "~assertions-removed@0");
  CHECK(judged({edit("tests/test_a.py", "    assert a\n    assert b\n", "    assert a and b\n"),
                addition("tests/test_b.py", "    assert c\n")})
            .empty());
}

TEST_CASE("failures of test commands that go unnoticed") {
  const auto added = [](const std::string& path, const std::string& line) {
    return judged({edit(path, "a\n", "a\n" + line + "\n")});
  };
  CHECK(added(".github/workflows/ci.yml", "      - run: npm test || true") == "failure-ignored@2");
  CHECK(added(".github/workflows/ci.yml", "        continue-on-error: true") == "failure-ignored@2");
  CHECK(added(".github/workflows/ci.yml", "        continue-on-error: false").empty());
  CHECK(added(".gitlab-ci.yml", "  allow_failure: true") == "failure-ignored@2");
  CHECK(added("package.json", "    \"test\": \"jest --passWithNoTests\",") == "failure-ignored@2");
  CHECK(added("Makefile", "\t-pytest tests") == "failure-ignored@2");
  CHECK(added("Makefile", "\tpytest tests || :") == "failure-ignored@2");
  CHECK(added("Makefile", "\trm -f x || true").empty());
  CHECK(added("Makefile", "\t-rm -f x").empty());
  CHECK(added("src/a.sh", "npm test || true").empty());
  CHECK(judged({edit("Makefile", "\tpytest a || true\n", "\tpytest b || true\n")}).empty());
}

TEST_CASE("thresholds that are lowered") {
  CHECK(judged({edit("pyproject.toml", "[x]\nfail_under = 90\n", "[x]\ny = 1\nfail_under = 80\n")}) ==
        "threshold-lowered@3");
  CHECK(judged({edit("pyproject.toml", "fail_under = 80\n", "fail_under = 90.5\n")}).empty());
  CHECK(judged({edit("tox.ini", "pytest --cov-fail-under=90\n", "pytest --cov-fail-under=85\n")}) ==
        "threshold-lowered@1");
  CHECK(judged({edit("jest.config.js", "branches: 80,\nlines: 90\n", "branches: 80,\nlines: 50\n")}) ==
        "threshold-lowered@2");
  CHECK(judged({edit("package.json", "\"lint\": \"eslint --max-warnings 0\"\n",
                     "\"lint\": \"eslint --max-warnings=10\"\n")}) == "threshold-lowered@1");
  CHECK(judged({edit("codecov.yml", "target: 80%\nthreshold: 1%\n", "target: 80%\nthreshold: 5%\n")}) ==
        "threshold-lowered@2");
  CHECK(judged({edit("setup.cfg", "fail_under = 90\n", "x = 1\n")}) == "threshold-lowered@0");
  CHECK(judged(
            {edit("setup.cfg", "fail_under = 90\n", "x = 1\n"), edit("pyproject.toml", "x = 1\n", "fail_under = 90\n")})
            .empty());
  CHECK(check_erosion({edit("tox.ini", "fail_under = 90\n", "fail_under = 80\n")})[0].description ==
        "'fail_under' is 80, was 90");
}
