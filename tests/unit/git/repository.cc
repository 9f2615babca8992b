#include <sys/stat.h>
#include <unistd.h>

#include "catch.hh"
#include "git/sandbox.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

namespace {

std::string refusal(const fs::path& dir) {
  return message_of([&] { Repository::discover(dir); });
}

std::vector<std::string> hints(const fs::path& dir) {
  try {
    Repository::discover(dir);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::environment);
    return error.hints();
  }
  return {};
}

}  // namespace

TEST_CASE("a repository is found from its top, from below and from inside .git") {
  Sandbox box;
  const fs::path dir = box.repository();
  fs::create_directories(dir / "a/b");
  for (const fs::path& start : {dir, dir / "a/b", dir / ".git"}) {
    const auto repo = Repository::discover(start);
    CHECK(repo.git_dir() == dir / ".git");
    CHECK(repo.common_dir() == dir / ".git");
    CHECK(repo.work_dir() == dir);
    CHECK(repo.main_work_dir() == dir);
    CHECK_FALSE(repo.is_bare());
    CHECK_FALSE(repo.is_linked_worktree());
    const Inside inside(start);
    CHECK(Repository::discover().git_dir() == dir / ".git");
  }
}

TEST_CASE("a linked worktree knows its main worktree") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid head = commit_file(dir, "file", "1");
  const fs::path linked = box.path() / "linked tree";
  sh_git(dir, {"worktree", "add", "-q", "-b", "topic", linked.string()});
  const auto repo = Repository::discover(linked);
  CHECK(repo.is_linked_worktree());
  CHECK(repo.git_dir() == dir / ".git/worktrees/linked-tree");
  CHECK(repo.common_dir() == dir / ".git");
  CHECK(repo.work_dir() == linked);
  CHECK(repo.main_work_dir() == dir);
  CHECK(repo.symbolic_target("HEAD") == "refs/heads/topic");
  CHECK(repo.ref("HEAD") == head);

  SECTION("as a hook in it sees it: GIT_DIR and GIT_INDEX_FILE absolute") {
    const Environment hook(Environment::Variables{{"GIT_DIR", repo.git_dir().string()},
                                                  {"GIT_INDEX_FILE", (repo.git_dir() / "index").string()}});
    const Inside inside(linked);
    const auto again = Repository::discover();
    CHECK(again.git_dir() == repo.git_dir());
    CHECK(again.work_dir() == linked);
    CHECK(again.write_index_tree().hex() == sh_git(linked, {"rev-parse", "HEAD^{tree}"}));
  }
  SECTION("with a relative GIT_DIR") {
    const Environment hook(Environment::Variables{{"GIT_DIR", "../repo/.git/worktrees/linked-tree"}});
    const Inside inside(linked);
    CHECK(Repository::discover().git_dir() == repo.git_dir());
    CHECK(Repository::discover().work_dir() == linked);
  }
  SECTION("without config.worktree of the main one") {
    sh_git(dir, {"config", "extensions.worktreeConfig", "true"});
    sh_git(dir, {"config", "core.repositoryformatversion", "1"});
    CHECK(Repository::discover(linked).main_work_dir() == dir);
  }
}

TEST_CASE("a bare repository has no work tree, its worktrees have") {
  Sandbox box;
  const fs::path seed = box.repository("seed");
  commit_file(seed, "file", "1");
  const fs::path bare = box.path() / "bare.git";
  sh_git(seed, {"clone", "-q", "--bare", seed.string(), bare.string()});
  CHECK(Repository::discover(bare).is_bare());
  CHECK(Repository::discover(bare).work_dir().empty());
  CHECK(Repository::discover(bare).main_work_dir().empty());
  const fs::path linked = box.path() / "linked";
  sh_git(bare, {"worktree", "add", "-q", linked.string(), "main"});
  auto check_both = [&] {
    const auto repo = Repository::discover(linked);
    CHECK_FALSE(repo.is_bare());
    CHECK(repo.work_dir() == linked);
    CHECK(repo.common_dir() == bare);
    CHECK(repo.main_work_dir().empty());
    CHECK(Repository::discover(bare).is_bare());
  };
  check_both();
  // Moves core.bare into config.worktree.
  sh_git(linked, {"sparse-checkout", "init"});
  CHECK(sh_git(bare, {"config", "-f", "config.worktree", "core.bare"}) == "true");
  check_both();
}

TEST_CASE("the work tree may be elsewhere") {
  Sandbox box;
  SECTION("separate Git directory") {
    const fs::path dir = box.repository("repo", {"--separate-git-dir", (box.path() / "store").string()});
    CHECK(Repository::discover(dir).work_dir() == dir);
    CHECK(Repository::discover(dir).git_dir() == box.path() / "store");
  }
  SECTION("core.worktree, as in submodules") {
    const fs::path dir = box.repository("repo");
    fs::create_directories(box.path() / "elsewhere");
    sh_git(dir, {"config", "core.worktree", "../../elsewhere"});
    CHECK(Repository::discover(dir / ".git").work_dir() == box.path() / "elsewhere");
  }
  SECTION("GIT_DIR and GIT_WORK_TREE") {
    const fs::path dir = box.repository("repo");
    fs::create_directories(box.path() / "elsewhere");
    const Environment set(Environment::Variables{{"GIT_DIR", (dir / ".git").string()},
                                                 {"GIT_WORK_TREE", (box.path() / "elsewhere").string()}});
    CHECK(Repository::discover().work_dir() == box.path() / "elsewhere");
    // The variables are still there for whoever is started next.
    CHECK(std::string(std::getenv("GIT_WORK_TREE")) == (box.path() / "elsewhere").string());
    // A path asks for that path's repository, whatever the environment says.
    const fs::path other = box.repository("other");
    CHECK(Repository::discover(other).work_dir() == other);
  }
}

TEST_CASE("what is no repository is told so") {
  Sandbox box;
  CHECK(refusal(box.path()) ==
        "'" + box.path().string() + "' is not a git repository (or any of the parent directories)");
  CHECK(hints(box.path()) == std::vector<std::string>{"git init"});
  const Inside inside(box.path());
  CHECK(refusal({}) == "not a git repository (or any of the parent directories)");
  const Environment wrong(Environment::Variables{{"GIT_DIR", "nowhere"}});
  CHECK(refusal({}) == "not a git repository: 'nowhere'");
}

TEST_CASE("formats that nobody here knows are refused") {
  Sandbox box;
  const fs::path dir = box.repository("plain");
  const auto with_extension = [&](const std::string& line, const std::string& version = "1") {
    write(dir / ".git/config",
          "[core]\n\tbare = false\n\trepositoryformatversion = " + version + "\n[extensions]\n\t" + line + "\n");
    return refusal(dir);
  };
  CHECK(with_extension("somethingNew = true") ==
        "this repository uses the extension 'somethingnew', which is not supported yet");
  CHECK(with_extension("objectFormat = sha3") ==
        "this repository uses the extension 'objectFormat' with the value 'sha3', which is not supported yet");
  CHECK(with_extension("refStorage = clay") ==
        "this repository uses the extension 'refStorage' with the value 'clay', which is not supported yet");
  // Git does not open these either.
  for (const char* line : {"refStorage = reftable", "objectFormat = sha256"})
    CHECK(with_extension(line, "0").find("the repository's configuration contradicts itself") == 0);
}

TEST_CASE("extensions that change nothing for us are accepted") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid head = commit_file(dir, "file", "1");
  std::string config = "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n";
  for (const char* name : {"worktreeConfig = true", "relativeWorktrees = true", "preciousObjects = true",
                           "partialClone = origin", "noop = 1"}) {
    config += std::string("\t") + name + "\n";
    write(dir / ".git/config", config);
    CHECK(Repository::discover(dir).ref("HEAD") == head);
  }
  write(dir / ".git/config",
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha1\n\trefStorage = files\n");
  CHECK(Repository::discover(dir).ref("HEAD") == head);
}

TEST_CASE("a repository of somebody else is refused in Git's words") {
  if (geteuid() != 0) return;
  Sandbox box;
  const fs::path dir = box.repository();
  for (const fs::path& path : {dir, dir / ".git"}) REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  CHECK(refusal(dir) == "detected dubious ownership in repository at '" + dir.string() + "'");
  CHECK(hints(dir) == std::vector<std::string>{"git config --global --add safe.directory " + dir.string()});

  write(box.path() / ".gitconfig", "[safe]\n\tdirectory = " + (box.path() / "other").string() + "\n");
  CHECK(refusal(dir) == "detected dubious ownership in repository at '" + dir.string() + "'");
  // What Git accepts is accepted, also what libgit2 does not understand.
  write(box.path() / ".gitconfig", "[safe]\n\tdirectory = *\n");
  CHECK(Repository::discover(dir).work_dir() == dir);
  write(box.path() / ".gitconfig", "[safe]\n\tdirectory = " + dir.string() + "\n");
  CHECK(Repository::discover(dir).work_dir() == dir);
}

TEST_CASE("objects in quarantine and in alternates are seen") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid head = commit_file(dir, "file", "1");
  const fs::path quarantine = dir / ".git/objects/tmp_objdir-incoming";
  fs::create_directories(quarantine);
  const Inside inside(dir / ".git");
  const Environment hook(Environment::Variables{{"GIT_DIR", "."},
                                                {"GIT_OBJECT_DIRECTORY", quarantine.string()},
                                                {"GIT_ALTERNATE_OBJECT_DIRECTORIES", (dir / ".git/objects").string()}});
  auto repo = Repository::discover();
  CHECK(repo.read_commit(head));
  const Oid blob = repo.write_blob("only here");
  CHECK(fs::exists(quarantine / blob.hex().substr(0, 2)));
  CHECK(Repository::discover().read_blob(blob) == "only here");
}
