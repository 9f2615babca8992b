#include "git/maintenance.hh"

#include <unistd.h>

#include "catch.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

std::size_t count(const fs::path& dir, const std::string& ending = "") {
  std::size_t found = 0;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(dir, none))
    if (entry.is_regular_file(none) && entry.path().extension() == ending) ++found;
  return found;
}

bool packs_come(const fs::path& objects) {
  for (int n = 0; n < 100; ++n) {
    if (count(objects / "pack", ".pack") > 0) return true;
    ::usleep(100'000);
  }
  return false;
}

}  // namespace

TEST_CASE("many loose objects are packed in the background, unless Git is told to keep its hands off") {
  Sandbox box;
  const fs::path dir = box.repository(), objects = dir / ".git/objects";
  Repository repo = Repository::discover(dir);
  maintain_in_background(repo);
  std::vector<TreeEntry> entries;
  for (int n = 0; n < 6000; ++n)
    entries.push_back({"file-" + std::to_string(n), 0100644, repo.write_blob("object " + std::to_string(n))});
  const Signature who{"A", "a@example.com", 1'700'000'000, 0};
  const Oid tip = repo.write_commit(repo.write_tree(entries), {}, who, who, "many\n");
  REQUIRE(repo.cas_ref("refs/heads/many", {}, tip, "test") == Cas::committed);
  for (const char* key : {"gc.auto", "maintenance.auto"}) {
    sh_git(dir, {"config", key, std::string(key) == "gc.auto" ? "0" : "false"});
    maintain_in_background(Repository::discover(dir));
    sh_git(dir, {"config", "--unset", key});
  }
  ::usleep(300'000);
  CHECK(count(objects / "pack", ".pack") == 0);
  maintain_in_background(Repository::discover(dir));
  REQUIRE(packs_come(objects));
  for (const TreeEntry& entry : entries) REQUIRE(repo.has_object(entry.id));
  CHECK(Repository::discover(dir).read_blob(entries.front().id) == "object 0");
}

TEST_CASE("many packs are rolled up in the background") {
  Sandbox box;
  const fs::path dir = box.repository(), objects = dir / ".git/objects";
  for (int n = 0; n < 12; ++n) {
    commit_file(dir, "a file", std::to_string(n));
    sh_git(dir, {"repack", "-d", "-q"});
  }
  REQUIRE(count(objects / "pack", ".pack") == 12);
  maintain_in_background(Repository::discover(dir));
  for (int n = 0; n < 100 && count(objects / "pack", ".pack") > 4; ++n) ::usleep(100'000);
  CHECK(count(objects / "pack", ".pack") <= 4);
  sh_git(dir, {"fsck", "--strict"});
}
