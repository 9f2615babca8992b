#include "catch.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

TEST_CASE("object ids are parsed and printed") {
  const std::string hex = "0123456789abcdef0123456789abcdef01234567";
  CHECK(Oid::parse(hex).hex() == hex);
  CHECK(Oid::parse("0123456789ABCDEF0123456789ABCDEF01234567").hex() == hex);
  CHECK(Oid::parse(hex).brief(7) == "0123456");
  CHECK(Oid::parse(hex + hex.substr(0, 24)).hex().size() == 64);
  CHECK(Oid::parse("123").zero());
  CHECK(Oid::parse(std::string(39, '0') + "g").zero());
  CHECK_FALSE(Oid());
}

TEST_CASE("objects are written as Git names them and read back") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);

  SECTION("a blob with any bytes") {
    const std::string bytes("a\0b\n\xff", 5);
    const Oid id = repo.write_blob(bytes);
    CHECK(id.hex() == sh_git(dir, {"hash-object", "--stdin"}, bytes));
    CHECK(repo.read_blob(id) == bytes);
    CHECK(repo.has_object(id));
    CHECK(repo.write_blob(bytes) == id);
    CHECK_FALSE(repo.read_tree(id));
    CHECK_FALSE(repo.read_commit(id));
  }
  SECTION("an empty and a large blob") {
    const std::string large(300000, 'x');
    CHECK(repo.read_blob(repo.write_blob("")) == "");
    CHECK(repo.read_blob(repo.write_blob(large)) == large);
  }
  SECTION("a tree in Git's order") {
    const Oid blob = repo.write_blob("x");
    const Oid sub = repo.write_tree({{"file", 0100755, blob}});
    const Oid tree =
        repo.write_tree({{"a", 040000, sub}, {"a.c", 0100644, blob}, {"a0", 0120000, blob}, {"Z", 0100644, blob}});
    CHECK(sh_git(dir, {"ls-tree", "--name-only", tree.hex()}) == "Z\na.c\na\na0");
    CHECK(sh_git(dir, {"fsck", "--strict", "--no-dangling"}).empty());
    const auto entries = repo.read_tree(tree);
    REQUIRE(entries);
    CHECK((*entries)[1].name == "a.c");
    CHECK((*entries)[2].is_tree());
    CHECK((*entries)[3].mode == 0120000);
    CHECK(repo.entry_at(tree, "a/file")->id == blob);
    CHECK(repo.entry_at(tree, "a")->id == sub);
    CHECK_FALSE(repo.entry_at(tree, "a/none"));
    CHECK_FALSE(repo.entry_at(tree, "Z/file"));
    CHECK_FALSE(repo.entry_at(tree, ""));
    CHECK_FALSE(repo.entry_at(Oid(), "a"));
  }
  SECTION("names that no checkout could bear are refused") {
    const Oid blob = repo.write_blob("x");
    for (const std::string name : {"", ".", "..", ".git", ".GIT", "a/b"}) {
      CHECK_FALSE(message_of([&] { repo.write_tree({{name, 0100644, blob}}); }).empty());
    }
    CHECK_FALSE(message_of([&] { repo.write_tree({{"a", 0100644, blob}, {"a", 040000, blob}}); }).empty());
  }
  SECTION("what is missing is nothing") {
    CHECK_FALSE(repo.read_blob(Oid()));
    CHECK_FALSE(repo.read_blob(Oid::parse(std::string(40, '1'))));
    CHECK_FALSE(repo.has_object(Oid::parse(std::string(40, '1'))));
  }
  SECTION("the empty tree need not exist") {
    const auto tree = repo.read_tree(Oid::parse("4b825dc642cb6eb9a060e54bf8d69288fbee4904"));
    REQUIRE(tree);
    CHECK(tree->empty());
  }
}

TEST_CASE("commits are written and read whole") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid tree = repo.write_tree({});
  const Oid first = repo.write_commit(tree, {}, someone(), someone(), "subject\ngoes on\n\nbody\n");
  const Oid second = repo.write_commit(tree, {first}, {"  <Bob>\n. ", "b@x>", 1, -330}, someone(), "m");
  CHECK(sh_git(dir, {"fsck", "--strict", "--no-dangling"}).empty());
  CHECK(sh_git(dir, {"log", "-1", "--format=%an|%ae|%ad|%s|%T", "--date=raw", first.hex()}) ==
        "Ada Lovelace|ada@example.com|1700000000 +0130|subject goes on|" + tree.hex());

  const auto commit = repo.read_commit(second);
  REQUIRE(commit);
  CHECK(commit->parents == std::vector<Oid>{first});
  CHECK(commit->author.name == "Bob");
  CHECK(commit->author.offset_minutes == -330);
  CHECK(commit->message == "m");
  CHECK(repo.read_commit(first)->subject() == "subject goes on");
  CHECK(repo.read_commit(first)->message == "subject\ngoes on\n\nbody\n");
  CHECK_FALSE(message_of([&] { repo.write_commit(tree, {}, someone(), someone(), std::string("a\0b", 3)); }).empty());
}

TEST_CASE("a signed commit of somebody else is read") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const std::string text =
      "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A B <a@b> 5 -0100\ncommitter C <> 6 +0000\n"
      "encoding latin-1\ngpgsig -----BEGIN\n abc\n \n author fake <x> 1 +0000\n -----END\n\ntitle\n";
  const Oid id = Oid::parse(sh_git(dir, {"hash-object", "-t", "commit", "-w", "--stdin"}, text));
  const auto commit = repo.read_commit(id);
  REQUIRE(commit);
  CHECK(commit->author.name == "A B");
  CHECK(commit->author.offset_minutes == -60);
  CHECK(commit->committer.email.empty());
  CHECK(commit->message == "title\n");
}

TEST_CASE("a broken object is an error that names it") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid id = repo.write_blob("soon broken");
  const fs::path file = dir / ".git/objects" / id.hex().substr(0, 2) / id.hex().substr(2);
  fs::permissions(file, fs::perms::owner_all);
  write(file, "");
  auto again = Repository::discover(dir);
  CHECK(message_of([&] { again.read_blob(id); }).find(id.hex()) != std::string::npos);
}

TEST_CASE("an object directory that vanished is made again") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid id = repo.write_blob("one");
  fs::remove_all(dir / ".git/objects" / id.hex().substr(0, 2));
  CHECK(repo.write_blob("one") == id);
  CHECK(Repository::discover(dir).read_blob(id) == "one");
}

TEST_CASE("a partial clone's missing objects are fetched") {
  Sandbox box;
  const fs::path origin = box.repository("origin");
  commit_file(origin, "file", "content of the file\n");
  sh_git(origin, {"config", "uploadpack.allowFilter", "true"});
  sh_git(origin, {"config", "uploadpack.allowAnySHA1InWant", "true"});
  const Oid blob = Oid::parse(sh_git(origin, {"rev-parse", "HEAD:file"}));
  const fs::path dir = box.path() / "partial";
  sh_git(box.path(), {"clone", "-q", "--no-checkout", "--filter=blob:none", "file://" + origin.string(), dir.string()});

  const auto repo = Repository::discover(dir);
  CHECK_FALSE(repo.has_object(blob));
  CHECK(repo.read_blob(blob) == "content of the file\n");
  CHECK(repo.has_object(blob));
  CHECK_FALSE(repo.read_blob(Oid::parse(std::string(40, '1'))));
}

TEST_CASE("durable writes end up where others do") {
  Sandbox box;
  const fs::path dir = box.repository();
  set_durable(true);
  auto repo = Repository::discover(dir);
  const Oid id = repo.write_blob("safe");
  CHECK(repo.cas_ref("refs/agent/x", {}, repo.write_commit(repo.write_tree({}), {}, someone(), someone(), "m"), "m") ==
        Cas::committed);
  set_durable(false);
  CHECK(sh_git(dir, {"cat-file", "-p", id.hex()}) == "safe");
}
