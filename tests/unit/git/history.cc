#include <algorithm>

#include "catch.hh"
#include "git/sandbox.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

std::vector<Oid> ids(const std::string& lines) {
  std::vector<Oid> result;
  for (const std::string& line : split_lines(lines)) result.push_back(Oid::parse(line));
  return result;
}

std::vector<Oid> sorted(std::vector<Oid> list) {
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

TEST_CASE("history is walked as git rev-list does") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid one = commit_file(dir, "file", "1");
  const Oid two = commit_file(dir, "file", "2");
  sh_git(dir, {"checkout", "-q", "-b", "side", one.hex()});
  const Oid side = commit_file(dir, "other", "1");
  sh_git(dir, {"checkout", "-q", "main"});
  sh_git(dir, {"merge", "-q", "--no-edit", "side"});
  const Oid merged = commit_file(dir, "file", "3");
  sh_git(dir, {"tag", "-a", "-m", "x", "v1"});
  auto repo = Repository::discover(dir);

  CHECK(repo.resolve_commit("HEAD") == merged);
  CHECK(repo.resolve_commit("main~2") == two);
  CHECK(repo.resolve_commit("v1") == merged);
  CHECK(repo.resolve_commit(one.hex()) == one);
  CHECK(repo.resolve_commit(one.brief(8)) == one);
  for (const char* none : {"", "none", "main~9", "HEAD:file", "-x", "1111111111111111111111111111111111111111"}) {
    CHECK(repo.resolve_commit(none).zero());
  }
  CHECK(repo.merge_base(side, two) == one);
  CHECK(repo.merge_base(side, {}).zero());
  CHECK(repo.is_ancestor(one, merged));
  CHECK(repo.is_ancestor(one, one));
  CHECK_FALSE(repo.is_ancestor(merged, one));
  CHECK_FALSE(repo.is_ancestor(side, two));
  CHECK_FALSE(repo.is_ancestor({}, two));

  CHECK(repo.commits_between({}, merged).size() == 5);
  CHECK(repo.commits_between({}, merged).front() == one);
  CHECK(repo.commits_between({}, merged).back() == merged);
  CHECK(sorted(repo.commits_between(two, merged)) ==
        sorted(ids(sh_git(dir, {"rev-list", merged.hex(), "^" + two.hex()}))));
  CHECK(repo.commits_between(one, merged, true) ==
        ids(sh_git(dir, {"rev-list", "--first-parent", "--reverse", merged.hex(), "^" + one.hex()})));
  CHECK(repo.commits_between(merged, one).empty());
  CHECK(repo.commits_between(one, {}).empty());
  CHECK(repo.count_between({}, merged) == 5);
  CHECK(repo.count_between(two, merged) == 3);
  CHECK(repo.count_between(merged, merged) == 0);

  const Oid lonely = repo.write_commit(repo.write_tree({}), {}, someone(), someone(), "m");
  CHECK(repo.merge_base(lonely, merged).zero());
  CHECK_FALSE(repo.is_ancestor(lonely, merged));
}

TEST_CASE("a shallow clone's history ends where it was cut") {
  Sandbox box;
  const fs::path origin = box.repository("origin");
  commit_file(origin, "file", "1");
  const Oid two = commit_file(origin, "file", "2");
  const Oid three = commit_file(origin, "file", "3");
  const fs::path dir = box.path() / "shallow";
  sh_git(box.path(), {"clone", "-q", "--depth=2", "file://" + origin.string(), dir.string()});
  const auto repo = Repository::discover(dir);
  CHECK(repo.commits_between({}, three) == std::vector<Oid>{two, three});
  CHECK(repo.commits_between(two, three) == std::vector<Oid>{three});
  CHECK(repo.count_between({}, three) == 2);
  CHECK(repo.merge_base(two, three) == two);
  CHECK(repo.is_ancestor(two, three));
  CHECK_FALSE(repo.is_ancestor(three, two));
  CHECK(repo.resolve_commit("HEAD~1") == two);
  CHECK(repo.resolve_commit("HEAD~2").zero());
}
