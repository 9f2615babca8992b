#include "catch.hh"
#include "git/cached-tree.hh"
#include "git/sandbox.hh"
#include "util/fs.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

// What git write-tree says, on a copy of the index.
std::string by_git(const fs::path& dir, const std::string& index = "index") {
  GitOptions options;
  options.cwd = dir;
  options.index_file = dir / ".git/copy-of-index";
  fs::copy_file(dir / ".git" / index, options.index_file, fs::copy_options::overwrite_existing);
  return git_or_fail({"write-tree"}, options);
}

std::string index_tree(const fs::path& dir) { return Repository::discover(dir).write_index_tree().hex(); }

std::string bytes_of(const fs::path& file) { return sh_git(file.parent_path(), {"hash-object", file.string()}); }

}  // namespace

TEST_CASE("the index's tree is the one git write-tree writes") {
  Sandbox box;
  const fs::path dir = box.repository();
  CHECK(index_tree(dir) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  commit_file(dir, "a/b/c", "1");
  commit_file(dir, "a.b", "1");
  commit_file(dir, "win32mmap.c", "1");
  commit_file(dir, "win32/sys", "1");
  CHECK(index_tree(dir) == sh_git(dir, {"rev-parse", "HEAD^{tree}"}));
  write(dir / "a/b/d", "staged");
  write(dir / "a/b/c", "staged");
  sh_git(dir, {"add", "a"});
  write(dir / "a/b/c", "not staged");
  const std::string before = bytes_of(dir / ".git/index");
  CHECK(index_tree(dir) == by_git(dir));
  CHECK(index_tree(dir) != sh_git(dir, {"rev-parse", "HEAD^{tree}"}));
  CHECK(bytes_of(dir / ".git/index") == before);

  SECTION("entries that are only intended") {
    const std::string expected = by_git(dir);
    write(dir / "a/new", "x");
    write(dir / "only/new", "x");
    sh_git(dir, {"add", "-N", "a/new", "only/new"});
    CHECK(by_git(dir) == expected);
    CHECK(index_tree(dir) == expected);
    sh_git(dir, {"rm", "-q", "--cached", "a.b"});
    CHECK(index_tree(dir) == by_git(dir));
  }
  SECTION("an index of its own, as git commit FILE makes it") {
    fs::copy_file(dir / ".git/index", dir / ".git/next-index-1.lock");
    const std::string expected = index_tree(dir);
    sh_git(dir, {"rm", "-q", "--cached", "a.b"});
    const Inside inside(dir / "a");
    const Environment absolute(Environment::Variables{{"GIT_INDEX_FILE", (dir / ".git/next-index-1.lock").string()}});
    CHECK(Repository::discover().write_index_tree().hex() == expected);
    const Environment relative(Environment::Variables{{"GIT_INDEX_FILE", ".git/next-index-1.lock"}});
    CHECK(Repository::discover().write_index_tree().hex() == expected);
    // A repository asked for by path is not affected.
    CHECK(index_tree(dir) == by_git(dir));
  }
  SECTION("while somebody holds the index's lock") {
    write(dir / ".git/index.lock", "");
    CHECK(index_tree(dir) == by_git(dir));
  }
  SECTION("version 4, untracked cache and fsmonitor extensions") {
    sh_git(dir, {"update-index", "--index-version=4", "--untracked-cache"});
    CHECK(index_tree(dir) == by_git(dir));
  }
  SECTION("split") {
    const std::string expected = by_git(dir);
    sh_git(dir, {"update-index", "--split-index"});
    write(dir / "more", "x");
    sh_git(dir, {"add", "more"});
    write(dir / ".git/index.lock", "");
    CHECK(index_tree(dir) != expected);
    fs::remove(dir / ".git/index.lock");
    CHECK(index_tree(dir) == sh_git(dir, {"write-tree"}));
  }
  SECTION("sparse") {
    sh_git(dir, {"commit", "-q", "-m", "all"});
    sh_git(dir, {"reset", "-q", "--hard"});
    sh_git(dir, {"sparse-checkout", "set", "--cone", "--sparse-index", "win32"});
    CHECK(sh_git(dir, {"ls-files", "--sparse"}).find("a/") != std::string::npos);
    CHECK(index_tree(dir) == sh_git(dir, {"rev-parse", "HEAD^{tree}"}));
    write(dir / "win32/sys", "2");
    sh_git(dir, {"add", "win32/sys"});
    CHECK(index_tree(dir) == sh_git(dir, {"write-tree"}));
  }
  for (const auto& file : fs::directory_iterator(dir / ".git")) {
    CHECK(file.path().filename().string().find("index.git-agent") == std::string::npos);
  }
}

TEST_CASE("the tree that Git keeps in the index") {
  Sandbox box;
  const fs::path dir = box.repository();
  for (const char* name : {"a/b/c", "a/long-enough-to-share-a-prefix-1", "a/long-enough-to-share-a-prefix-2", "z"})
    commit_file(dir, name, "1");
  const auto kept = [&] { return cached_tree_of(dir / ".git/index"); };
  for (const char* version : {"2", "3", "4"}) {
    CAPTURE(version);
    sh_git(dir, {"update-index", std::string("--index-version=") + version});
    const std::string before = sh_git(dir, {"write-tree"});
    REQUIRE(kept());
    CHECK(kept()->hex() == before);
    write(dir / "a/b/c", version);
    sh_git(dir, {"add", "a"});
    CHECK_FALSE(kept());  // outdated until the next write-tree
    const std::string tree = sh_git(dir, {"write-tree"});
    REQUIRE(kept());
    CHECK(kept()->hex() == tree);
    write(dir / "intended", "x");
    sh_git(dir, {"add", "-N", "intended"});
    sh_git(dir, {"write-tree"});
    CHECK((!kept() || kept()->hex() == tree));
    sh_git(dir, {"rm", "-q", "--cached", "intended"});
    sh_git(dir, {"write-tree"});
    // Nothing cut off or altered is read past its end, or believed.
    const std::string bytes = *read_file(dir / ".git/index");
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(cached_tree(std::string_view(bytes).substr(0, size)));
    std::string longer = bytes;
    longer.insert(bytes.size() - 20, std::string("link\0\0\0\0", 8));
    CHECK_FALSE(cached_tree(longer));
    CHECK(cached_tree(bytes));
  }
  CHECK_FALSE(cached_tree_of(dir / "nowhere"));
}

TEST_CASE("an unmerged index has no tree") {
  Sandbox box;
  const fs::path dir = box.repository();
  commit_file(dir, "file", "1");
  sh_git(dir, {"checkout", "-q", "-b", "side"});
  commit_file(dir, "file", "2");
  sh_git(dir, {"checkout", "-q", "main"});
  commit_file(dir, "file", "3");
  GitOptions options;
  options.cwd = dir;
  CHECK(git::git({"merge", "side"}, options).exit_code == 1);
  CHECK(message_of([&] { index_tree(dir); }) == "the index has unmerged paths");
  sh_git(dir, {"update-index", "--split-index"});
  CHECK(message_of([&] { index_tree(dir); }) == "the index has unmerged paths");
}
