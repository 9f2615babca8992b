#include "util/fs.hh"

#include <sys/stat.h>
#include <unistd.h>

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using test::contains;
using test::failure_of;
using test::TempDir;

namespace {

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

struct stat facts_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(lstat(path.c_str(), &facts) == 0);
  return facts;
}

}  // namespace

TEST_CASE("files are read whole or not at all") {
  const TempDir dir;
  REQUIRE(read_file(dir / "none") == std::nullopt);
  write_file_atomic(dir / "file", "");
  REQUIRE(read_file(dir / "file") == "");
  REQUIRE(read_file(dir / "file/below") == std::nullopt);
  const std::string bytes(100'000, 'x');
  write_file_atomic(dir / "file", bytes);
  REQUIRE(read_file(dir / "file") == bytes);
  REQUIRE(read_file(dir / "file", 100'000) == bytes);
  REQUIRE(contains(failure_of([&] { read_file(dir / "file", 99'999); })->text, "larger than 99999"));
  REQUIRE(contains(failure_of([&] { read_file(dir.path()); })->text, dir.path().native()));
  REQUIRE(read_file("/proc/self/stat").value().size() > 20);
  REQUIRE(failure_of([&] { read_file("/proc/self/stat", 5); }));
}

TEST_CASE("writing leaves the old or the new, and nothing besides") {
  const TempDir dir;
  write_file_atomic(dir / "file", "one");
  write_file_atomic(dir / "file", std::string("two\0", 4));
  REQUIRE(read_file(dir / "file") == std::string("two\0", 4));
  REQUIRE(entries(dir.path()) == 1);
  REQUIRE(failure_of([&] { write_file_atomic(dir / "no/file", "x"); })->kind == Kind::environment);
  fs::create_directory(dir / "directory");
  REQUIRE(failure_of([&] { write_file_atomic(dir / "directory", "x"); }));
  REQUIRE(entries(dir.path()) == 2);
  write_file_atomic(dir / "secret", "x", 0600);
  REQUIRE((facts_of(dir / "secret").st_mode & 0777) == 0600);
  append_file(dir / "log", "a\n");
  append_file(dir / "log", "b\n");
  REQUIRE(read_file(dir / "log") == "a\nb\n");
  REQUIRE(failure_of([&] { append_file(dir.path(), "x"); })->kind == Kind::environment);
}

TEST_CASE("directories are made and trees removed") {
  const TempDir dir;
  make_directories(dir / "a/b/c");
  make_directories(dir / "a/b/c");
  write_file_atomic(dir / "a/b/c/file", "x");
  fs::create_directory_symlink(dir.path(), dir / "a/link");
  REQUIRE(failure_of([&] { make_directories(dir / "a/b/c/file/d"); })->kind == Kind::environment);
  // What a module cache leaves behind.
  fs::permissions(dir / "a/b/c", fs::perms::owner_read | fs::perms::owner_exec);
  remove_tree(dir / "a");
  REQUIRE(entries(dir.path()) == 0);
  REQUIRE_NOTHROW(remove_tree(dir / "a"));
  REQUIRE_NOTHROW(remove_tree(dir / "a/b"));
  write_file_atomic(dir / "file", "x");
  remove_tree(dir / "file");
  REQUIRE(entries(dir.path()) == 0);
}

TEST_CASE("files are copied with mode and time, links as links") {
  const TempDir dir;
  const std::string bytes(300'000, 'y');
  write_file_atomic(dir / "from", bytes);
  fs::permissions(dir / "from", fs::perms(0750));
  fs::last_write_time(dir / "from", fs::file_time_type::clock::now() - std::chrono::hours(5));
  copy_file_cheaply(dir / "from", dir / "to");
  REQUIRE(read_file(dir / "to") == bytes);
  REQUIRE((facts_of(dir / "to").st_mode & 0777) == 0750);
  REQUIRE(fs::last_write_time(dir / "to") == fs::last_write_time(dir / "from"));

  // What is in the way is replaced, not written through.
  write_file_atomic(dir / "precious", "p");
  fs::create_symlink("precious", dir / "trap");
  copy_file_cheaply(dir / "from", dir / "trap");
  REQUIRE(read_file(dir / "precious") == "p");
  REQUIRE(read_file(dir / "trap") == bytes);

  fs::create_symlink("no/where", dir / "link");
  REQUIRE_FALSE(copy_file_cheaply(dir / "link", dir / "to"));
  REQUIRE(fs::read_symlink(dir / "to") == "no/where");

  write_file_atomic(dir / "empty", "");
  copy_file_cheaply(dir / "empty", dir / "empty2");
  REQUIRE(read_file(dir / "empty2") == "");
  // Files of /proc say they are empty, and the kernel copies nothing of them.
  copy_file_cheaply("/proc/self/status", dir / "status");
  REQUIRE(contains(read_file(dir / "status").value(), "Pid:"));
  REQUIRE(failure_of([&] { copy_file_cheaply(dir / "none", dir / "x"); })->kind == Kind::environment);
  REQUIRE(failure_of([&] { copy_file_cheaply(dir.path(), dir / "x"); })->kind == Kind::environment);
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  REQUIRE(failure_of([&] { copy_file_cheaply(dir / "pipe", dir / "x"); })->kind == Kind::environment);
  REQUIRE_FALSE(fs::exists(dir / "x"));
}

TEST_CASE("inside is decided by where links lead") {
  const TempDir dir;
  const TempDir other;
  const fs::path root = dir / "root";
  make_directories(root / "sub");
  REQUIRE(is_inside(root, root));
  REQUIRE(is_inside(root, root / "sub"));
  REQUIRE(is_inside(root, root / "sub/not/there/yet"));
  REQUIRE(is_inside(root, root / "sub/../x"));
  REQUIRE(is_inside(root / "sub/..", root / "x"));
  REQUIRE_FALSE(is_inside(root, root / "../x"));
  REQUIRE_FALSE(is_inside(root, root / "none/../../x"));
  REQUIRE_FALSE(is_inside(root, dir / "rootlike"));
  REQUIRE_FALSE(is_inside(root, dir.path()));
  REQUIRE(is_inside("/", root));

  fs::create_directory_symlink(other.path(), root / "out");
  REQUIRE_FALSE(is_inside(root, root / "out"));
  REQUIRE_FALSE(is_inside(root, root / "out/file"));
  REQUIRE_FALSE(is_inside(root, root / "out/../file"));
  fs::create_symlink(other / "not-there", root / "dangling");
  REQUIRE_FALSE(is_inside(root, root / "dangling"));
  fs::create_symlink("sub", root / "in");
  REQUIRE(is_inside(root, root / "in/file"));
  fs::create_directory_symlink(root, dir / "alias");
  REQUIRE(is_inside(dir / "alias", root / "sub"));
  REQUIRE(is_inside(root, dir / "alias/sub"));
  fs::create_symlink("loop", root / "loop");
  REQUIRE(failure_of([&] { is_inside(root, root / "loop"); })->kind == Kind::environment);
}

TEST_CASE("the person's configuration directory") {
  const test::EnvVar home("HOME", "/home/person");
  {
    const test::EnvVar config("XDG_CONFIG_HOME", "/etc/xdg-home");
    REQUIRE(user_config_dir() == "/etc/xdg-home/git-agent");
  }
  for (const char* unusable : {static_cast<const char*>(nullptr), "", "relative"}) {
    const test::EnvVar config("XDG_CONFIG_HOME", unusable);
    REQUIRE(user_config_dir() == "/home/person/.config/git-agent");
  }
}
