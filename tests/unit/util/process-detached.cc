#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "catch.hh"
#include "helpers.hh"
#include "util/clock.hh"
#include "util/process.hh"
#include "util/text.hh"

using namespace ga;
using test::TempDir;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.argv = {"sh", "-c", script};
  return command;
}

void sleep_a_little() {
  timespec time{0, 5'000'000};
  nanosleep(&time, nullptr);
}

template <typename Condition>
bool soon(Condition condition) {
  const double deadline = monotonic_seconds() + 20;
  while (!condition()) {
    if (monotonic_seconds() > deadline) return false;
    sleep_a_little();
  }
  return true;
}

}  // namespace

TEST_CASE("a detached process lives on its own") {
  const TempDir dir;
  const int leak = open("/dev/null", O_RDONLY);  // without close-on-exec
  Command command = shell(
      "cat /proc/$$/stat >stat.tmp; ls -l /proc/$$/fd >fd; grep SigIgn /proc/$$/status >ignored; echo $UTIL_TEST; cat; "
      "mv stat.tmp stat; exec sleep 60");
  command.cwd = dir.path();
  command.set_env = {{"UTIL_TEST", "hello"}};
  command.output_file = dir / "log";
  const pid_t pid = spawn_detached(command);
  REQUIRE(soon([&] { return fs::exists(dir / "stat"); }));
  close(leak);

  const auto fields = split(read_file(dir / "stat").value(), ' ');
  REQUIRE(fields[0] == std::to_string(pid));
  REQUIRE(fields[3] != std::to_string(getpid()));   // not our child
  REQUIRE(fields[4] == fields[0]);                  // a group of its own
  REQUIRE(fields[5] != std::to_string(getsid(0)));  // another session
  REQUIRE(fields[6] == "0");                        // no terminal
  REQUIRE(waitpid(pid, nullptr, WNOHANG) == -1);
  const std::string descriptors = read_file(dir / "fd").value();
  REQUIRE(test::contains(descriptors, "0 -> /dev/null"));
  REQUIRE_FALSE(test::contains(descriptors, " " + std::to_string(leak) + " -> /dev/null"));
  REQUIRE_FALSE(test::contains(descriptors, "pipe:"));
  const std::uint64_t ignored = std::stoull(read_file(dir / "ignored").value().substr(8), nullptr, 16);
  REQUIRE(ignored == 1);  // SIGHUP, nothing else
  REQUIRE(read_file(dir / "log") == "hello\n");

  const ProcessId identity = process_identity(pid);
  REQUIRE(is_alive(identity));
  REQUIRE(kill(-pid, SIGKILL) == 0);
  REQUIRE(soon([&] { return !is_alive(identity); }));
}

TEST_CASE("a detached process that cannot start is an error here") {
  Command command;
  command.argv = {"no-such-program"};
  REQUIRE(test::failure_of([&] { spawn_detached(command); })->kind == Kind::environment);
  const TempDir dir;
  write_file_atomic(dir / "script", "not a program", 0755);
  command.argv = {dir / "script"};
  REQUIRE(test::contains(test::failure_of([&] { spawn_detached(command); })->text, "Exec format error"));
  command = shell("true");
  command.cwd = "/no/such/directory";
  REQUIRE(test::contains(test::failure_of([&] { spawn_detached(command); })->text, "No such file"));
  command.cwd = "";
  command.output_file = "/no/such/file";
  REQUIRE(test::failure_of([&] { spawn_detached(command); })->kind == Kind::environment);
}

TEST_CASE("processes are known again") {
  const ProcessId self = this_process();
  REQUIRE(self.pid == getpid());
  REQUIRE(self.start > 0);
  REQUIRE(self.boot == boot_id());
  REQUIRE(self.boot.size() == 36);
  REQUIRE(is_alive(self));
  REQUIRE(process_identity(getpid()) == self);
  REQUIRE(parent_of(getpid()) == getppid());
  ProcessId other = self;
  other.start += 1;
  REQUIRE_FALSE(is_alive(other));
  other = self;
  other.boot = "another";
  REQUIRE_FALSE(is_alive(other));
  REQUIRE_FALSE(is_alive(ProcessId{}));
  REQUIRE(process_identity(0).pid == 0);
  REQUIRE(process_identity(-1).pid == 0);
  REQUIRE(parent_of(0) == 0);
}

TEST_CASE("the dead and the zombies are not alive") {
  const pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  const ProcessId child = process_identity(pid);
  REQUIRE(child.pid == pid);
  REQUIRE(is_alive(child));
  REQUIRE(parent_of(pid) == getpid());
  kill(pid, SIGKILL);
  REQUIRE(soon([&] { return !is_alive(child); }));
  REQUIRE(kill(pid, 0) == 0);  // still there, as a zombie
  REQUIRE(process_identity(pid).pid == 0);
  waitpid(pid, nullptr, 0);
  REQUIRE_FALSE(is_alive(child));
  REQUIRE(parent_of(pid) == 0);
}

TEST_CASE("the name of a program cannot hide its state") {
  const TempDir dir;
  const std::string program = dir / "a) Z 1 (b";
  fs::copy_file(find_program("sleep"), program);
  Command command;
  command.argv = {program, "60"};
  const pid_t pid = spawn_detached(command);
  const ProcessId identity = process_identity(pid);
  REQUIRE(identity.pid == pid);
  REQUIRE(identity.start >= this_process().start);
  REQUIRE(is_alive(identity));
  REQUIRE(parent_of(pid) > 0);
  kill(pid, SIGKILL);
}

TEST_CASE("programs are found on PATH") {
  const TempDir dir;
  make_directories(dir / "bin/directory");
  write_file_atomic(dir / "bin/tool", "#!/bin/sh\n", 0755);
  write_file_atomic(dir / "bin/plain", "x", 0644);
  const test::EnvVar path("PATH", ("relative::" + (dir / "none").native() + ":" + (dir / "bin").native()).c_str());
  REQUIRE(find_program("tool") == (dir / "bin/tool").native());
  REQUIRE(find_program("plain").empty());
  REQUIRE(find_program("directory").empty());
  REQUIRE(find_program("").empty());
  REQUIRE(find_program((dir / "bin/tool").native()) == (dir / "bin/tool").native());
  REQUIRE(find_program((dir / "bin/plain").native()).empty());
}

TEST_CASE("this machine and this program have names") {
  REQUIRE_FALSE(host_name().empty());
  REQUIRE(fs::exists(self_path()));
  REQUIRE(fs::path(self_path()).is_absolute());
}
