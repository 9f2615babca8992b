#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "catch.hh"
#include "helpers.hh"
#include "util/clock.hh"
#include "util/fs.hh"
#include "util/text.hh"

using namespace ga;
using test::TempDir;

namespace {

void sleep_milliseconds(long n) {
  timespec time{n / 1000, n % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

// Runs in a process of its own; the exit code is what it gives.
template <typename Work>
pid_t start(Work work) {
  const pid_t pid = fork();
  if (pid == 0) _exit(work());
  return pid;
}

int exit_code_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a lock has one holder") {
  const TempDir dir;
  const fs::path file = dir / "lock";
  FileLock lock = FileLock::acquire(file, 0, "the lock");
  REQUIRE(lock.held());
  REQUIRE_FALSE(FileLock::try_acquire(file).has_value());

  SECTION("waiting for it ends at the time given") {
    const double start = monotonic_seconds();
    const auto failure = test::failure_of([&] { FileLock::acquire(file, 0.1, "the queue"); });
    const double waited = monotonic_seconds() - start;
    REQUIRE(failure->kind == Kind::timeout);
    REQUIRE(test::contains(failure->text, "the queue"));
    REQUIRE(waited >= 0.1);
    REQUIRE(waited < 5);
    REQUIRE(test::failure_of([&] { FileLock::acquire(file, 0, "x"); })->kind == Kind::timeout);
  }
  SECTION("released, it is free") {
    lock.release();
    REQUIRE_FALSE(lock.held());
    lock.release();
    REQUIRE(FileLock::try_acquire(file).has_value());
  }
  SECTION("moved, it has the new holder") {
    FileLock moved = std::move(lock);
    REQUIRE(moved.held());
    lock = FileLock();
    REQUIRE_FALSE(FileLock::try_acquire(file).has_value());
    moved = FileLock();
    REQUIRE(FileLock::try_acquire(file).has_value());
  }
  SECTION("a file removed and made again is another lock, held by nobody") {
    fs::remove(file);
    const FileLock fresh = FileLock::acquire(file, 0, "x");
    REQUIRE(fresh.held());
  }
}

TEST_CASE("the lock of a process that dies is free") {
  const TempDir dir;
  const pid_t pid = start([&] {
    FileLock lock = FileLock::acquire(dir / "lock", 0, "x");
    write_file_atomic(dir / "held", "");
    sleep_milliseconds(60'000);
    return 0;
  });
  while (!fs::exists(dir / "held")) sleep_milliseconds(1);
  REQUIRE_FALSE(FileLock::try_acquire(dir / "lock").has_value());
  kill(pid, SIGKILL);
  REQUIRE(FileLock::acquire(dir / "lock", 10, "x").held());
  exit_code_of(pid);
}

TEST_CASE("a lock that cannot be made is an error of the environment") {
  const TempDir dir;
  REQUIRE(test::failure_of([&] { FileLock::acquire(dir / "no/lock", 1, "x"); })->kind == Kind::environment);
  REQUIRE(test::failure_of([&] { FileLock::try_acquire(dir.path()); })->kind == Kind::environment);
}

TEST_CASE("many processes take turns: none holds it twice, none starves") {
  const TempDir dir;
  constexpr int processes = 20, turns = 20;
  std::vector<pid_t> pids;
  for (int i = 0; i < processes; ++i)
    pids.push_back(start([&] {
      double longest = 0;
      while (!fs::exists(dir / "go")) sleep_milliseconds(1);
      for (int k = 0; k < turns; ++k) {
        const double before = monotonic_seconds();
        const FileLock lock = FileLock::acquire(dir / "lock", 60, "the lock");
        longest = std::max(longest, monotonic_seconds() - before);
        if (fs::exists(dir / "inside")) return 1;
        write_file_atomic(dir / "inside", "");
        sleep_milliseconds(2);
        fs::remove(dir / "inside");
      }
      append_file(dir / "waits", std::to_string(longest * 1000) + "\n");
      return 0;
    }));
  const double start = monotonic_seconds();
  write_file_atomic(dir / "go", "");
  for (const pid_t pid : pids) REQUIRE(exit_code_of(pid) == 0);
  const double whole = (monotonic_seconds() - start) * 1000;
  std::vector<double> waits;
  for (const std::string& line : split_lines(read_file(dir / "waits").value())) waits.push_back(std::stod(line));
  REQUIRE(waits.size() == processes);
  std::sort(waits.begin(), waits.end());
  std::fprintf(
      stderr,
      "# %d processes, %d turns of 2 ms each: %.0f ms in all; longest wait %.0f ms, median of the longest %.0f ms\n",
      processes, turns, whole, waits.back(), waits[processes / 2]);
  // In order, a wait takes as long as each of the others once: a twentieth of the whole.
  REQUIRE(waits.back() * 3 < whole);
}
