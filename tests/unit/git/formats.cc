// Repositories whose objects are named by SHA-256 or whose refs are kept in tables: the same as all others, to the id that
// Git gives. Tables need a newer Git than many systems have (tools/newer-git.sh).
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "catch.hh"
#include "git/bulk.hh"
#include "git/notes.hh"
#include "git/reftable.hh"
#include "git/sandbox.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

// Git's own, when it knows tables, else the one built for tests; "" when there is none. Then the tests say so.
std::string path_with_tables() {
  const char* path = std::getenv("PATH");
  const char* newer = std::getenv("GIT_AGENT_NEWER_GIT");
  for (const std::string& first : {std::string(), std::string(newer ? newer : "build/newer-git/bin")}) {
    const std::string with = first.empty() ? path : fs::absolute(first).string() + ":" + path;
    const Environment set(Environment::Variables{{"PATH", with}});
    int major = 0, minor = 0;
    if (std::sscanf(git::git({"--version"}).out.c_str(), "git version %d.%d", &major, &minor) == 2 &&
        major * 1000 + minor >= 2045)
      return with;
  }
  WARN("skipped: no Git that knows reftable");
  return "";
}

std::string for_each_ref(const fs::path& dir, const std::string& prefix) {
  return sh_git(dir, {"for-each-ref", "--format=%(refname) %(objectname)", prefix});
}

std::string listed(const Repository& repo, const std::string& prefix) {
  std::string text;
  for (const auto& [name, id] : repo.refs(prefix)) text += (text.empty() ? "" : "\n") + name + " " + id.hex();
  return text;
}

Oid make_commit(Repository& repo, const std::string& message, std::vector<Oid> parents = {}) {
  return repo.write_commit(repo.update_tree({}, {{"a/b", 0100644, repo.write_blob(message)}}), parents, someone(),
                           someone(), message);
}

// Every move there is, judged against Git.
void check_moves(const fs::path& dir) {
  auto repo = Repository::discover(dir);
  const Oid first = make_commit(repo, "first"), second = make_commit(repo, "second", {first});
  const char* name = "refs/agent/ledger";
  CHECK(repo.cas_ref(name, second, first, "x") == Cas::lost);
  CHECK(repo.cas_ref(name, {}, first, "begin\nof all", Reflog::kept) == Cas::committed);
  CHECK(repo.cas_ref(name, {}, second, "x") == Cas::lost);
  CHECK(repo.cas_ref(name, second, first, "x") == Cas::lost);
  CHECK(repo.cas_ref(name, first, second, "go on") == Cas::committed);
  CHECK(repo.ref(name) == second);
  CHECK(sh_git(dir, {"rev-parse", name}) == second.hex());
  CHECK(sh_git(dir, {"reflog", "--format=%H %gs", name}) == second.hex() + " go on\n" + first.hex() + " begin of all");
  CHECK(repo.reflog(name) == std::vector<Oid>{second, first});
  CHECK(message_of([&] { repo.cas_ref("refs/agent/ledger/below", {}, first, "x"); }).find("collides") !=
        std::string::npos);
  CHECK(repo.cas_ref("refs/agent/other", {}, first, "no log") == Cas::committed);
  CHECK(repo.reflog("refs/agent/other").empty());
  CHECK(repo.cas_ref("refs/agent/other", second, {}, "x") == Cas::lost);
  CHECK(repo.cas_ref("refs/agent/other", first, {}, "x") == Cas::committed);
  CHECK(repo.ref("refs/agent/other").zero());
  CHECK(repo.refs("refs/agent/") == std::vector<std::pair<std::string, Oid>>{{name, second}});
  // Through HEAD the branch is moved, and Git sees it.
  sh_git(dir, {"symbolic-ref", "HEAD", "refs/heads/main"});
  CHECK(repo.cas_ref("HEAD", repo.ref("HEAD"), second, "commit") == Cas::committed);
  CHECK(sh_git(dir, {"rev-parse", "refs/heads/main"}) == second.hex());
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/main");
}

// Several processes, each adding to one counter by compare-and-swap.
void check_counting(const fs::path& dir, int writers, int each) {
  for (int writer = 0; writer < writers; ++writer) {
    if (::fork() != 0) continue;
    int code = 1;
    try {
      auto repo = Repository::discover(dir);
      for (int done = 0; done < each;) {
        const Oid now = repo.ref("refs/agent/count");
        const auto text = now.zero() ? std::nullopt : repo.read_blob(now);
        const Oid next = repo.write_blob(std::to_string(std::atoi(text.value_or("0").c_str()) + 1));
        if (repo.cas_ref("refs/agent/count", now, next, "count") == Cas::committed) ++done;
        else ::usleep(1000);
      }
      code = 0;
    } catch (const Error& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(code);
  }
  for (int writer = 0; writer < writers; ++writer) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  auto repo = Repository::discover(dir);
  CHECK(repo.read_blob(repo.ref("refs/agent/count")) == std::to_string(writers * each));
}

}  // namespace

TEST_CASE("objects named by SHA-256 are those of Git") {
  Sandbox box;
  const fs::path dir = box.repository("repo", {"--object-format=sha256"});
  const Oid head = commit_file(dir, "d/file", "content\n");
  auto repo = Repository::discover(dir);
  CHECK(repo.uses_sha256());
  CHECK(repo.zero_id() == std::string(64, '0'));
  CHECK(repo.ref("HEAD") == head);
  CHECK(repo.write_blob("content\n").hex() == sh_git(dir, {"rev-parse", "HEAD:d/file"}));
  CHECK(repo.write_blob("").hex() == sh_git(dir, {"hash-object", "--stdin"}));
  const auto commit = repo.read_commit(head);
  REQUIRE(commit);
  CHECK(commit->tree.hex() == sh_git(dir, {"rev-parse", "HEAD^{tree}"}));
  CHECK(repo.write_tree(*repo.read_tree(commit->tree)) == commit->tree);
  const std::string large(3000000, 'x');
  const Oid blob = repo.write_blob(large);
  CHECK(repo.read_blob(blob) == large);
  const Oid tree = repo.update_tree(commit->tree, {{"d/more", 0100644, blob}});
  const Oid next = repo.write_commit(tree, {head}, someone(), someone(), "ours");
  sh_git(dir, {"update-ref", "refs/heads/ours", next.hex()});
  sh_git(dir, {"fsck", "--strict"});
  CHECK(diff_trees(repo, commit->tree, tree).size() == 1);
  // What is missing, and ids of the other hash, which here could be taken for abbreviated ones.
  CHECK_FALSE(repo.read_blob(Oid::parse(std::string(64, 'a'))));
  CHECK_FALSE(repo.has_object(Oid::parse(head.hex().substr(0, 40))));
  CHECK_FALSE(repo.read_commit(Oid::parse(head.hex().substr(0, 40))));

  SECTION("packed, they come from git") {
    sh_git(dir, {"gc", "-q"});
    REQUIRE_FALSE(fs::exists(dir / ".git/objects" / head.hex().substr(0, 2) / head.hex().substr(2)));
    CHECK(repo.read_commit(head)->tree == commit->tree);
    CHECK(repo.read_blob(blob) == large);
    CHECK(repo.has_object(next));
    CHECK_FALSE(repo.read_blob(Oid::parse(std::string(64, 'a'))));
    CHECK(repo.ref("refs/heads/ours") == next);
    // A pack that comes while git answers is seen.
    const Oid later = commit_file(dir, "d/file", "later\n");
    sh_git(dir, {"gc", "-q"});
    CHECK(repo.read_commit(later));
  }
  SECTION("a fork has no part in the questions of its parent") {
    sh_git(dir, {"gc", "-q"});
    REQUIRE(repo.read_commit(head));
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(repo.read_commit(next) && repo.read_blob(blob) == large ? 0 : 1);
    CHECK(repo.read_commit(next));
    int status = 1;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
    CHECK(repo.read_blob(blob) == large);
  }
  SECTION("what answers never outlives us, however we end") {
    sh_git(dir, {"gc", "-q"});
    const pid_t pid = ::fork();
    if (pid == 0) {
      if (repo.read_commit(head))
        for (;;) ::pause();
      ::_exit(1);
    }
    const fs::path children = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children";
    const auto soon = [](const auto& is_so) {
      for (int i = 0; i < 1000 && !is_so(); ++i) ::usleep(10000);
      return is_so();
    };
    pid_t git = 0;
    const bool started = soon([&] { return (git = std::atoi(read_file(children).value_or("").c_str())) > 0; });
    const ProcessId answering = process_identity(git);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    REQUIRE(started);
    CHECK(answering.pid == git);
    CHECK(soon([&] { return !is_alive(answering); }));
  }
  SECTION("history") {
    CHECK(repo.resolve_commit("HEAD") == head);
    CHECK(repo.resolve_commit("ours~1") == head);
    CHECK(repo.resolve_commit(next.hex().substr(0, 12)) == next);
    CHECK(repo.resolve_commit("HEAD:d/file").zero());
    CHECK(repo.resolve_commit("no such thing").zero());
    CHECK(repo.resolve_commit("two\nlines").zero());
    CHECK(repo.merge_base(head, next) == head);
    CHECK(repo.is_ancestor(head, next));
    CHECK_FALSE(repo.is_ancestor(next, head));
    CHECK(repo.commits_between(head, next) == std::vector<Oid>{next});
    CHECK(repo.count_between({}, next) == 2);
  }
  SECTION("notes are where Git looks for them") {
    const Oid notes = write_notes(repo, {}, {{head, "said\n"}});
    CHECK(read_note(repo, notes, head) == "said\n");
    const Oid note = repo.write_commit(notes, {}, someone(), someone(), "notes");
    sh_git(dir, {"update-ref", "refs/notes/agent", note.hex()});
    CHECK(sh_git(dir, {"notes", "--ref=agent", "show", head.hex()}) == "said");
  }
  SECTION("the tree of the index") {
    CHECK(repo.write_index_tree() == commit->tree);
    write(dir / "new", "1");
    sh_git(dir, {"add", "new"});
    CHECK(repo.write_index_tree().hex() == sh_git(dir, {"write-tree"}));
  }
  SECTION("a broken file is said to be one") {
    const fs::path file = dir / ".git/objects" / blob.hex().substr(0, 2) / blob.hex().substr(2);
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(file, 300);
    CHECK(message_of([&] { repo.read_blob(blob); }) == "object " + blob.hex() + " is broken");
  }
}

TEST_CASE("many objects named by SHA-256 lie in one pack") {
  Sandbox box;
  const fs::path dir = box.repository("repo", {"--object-format=sha256"});
  auto repo = Repository::discover(dir);
  Oid commit;
  {
    BulkWriter bulk(repo);
    std::vector<TreeEntry> changes;
    for (int i = 0; i < 300; ++i)
      changes.push_back({"tasks/" + std::to_string(i), 0100644, repo.write_blob("task " + std::to_string(i))});
    changes.push_back({"large", 0100644, repo.write_blob(std::string(5000, 'l'))});
    commit = repo.write_commit(repo.update_tree({}, changes), {}, someone(), someone(), "bulk");
    bulk.finish();
  }
  CHECK(repo.cas_ref("refs/heads/main", {}, commit, "bulk") == Cas::committed);
  CHECK(sh_git(dir, {"count-objects", "-v"}).find("in-pack: 304") != std::string::npos);
  sh_git(dir, {"fsck", "--strict"});
  CHECK(repo.read_blob(repo.entry_at(repo.read_commit(commit)->tree, "tasks/77")->id) == "task 77");
  sh_git(dir, {"reset", "-q", "--hard"});
  CHECK(read_file(dir / "tasks/299") == "task 299");
}

TEST_CASE("refs to objects named by SHA-256 are moved by compare-and-swap") {
  Sandbox box;
  const fs::path dir = box.repository("repo", {"--object-format=sha256"});
  check_moves(dir);
  check_counting(dir, 4, 10);
  // A lock that somebody holds is waited for by the caller.
  auto repo = Repository::discover(dir);
  const Oid now = repo.ref("refs/agent/ledger");
  write(dir / ".git/refs/agent/ledger.lock", "");
  CHECK(repo.cas_ref("refs/agent/ledger", now, make_commit(repo, "third"), "x") == Cas::busy);
}

TEST_CASE("refs in tables are read as Git reads them") {
  Sandbox box;
  const Environment newer(Environment::Variables{{"PATH", path_with_tables()}});
  if (std::getenv("PATH") == nullptr) return;
  const std::string hash = GENERATE("sha1", "sha256");
  const fs::path dir = box.repository("repo", {"--ref-format=reftable", "--object-format=" + hash});
  auto repo = Repository::discover(dir);
  CHECK(repo.uses_reftable());
  CHECK(repo.uses_sha256() == (hash == "sha256"));
  CHECK(repo.ref("HEAD").zero());
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/main");
  const Oid head = commit_file(dir, "file", "1");
  CHECK(repo.ref("HEAD") == head);
  sh_git(dir, {"tag", "-a", "-m", "x", "annotated"});
  sh_git(dir, {"symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main"});
  sh_git(dir, {"symbolic-ref", "refs/remotes/origin/none", "refs/heads/none"});
  CHECK(listed(repo, "refs/") == for_each_ref(dir, "refs/"));
  CHECK(repo.refs("refs/remotes/").size() == 1);
  CHECK(repo.resolve_commit("annotated") == head);

  // Small blocks make an index of several levels; moves and deletions over several tables.
  std::mt19937 random(7);
  const std::vector<Oid> ids = {head, commit_file(dir, "file", "2"), commit_file(dir, "file", "3")};
  for (const char* block_size : {"256", "4096"}) {
    sh_git(dir, {"config", "reftable.blockSize", block_size});
    for (int round = 0; round < 6; ++round) {
      std::string input;
      for (int i = 0; i < 700; ++i) {
        const std::string name = "refs/tags/t" + std::to_string(random() % 3000);
        input += random() % 4 == 0 ? "delete " + name + "\n" : "update " + name + " " + ids[random() % 3].hex() + "\n";
      }
      // One name may stand once in a transaction.
      std::string once;
      std::set<std::string> seen;
      for (const std::string& line : split_lines(input))
        if (seen.insert(split(line, ' ')[1]).second) once += line + "\n";
      sh_git(dir, {"update-ref", "--stdin"}, once);
      if (round == 3) sh_git(dir, {"pack-refs", "--all"});
      const std::string wanted = for_each_ref(dir, "refs/");
      REQUIRE(listed(repo, "refs/") == wanted);
      CHECK(listed(repo, "refs/tags/t12") == for_each_ref(dir, "refs/tags/t12*"));
      for (const std::string& line : split_lines(wanted)) {
        const auto words = split(line, ' ');
        if (repo.ref(words[0]).hex() != words[1]) FAIL(words[0]);
      }
      for (const char* none : {"refs/a", "refs/tags/t", "refs/tags/t99999", "refs/zzz", "refs/heads"})
        CHECK(repo.ref(none).zero());
    }
  }
  sh_git(dir, {"checkout", "-q", "--detach", ids[1].hex()});
  CHECK(repo.symbolic_target("HEAD").empty());
  CHECK(repo.ref("HEAD") == ids[1]);
}

TEST_CASE("refs in tables are moved by compare-and-swap") {
  Sandbox box;
  const Environment newer(Environment::Variables{{"PATH", path_with_tables()}});
  if (std::getenv("PATH") == nullptr) return;
  const fs::path dir = box.repository("repo", {"--ref-format=reftable"});
  check_moves(dir);
  check_counting(dir, 4, 10);
  auto repo = Repository::discover(dir);
  const Oid now = repo.ref("refs/agent/ledger");
  write(dir / ".git/reftable/tables.list.lock", "");
  CHECK(repo.cas_ref("refs/agent/ledger", now, make_commit(repo, "third"), "x") == Cas::busy);
}

TEST_CASE("each worktree has its own tables") {
  Sandbox box;
  const Environment newer(Environment::Variables{{"PATH", path_with_tables()}});
  if (std::getenv("PATH") == nullptr) return;
  const fs::path dir = box.repository("repo", {"--ref-format=reftable"});
  const Oid head = commit_file(dir, "file", "1");
  const fs::path linked = box.path() / "linked";
  sh_git(dir, {"worktree", "add", "-q", "-b", "topic", linked.string()});
  const auto repo = Repository::discover(linked);
  CHECK(repo.is_linked_worktree());
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/topic");
  CHECK(repo.ref("HEAD") == head);
  CHECK(repo.head_of(dir / ".git").branch == "refs/heads/main");
  sh_git(linked, {"checkout", "-q", "--detach"});
  CHECK(Repository::discover(dir).head_of(repo.git_dir()).id == head);
  sh_git(linked, {"update-ref", "refs/worktree/own", head.hex()});
  CHECK(repo.ref("refs/worktree/own") == head);
  CHECK(Repository::discover(dir).ref("refs/worktree/own").zero());
  CHECK(repo.worktree_refs(repo.git_dir()).size() >= 2);
}

TEST_CASE("a table that is broken anywhere is refused, never misread beyond its end") {
  Sandbox box;
  const Environment newer(Environment::Variables{{"PATH", path_with_tables()}});
  if (std::getenv("PATH") == nullptr) return;
  const fs::path dir = box.repository("repo", {"--ref-format=reftable"});
  const Oid head = commit_file(dir, "file", "1");
  std::string input;
  for (int i = 0; i < 200; ++i) input += "create refs/tags/t" + std::to_string(i) + " " + head.hex() + "\n";
  sh_git(dir, {"config", "reftable.blockSize", "512"});
  sh_git(dir, {"update-ref", "--stdin"}, input);
  sh_git(dir, {"pack-refs", "--all"});
  const std::string name = trim(read_file(dir / ".git/reftable/tables.list").value());
  const std::string whole = read_file(dir / ".git/reftable" / name).value();
  const auto count = [](const std::string& bytes) {
    // Of its very own, so that reading behind the end is found.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    std::size_t refs = 0;
    try {
      const Reftable table({exact.data(), exact.size()}, "table");
      table.each("refs/tags/", [&](const std::string&, const Reftable::Value&) { ++refs; });
      Reftable::Value value;
      table.find("refs/tags/t77", value);
    } catch (const Error& error) {
      CHECK(std::string(error.what()) == "the table of refs 'table' is broken");
    }
    return refs;
  };
  CHECK(count(whole) == 200);
  for (std::size_t size = 0; size < whole.size(); size += 13) CHECK(count(whole.substr(0, size)) == 0);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ (at % 2 == 0 ? 0xff : 0x11));
    count(broken);
  }
}
