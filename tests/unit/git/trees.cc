#include <map>
#include <random>

#include "catch.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

// What is in a tree, as Git lists it: "mode type id\tpath".
std::string listed(const fs::path& dir, const Oid& tree) { return sh_git(dir, {"ls-tree", "-r", tree.hex()}); }

using Files = std::map<std::string, std::pair<unsigned, Oid>>;

// The same tree made by Git's index.
Oid made_by_git(const fs::path& dir, const Files& files) {
  std::string input;
  for (const auto& [path, entry] : files) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%06o", entry.first);
    input += std::string(mode) + " " + entry.second.hex() + "\t" + path + "\n";
  }
  GitOptions options;
  options.cwd = dir;
  options.index_file = dir / ".git/scratch-index";
  fs::remove(options.index_file);
  options.input = input;
  git_or_fail({"update-index", "--index-info"}, options);
  return Oid::parse(git_or_fail({"write-tree"}, options));
}

// Takes the path, what is below it and what is above it out of the files.
void clear_way(Files& files, const std::string& path) {
  for (auto file = files.begin(); file != files.end();) {
    const bool below = file->first.compare(0, path.size() + 1, path + "/") == 0;
    const bool above = path.compare(0, file->first.size() + 1, file->first + "/") == 0;
    file = below || above || file->first == path ? files.erase(file) : std::next(file);
  }
}

}  // namespace

TEST_CASE("a tree is changed along the paths only") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid a = repo.write_blob("a"), b = repo.write_blob("b");
  const Oid empty = repo.update_tree({}, {});
  CHECK(empty.hex() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  const Oid tree = repo.update_tree({}, {{"d/e/f", 0100644, a}, {"d/g", 0100755, a}, {"x", 0120000, b}});
  CHECK(sh_git(dir, {"ls-tree", "-r", "--name-only", tree.hex()}) == "d/e/f\nd/g\nx");

  CHECK(repo.update_tree(tree, {}) == tree);
  CHECK(repo.update_tree(tree, {{"x", 0120000, b}, {"none/at/all", 0, {}}, {"x/y", 0, {}}}) == tree);
  CHECK(listed(dir, repo.update_tree(tree, {{"d/e/f", 0, {}}, {"x", 0, {}}})) == "100755 blob " + a.hex() + "\td/g");
  CHECK(repo.update_tree(tree, {{"d", 0, {}}, {"x", 0, {}}}) == empty);
  CHECK(repo.update_tree(tree, {{"d/e/f", 0, {}}, {"d/g", 0, {}}, {"x", 0, {}}}) == empty);
  // A whole directory at once, a mode alone, a file instead of a directory and the reverse.
  CHECK(repo.update_tree({}, {{"d", 040000, repo.entry_at(tree, "d")->id}, {"x", 0120000, b}}) == tree);
  CHECK(repo.entry_at(repo.update_tree(tree, {{"x", 0100644, b}}), "x")->mode == 0100644);
  CHECK(listed(dir, repo.update_tree(tree, {{"d", 0100644, b}, {"x", 0, {}}})) == "100644 blob " + b.hex() + "\td");
  CHECK(listed(dir, repo.update_tree(tree, {{"x/y", 0100644, b}, {"d", 0, {}}})) == "100644 blob " + b.hex() + "\tx/y");
  // The last change to a path counts; a directory may be emptied and filled in one go.
  CHECK(repo.entry_at(repo.update_tree(tree, {{"x", 0, {}}, {"x", 0100644, a}}), "x")->id == a);
  CHECK(listed(dir, repo.update_tree(tree, {{"d/n", 0100644, b}, {"d", 0, {}}, {"x", 0, {}}})) ==
        "100644 blob " + b.hex() + "\td/n");

  CHECK_FALSE(message_of([&] { repo.update_tree(tree, {{"n", 0100644, a}, {"n/m", 0100644, a}}); }).empty());
  for (const std::string path : {"", "/a", "a/", "a//b", "../a", "a/.git/b", "."}) {
    CHECK_FALSE(message_of([&] { repo.update_tree(tree, {{path, 0100644, a}}); }).empty());
  }
  CHECK_FALSE(message_of([&] { repo.update_tree(a, {{"n", 0100644, a}}); }).empty());
}

TEST_CASE("random changes give the trees that Git would make") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  std::mt19937 random(42);
  const std::vector<std::string> names = {"a", "a-b", "a.c", "a0", "ab", "b", "A"};
  std::vector<Oid> blobs;
  for (int i = 0; i < 5; ++i) blobs.push_back(repo.write_blob(std::to_string(i)));
  Files files;
  Oid tree = repo.update_tree({}, {});
  for (int round = 0; round < 40; ++round) {
    std::vector<TreeEntry> changes;
    for (unsigned count = random() % 12; count-- > 0;) {
      std::string path = names[random() % names.size()];
      for (unsigned depth = random() % 4; depth-- > 0;) path += "/" + names[random() % names.size()];
      const bool removal = random() % 3 == 0;
      const TreeEntry change{path, random() % 2 ? 0100644u : 0100755u,
                             removal ? Oid() : blobs[random() % blobs.size()]};
      bool collides = false;
      for (const TreeEntry& other : changes) {
        collides |=
            other.name == path || (other.name + "/").find(path + "/") == 0 || (path + "/").find(other.name + "/") == 0;
      }
      if (collides) continue;
      changes.push_back(change);
      if (!removal) {
        clear_way(files, path);
        files[path] = {change.mode, change.id};
      } else {
        for (auto file = files.begin(); file != files.end();) {
          const bool gone = file->first == path || file->first.compare(0, path.size() + 1, path + "/") == 0;
          file = gone ? files.erase(file) : std::next(file);
        }
      }
    }
    const Oid before = tree;
    tree = repo.update_tree(before, changes);
    REQUIRE(tree == made_by_git(dir, files));
    // And the difference is what git diff-tree sees.
    std::string differences;
    for (const Change& change : diff_trees(repo, before, tree)) {
      char modes[20];
      std::snprintf(modes, sizeof modes, ":%06o %06o ", change.old_mode, change.new_mode);
      differences += modes + change.old_id.hex() + " " + change.new_id.hex() + "\t" + change.path + "\n";
    }
    std::string expected;
    GitOptions options;
    options.cwd = dir;
    for (std::string line :
         {git_or_fail({"diff-tree", "-r", "--no-renames", "--full-index", before.hex(), tree.hex()}, options)}) {
      std::size_t at = 0;
      while (at < line.size()) {
        const auto end = std::min(line.find('\n', at), line.size());
        std::string one = line.substr(at, end - at);
        one.erase(one.find('\t') - 2, 2);  // the letter
        expected += one + "\n";
        at = end + 1;
      }
    }
    REQUIRE(differences == expected);
  }
  CHECK(sh_git(dir, {"fsck", "--strict", "--no-dangling"}).empty());
}

TEST_CASE("differences of trees: modes, submodules, type changes, one side empty") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid a = repo.write_blob("a"), sub = Oid::parse(std::string(40, 'c'));
  const Oid before = repo.update_tree({}, {{"m", 0100644, a}, {"s", 0160000, sub}, {"t", 0100644, a}});
  const Oid after =
      repo.update_tree({}, {{"m", 0100755, a}, {"s", 0160000, Oid::parse(std::string(40, 'd'))}, {"t/u", 0100644, a}});
  const auto changes = diff_trees(repo, before, after);
  REQUIRE(changes.size() == 4);
  CHECK((changes[0].path == "m" && changes[0].old_mode == 0100644 && changes[0].new_mode == 0100755));
  CHECK((changes[1].path == "s" && changes[1].new_mode == 0160000 && changes[1].old_id == sub));
  CHECK((changes[2].path == "t" && changes[2].new_mode == 0 && changes[2].new_id.zero()));
  CHECK((changes[3].path == "t/u" && changes[3].old_mode == 0));
  CHECK(diff_trees(repo, {}, after).size() == 3);
  CHECK(diff_trees(repo, after, {}).size() == 3);
  CHECK(diff_trees(repo, after, after).empty());
  CHECK(diff_trees(repo, {}, {}).empty());
  CHECK_FALSE(message_of([&] { diff_trees(repo, after, sub); }).empty());
}

TEST_CASE("equal subtrees are not read") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid a = repo.write_blob("a");
  const Oid missing = Oid::parse(std::string(40, 'e'));
  const Oid before = repo.write_tree({{"missing", 040000, missing}, {"x", 0100644, a}});
  const Oid after = repo.write_tree({{"missing", 040000, missing}, {"x", 0100755, a}});
  CHECK(diff_trees(repo, before, after).size() == 1);
}

TEST_CASE("a tree of absurd depth ends in an error, not in a crash") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  Oid tree = repo.write_tree({{"f", 0100644, repo.write_blob("a")}});
  for (int i = 0; i < 1500; ++i) tree = repo.write_tree({{"d", 040000, tree}});
  CHECK(message_of([&] { diff_trees(repo, {}, tree); }).find("too deep") != std::string::npos);
}

TEST_CASE("what is no tree is told") {
  Sandbox box;
  const fs::path dir = box.repository();
  auto repo = Repository::discover(dir);
  const Oid bad =
      Oid::parse(sh_git(dir, {"hash-object", "-t", "tree", "-w", "--stdin", "--literally"}, "100644 no end"));
  CHECK(message_of([&] { repo.read_tree(bad); }) == "a tree object is malformed");
}
