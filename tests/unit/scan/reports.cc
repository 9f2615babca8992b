#include "scan/reports.hh"

#include "catch.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::scan;

namespace {

Report junit(std::string_view text) { return read_report(ReportFormat::junit, text, "/w/tree"); }
Report tap(std::string_view text) { return read_report(ReportFormat::tap, text, "/w/tree"); }
Report sarif(std::string_view text) { return read_report(ReportFormat::sarif, text, "/w/tree"); }
Report checkstyle(std::string_view text) { return read_report(ReportFormat::checkstyle, text, "/w/tree"); }

// "executed/skipped/failed/flaky"
std::string counts(const Report& report) {
  return std::to_string(report.executed) + "/" + std::to_string(report.skipped) + "/" + std::to_string(report.failed) +
         "/" + std::to_string(report.flaky);
}

std::string lines(const Report& report) {
  std::string text;
  for (const Finding& each : report.findings) text += (each.blocks ? "" : "~") + finding_line(each) + "\n";
  return text;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("words for formats") {
  for (const char* word : {"sarif", "junit", "tap", "checkstyle"})
    CHECK(report_format_name(*report_format(word)) == word);
  CHECK(!report_format("JUnit"));
}

TEST_CASE("JUnit as pytest writes it") {
  const Report report = junit(R"(<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">
<testsuite name="pytest" errors="1" failures="1" skipped="2" tests="5" time="0.058" timestamp="2026-11-21T10:00:00.1" hostname="h">
<testcase classname="tests.test_a" name="test_ok" time="0.001" />
<testcase classname="tests.test_a" name="test_bad[x &lt; 1]" time="0.002"><failure message="assert 1 == 2">def test_bad():
        x = 1
&gt;       assert x == 2
E       assert 1 == 2

tests/test_a.py:7: AssertionError</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="not here">/w/tree/tests/test_a.py:9: not here</skipped></testcase>
<testcase classname="tests.test_a" name="test_xfail" time="0.002"><skipped type="pytest.xfail" message="" /></testcase>
<testcase classname="" name="tests.test_b" time="0.000"><error message="collection failure">/w/tree/tests/test_b.py:1: in &lt;module&gt;
    import nothing
E   ModuleNotFoundError: No module named 'nothing'</error></testcase></testsuite></testsuites>)");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "3/2/2/0");
  CHECK(lines(report) == "tests/test_a.py:7: tests.test_a.test_bad[x < 1]: assert 1 == 2\n"
                         "tests/test_b.py:1: tests.test_b: collection failure\n");
  CHECK(report.findings[0].fingerprint == "tests/test_a.py:tests.test_a.test_bad[x < 1]:7");
}

TEST_CASE("JUnit: pytest counts a test twice whose clean-up fails too") {
  const Report report = junit(R"(<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="0" tests="2">
<testcase classname="t" name="a" file="t.py" line="3"><failure message="f">x</failure></testcase>
<testcase classname="t" name="a" file="t.py" line="3"><error message="e">x</error></testcase></testsuite></testsuites>)");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "2/0/2/0");
  CHECK(report.findings[0].line == 3);
}

TEST_CASE("JUnit as surefire writes it: flaky, tried again, of no place") {
  const Report report = junit(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x.xsd" version="3.0" name="com.x.ATest" time="0.1" tests="4" errors="0" skipped="1" failures="1">
  <properties><property name="java.version" value="17"/></properties>
  <testcase name="flaky" classname="com.x.ATest" time="0.01"><flakyFailure message="once" type="java.lang.AssertionError"><stackTrace>at com.x.ATest.flaky(ATest.java:12)</stackTrace></flakyFailure></testcase>
  <testcase name="bad" classname="com.x.ATest" time="0.01"><failure message="expected: &lt;1&gt;" type="org.opentest4j.AssertionFailedError">org.opentest4j.AssertionFailedError
	at com.x.ATest.bad(ATest.java:20)</failure><rerunFailure message="again" type="x"/></testcase>
  <testcase name="off" classname="com.x.ATest"><skipped message="later"/></testcase>
  <testcase name="ok" classname="com.x.ATest"/>
</testsuite>)");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "3/1/1/1");
  CHECK(lines(report) == "~ATest.java:12: com.x.ATest.flaky: passed only when tried again: once\n"
                         "ATest.java:20: com.x.ATest.bad: expected: <1>\n");
}

TEST_CASE("JUnit as nextest and jest write it") {
  const Report nextest = junit(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" uuid="u" timestamp="2026-11-21T10:00:00Z" time="0.1">
  <testsuite name="crate" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="a::ok" classname="crate" time="0.01"/>
    <testcase name="a::flaky" classname="crate" time="0.01"><flakyFailure type="test failure">boom</flakyFailure></testcase>
    <testcase name="a::bad" classname="crate" time="0.01"><failure message="thread &apos;a::bad&apos; panicked at src/lib.rs:10:5" type="test failure">thread 'a::bad' panicked at src/lib.rs:10:5:
assertion `left == right` failed
   at /rustc/abc/library/core/src/panicking.rs:1:1</failure><rerunFailure type="test failure"/></testcase>
  </testsuite></testsuites>)");
  CHECK(counts(nextest) == "3/0/1/1");
  CHECK(lines(nextest) == "~crate.a::flaky: passed only when tried again: test failure\n"
                          "src/lib.rs:10:5: crate.a::bad: thread 'a::bad' panicked at src/lib.rs:10:5\n");
  const Report jest = junit(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="2" failures="1" errors="0" time="1.2">
  <testsuite name="adds" errors="0" failures="1" skipped="0" timestamp="t" time="1" tests="2">
    <testcase classname="adds numbers" name="adds numbers" time="0.003" file="src/a.test.js"></testcase>
    <testcase classname="adds more" name="adds more" time="0.003" file="src/a.test.js">
      <failure>Error: expect(received).toBe(expected)
    at Object.&lt;anonymous&gt; (/w/tree/node_modules/expect/build/index.js:1:1)
    at Object.&lt;anonymous&gt; (/w/tree/src/a.test.js:5:17)</failure></testcase></testsuite></testsuites>)");
  CHECK(counts(jest) == "2/0/1/0");
  CHECK(lines(jest) == "src/a.test.js:5:17: adds more: Error: expect(received).toBe(expected)\n");
}

TEST_CASE("JUnit as GoogleTest and Catch2 write it") {
  const Report gtest = junit(R"(<testsuites tests="2" failures="0" disabled="1" errors="0" name="AllTests">
<testsuite name="S" tests="2" failures="0" disabled="1"><testcase name="a" file="t.cc" line="3" status="run" result="completed" classname="S" />
<testcase name="DISABLED_b" file="t.cc" line="9" status="notrun" result="suppressed" classname="S" /></testsuite></testsuites>)");
  CHECK(gtest.problem.empty());
  CHECK(counts(gtest) == "1/1/0/0");
  // It counts assertions as tests.
  const Report catch2 = junit(
      R"(<testsuites><testsuite name="u" errors="0" failures="0" tests="12"><testcase classname="u.global" name="a"/></testsuite></testsuites>)");
  CHECK(catch2.problem.empty());
  CHECK(counts(catch2) == "1/0/0/0");
}

TEST_CASE("JUnit that is no whole report of a run") {
  CHECK(junit("<testsuites/>").problem == "there is no test in it");
  CHECK(junit(R"(<testsuite tests="4"></testsuite>)").problem == "it declares 4 tests and holds none");
  CHECK(contains(junit(R"(<testsuites><testsuite name="a"><testcase name="x"/>)").problem, "line 1: no element found"));
  CHECK(counts(junit(R"(<testsuites><testsuite name="a"><testcase name="x"/>)")) == "1/0/0/0");
  CHECK(junit(R"(<testsuite tests="2" failures="2"><testcase name="x"/><testcase name="y"/></testsuite>)").problem ==
        "it declares 2 failures and holds none");
  CHECK(contains(junit("<html><body/></html>").problem, "the root element is html"));
  CHECK(contains(junit("").problem, "no element found"));
  CHECK(contains(junit("<!DOCTYPE t [<!ENTITY a \"b\">]><testsuite><testcase name=\"&a;\"/></testsuite>").problem,
                 "a document type"));
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "<testsuite>";
  CHECK(contains(junit(deep).problem, "deeper than 64"));
  // A suite that could not begin.
  const Report broken = junit(
      R"(<testsuites><testsuite name="S" tests="0" errors="1"><error message="no setup"/></testsuite></testsuites>)");
  CHECK(counts(broken) == "0/0/1/0");
  CHECK(lines(broken) == "S: no setup\n");
}

TEST_CASE("TAP with plan, directives and places") {
  const Report report =
      tap("TAP version 13\n1..6\nok 1 - reads\nnot ok 2 - writes \\# twice\n"
          "#   Failed test 'writes # twice'\n#   at t/a.t line 12.\n#          got: '1'\n"
          "ok 3 - here # SKIP no network\nnot ok 4 - some day # TODO later\nok 5\r\n"
          "not ok 6 - node\n  ---\n  location: '/w/tree/test/b.js:3:1'\n  failureType: 'testCodeFailure'\n"
          "  error: 'boom'\n  ...\n# tests 6\n");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "4/2/2/0");
  CHECK(lines(report) == "t/a.t:12: writes # twice: got: '1'\ntest/b.js:3:1: node: boom\n");
}

TEST_CASE("TAP: subtests count in their parent's place") {
  const Report report =
      tap("TAP version 14\n# Subtest: math\n    1..3\n    ok 1 - adds\n    not ok 2 - divides\n"
          "      ---\n      at:\n        file: src/m.js\n        line: 4\n        column: 9\n"
          "      message: by zero\n      ...\n    ok 3 - x # SKIP\nnot ok 1 - math\nok 2 - text\n1..2\n");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "3/1/1/0");
  CHECK(lines(report) == "src/m.js:4:9: math: divides: by zero\n");
  CHECK(counts(tap("1..1\nnot ok 1 - outer {\n    1..1\n    ok 1 - inner\n}\n")) == "1/0/1/0");
  // What a test prints is none.
  CHECK(counts(tap("1..1\n    ok so far\nok 1 - a\n")) == "1/0/0/0");
}

TEST_CASE("TAP that did not end as planned") {
  CHECK(tap("1..3\nok 1\nok 2\n").problem == "3 tests were planned and 2 ran");
  CHECK(tap("ok 1\nok 2\n").problem == "there is no plan: it may have ended early");
  CHECK(tap("1..1\nok 1\nok 2\n").problem == "1 tests were planned and 2 ran");
  CHECK(tap("1..2\nok 1\nok 1\n").problem == "the test point 1 comes twice");
  CHECK(tap("1..2\nok 1\nBail out! no database\n").problem == "Bail out! no database");
  CHECK(tap("").problem == "there is no test in it");
  CHECK(tap("hello\n").problem == "there is no test in it");
  CHECK(tap("1..0\n").problem == "there is no test in it");
  CHECK(tap("1..2\nok 1\n  ---\n  a: b\nok 2\n").problem == "2 tests were planned and 1 ran");
  CHECK(!tap("1..99999999999999\nok 99999999999\n").problem.empty());
  const Report skipped = tap("1..0 # SKIP no compiler\n");
  CHECK(skipped.problem.empty());
  CHECK(counts(skipped) == "0/1/0/0");
}

TEST_CASE("TAP through prove -v, several programs, and one that died") {
  const std::string good = "t/a.t .. \n1..2\nok 1 - a\nok 2 - b\nok\nt/b.t .. \nok 1 - c\n1..1\nok\n"
                           "All tests successful.\nFiles=2, Tests=3,  0 wallclock secs\nResult: PASS\n";
  CHECK(tap(good).problem.empty());
  CHECK(counts(tap(good)) == "3/0/0/0");
  const Report bad = tap("t/a.t .. \n1..2\nok 1 - a\nDubious, test returned 1 (wstat 256, 0x100)\nFailed 1/2 subtests\n"
                         "\nTest Summary Report\nt/a.t (Wstat: 256 Tests: 1 Failed: 0)\nResult: FAIL\n");
  CHECK(bad.problem == "the harness says: Dubious, test returned 1 (wstat 256, 0x100)");
  // Two programs' output one after the other.
  CHECK(counts(tap("TAP version 13\n1..1\nok 1\nTAP version 13\n1..1\nnot ok 1 - x\n")) == "2/0/1/0");
}

TEST_CASE("checkstyle as eslint writes it") {
  const Report report = checkstyle(R"x(<?xml version="1.0" encoding="utf-8"?><checkstyle version="4.3">
<file name="/w/tree/src/a.js"><error line="3" column="7" severity="error" message="&apos;x&apos; is not used. (no-unused-vars)" source="eslint.rules.no-unused-vars" />
<error line="4" severity="warning" message="two&#10;lines" source="s" /><error severity="ignore" line="9" message="m" source="s"/></file>
<file name="C:\other\b.js"><error line="1" column="1" severity="info" message="m" source="s" /></file><file name="src\c.js"><error line="x" message="m"/></file></checkstyle>)x");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "3/1/2/0");
  CHECK(lines(report) == "src/a.js:3:7: eslint.rules.no-unused-vars: 'x' is not used. (no-unused-vars)\n"
                         "~src/a.js:4: s: two\n~s: m (in b.js, outside of the tree)\nsrc/c.js: checkstyle: m\n");
  CHECK(contains(checkstyle("<checkstyle><file name=\"a\"><exception>x</exception></file></checkstyle>").problem,
                 "failed on a"));
  CHECK(contains(checkstyle("<checkstyle><file name=\"a\">").problem, "no element found"));
  CHECK(checkstyle("<checkstyle version=\"8.0\"></checkstyle>").problem.empty());
}

TEST_CASE("SARIF as ruff and clang-tidy write it") {
  const Report report = sarif(R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{
"tool":{"driver":{"name":"ruff","rules":[{"id":"F401"}]}},"results":[
{"level":"error","ruleId":"F401","message":{"text":"`os` imported but unused"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"file:///w/tree/a%20b.py"},"region":{"startLine":1,"startColumn":8,"endLine":1,"endColumn":10}}}]},
{"level":"warning","ruleId":"bugprone","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/a.cc","uriBaseId":"%SRCROOT%"},"region":{"startLine":4}}}]},
{"level":"error","ruleId":"S","message":{"text":"m"},"suppressions":[{"kind":"inSource"}]},
{"kind":"pass","level":"none","ruleId":"P","message":{"text":"fine"}},
{"level":"error","ruleId":"old","baselineState":"unchanged","message":{"text":"m"}},
{"level":"error","ruleId":"std","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"file:///usr/include/stdio.h"},"region":{"startLine":4}}}]}
]}]})");
  CHECK(report.problem.empty());
  CHECK(counts(report) == "5/1/2/0");
  CHECK(lines(report) == "a b.py:1:8: F401: `os` imported but unused\n~src/a.cc:4: bugprone: m\n~old: m\n"
                         "std: m (in stdio.h, outside of the tree)\n");
  CHECK(report.findings[0].end_line == 1);
  CHECK(report.findings[0].end_column == 9);
}

TEST_CASE("SARIF as CodeQL writes it: the level is the rule's, the rule an extension's") {
  const Report report = sarif(R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL","rules":[]},
"extensions":[{"name":"q","rules":[{"id":"js/a","defaultConfiguration":{"level":"note"}},{"id":"js/xss","messageStrings":{"m":{"text":"from {0}"}},"defaultConfiguration":{"level":"error"}}]}]},
"artifacts":[{"location":{"uri":"lib/x.js"}}],"originalUriBaseIds":{"ROOT":{"uri":"file:///w/tree/"}},
"results":[{"ruleId":"js/xss","rule":{"id":"js/xss","index":1,"toolComponent":{"index":0}},"message":{"id":"m","arguments":["here"]},
"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":7,"startColumn":2,"endColumn":9}}}],
"partialFingerprints":{"primaryLocationLineHash":"39fa2ee980eb94b0:1"}},
{"ruleId":"js/a","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"sub/y.js","uriBaseId":"ROOT"}}}]}]}]})");
  CHECK(lines(report) == "lib/x.js:7:2: js/xss: from here\n~sub/y.js: js/a: m\n");
  CHECK(report.findings[0].fingerprint == "lib/x.js:js/xss:39fa2ee980eb94b0:1");
}

TEST_CASE("SARIF that is no whole report of a run") {
  CHECK(contains(sarif("{").problem, "the report:1:2"));
  CHECK(sarif("[]").problem == "it names no version of SARIF");
  CHECK(sarif(R"({"version":"2.1.0","runs":[]})").problem == "there is no run in it");
  CHECK(contains(sarif(R"({"version":"1.0.0","runs":[{"results":[]}]})").problem, "SARIF 1.0.0 is not read"));
  CHECK(contains(sarif(R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"T"}},"results":null}]})").problem,
                 "a run of T holds no results"));
  CHECK(contains(
      sarif(R"({"version":"2.1.0","runs":[{"results":[],"invocations":[{"executionSuccessful":false}]}]})").problem,
      "says that it failed"));
  CHECK(sarif(R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"T"}},"results":[]}]})").problem.empty());
  CHECK(contains(sarif(std::string(100'000, '[')).problem, "deeper than 200"));
  CHECK(sarif(R"({"version":"2.1.0","runs":[{"results":[1,null,{"ruleId":3,"locations":{},"level":[]}]}]})")
            .problem.empty());
}

TEST_CASE("more findings than are kept") {
  std::string text = "<checkstyle><file name='a'>";
  for (int i = 0; i < 6000; ++i) text += "<error line='1' severity='warning' message='m' source='s'/>";
  text += "<error line='2' severity='error' message='m' source='e'/></file></checkstyle>";
  const Report report = checkstyle(text);
  CHECK(report.findings.size() == 5000);
  CHECK(report.dropped == 1001);
  CHECK(report.findings[0].rule == "e");
}
