#include <string>

#include "catch.hh"
#include "cli/envelope.hh"
#include "cli/table.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::cli;

TEST_CASE("cli envelope: an answer's bytes") {
  CHECK(answer_document("task.ready", {{"tasks", Json::array()}}) ==
        R"({"cmd":"task.ready","data":{"tasks":[]},"ok":true,"v":1})"
        "\n");
}

TEST_CASE("cli envelope: a failure's bytes") {
  CHECK(
      failure_document("task.ready", Error(Kind::usage, "no \"x\"")) ==
      R"({"cmd":"task.ready","data":{},"error":{"hints":[],"kind":"usage","message":"no \"x\"","next":null},"ok":false,"v":1})"
      "\n");
  const Error error = Error(Kind::merge_conflict, "a b", {"h"}).next({"git", "agent-brief"}).with_data({{"n", 1}});
  CHECK(
      failure_document("merge", error) ==
      R"({"cmd":"merge","data":{"n":1},"error":{"hints":["h"],"kind":"merge_conflict","message":"a b","next":["git","agent-brief"]},"ok":false,"v":1})"
      "\n");
}

TEST_CASE("cli envelope: bytes that are no UTF-8, and one line whatever the text") {
  const std::string text = failure_document("x", Error(Kind::environment, "a\nb\xff"));
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.find("a\\nb\xef\xbf\xbd") != std::string::npos);
}

TEST_CASE("cli envelope: for a terminal only ASCII") {
  const std::string text = answer_document("x", "\xe2\x80\xae\xc2\x9b\x7f\x1b");
  const std::string safe = answer_document("x", "\xe2\x80\xae\xc2\x9b\x7f\x1b", true);
  CHECK(Json::parse(text) == Json::parse(safe));
  for (const char c : safe) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
}

TEST_CASE("cli table: columns by display width") {
  CHECK(format_table({{"a", "bb", "c"}, {"日本", "b", "d"}, {"e\xcc\x81", "", "f"}, {"x"}}, 0) ==
        "a     bb  c\n日本  b   d\ne\xcc\x81         f\nx\n");
}

TEST_CASE("cli table: the last column is cut") {
  const std::string text = format_table({{"id", "a title that is too long for this terminal"}, {"x", "short"}}, 20);
  for (const auto& line : split_lines(text)) CHECK(display_width(line) <= 20);
  CHECK(text.find("…") != std::string::npos);
  CHECK(text.find("short") != std::string::npos);
  // Wide characters do not stick out.
  for (const auto& line : split_lines(format_table({{"id", "日本語日本語日本語日本語"}}, 15)))
    CHECK(display_width(line) <= 15);
}

TEST_CASE("cli table: no spaces at line ends") {
  for (const auto& line : split_lines(format_table({{"a", "bbbb", ""}, {"aaaaa", "", ""}, {"", "", "c"}}, 0)))
    CHECK((line.empty() || line.back() != ' '));
}

TEST_CASE("cli table: colours do not count, and are closed when a cell is cut") {
  CHECK(format_table({{"\x1b[32mok\x1b[m", "x"}, {"abc", "y"}}, 0) == "\x1b[32mok\x1b[m   x\nabc  y\n");
  const std::string text = format_table({{"\x1b[31mone two three four\x1b[m"}}, 10);
  CHECK(text.find("\x1b[31m") == 0);
  CHECK(text.find("\x1b[m\n") != std::string::npos);
}

TEST_CASE("cli table: cells are made safe") {
  const std::string text = format_table({{"a\nb\tc", "\x1b]0;title\x07", "\x1b[2J",
                                          "\xe2\x80\xae"
                                          "evil",
                                          "\xff"}},
                                        0);
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(text.find('\xff') == std::string::npos);
}

TEST_CASE("cli table: nothing gives nothing") {
  CHECK(format_table({}, 80).empty());
  CHECK(format_table({{}}, 80) == "\n");
}

TEST_CASE("cli table: lines one by one are those of the whole") {
  const std::vector<std::vector<std::string>> rows = {
      {"a", "bbb", "a title that is cut"}, {}, {"", "\x1b[32mok\x1b[m"}, {"long one", "b", ""}};
  Table table;
  for (const auto& row : rows) table.add(row);
  CHECK(table.rows() == rows.size());
  for (const std::size_t width : {0u, 24u}) {
    std::string text;
    table.each_line(width, [&](const std::string& line) { text += line; });
    CHECK(text == format_table(rows, width));
    CHECK(split_lines(text).size() == rows.size());
  }
}
