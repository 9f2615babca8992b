#include "util/error.hh"

#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "catch.hh"
#include "helpers.hh"

using namespace ga;

TEST_CASE("every kind has a name of its own and one of five exit codes") {
  std::set<std::string> names;
  for (const Kind kind : all_kinds()) {
    names.emplace(kind_name(kind));
    const int code = exit_code(kind);
    REQUIRE((code == 1 || code == 3 || code == 4 || code == 128 || code == 129));
  }
  REQUIRE(names.size() == all_kinds().size());
  REQUIRE(all_kinds().front() == Kind::empty);
  REQUIRE(all_kinds().back() == Kind::usage);
}

TEST_CASE("exit codes follow from the kind") {
  REQUIRE(exit_code(Kind::not_found) == 1);
  REQUIRE(exit_code(Kind::review_failed) == 1);
  REQUIRE(exit_code(Kind::claim_lost) == 3);
  REQUIRE(exit_code(Kind::agent_alive) == 3);
  REQUIRE(exit_code(Kind::not_approved) == 4);
  REQUIRE(exit_code(Kind::wrong_status) == 4);
  REQUIRE(exit_code(Kind::environment) == 128);
  REQUIRE(exit_code(Kind::usage) == 129);
  REQUIRE(kind_name(Kind::merge_conflict) == "merge_conflict");
}

TEST_CASE("an error carries what to do next") {
  try {
    throw Error(Kind::not_found, "no task 'api'", {"look at the list"})
        .next({"git", "agent-task", "list"})
        .with_data({{"near", "app"}});
  } catch (const Error& error) {
    REQUIRE(error.kind() == Kind::not_found);
    REQUIRE(std::string(error.what()) == "no task 'api'");
    REQUIRE(error.hints() == std::vector<std::string>{"look at the list"});
    REQUIRE(error.next_command().size() == 3);
    REQUIRE(error.data()["near"] == "app");
  }
  REQUIRE(Error(Kind::empty, "nothing").data() == Json::object());
}

TEST_CASE("the shorthands throw their kind") {
  REQUIRE(test::failure_of([] { fail_environment("x"); })->kind == Kind::environment);
  REQUIRE(test::failure_of([] { fail_usage("x"); })->kind == Kind::usage);
}

TEST_CASE("a broken promise ends the process and says where") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], 2);
    signal(SIGABRT, SIG_DFL);
    GA_BUG("the sky fell");
  }
  close(ends[1]);
  std::string said(4096, '\0');
  const ssize_t size = read(ends[0], said.data(), said.size());
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGABRT);
  said.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  REQUIRE(test::contains(said, "error.cc:"));
  REQUIRE(test::contains(said, "the sky fell"));
}
