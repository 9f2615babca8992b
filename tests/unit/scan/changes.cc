// What is to come: which blobs commits bring, and what of them the base has already.
#include "scan/changes.hh"

#include "catch.hh"
#include "gates/scan-gate.hh"
#include "git/sandbox.hh"
#include "scan/history.hh"

using namespace ga;
using namespace ga::git::test;
using namespace ga::scan;

namespace {

const std::string kRules = "[[rules]]\nid = 'r'\nregex = 'k=(\\w+)'\n";

std::string listed(const std::vector<NewBlob>& blobs) {
  std::string all;
  for (const NewBlob& blob : blobs) all += (all.empty() ? "" : " ") + blob.path + (blob.commit.zero() ? "" : "*");
  return all;
}

std::string listed(const Scan& scan) {
  std::string all;
  for (const Hit& hit : scan.hits)
    all += (all.empty() ? "" : " ") + hit.finding.file + ":" + std::to_string(hit.finding.line) + ":" + hit.secret +
           (hit.finding.blocks ? "!" : "");
  return all;
}

struct World {
  Sandbox sandbox;
  fs::path dir = sandbox.repository();
  git::Repository repo = git::Repository::discover(dir);
  RuleSet rules = load_rules(kRules, "r.toml");
  Scanner scanner{rules, {.comments = AllowComments::reported}};

  git::Oid commit(const std::string& file, std::string_view text) { return commit_file(dir, file, text); }
  git::Oid tree(const git::Oid& commit) { return git::tree_of(repo, commit); }
};

}  // namespace

TEST_CASE("blobs that commits bring, also those a later one takes away", "[scan]") {
  World w;
  const git::Oid base = w.commit("a", "one");
  const git::Oid first = w.commit("b", "k=hidden");
  const git::Oid second = w.commit("b", "clean");
  w.commit("c", "x");
  sh_git(w.dir, {"rm", "-q", "c"});
  sh_git(w.dir, {"commit", "-q", "-m", "gone"});
  const git::Oid tip = w.repo.resolve_commit("HEAD");
  const auto commits = w.repo.commits_between(base, tip);
  CHECK(listed(new_blobs(w.repo, w.tree(base), w.tree(tip), commits)) == "b* b* c*");
  CHECK(listed(new_blobs(w.repo, w.tree(base), w.tree(tip), {})) == "b");
  CHECK(listed(new_blobs(w.repo, {}, w.tree(second), {})) == "a b");
  CHECK(new_blobs(w.repo, w.tree(tip), w.tree(tip), {}).empty());
  const Scan scan =
      scan_changes(w.scanner, w.repo, {.base_tree = w.tree(base), .tree = w.tree(tip), .commits = commits});
  CHECK(listed(scan) == "b:1:hidden!");
  CHECK(scan.hits[0].finding.commit == first.hex());
  CHECK(scan.coverage.texts == 3);
}

TEST_CASE("what a merge takes over is its parent's", "[scan]") {
  World w;
  const git::Oid base = w.commit("a", "one");
  sh_git(w.dir, {"checkout", "-q", "-b", "side"});
  w.commit("side", "k=side");
  sh_git(w.dir, {"checkout", "-q", "main"});
  w.commit("main", "two");
  sh_git(w.dir, {"merge", "-q", "--no-commit", "side"});
  write(w.dir / "evil", "k=evil");
  sh_git(w.dir, {"add", "."});
  sh_git(w.dir, {"commit", "-q", "-m", "merge"});
  const git::Oid merge = w.repo.resolve_commit("HEAD");
  CHECK(listed(new_blobs(w.repo, w.tree(merge), w.tree(merge), {merge})) == "evil*");
  CHECK(listed(new_blobs(w.repo, w.tree(base), w.tree(merge), w.repo.commits_between(base, merge))).find("side*") !=
        std::string::npos);
}

TEST_CASE("what the base has already stops nothing", "[scan]") {
  World w;
  const std::string comment = std::string("# gitleaks") + ":allow";
  const git::Oid base = w.commit("a", "k=old\nk=fine " + comment + "\n");
  const git::Oid tip = w.commit("a", "more\nk=old\nk=fine " + comment + "\nk=new " + comment + "\n");
  w.commit("copy", "k=old\n");
  const git::Oid last = w.repo.resolve_commit("HEAD");
  ChangeScan what{.base_tree = w.tree(base), .tree = w.tree(last), .commits = {tip, last}};
  CHECK(listed(scan_changes(w.scanner, w.repo, what)) == "a:2:old a:4:new! copy:1:old!");
  Allowed allowed;
  allowed.add("a:r:4");
  allowed.add("copy:r:1");
  what.allowed = &allowed;
  CHECK(listed(scan_changes(w.scanner, w.repo, what)) == "a:2:old");
}

TEST_CASE("many blobs are scanned by several threads as by one", "[scan]") {
  World w;
  const git::Oid base = w.commit("a", "one");
  for (int i = 0; i < 100; ++i)
    write(w.dir / ("f" + std::to_string(i)), "text " + std::to_string(i) + "\nk=s" + std::to_string(i));
  sh_git(w.dir, {"add", "."});
  sh_git(w.dir, {"commit", "-q", "-m", "many"});
  const git::Oid tip = w.repo.resolve_commit("HEAD");
  const Scan scan = scan_changes(w.scanner, w.repo, {.base_tree = w.tree(base), .tree = w.tree(tip), .commits = {tip}});
  CHECK(scan.hits.size() == 100);
  CHECK(scan.coverage.texts == 100);
}

TEST_CASE("a history: each blob once, each secret where it came first", "[scan]") {
  for (const char* format : {"sha1", "sha256"}) {
    World w;
    if (std::string(format) == "sha256") {
      w.dir = w.sandbox.repository("other", {"--object-format=sha256"});
      w.repo = git::Repository::discover(w.dir);
    }
    const git::Oid first = w.commit("dir/a", "k=one\n");
    w.commit("dir/a", "k=one\nmore\n");
    const git::Oid third = w.commit("b", "k=two");
    w.commit("b", "clean");
    sh_git(w.dir, {"repack", "-qad"});
    w.commit("c", "loose k=three");
    const Scan scan = scan_history(w.scanner, w.repo);
    CHECK(listed(scan) == "b:1:two! c:1:three! dir/a:1:one!");
    CHECK(scan.hits[0].finding.commit == third.hex());
    CHECK(scan.hits[2].finding.commit == first.hex());
    CHECK(scan.hits[2].finding.fingerprint == first.hex() + ":dir/a:r:1");
    CHECK(scan.coverage.texts == 5);
  }
}

TEST_CASE("the gate judges by the target's rules, and its allow-entries alone count", "[scan]") {
  World w;
  const std::string policy = "[scan]\nconfig = 'rules.toml'\n[[rule]]\nid = 'own'\nregex = '^todo(?=:)'\nfiles = "
                             "['*.c']\non = ['merge']\nlevel = 'warning'\n";
  write(w.dir / "rules.toml", kRules);
  write(w.dir / ".gitleaksignore", "ok.txt:r:1\n");
  const git::Oid target = w.commit(".git-agent.toml", policy);
  write(w.dir / "rules.toml", "[[rules]]\nid = 'nothing'\nregex = 'zzz'\n");
  write(w.dir / ".gitleaksignore", "bad.txt:r:1\n");
  write(w.dir / "ok.txt", "k=a");
  write(w.dir / "bad.txt", "k=b");
  write(w.dir / "x.c", "a\ntodo: b");
  const git::Oid tip = w.commit("x.h", "todo: b");
  const gates::Policy judged_by = gates::policy_at(w.repo, target, "main:.git-agent.toml");
  gates::Subject subject{w.repo, judged_by, w.tree(target), w.tree(tip), {tip}, "merge", false};
  const gates::BuiltinReport report = gates::judge_secrets(subject);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].file == "bad.txt");
  CHECK(report.findings[0].blocks);
  CHECK(report.findings[1].rule == "own");
  CHECK(report.findings[1].line == 2);
  CHECK_FALSE(report.findings[1].blocks);
  CHECK(report.covered);
  CHECK(report.coverage.find("6 blobs, ") == 0);
  CHECK(report.coverage.find("2 rules") != std::string::npos);

  subject.allowed = [one = report.findings[0].fingerprint](const std::string& finding) { return finding == one; };
  const gates::BuiltinReport let_stay = gates::judge_secrets(subject);
  CHECK(let_stay.findings.size() == 1);
  CHECK(let_stay.coverage.find("1 approved") != std::string::npos);
  subject.allowed = {};
  subject.event = "pre-commit";
  CHECK(gates::judge_secrets(subject).findings.size() == 1);

  // A configuration that is not there is no reason to let everything pass.
  gates::Policy broken = judged_by;
  broken.scan.config = "missing.toml";
  CHECK(message_of([&] {
          gates::judge_secrets({w.repo, broken, {}, w.tree(tip), {}, "merge", false});
        }).find("missing.toml") != std::string::npos);
}

TEST_CASE("own rules in a policy", "[scan]") {
  const auto why = [](const std::string& text) { return message_of([&] { gates::parse_policy(text, "p"); }); };
  CHECK(why("[[rule]]\nregex = 'x'\n").find("p:1: ") == 0);
  CHECK(why("[[rule]]\nid = 'a'\n").find("rule.regex") != std::string::npos);
  CHECK(why("[[rule]]\nid = 'a'\nregex = '('\n").find("p:3: ") == 0);
  CHECK(why("[[rule]]\nid = 'a b'\nregex = 'x'\n").find("letters, digits") != std::string::npos);
  CHECK(why("[[rule]]\nid = 'a'\nregex = 'x'\non = ['push']\n").find("no event") != std::string::npos);
  CHECK(why("[[rule]]\nid = 'a'\nregex = 'x'\n[[rule]]\nid = 'a'\nregex = 'y'\n").find("stands twice") !=
        std::string::npos);
  CHECK(why("[[rule]]\nid = 'a'\nregex = 'x'\nsecret-group = 1\n").find("more than the 0 groups") != std::string::npos);
  CHECK(why("[scan]\nconfig = '../x'\n").find("path in the repository") != std::string::npos);
  CHECK(why("[scan]\nmax-size = '1X'\n").find("must be a size") != std::string::npos);
  const gates::Policy policy = gates::parse_policy("[scan]\nmax-size = '10M'\ntime-limit = '5s'\ndecode-depth = "
                                                   "2\n[[rule]]\nid = 'a'\nregex = '(?<=x)y'\nkeywords = ['Y']\n",
                                                   "p");
  CHECK(policy.scan.max_size == 10 << 20);
  CHECK(policy.scan.seconds == 5);
  CHECK(gates::unknown_keys(policy).empty());
}
