#include <cstdlib>
#include <string>
#include <vector>

#include "catch.hh"
#include "cli/command.hh"
#include "util/error.hh"

using namespace ga;
using namespace ga::cli;

namespace {

int run_nothing(Context&, const Args&) { return 0; }

const Verb verb = {.name = "add",
                   .usage = "TITLE [-d TEXT]",
                   .summary = "makes a task",
                   .options = {{.name = "description", .letter = 'd', .arg = "TEXT", .help = "what is to be done"},
                               {.name = "accept", .arg = "TEXT", .repeated = true},
                               {.name = "priority", .arg = "0-4"},
                               {.name = "plan-required", .letter = 'p'},
                               {.name = "plan-wanted"},
                               {.name = "wait", .arg = "TIME"},
                               {.name = "quiet", .letter = 'q'}},
                   .min_args = 1,
                   .max_args = 2,
                   .run = run_nothing};
const CommandRow command = {.name = "task", .summary = "plan work", .group = Group::plan, .verbs = {verb}};

Args parse(const std::vector<std::string>& words) { return parse_args(command, command.verbs[0], words); }

/// The message of the usage error that the words give, and its hints.
std::string failure(const std::vector<std::string>& words) {
  try {
    parse(words);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    std::string text = error.what();
    for (const auto& hint : error.hints()) text += "|" + hint;
    return text;
  }
  return "parsed";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("cli args: the spellings of an option with a value") {
  const auto words = GENERATE(std::vector<std::string>{"t", "--description=a b"},
                              std::vector<std::string>{"t", "--description", "a b"},
                              std::vector<std::string>{"--desc=a b", "t"}, std::vector<std::string>{"-da b", "t"},
                              std::vector<std::string>{"-d", "a b", "t"}, std::vector<std::string>{"-qda b", "t"});
  const Args args = parse(words);
  CHECK(args.get("description") == "a b");
  CHECK(args.positional() == std::vector<std::string>{"t"});
}

TEST_CASE("cli args: options and arguments in any order") {
  const Args args = parse({"one", "-q", "two", "--json"});
  CHECK(args.has("quiet"));
  CHECK(args.has("json"));
  CHECK_FALSE(args.has("accept"));
  CHECK(args.positional() == std::vector<std::string>{"one", "two"});
  CHECK(args.at(1) == "two");
  CHECK(args.at(2).empty());
}

TEST_CASE("cli args: POSIXLY_CORRECT changes nothing") {
  setenv("POSIXLY_CORRECT", "1", 1);
  const Args args = parse({"one", "-q"});
  unsetenv("POSIXLY_CORRECT");
  CHECK(args.has("quiet"));
}

TEST_CASE("cli args: two dashes end options, one dash is an argument") {
  const Args args = parse({"-q", "--", "--description", "-q"});
  CHECK(args.positional() == std::vector<std::string>{"--description", "-q"});
  CHECK(parse({"-"}).at(0) == "-");
  CHECK(parse({"--description", "--", "x"}).get("description") == "--");
}

TEST_CASE("cli args: values as they stand") {
  CHECK(parse({"x", "--description="}).has("description"));
  CHECK(parse({"x", "--description="}).get("description", "none").empty());
  CHECK(parse({"x", "--description", "-q"}).get("description") == "-q");
  CHECK(parse({"x", "--description", "a=b=c"}).get("description") == "a=b=c");
  CHECK(parse({"", "--description", "\xff\n"}).get("description") == "\xff\n");
  CHECK(parse({""}).positional() == std::vector<std::string>{""});
}

TEST_CASE("cli args: repeated options") {
  const Args args = parse({"x", "--accept", "1", "--accept=2", "-d1", "-d2"});
  CHECK(args.get_all("accept") == std::vector<std::string>{"1", "2"});
  CHECK(args.get("description") == "2");
  CHECK(args.get("wait", "fallback") == "fallback");
}

TEST_CASE("cli args: abbreviations are unique or refused") {
  CHECK(parse({"x", "--plan-r"}).has("plan-required"));
  CHECK(has(failure({"x", "--plan"}), "option '--plan' is ambiguous: --plan-required, --plan-wanted"));
}

TEST_CASE("cli args: unknown options come with a suggestion") {
  CHECK(has(failure({"x", "--descripton=1"}), "unknown option '--descripton'|did you mean '--description'?"));
  CHECK(has(failure({"x", "--frobnicate"}), "unknown option '--frobnicate'|'git agent-task add -h'"));
  CHECK(has(failure({"x", "-z"}), "unknown option '-z'"));
  CHECK(has(failure({"x", "-qz"}), "unknown option '-z'"));
  CHECK(has(failure({"x", "--quiet=1"}), "option '--quiet' takes no value"));
}

TEST_CASE("cli args: a missing value names the option") {
  CHECK(has(failure({"x", "--description"}), "option '--description' needs a value (TEXT)"));
  CHECK(has(failure({"x", "-d"}), "option '-d' needs a value (TEXT)"));
}

TEST_CASE("cli args: the count of arguments") {
  CHECK(has(failure({}), "an argument is missing|usage: git agent-task add TITLE"));
  CHECK(has(failure({"1", "2", "3"}), "unexpected argument '3'|usage: git agent-task add TITLE"));
  CHECK(parse({"-h"}).has("h"));
  CHECK(parse({"--help"}).has("help"));
}

TEST_CASE("cli args: numbers") {
  CHECK(parse({"x"}).get_number("priority", 0, 4, 2) == 2);
  CHECK(parse({"x", "--priority", "0"}).get_number("priority", 0, 4, 2) == 0);
  for (const char* wrong : {"5", "-1", "", "1x", " 1", "1.0", "99999999999999999999"})
    CHECK_THROWS_AS(parse({"x", "--priority", wrong}).get_number("priority", 0, 4, 2), Error);
}

TEST_CASE("cli args: durations") {
  CHECK(parse({"x"}).get_duration("wait", 7) == 7);
  CHECK(parse({"x", "--wait", "10m"}).get_duration("wait", 7) == 600);
  CHECK_THROWS_AS(parse({"x", "--wait", "soon"}).get_duration("wait", 7), Error);
}

TEST_CASE("cli args: a raw verb gets everything as it stands") {
  Verb raw = verb;
  raw.raw = true;
  const CommandRow row = {.name = "hook", .summary = "", .group = Group::hidden, .verbs = {raw}};
  CHECK(parse_args(row, row.verbs[0], {"--what", "-x", "--"}).positional() ==
        std::vector<std::string>{"--what", "-x", "--"});
}

TEST_CASE("cli args: parsing twice begins anew") {
  CHECK(has(failure({"-qz"}), "unknown option '-z'"));
  CHECK(parse({"-q", "x"}).at(0) == "x");
}
