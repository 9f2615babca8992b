#include <algorithm>
#include <string>

#include "catch.hh"
#include "cli/command.hh"
#include "cli/help.hh"
#include "cli/suggest.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::cli;

namespace {

const CommandRow command = {
    .name = "task",
    .summary = "plan work as tasks that depend on each other",
    .group = Group::plan,
    .verbs = {{.name = "add",
               .usage = "TITLE [-d TEXT|-F FILE] [--accept TEXT]... [--needs ID]... [--parent ID] "
                        "[--owns GLOB]... "
                        "[--priority 0-4] [--phase P] [--plan-required] [--label L]...",
               .summary = "make a task",
               .options = {{.name = "description", .letter = 'd', .arg = "TEXT", .help = "what is to be done"},
                           {.name = "accept",
                            .arg = "TEXT",
                            .help = "one acceptance criterion, a sentence that a reader "
                                    "of the result can say yes or no to",
                            .repeated = true},
                           {.name = "a-rather-long-option-name", .arg = "VALUE", .help = "x"},
                           {.name = "secret", .hidden = true}}},
              {.name = "ready", .usage = "[--limit N]", .summary = "tasks that can start now"},
              {.name = "probe", .hidden = true}}};

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  for (const auto& line : split_lines(text)) width = std::max(width, display_width(line));
  return width;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("cli usage: of one verb") {
  const std::string text = usage_text(command, &command.verbs[0]);
  CHECK(starts_with(text, "usage: git agent-task add TITLE [-d TEXT|-F FILE] [--accept TEXT]...\n"
                          "           [--needs ID]..."));
  CHECK(has(text, "\nmake a task\n"));
  CHECK(has(text, "\n    -d, --description TEXT    what is to be done\n"));
  CHECK(has(text, "\n    --accept TEXT             one acceptance criterion"));
  CHECK(has(text, "(may be\n                              repeated)\n"));
  CHECK(has(text, "\n    --a-rather-long-option-name VALUE\n                              x\n"));
  CHECK_FALSE(has(text, "secret"));
  CHECK(widest(text) <= 80);
}

TEST_CASE("cli usage: of a command with verbs") {
  const std::string text = usage_text(command, nullptr);
  CHECK(has(text, "usage: git agent-task VERB"));
  CHECK(has(text, "tasks that can start now"));
  CHECK_FALSE(has(text, "probe"));
  CHECK(widest(text) <= 80);
}

TEST_CASE("cli usage: synopsis lines") {
  const auto lines = synopsis_lines(command);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "git agent-task ready [--limit N]");
}

TEST_CASE("cli usage: no command's is wider than 80 columns") {
  for (const CommandRow* row : all_commands()) {
    INFO(row->name);
    CHECK(widest(usage_text(*row, nullptr)) <= 80);
    for (const Verb& verb : row->verbs) {
      INFO(verb.name);
      CHECK(widest(usage_text(*row, &verb)) <= 80);
    }
  }
  CHECK(widest(overview_text()) <= 80);
}

TEST_CASE("cli usage: rows are sound") {
  for (const CommandRow* row : all_commands()) {
    INFO(row->name);
    CHECK_FALSE(row->verbs.empty());
    CHECK(find_command(row->name) == row);
    for (const Verb& verb : row->verbs) {
      INFO(verb.name);
      CHECK(verb.run != nullptr);
      CHECK((verb.max_args < 0 || verb.min_args <= verb.max_args));
      std::string letters = "h";
      for (const Option& option : verb.options) {
        INFO(option.name);
        CHECK(std::string(option.name) != "json");
        CHECK(std::string(option.name) != "help");
        CHECK((!option.letter || letters.find(option.letter) == std::string::npos));
        if (option.letter) letters += option.letter;
        const auto same = [&](const Option& other) { return std::string(other.name) == option.name; };
        CHECK(std::count_if(verb.options.begin(), verb.options.end(), same) == 1);
      }
    }
  }
}

TEST_CASE("cli suggest: the nearest name") {
  const std::vector<std::string> names = {"status", "start", "task", "team", "show"};
  CHECK(nearest("statsu", names) == "status");
  CHECK(nearest("stat", names) == "status");
  CHECK(nearest("tsak", names) == "task");
  CHECK(nearest("shwo", names) == "show");
  CHECK(nearest("frobnicate", names).empty());
  CHECK(nearest("", names).empty());
}

TEST_CASE("cli help: a manual page without markup") {
  CHECK(page_text("git-agent-x(1) \"a\" \"b\"\n\n# NAME\n\n*git-agent-x* - uses _words_ and "
                  "GIT_AGENT_NAME ++\n"
                  "; a comment\n\t\\*\\*/x\n\n```\n$ a *b*\n```\n") ==
        "\nNAME\n\n    git-agent-x - uses words and GIT_AGENT_NAME\n        **/x\n\n        $ a "
        "*b*\n");
  CHECK(page_text("x\n][ *Code*\n:[ *Kind*\n|  1\n:  empty\n") == "    Code  Kind\n    1  empty\n");
}
