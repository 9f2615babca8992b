#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "catch.hh"
#include "git/sandbox.hh"
#include "util/fs.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

Oid make_commit(Repository& repo, const std::string& message) {
  return repo.write_commit(repo.write_tree({}), {}, someone(), someone(), message);
}

std::string for_each_ref(const fs::path& dir, const std::string& pattern) {
  return sh_git(dir, {"for-each-ref", "--format=%(refname) %(objectname)", pattern});
}

std::string listed(const Repository& repo, const std::string& prefix) {
  std::string text;
  for (const auto& [name, id] : repo.refs(prefix)) text += (text.empty() ? "" : "\n") + name + " " + id.hex();
  return text;
}

}  // namespace

TEST_CASE("refs are read loose, packed and symbolic") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  CHECK(repo.ref("HEAD").zero());
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/main");
  const Oid head = commit_file(dir, "file", "1");
  for (int i = 0; i < 20; ++i) {
    sh_git(dir, {"update-ref", "refs/tags/t" + std::to_string(i), head.hex()});
    sh_git(dir, {"tag", "-a", "-m", "x", "annotated" + std::to_string(i)});
  }
  const std::string before = for_each_ref(dir, "refs/");
  CHECK(listed(repo, "refs/") == before);
  sh_git(dir, {"pack-refs", "--all"});
  REQUIRE_FALSE(fs::exists(dir / ".git/refs/heads/main"));
  CHECK(repo.ref("HEAD") == head);
  CHECK(repo.ref("refs/heads/main") == head);
  CHECK(repo.ref("refs/tags/t7") == head);
  CHECK(repo.ref("refs/tags/annotated3").hex() == sh_git(dir, {"rev-parse", "annotated3"}));
  for (const char* name : {"refs/tags/t", "refs/tags/t70", "refs/a", "refs/zzz", "refs/tags", "refs/tags/annotated"}) {
    CHECK(repo.ref(name).zero());
  }
  CHECK(listed(repo, "refs/") == before);
  const Oid newer = commit_file(dir, "file", "2");
  CHECK(repo.ref("refs/heads/main") == newer);
  CHECK(listed(repo, "refs/") == for_each_ref(dir, "refs/"));
  CHECK(repo.refs("refs/tags/t1").size() == 11);
  CHECK(repo.refs("refs/heads/main").size() == 1);
  CHECK(repo.refs("refs/none/").empty());

  sh_git(dir, {"symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main"});
  sh_git(dir, {"symbolic-ref", "refs/remotes/origin/none", "refs/heads/none"});
  CHECK(repo.refs("refs/remotes/") == std::vector<std::pair<std::string, Oid>>{{"refs/remotes/origin/HEAD", newer}});
  sh_git(dir, {"checkout", "-q", "--detach"});
  CHECK(repo.symbolic_target("HEAD").empty());
  CHECK(repo.ref("HEAD") == newer);
}

TEST_CASE("packed-refs of any shape is read") {
  Sandbox box;
  const fs::path dir = box.repository();
  const std::string a(40, 'a'), b(40, 'b');
  const auto repo = Repository::discover(dir);
  SECTION("not sorted") {
    write(dir / ".git/packed-refs",
          "# pack-refs with: peeled \n" + b + " refs/tags/z\n^" + a + "\n" + a + " refs/tags/b\n");
    CHECK(repo.ref("refs/tags/z").hex() == b);
    CHECK(repo.ref("refs/tags/b").hex() == a);
    CHECK(repo.refs("refs/tags/").size() == 2);
  }
  SECTION("no header, no last newline") {
    write(dir / ".git/packed-refs", b + " refs/tags/z\n" + a + " refs/tags/b");
    CHECK(repo.ref("refs/tags/b").hex() == a);
  }
  SECTION("header only, or nothing") {
    write(dir / ".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n");
    CHECK(repo.ref("refs/tags/b").zero());
    write(dir / ".git/packed-refs", "");
    CHECK(repo.ref("refs/tags/b").zero());
    CHECK(repo.refs("refs/").empty());
  }
  SECTION("every entry of a large one") {
    std::ofstream file(dir / ".git/packed-refs");
    file << "# pack-refs with: peeled fully-peeled sorted \n";
    char name[32];
    for (int i = 0; i < 1000; ++i) {
      std::snprintf(name, sizeof name, "refs/tags/%04d", i);
      file << Oid::parse(std::string(36, '1') + (name + 10)).hex() << " " << name << "\n";
      if (i % 3 == 0) file << "^" << a << "\n";
    }
    file.close();
    for (int i = 0; i < 1000; ++i) {
      std::snprintf(name, sizeof name, "refs/tags/%04d", i);
      REQUIRE(repo.ref(name).hex() == std::string(36, '1') + (name + 10));
    }
    CHECK(repo.ref("refs/tags/0999x").zero());
    CHECK(repo.refs("refs/tags/01").size() == 100);
  }
}

TEST_CASE("a broken ref is an error, a list leaves it out") {
  Sandbox box;
  const fs::path dir = box.repository();
  const auto repo = Repository::discover(dir);
  write(dir / ".git/refs/agent/ledger", "");
  CHECK(message_of([&] { repo.ref("refs/agent/ledger"); }) == "ref 'refs/agent/ledger' is broken");
  CHECK(repo.refs("refs/").empty());
  write(dir / ".git/refs/agent/a", "ref: refs/agent/b\n");
  write(dir / ".git/refs/agent/b", "ref: refs/agent/a\n");
  CHECK_FALSE(message_of([&] { repo.ref("refs/agent/a"); }).empty());
  CHECK(repo.ref("refs/../config").zero());
  CHECK(repo.ref("../config").zero());
}

TEST_CASE("a ref moves only from where it was expected") {
  Sandbox box;
  const fs::path dir = box.repository("repo", GENERATE(std::vector<std::string>{}, std::vector<std::string>{"--bare"}));
  auto repo = Repository::discover(dir);
  const Oid one = make_commit(repo, "1"), two = make_commit(repo, "2");
  const std::string name = "refs/agent/ledger";
  CHECK(repo.cas_ref(name, one, two, "m") == Cas::lost);
  CHECK(repo.ref(name).zero());
  CHECK(repo.cas_ref(name, {}, one, "m") == Cas::committed);
  CHECK(repo.cas_ref(name, {}, two, "m") == Cas::lost);
  CHECK(repo.cas_ref(name, two, one, "m") == Cas::lost);
  CHECK(repo.ref(name) == one);
  CHECK(repo.cas_ref(name, one, one, "m") == Cas::committed);

  SECTION("packed as well") {
    sh_git(dir, {"pack-refs", "--all"});
    CHECK(repo.cas_ref(name, {}, two, "m") == Cas::lost);
    CHECK(repo.cas_ref(name, one, two, "m") == Cas::committed);
    CHECK(sh_git(dir, {"rev-parse", name}) == two.hex());
  }
  SECTION("while it is locked it is busy") {
    write(repo.common_dir() / (name + ".lock"), "");
    CHECK(repo.cas_ref(name, one, two, "m") == Cas::busy);
    fs::remove(repo.common_dir() / (name + ".lock"));
    CHECK(repo.cas_ref(name, one, two, "m") == Cas::committed);
  }
  SECTION("deleted, loose and packed") {
    CHECK(repo.cas_ref("refs/tags/a", {}, one, "m") == Cas::committed);
    CHECK(repo.cas_ref("refs/tags/z", {}, one, "m") == Cas::committed);
    if (GENERATE(false, true)) sh_git(dir, {"pack-refs", "--all"});
    CHECK(repo.cas_ref(name, two, {}, "m") == Cas::lost);
    write(repo.common_dir() / "packed-refs.lock", "");
    CHECK(repo.cas_ref(name, one, {}, "m") == Cas::busy);
    fs::remove(repo.common_dir() / "packed-refs.lock");
    CHECK(repo.cas_ref(name, one, {}, "m") == Cas::committed);
    CHECK(repo.ref(name).zero());
    CHECK(repo.cas_ref(name, one, {}, "m") == Cas::lost);
    CHECK(repo.cas_ref(name, {}, {}, "m") == Cas::committed);
    CHECK(for_each_ref(dir, "refs/") == "refs/tags/a " + one.hex() + "\nrefs/tags/z " + one.hex());
    CHECK_FALSE(fs::exists(repo.common_dir() / "refs/agent/ledger.lock"));
    CHECK_FALSE(fs::exists(repo.common_dir() / "packed-refs.lock"));
    CHECK(sh_git(dir, {"fsck", "--no-dangling"}).empty());
  }
  SECTION("not beside a ref that is its directory") {
    sh_git(dir, {"pack-refs", "--all"});
    fs::remove_all(repo.common_dir() / "refs/agent");
    CHECK_FALSE(message_of([&] { repo.cas_ref("refs/agent/ledger/x", {}, one, "m"); }).empty());
    CHECK_FALSE(message_of([&] { repo.cas_ref("refs/agent", {}, one, "m"); }).empty());
    CHECK(repo.cas_ref("refs/agent/ledge", {}, one, "m") == Cas::committed);
  }
  SECTION("empty directories are no obstacle") {
    fs::create_directories(repo.common_dir() / "refs/agent/x/y");
    CHECK(repo.cas_ref("refs/agent/x", {}, one, "m") == Cas::committed);
    CHECK(repo.ref("refs/agent/x") == one);
  }
  SECTION("a bad name is refused") {
    for (const char* bad : {"refs/../x", "refs/a b", "refs/x.lock", "", "refs/heads/-\n"}) {
      CHECK_FALSE(message_of([&] { repo.cas_ref(bad, {}, one, "m"); }).empty());
    }
  }
  SECTION("the log that exists gets a line") {
    const fs::path log = repo.common_dir() / "logs" / name;
    CHECK(repo.cas_ref(name, one, two, "m") == Cas::committed);
    CHECK_FALSE(fs::exists(log));
    write(log, "");
    CHECK(repo.cas_ref(name, two, one, "back\nagain") == Cas::committed);
    const std::string line = read_file(log).value();
    CHECK(line.find(two.hex() + " " + one.hex() + " Ada <ada@example.com> ") == 0);
    CHECK(line.find("\tback again\n") != std::string::npos);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(sh_git(dir, {"reflog", "-1", "--format=%gs", name}) == "back again");
    CHECK(repo.cas_ref(name, one, {}, "gone") == Cas::committed);
    CHECK_FALSE(fs::exists(log));
  }
}

TEST_CASE("moving the branch that is checked out is seen by HEAD") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid one = commit_file(dir, "file", "1");
  auto repo = Repository::discover(dir);
  const Oid two = make_commit(repo, "2");
  CHECK(repo.cas_ref("HEAD", one, two, "move") == Cas::committed);
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/main");
  CHECK(repo.ref("refs/heads/main") == two);
  CHECK(sh_git(dir, {"reflog", "-1", "--format=%gs", "HEAD"}) == "move");
  CHECK(sh_git(dir, {"reflog", "-1", "--format=%gs", "main"}) == "move");
}

TEST_CASE("of many processes exactly one creates each ref") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  constexpr int processes = 6, names = 60;
  std::vector<Oid> commits;
  for (int i = 0; i < processes; ++i) commits.push_back(make_commit(repo, std::to_string(i)));
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = fork();
    if (pid == 0) {
      int won = 0;
      auto mine = Repository::discover(dir);
      for (int n = 0; n < names; ++n) {
        Cas result;
        do result = mine.cas_ref("refs/agent/race/" + std::to_string(n), {}, commits[static_cast<std::size_t>(i)], "m");
        while (result == Cas::busy);
        won += result == Cas::committed;
      }
      _exit(won);
    }
    children.push_back(pid);
  }
  int winners = 0;
  for (const pid_t pid : children) {
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    REQUIRE(WIFEXITED(status));
    winners += WEXITSTATUS(status);
  }
  CHECK(winners == names);
  CHECK(repo.refs("refs/agent/race/").size() == names);
}
