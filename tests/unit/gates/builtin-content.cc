// The built-in gates on real trees.
#include "catch.hh"
#include "gates/content-gate.hh"
#include "gates/tests-bite.hh"
#include "gates/tests-gate.hh"
#include "gates/trust.hh"
#include "git/repository.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::gates;
using namespace ga::git::test;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

git::Oid tree_with(git::Repository& repo, const git::Oid& base, const Files& files) {
  std::vector<git::TreeEntry> entries;
  for (const auto& [path, text] : files)
    entries.push_back({path, 0100644, text == "-" ? git::Oid() : repo.write_blob(text)});
  return repo.update_tree(base, entries);
}

std::string rules(const BuiltinReport& report) {
  std::string text;
  for (const scan::Finding& each : report.findings)
    text += (text.empty() ? "" : " ") + std::string(each.blocks ? "" : "~") + each.file + ":" + each.rule;
  return text;
}

}  // namespace

TEST_CASE("the content gate judges what changes, and what only a commit on the way held") {
  Sandbox sandbox;
  auto repo = git::Repository::discover(sandbox.repository());
  const Policy policy = parse_policy("[content]\nmax-size = 100\nbinary = \"refuse\"\nallow = [\"vendor/\"]\n", "p");
  const std::string odd = "a\xe2\x80\x8b\n", large(200, 'a'), binary("a\0b", 3);
  const git::Oid base = tree_with(repo, {}, {{"old.c", odd}, {"a.c", "x\n"}});
  const git::Oid way = tree_with(repo, base, {{"big.txt", large}, {"tool.o", binary}});
  const git::Oid tree = tree_with(repo, base,
                                  {{"old.c", "-"},
                                   {"moved.c", odd},
                                   {"new.c", odd + odd},
                                   {"AGENTS.md", odd},
                                   {"notes.md", odd},
                                   {"vendor/v.c", odd}});
  const git::Oid first = repo.write_commit(base, {}, someone(), someone(), "base");
  const git::Oid second = repo.write_commit(way, {first}, someone(), someone(), "way");
  const git::Oid third = repo.write_commit(tree, {second}, someone(), someone(), "tip");
  const BuiltinReport report =
      judge_content({.repo = repo, .policy = policy, .base_tree = base, .tree = tree, .commits = {second, third}});
  CHECK(rules(report) == "AGENTS.md:invisible-character new.c:invisible-character new.c:invisible-character "
                         "~notes.md:invisible-character big.txt:oversized-file tool.o:binary-file");
  CHECK(report.covered);
  CHECK(report.coverage == "6 blobs, 228 bytes");
  CHECK(report.findings[4].commit == second.hex());
  CHECK(report.findings[4].fingerprint == second.hex() + ":big.txt:oversized-file:0");
}

TEST_CASE("the tests gate warns, and refuses at merge where the policy says so or nobody looks") {
  Sandbox sandbox;
  auto repo = git::Repository::discover(sandbox.repository());
  const git::Oid base = tree_with(
      repo, {}, {{"tests/test_a.py", "def test_a():\n    assert 1\n"}, {"qa/x.py", "def test_q():\n    pass\n"}});
  const git::Oid tree = tree_with(repo, base, {{"tests/test_a.py", "-"}, {"qa/x.py", "pass\n"}});
  const auto judged = [&](const std::string& toml, const std::string& event) {
    const Policy policy = parse_policy(toml, "p");
    return rules(
        judge_tests({.repo = repo, .policy = policy, .base_tree = base, .tree = tree, .commits = {}, .event = event}));
  };
  CHECK(judged("", "merge") == "~tests/test_a.py:test-file-deleted");
  CHECK(judged("[tests]\nerosion = \"refuse\"\n", "pre-commit") == "~tests/test_a.py:test-file-deleted");
  CHECK(judged("[tests]\nerosion = \"refuse\"\n", "merge") == "tests/test_a.py:test-file-deleted");
  CHECK(judged("[merge]\nby = \"green\"\n", "merge") == "tests/test_a.py:test-file-deleted");
  CHECK(judged("[merge]\nby = \"green\"\n[tests]\nerosion = \"warn\"\n", "merge") ==
        "~tests/test_a.py:test-file-deleted");
  CHECK(judged("[tests]\nfiles = [\"qa/**\"]\n", "") == "~qa/x.py:test-deleted ~tests/test_a.py:test-file-deleted");
}

TEST_CASE("the base's sources with the change's tests") {
  Sandbox sandbox;
  auto repo = git::Repository::discover(sandbox.repository());
  const Policy policy = parse_policy("", "p");
  const git::Oid base =
      tree_with(repo, {}, {{"src/a.py", "1\n"}, {"tests/test_a.py", "old\n"}, {"tests/gone.py", "x\n"}});
  const git::Oid tree = tree_with(
      repo, base, {{"src/a.py", "2\n"}, {"tests/test_a.py", "new\n"}, {"tests/gone.py", "-"}, {"tests/data/i", "d\n"}});
  const auto tried = tests_on_base_tree(repo, policy, base, tree);
  REQUIRE(tried);
  CHECK(tried->tests == std::vector<std::string>{"tests/data/i", "tests/test_a.py"});
  CHECK(tried->tree ==
        tree_with(repo, {}, {{"src/a.py", "1\n"}, {"tests/test_a.py", "new\n"}, {"tests/data/i", "d\n"}}));
  CHECK(!tests_on_base_tree(repo, policy, base, tree_with(repo, base, {{"src/a.py", "3\n"}})));
  CHECK(!tests_on_base_tree(repo, policy, base, tree_with(repo, base, {{"tests/test_b.py", "3\n"}})));
  CHECK(!tests_on_base_tree(repo, policy, {}, tree));
}

TEST_CASE("tests that pass without the change are reported, those that bite are not") {
  Sandbox sandbox;
  auto repo = git::Repository::discover(sandbox.repository());
  const Policy policy =
      parse_policy("[[gate]]\nname = \"unit\"\non = [\"merge\"]\nrun = \"sh tests/run.sh\"\nbite = true\n"
                   "[[gate]]\nname = \"lint\"\non = [\"merge\"]\nrun = \"true\"\n",
                   "p");
  trust(repo.common_dir(), policy);
  const git::Oid base = tree_with(repo, {}, {{"answer", "41\n"}});
  const auto judged = [&](const std::string& test) {
    return judge_bite(repo, policy,
                      {.tree = tree_with(repo, base, {{"answer", "42\n"}, {"tests/run.sh", test}}),
                       .base_tree = base,
                       .event = "merge"});
  };
  const BuiltinReport biting = judged("grep -x 42 answer\n");
  CHECK(rules(biting).empty());
  CHECK(biting.coverage == "1 test file on the sources without the change, 1 of 1 gate ran");
  CHECK(rules(judged("test -e answer\n")) == "~tests/run.sh:tests-do-not-bite");
}
