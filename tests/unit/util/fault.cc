#include "util/fault.hh"

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hh"
#include "helpers.hh"

using namespace ga;
using test::EnvVar;

namespace {

// How often a process passes the point "here" (of five times) before it is killed; -1: by anything else.
int passings_survived(const char* fault) {
  const EnvVar variable("GIT_AGENT_TEST_FAULT", fault);
  const test::TempDir dir;
  const pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 5; ++i) {
      fault_point("elsewhere");
      fault_point("here");
      append_file(dir / "passed", "x");
    }
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  const auto passed = static_cast<int>(read_file(dir / "passed").value_or("").size());
  const bool expected = passed == 5 ? WIFEXITED(status) : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  return expected ? passed : -1;
}

}  // namespace

TEST_CASE("a fault point kills at the passing that was asked for") {
  REQUIRE(passings_survived("here") == 0);
  REQUIRE(passings_survived("here:1") == 0);
  REQUIRE(passings_survived("here:3") == 2);
  REQUIRE(passings_survived("here:9") == 5);
  REQUIRE(passings_survived("her") == 5);
  REQUIRE(passings_survived("hereafter") == 5);
  REQUIRE(passings_survived("") == 5);
  REQUIRE(passings_survived(nullptr) == 5);
}

TEST_CASE("fault points are logged") {
  const test::TempDir dir;
  const EnvVar fault("GIT_AGENT_TEST_FAULT", nullptr);
  const EnvVar log("GIT_AGENT_TEST_FAULT_LOG", (dir / "log").c_str());
  fault_point("a.b");
  fault_point("c");
  REQUIRE(read_file(dir / "log").value() == "a.b\nc\n");
}
