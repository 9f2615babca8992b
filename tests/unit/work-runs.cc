#include "work/runs.hh"

#include "catch.hh"
#include "work/spin.hh"

using namespace ga;

TEST_CASE("a run's record survives being written and read", "[work]") {
  work::RunRecord run;
  run.id = "0123";
  run.slug = "api";
  run.agent = "api-2";
  run.process = {42, 1234567890123ull, "boot"};
  run.state = "running";
  run.exit_code = -1;
  run.argv = {"sh", "-c", "x y"};
  run.log_offset = 17;
  run.new_branch = true;
  run.parents = {"aa", "bb"};
  const work::RunRecord again = work::run_record_from_json(work::to_json(run));
  CHECK(work::to_json(again) == work::to_json(run));
  CHECK(again.process == run.process);
}

TEST_CASE("a record of wrong types is read as an empty one", "[work]") {
  const work::RunRecord run = work::run_record_from_json(Json{{"slug", 3}, {"process", "x"}, {"argv", 1}});
  CHECK(run.slug.empty());
  CHECK(run.process.pid == 0);
  CHECK_FALSE(work::is_alive(run));
}

TEST_CASE("what --json shows of a run has null for what is not there", "[work]") {
  work::RunRecord run;
  run.exit_code = -1;
  run.ended = 5;
  const Json view = work::view(run);
  CHECK(view["pid"].is_null());
  CHECK(view["exit_code"].is_null());
  CHECK(view["log"].is_null());
}

TEST_CASE("fresh agents are numbered", "[work]") {
  CHECK(work::next_agent_name("api") == "api-2");
  CHECK(work::next_agent_name("api-2") == "api-3");
  CHECK(work::next_agent_name("api-9") == "api-10");
  CHECK(work::next_agent_name("data-layer") == "data-layer-2");
  CHECK(work::next_agent_name(std::string(63, 'a')).size() == 63);
}
