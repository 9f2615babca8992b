#include "cli/help.hh"

#include "catch.hh"
#include "model/task.hh"
#include "util/text.hh"

TEST_CASE("the manual is in the program") {
  CHECK(ga::cli::page_source("git-agent").substr(0, 12) == "git-agent(1)");
  CHECK(ga::cli::page_source("git-agent-config").substr(0, 19) == "git-agent-config(5)");
  CHECK(ga::cli::page_source("git-agent-no-such").empty());
}

TEST_CASE("git-agent-task(1) holds the state machine as the program has it") {
  using namespace ga;
  const std::string page(cli::page_source("git-agent-task"));
  std::string table;
  for (const model::Transition& row : model::transitions()) {
    std::vector<std::string> from;
    for (const model::Status status : row.from) from.emplace_back(model::status_name(status));
    table += "|  " + std::string(model::event_name(row.event)) + "\n:  " + join(from, ", ") +
             "\n:  " + (row.to ? std::string(model::status_name(*row.to)) : "(stays)") + "\n:  " + row.meaning + "\n";
  }
  INFO(table);
  CHECK(page.find(":[ *when*\n" + table + "\n") != std::string::npos);
}
