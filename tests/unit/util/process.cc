#include "util/process.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "catch.hh"
#include "helpers.hh"
#include "util/clock.hh"
#include "util/text.hh"

using namespace ga;
using test::contains;
using test::EnvVar;
using test::TempDir;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.argv = {"sh", "-c", script};
  return command;
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a child's exit code and output come back") {
  const Result result = run(shell("echo out; echo err >&2; exit 7"));
  REQUIRE(result.exit_code == 7);
  REQUIRE(result.out == "out\n");
  REQUIRE(result.err == "err\n");
  REQUIRE_FALSE(result.ok());
  REQUIRE(run(shell("exit 0")).ok());
  REQUIRE(run(shell("kill -TERM $$")).exit_code == 128 + SIGTERM);
}

TEST_CASE("arguments are passed as they are") {
  Command command;
  command.argv = {"printf", "%s|", "a b", "$HOME", "", "'\""};
  REQUIRE(run(command).out == "a b|$HOME||'\"|");
}

TEST_CASE("a program that cannot start is 127 with a reason") {
  Command command;
  command.argv = {"no-such-program-anywhere"};
  const Result result = run(command);
  REQUIRE(result.exit_code == 127);
  REQUIRE(contains(result.err, "no-such-program-anywhere"));
  REQUIRE(contains(result.err, "No such file"));
  command.argv = {"sh", "-c", "true"};
  command.cwd = "/no/such/directory";
  REQUIRE(run(command).exit_code == 127);
  REQUIRE(run(Command{}).exit_code == 127);
  command.cwd = "";
  command.output_file = "/no/such/file";
  REQUIRE(run(command).exit_code == 127);
}

TEST_CASE("directory and environment") {
  const TempDir dir;
  const EnvVar ours("UTIL_TEST_A", "ours");
  const EnvVar other("UTIL_TEST_B", "ours too");
  Command command = shell("pwd; echo $UTIL_TEST_A,$UTIL_TEST_B,$UTIL_TEST_C");
  command.cwd = dir.path();
  REQUIRE(run(command).out == dir.path().native() + "\nours,ours too,\n");
  command.set_env = {{"UTIL_TEST_A", "new"}, {"UTIL_TEST_C", "c"}};
  command.unset_env = {"UTIL_TEST_B"};
  REQUIRE(run(command).out == dir.path().native() + "\nnew,,c\n");
  command.argv = {"env"};
  command.clean_env = {"X=1", "UTIL_TEST_B=2", "UTIL_TEST_A=3"};
  REQUIRE(run(command).out == "X=1\nUTIL_TEST_A=new\nUTIL_TEST_C=c\n");
}

TEST_CASE("input is given, or there is none") {
  Command command;
  command.argv = {"cat"};
  REQUIRE(run(command).out.empty());
  command.input = std::string("a\0b\n", 4);
  REQUIRE(run(command).out == command.input);
  command.input = std::string(3'000'000, 'x');
  REQUIRE(run(command).out == command.input);
  command.argv = {"true"};  // does not read it: nothing waits, nothing dies
  REQUIRE(run(command).ok());
  command = shell("read first; echo \"$first\"; cat");
  command.input = "one\ntwo\n";
  REQUIRE(run(command).out == "one\ntwo\n");
}

TEST_CASE("much output on both streams does not block, and is kept up to a limit") {
  const std::string script = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; "
                             "echo e123456789012345678901234567890123456789 >&2; i=$((i+1)); done";
  Command command = shell(script);
  Result result = run(command);
  REQUIRE(result.out.size() == 3000 * 41);
  REQUIRE(result.err.size() == 3000 * 41);
  REQUIRE_FALSE(result.truncated);
  command.max_output = 1000;
  result = run(command);
  REQUIRE(result.ok());
  REQUIRE(result.out.size() == 1000);
  REQUIRE(result.err.size() == 1000);
  REQUIRE(result.truncated);
}

TEST_CASE("output can be merged, or go to a file") {
  const TempDir dir;
  Command command = shell("echo a; echo b >&2; echo c");
  command.merge_output = true;
  REQUIRE(run(command).out == "a\nb\nc\n");
  REQUIRE(run(command).err.empty());
  command.merge_output = false;
  command.output_file = dir / "log";
  const Result result = run(command);
  REQUIRE(result.ok());
  REQUIRE(result.out.empty());
  run(command);
  REQUIRE(read_file(dir / "log") == "a\nb\nc\na\nb\nc\n");
}

TEST_CASE("output can be ours") {
  const TempDir dir;
  const pid_t pid = fork();
  if (pid == 0) {
    const int fd = open((dir / "log").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    Command command = shell("echo a; echo b >&2");
    command.inherit_output = true;
    _exit(run(command).ok() ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  REQUIRE(status == 0);
  REQUIRE(read_file(dir / "log") == "a\nb\n");
}

TEST_CASE("a deadline ends the child and all it started") {
  const TempDir dir;
  Command command = shell("sleep 60 & echo $! >pid; echo before; sleep 60; echo after");
  command.cwd = dir.path();
  command.timeout_seconds = 0.3;
  const double start = monotonic_seconds();
  const Result result = run(command);
  REQUIRE(result.timed_out);
  REQUIRE_FALSE(result.ok());
  REQUIRE(result.exit_code == 128 + SIGTERM);
  REQUIRE(result.out == "before\n");
  REQUIRE(monotonic_seconds() - start < 10);
  const pid_t grandchild = std::stoi(read_file(dir / "pid").value());
  REQUIRE(process_identity(grandchild).pid == 0);
}

TEST_CASE("who does not listen to SIGTERM is killed") {
  Command command = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  command.timeout_seconds = 0.3;
  const double start = monotonic_seconds();
  const Result result = run(command);
  REQUIRE(result.timed_out);
  REQUIRE(result.exit_code == 128 + SIGKILL);
  REQUIRE(result.out == "ready\n");
  REQUIRE(monotonic_seconds() - start >= 1.2);
  REQUIRE(monotonic_seconds() - start < 20);
}

TEST_CASE("a child in time is not touched by its deadline") {
  Command command = shell("echo fine");
  command.timeout_seconds = 30;
  const Result result = run(command);
  REQUIRE(result.ok());
  REQUIRE(result.out == "fine\n");
}

TEST_CASE("a background process that keeps the pipe open does not keep us") {
  const TempDir dir;
  Command command = shell("sleep 30 & echo $! >pid; echo done");
  command.cwd = dir.path();
  const double start = monotonic_seconds();
  const Result result = run(command);
  REQUIRE(result.out == "done\n");
  REQUIRE(monotonic_seconds() - start < 15);
  kill(std::stoi(read_file(dir / "pid").value()), SIGKILL);
}

TEST_CASE("a child has a group of its own when asked") {
  Command command = shell("cut -d' ' -f5 /proc/$$/stat; echo $$");
  const auto group_and_pid = [&] { return split_lines(run(command).out); };
  REQUIRE(group_and_pid()[0] == std::to_string(getpgrp()));
  command.own_group = true;
  const auto lines = group_and_pid();
  REQUIRE(lines[0] == lines[1]);
}

TEST_CASE("children get no descriptors of ours, and signals as they should be") {
  const TempDir dir;
  const FileLock lock = FileLock::acquire(dir / "our-lock", 0, "x");
  signal(SIGPIPE, SIG_IGN);
  const std::string out = run(shell("ls -l /proc/self/fd; grep SigIgn /proc/self/status")).out;
  signal(SIGPIPE, SIG_DFL);
  REQUIRE(contains(out, "0 -> /dev/null"));
  REQUIRE_FALSE(contains(out, "our-lock"));
  REQUIRE_FALSE(contains(out, "pidfd"));
  const std::uint64_t ignored = std::stoull(split_lines(out).back().substr(8), nullptr, 16);
  REQUIRE((ignored >> (SIGPIPE - 1) & 1) == 0);
}

TEST_CASE("nothing is left open") {
  run(shell("true"));
  const std::size_t before = open_descriptors();
  Command command = shell("cat");
  command.input = "x";
  command.timeout_seconds = 10;
  for (int i = 0; i < 20; ++i) run(command);
  command.argv = {"no-such-program"};
  for (int i = 0; i < 20; ++i) run(command);
  REQUIRE(open_descriptors() == before);
}

TEST_CASE("closed standard descriptors do not confuse the child's") {
  const TempDir dir;
  const pid_t pid = fork();
  if (pid == 0) {
    for (int fd = 0; fd < 3; ++fd) close(fd);
    Command command = shell("cat; echo err >&2");
    command.input = "in\n";
    const Result result = run(command);
    write_file_atomic(dir / "said", result.out + result.err);
    _exit(0);
  }
  waitpid(pid, nullptr, 0);
  REQUIRE(read_file(dir / "said") == "in\nerr\n");
}

TEST_CASE("a child is waited for although our parent ignored SIGCHLD") {
  signal(SIGCHLD, SIG_IGN);
  REQUIRE(run(shell("exit 3")).exit_code == 3);
  signal(SIGCHLD, SIG_DFL);
}

TEST_CASE("exec replaces the process") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], 1);
    exec_replace({"sh", "-c", "echo $$"});
  }
  close(ends[1]);
  std::string said(100, '\0');
  const ssize_t size = read(ends[0], said.data(), said.size());
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  said.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  REQUIRE(trim(said) == std::to_string(pid));
  REQUIRE(test::failure_of([] { exec_replace({"no-such-program"}); })->kind == Kind::environment);
}
