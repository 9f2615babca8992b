#include "git/cli.hh"

#include "catch.hh"
#include "git/sandbox.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::git;
using namespace ga::git::test;

TEST_CASE("git runs without what Git hands to hooks") {
  Sandbox box;
  const fs::path dir = box.repository(), other = box.repository("other");
  GitOptions options;
  options.cwd = dir;
  const Environment hook(Environment::Variables{{"GIT_DIR", (other / ".git").string()},
                                                {"GIT_CONFIG_COUNT", "1"},
                                                {"GIT_CONFIG_KEY_0", "agent.one"},
                                                {"GIT_CONFIG_VALUE_0", "1"}});
  CHECK(git_or_fail({"rev-parse", "--show-toplevel"}, options) == dir.string());
  CHECK(git::git({"config", "agent.one"}, options).exit_code == 1);
  options.keep_config = true;
  CHECK(git_or_fail({"config", "agent.one"}, options) == "1");
  CHECK(git_or_fail({"rev-parse", "--show-toplevel"}, options) == dir.string());
  options.keep_local_env = true;
  CHECK(git_or_fail({"rev-parse", "--git-dir"}, options) == (other / ".git").string());
  const Inside inside(box.path());
  const Environment relative(Environment::Variables{{"GIT_DIR", "other/.git"}});
  CHECK(git_or_fail({"rev-parse", "--absolute-git-dir"}, options) == (other / ".git").string());
  options.keep_local_env = false;
  options.git_dir = other / ".git";
  CHECK(git_or_fail({"rev-parse", "--absolute-git-dir"}, options) == (other / ".git").string());
}

TEST_CASE("the list of local variables holds all that this Git has") {
  const std::string listed = git_or_fail({"rev-parse", "--local-env-vars"});
  for (const std::string& name : split_lines(listed)) {
    INFO(name);
    CHECK(std::count(local_env_vars().begin(), local_env_vars().end(), name) == 1);
  }
}

TEST_CASE("a failing git is reported in its own words") {
  Sandbox box;
  const fs::path dir = box.repository();
  GitOptions options;
  options.cwd = dir;
  CHECK(message_of([&] {
          git_or_fail({"rev-parse", "--verify", "none"}, options);
        }) == "git rev-parse failed: Needed a single revision");
  Result result;
  result.exit_code = 1;
  result.err = "warning: w\nerror: first\nhint: advice\nmore\n";
  CHECK(last_words(result) == "first");
  result.err = "";
  CHECK(last_words(result) == "exit code 1");
  result.err = "hint: one\n  strange words  \n";
  CHECK(last_words(result) == "strange words");
  const Environment no_path(Environment::Variables{{"PATH", "/nowhere"}});
  CHECK(message_of([&] { git_or_fail({"version"}); }) == "cannot start git");
  git_in_background({"version"}, dir);
}

TEST_CASE("editors and prompts are off, messages are English") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Environment german(
      Environment::Variables{{"LC_ALL", "de_DE.UTF-8"}, {"LANGUAGE", "de"}, {"GIT_EDITOR", "false"}});
  write(dir / "file", "1");
  sh_git(dir, {"add", "file"});
  GitOptions options;
  options.cwd = dir;
  const Result result = git::git({"commit"}, options);
  CHECK(result.err.find("Aborting commit due to empty commit message") != std::string::npos);
}

TEST_CASE("configuration is read with everything Git knows") {
  Sandbox box;
  const fs::path dir = box.repository();
  write(box.path() / "included", "[agent]\n\tfrom = include\n");
  write(dir / ".git/config",
        "[core]\n\tbare = false\n[include]\n\tpath = " + (box.path() / "included").string() +
            "\n[agent \"Sub.Section\"]\n\tMixed = \"two\\nlines\"\n[agent]\n\tlist = a\n\tlist = b\n\tflag\n"
            "\toff = 0\n\ton = 2\n\tword = yes\n\tempty =\n\tnonsense = perhaps\n");
  const Environment set(Environment::Variables{{"GIT_CONFIG_PARAMETERS", "'agent.command=line'"}});
  const Config config = Config::load(dir);
  CHECK(config.get("agent.from") == "include");
  CHECK(config.get("agent.command") == "line");
  CHECK(config.get("agent.Sub.Section.mixed") == "two\nlines");
  CHECK(config.get("agent.list") == "b");
  CHECK(config.get_all("agent.list") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(config.get("agent.none"));
  CHECK(config.get_bool("agent.flag", false));
  CHECK_FALSE(config.get_bool("agent.off", true));
  CHECK(config.get_bool("agent.on", false));
  CHECK(config.get_bool("agent.word", false));
  CHECK_FALSE(config.get_bool("agent.empty", true));
  CHECK(config.get_bool("agent.none", true));
  CHECK(config.get_bool("agent.nonsense", true));
}

TEST_CASE("worktrees are listed") {
  Sandbox box;
  const fs::path dir = box.repository();
  const Oid head = commit_file(dir, "file", "1");
  const fs::path odd = box.path() / "odd\nname", locked = box.path() / "locked", gone = box.path() / "gone";
  sh_git(dir, {"worktree", "add", "-q", "-b", "topic", odd.string()});
  sh_git(dir, {"worktree", "add", "-q", "--detach", locked.string()});
  sh_git(dir, {"worktree", "lock", "--reason", "because", locked.string()});
  sh_git(dir, {"worktree", "add", "-q", "--detach", gone.string()});
  fs::remove_all(gone);
  const auto list = list_worktrees(odd);
  REQUIRE(list.size() == 4);
  CHECK((list[0].path == dir && list[0].branch == "refs/heads/main" && list[0].head == head && !list[0].bare));
  for (const WorktreeInfo& worktree : list) {
    if (worktree.path == odd) CHECK(worktree.branch == "refs/heads/topic");
    CHECK(worktree.locked == (worktree.path == locked));
    CHECK(worktree.prunable == (worktree.path == gone));
    if (worktree.path == locked) CHECK(worktree.branch.empty());
  }
  const fs::path bare = box.repository("bare", {"--bare"});
  REQUIRE(list_worktrees(bare).size() == 1);
  CHECK(list_worktrees(bare)[0].bare);
}

TEST_CASE("the status of a worktree is sorted into its kinds") {
  Sandbox box;
  const fs::path dir = box.repository();
  write(dir / ".gitignore", "*.o\nbuild/\n");
  write(dir / "same name", std::string(100, 'x'));
  commit_file(dir, "file", "1");
  CHECK(worktree_status(dir).clean());
  // Asking does not touch the index, and a person's settings do not change the answer.
  sh_git(dir, {"config", "status.showUntrackedFiles", "no"});
  sh_git(dir, {"config", "status.branch", "true"});
  sh_git(dir, {"config", "status.showStash", "true"});
  sh_git(dir, {"mv", "same name", "new\nname"});
  write(dir / "file", "2");
  write(dir / "added", "1");
  sh_git(dir, {"add", "added"});
  write(dir / "added", "2");
  write(dir / "x.o", "");
  write(dir / "build/y", "");
  write(dir / "un tracked/file", "");
  const WorktreeStatus status = worktree_status(dir, true);
  CHECK(status.staged == std::vector<std::string>{"added", "new\nname", "same name"});
  CHECK(status.unstaged == std::vector<std::string>{"added", "file"});
  CHECK(status.untracked == std::vector<std::string>{"un tracked/"});
  CHECK(status.ignored == std::vector<std::string>{"build/", "x.o"});
  CHECK(status.unmerged.empty());
  CHECK_FALSE(status.clean());
  CHECK(worktree_status(dir).ignored.empty());
}

TEST_CASE("unmerged paths are told apart") {
  Sandbox box;
  const fs::path dir = box.repository();
  commit_file(dir, "a file", "1");
  sh_git(dir, {"checkout", "-q", "-b", "side"});
  commit_file(dir, "a file", "2");
  sh_git(dir, {"checkout", "-q", "main"});
  commit_file(dir, "a file", "3");
  GitOptions options;
  options.cwd = dir;
  CHECK_FALSE(git::git({"merge", "side"}, options).ok());
  const WorktreeStatus status = worktree_status(dir);
  CHECK(status.unmerged == std::vector<std::string>{"a file"});
  CHECK_FALSE(status.clean());
}
