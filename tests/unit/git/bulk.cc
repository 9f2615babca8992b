#include "git/bulk.hh"

#include "catch.hh"
#include "git/sandbox.hh"
#include "git/sha1.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

std::size_t files_in(const fs::path& dir) {
  std::size_t count = 0;
  if (!fs::exists(dir)) return 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) count += entry.is_regular_file();
  return count;
}

std::string raw(const std::string& hex) {
  const Oid id = Oid::parse(hex);
  return {reinterpret_cast<const char*>(id.bytes.data()), 20};
}

}  // namespace

TEST_CASE("the SHA-1 of plain bytes") {
  CHECK(sha1("") == raw("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
  CHECK(sha1("abc") == raw("a9993e364706816aba3e25717850c26c9cd0d89d"));
  CHECK(sha1(std::string(1000000, 'a')) == raw("34aa973cd4c4daa4f61eeb2bdbad27316534016f"));
  for (const std::size_t size : {55u, 56u, 63u, 64u, 65u, 119u, 120u}) CHECK(sha1(std::string(size, 'x')).size() == 20);
  CHECK(sha1(std::string(64, 'x')) == raw("bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"));
}

TEST_CASE("objects written in bulk can be read at once and lie in one pack at the end") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const fs::path objects = dir / ".git/objects";
  Oid commit;
  std::string large(200000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>(i * 2654435761u >> 13);
  {
    BulkWriter bulk(repo);
    Oid tree;
    std::vector<TreeEntry> changes;
    for (int i = 0; i < 300; ++i)
      changes.push_back({"tasks/" + std::to_string(i % 10) + "/" + std::to_string(i), 0100644,
                         repo.write_blob("task " + std::to_string(i))});
    changes.push_back({"empty", 0100644, repo.write_blob("")});
    changes.push_back({"large", 0100644, repo.write_blob(large)});
    for (const std::size_t size : {15u, 16u, 1023u, 1024u, 1025u, 2048u}) {
      changes.push_back({"size/" + std::to_string(size), 0100644, repo.write_blob(std::string(size, 's'))});
    }
    tree = repo.update_tree({}, changes);
    tree = repo.update_tree(tree, {{"tasks/1/11", 0100644, repo.write_blob("changed")}});
    CHECK(repo.read_blob(repo.entry_at(tree, "tasks/1/11")->id) == "changed");
    commit = repo.write_commit(tree, {}, someone(), someone(), "bulk");
    CHECK(repo.read_commit(commit)->tree == tree);
    CHECK(repo.has_object(commit));
    CHECK(diff_trees(repo, {}, tree).size() == 308);
    CHECK(files_in(objects) == 0);
    bulk.finish();
  }
  CHECK(repo.read_commit(commit)->message == "bulk");
  CHECK(files_in(objects) == 2);
  CHECK(repo.cas_ref("refs/agent/ledger", {}, commit, "m") == Cas::committed);
  CHECK(sh_git(dir, {"fsck", "--strict", "--full"}).find("error") == std::string::npos);
  CHECK(sh_git(dir, {"cat-file", "-p", "refs/agent/ledger:tasks/7/17"}) == "task 17");
  CHECK(sh_git(dir, {"cat-file", "blob", "refs/agent/ledger:large"}) == large);
  const Repository again = Repository::discover(dir);
  CHECK(again.read_blob(again.entry_at(again.read_commit(commit)->tree, "size/1024")->id) == std::string(1024, 's'));
  for (const auto& file : fs::directory_iterator(objects / "pack")) {
    CHECK((fs::status(file).permissions() & fs::perms(0777)) == fs::perms(0444));
    if (file.path().extension() == ".idx") sh_git(dir, {"verify-pack", file.path().string()});
    if (file.path().extension() == ".idx") {
      // Git's own index of the pack is the same, byte for byte.
      const std::string pack = fs::path(file.path()).replace_extension(".pack");
      sh_git(dir, {"index-pack", "-o", (box.path() / "own.idx").string(), pack});
      CHECK(sh_git(dir, {"hash-object", file.path().string()}) ==
            sh_git(dir, {"hash-object", (box.path() / "own.idx").string()}));
    }
  }
  sh_git(dir, {"gc", "-q"});
  CHECK(Repository::discover(dir).read_commit(commit));
}

TEST_CASE("a few objects in bulk become files") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  BulkWriter bulk(repo);
  const Oid id = repo.write_blob("one");
  CHECK(files_in(dir / ".git/objects") == 0);
  bulk.finish();
  CHECK(files_in(dir / ".git/objects") == 1);
  CHECK(sh_git(dir, {"cat-file", "-p", id.hex()}) == "one");
}

TEST_CASE("a bulk that is not finished leaves nothing") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  Oid id;
  {
    BulkWriter bulk(repo);
    id = repo.write_blob("gone");
  }
  CHECK_FALSE(repo.has_object(id));
  CHECK(repo.write_blob("gone") == id);
  CHECK(repo.has_object(id));
}
