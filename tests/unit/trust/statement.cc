// Statements: one text each, and no value that makes a line of its own.
#include "trust/statement.hh"

#include <algorithm>

#include "catch.hh"

using namespace ga;
using namespace ga::trust;

namespace {

const std::string kOld(40, 'a'), kNew(40, 'b'), kZero(40, '0');

Statement guard() {
  Statement s;
  s.kind = "guard";
  s.repository = std::string(40, 'c');
  s.path = "AGENTS.md";
  s.before = {kOld, 0100644};
  s.after = {kNew, 0100755};
  s.policy = kZero;
  s.curator = "lead@example.org";
  s.time = 1'790'000'000;
  return s;
}

}  // namespace

TEST_CASE("a statement is a text of lines in a fixed order") {
  CHECK(statement_text(guard()) == "git-agent approval v1\nkind guard\nrepository " + std::string(40, 'c') +
                                       "\npath AGENTS.md\nold " + kOld + " 100644\nnew " + kNew + " 100755\npolicy " +
                                       kZero + "\ncurator lead@example.org\ntime " + format_time(1'790'000'000) + "\n");
}

TEST_CASE("each kind of statement reads back") {
  Statement plan = guard();
  plan = {.kind = "plan",
          .repository = plan.repository,
          .task = "t",
          .content = "c",
          .policy = kZero,
          .curator = "",
          .time = 5};
  Statement allow{.kind = "allow",
                  .repository = kOld,
                  .fingerprint = "a.c:1:rule",
                  .reason = "a test key\nreally",
                  .expires = "",
                  .policy = kZero,
                  .curator = "x",
                  .time = 5};
  Statement removed = guard();
  removed.after = {kZero, 0};
  for (const Statement& s : {guard(), plan, allow, removed}) {
    const auto read = parse_statement(statement_text(s));
    REQUIRE(read);
    CHECK(*read == s);
  }
}

TEST_CASE("no path can smuggle a line") {
  for (const std::string path :
       {"a\nnew " + kOld + " 100644", std::string("a b"), std::string("a%0ab"), std::string("\xc3\xa9"),
        std::string("a\r"), std::string("\x1b[2J"), std::string("a\0b", 3)}) {
    Statement s = guard();
    s.path = path;
    const std::string text = statement_text(s);
    CHECK(std::count(text.begin(), text.end(), '\n') == 9);
    const auto read = parse_statement(text);
    REQUIRE(read);
    CHECK(read->path == path);
  }
}

TEST_CASE("what differs in a byte is no statement") {
  const std::string text = statement_text(guard());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string cut = text;
    cut.erase(i, 1);
    const auto read = parse_statement(cut);
    // A shorter name is another statement; the form itself has no slack.
    CHECK((!read || (statement_text(*read) == cut && !(*read == guard()))));
  }
  CHECK_FALSE(parse_statement(text + "\n"));
  CHECK_FALSE(parse_statement(text + "path other\n"));
  CHECK_FALSE(parse_statement(" " + text));
  std::string upper = text;
  upper.replace(upper.find("AGENTS.md"), 9, "%41GENTS.md");
  CHECK_FALSE(parse_statement(upper));
}
