#include "git/notes.hh"

#include "catch.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

void publish(Repository& repo, const Oid& tree) {
  const std::string name = "refs/notes/agent";
  const Oid commit = repo.write_commit(tree, {}, someone(), someone(), "notes");
  REQUIRE(repo.cas_ref(name, repo.ref(name), commit, "m") == Cas::committed);
}

Oid notes_tree(const fs::path& dir) { return Oid::parse(sh_git(dir, {"rev-parse", "refs/notes/agent^{tree}"})); }

std::string shown(const fs::path& dir, const Oid& commit) {
  return sh_git(dir, {"notes", "--ref=agent", "show", commit.hex()});
}

}  // namespace

TEST_CASE("notes are Git's notes") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid one = commit_file(dir, "file", "1"), two = commit_file(dir, "file", "2");
  auto repo = Repository::discover(dir);
  Oid tree = write_notes(repo, {}, {{one, "first\n"}, {two, "second\n"}});
  publish(repo, tree);
  CHECK(shown(dir, one) == "first");
  CHECK(shown(dir, two) == "second");
  CHECK(read_note(repo, tree, two) == "second\n");
  CHECK(sh_git(dir, {"log", "-1", "--format=%N", "--notes=agent", one.hex()}).find("first") == 0);
  // 2/38, as in Git's own trees of many notes
  CHECK(repo.entry_at(tree, one.hex().substr(0, 2) + "/" + one.hex().substr(2)));

  tree = write_notes(repo, tree, {{one, ""}, {two, "changed\n"}});
  publish(repo, tree);
  CHECK(read_note(repo, tree, one).empty());
  CHECK(shown(dir, two) == "changed");
  CHECK(sh_git(dir, {"notes", "--ref=agent", "list"}).find(one.hex()) == std::string::npos);
  CHECK(read_note(repo, {}, one).empty());
  CHECK(write_notes(repo, tree, {{two, ""}}) == repo.write_tree({}));
}

TEST_CASE("notes that Git wrote elsewhere are read and moved") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid one = commit_file(dir, "file", "1"), two = commit_file(dir, "file", "2");
  auto repo = Repository::discover(dir);
  SECTION("flat") {
    sh_git(dir, {"notes", "--ref=agent", "add", "-m", "flat", one.hex()});
    REQUIRE(repo.entry_at(notes_tree(dir), one.hex()));
  }
  SECTION("two levels") {
    const std::string hex = one.hex();
    publish(repo, repo.update_tree({}, {{hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex.substr(4), 0100644,
                                         repo.write_blob("flat\n")}}));
  }
  CHECK(read_note(repo, notes_tree(dir), one) == "flat\n");
  CHECK(read_note(repo, notes_tree(dir), two).empty());
  publish(repo, write_notes(repo, notes_tree(dir), {{one, "new\n"}, {two, "two\n"}}));
  CHECK(shown(dir, one) == "new");
  CHECK(shown(dir, two) == "two");
}
