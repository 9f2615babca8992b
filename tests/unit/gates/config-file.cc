#include "gates/config-file.hh"

#include "catch.hh"

using namespace ga::gates;

TEST_CASE("the include goes without a trace") {
  for (const std::string text :
       {"", "[core]\n\tbare = false\n", "[user]\n\tname = no end", "# only a comment", "[a]\n\tb = c \n", "\n\n"}) {
    const std::string with = with_include(text);
    CHECK(has_include(with));
    CHECK_FALSE(has_include(text));
    CHECK(without_include(with) == text);
    CHECK(with_include(with) == with);
    // What others add behind stays, on a line of its own.
    const std::string line_end = text.empty() || text.back() == '\n' ? "" : "\n";
    CHECK(without_include(with + "[x]\n\ty = z\n") == text + line_end + "[x]\n\ty = z\n");
  }
}

TEST_CASE("an include of somebody else in our section stays") {
  const std::string with = with_include("[a]\n") + "\tpath = theirs\n";
  CHECK(without_include(with) == "[a]\n[include]\n\tpath = theirs\n");
}

TEST_CASE("our line is known without its end, which an editor may take away") {
  std::string with = with_include("[a]\n");
  with.pop_back();
  CHECK(has_include(with));
  CHECK(with_include(with) == with + "\n");
  CHECK(without_include(with) == "[a]\n");
}

TEST_CASE("values are quoted") {
  CHECK(config_text({{"a.b", "x \"y\" \\ ; z"}, {"a.c", "1"}, {"d.e", "2"}})
            .find("[a]\n\tb = \"x \\\"y\\\" \\\\ ; z\"\n\tc = \"1\"\n[d]\n\te = \"2\"\n") != std::string::npos);
}
