#include "gates/agents-md.hh"

#include <cstdlib>
#include <map>

#include "catch.hh"
#include "util/fs.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::gates;

namespace {

using Files = std::map<std::string, std::string>;

// A repository with these files; "-" is one that was there once.
AgentsWorld world_of(const Files& files) {
  AgentsWorld world;
  world.path = [files](const std::string& path) {
    const auto found = files.find(path);
    if (found != files.end()) return found->second == "-" ? AgentsWorld::Path::gone : AgentsWorld::Path::there;
    for (const auto& [name, text] : files)
      if (text != "-" && starts_with(name, path + "/")) return AgentsWorld::Path::there;
    return AgentsWorld::Path::never;
  };
  world.named = [files](const std::string& name) {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files)
      if (path == name || ends_with(path, "/" + name)) paths.push_back(path);
    return paths;
  };
  world.read = [files](const std::string& path) { return files.count(path) > 0 ? files.at(path) : ""; };
  return world;
}

// "rule@line:column" of each.
std::string linted(std::string_view text, const Files& files = {{"README.md", ""}},
                   std::string_view path = "AGENTS.md") {
  std::string places;
  for (const auto& each : lint_agents_md(path, text, world_of(files)).findings)
    places +=
        (places.empty() ? "" : " ") + each.rule + "@" + std::to_string(each.line) + ":" + std::to_string(each.column);
  return places;
}

}  // namespace

TEST_CASE("an AGENTS.md is read into sections and lines") {
  const AgentsFile file = parse_agents_md(
      "intro\n# The `title`\r\n\n```sh\n# no heading\n```\n- item\n\t1) more\n<!-- a\n# b\n-->\n## Two\n|a|\n#tag\n");
  REQUIRE(file.sections.size() == 2);
  CHECK(file.sections[0].title == "The title");
  CHECK(file.sections[0].line == 2);
  CHECK(file.sections[1].level == 2);
  CHECK(file.lines[0].section == -1);
  CHECK(file.lines[4].kind == MarkdownLine::Kind::code);
  CHECK(file.lines[6].kind == MarkdownLine::Kind::item);
  CHECK(file.lines[9].kind == MarkdownLine::Kind::comment);
  CHECK(file.lines[12].kind == MarkdownLine::Kind::table);
  CHECK(file.lines[13].kind == MarkdownLine::Kind::text);
}

TEST_CASE("stale paths are those that were there once, and links into directories that are") {
  const Files files = {{"src/a.c", ""}, {"src/old.c", "-"}, {"docs/x.md", ""}};
  CHECK(linted("see `src/a.c` and `src/old.c`\n", files) == "stale-path@1:20");
  CHECK(linted("see [b](src/b.c), [x](./docs/x.md#top), [c](other/b.c), [d](https://a.example/b)\n", files) ==
        "stale-path@1:9");
  CHECK(linted(
            "`and/or` `src/*.c` `src/<name>.c` `/usr/bin/x` `packages/core` `@scope/name` `application/json` `CI/CD`\n",
            files)
            .empty());
  CHECK(linted("`a.c` in `src/`\n", {{"src/x", ""}, {"src/src", "-"}}).empty());
  CHECK(linted("- `a.c/b`, `../x/y`\n", files).empty());
  // From where the file lies, or from the root.
  CHECK(linted("`lib/x.h` `pkg/lib/x.h`\n", {{"pkg/lib/x.h", ""}}, "pkg/AGENTS.md").empty());
  CHECK(linted("<!-- BEGIN t -->\n`src/old.c`\n<!-- END t -->\n", files).empty());
}

TEST_CASE("commands that are no longer there") {
  const Files files = {{"package.json", R"({"scripts":{"test":"jest","lint:fix":"x"}})"},
                       {"web/package.json", R"({"scripts":{"dev":"vite"}})"},
                       {"Makefile", "all check: a\n\techo\nVAR := x\n.PHONY: all\n"},
                       {"justfile", "alias t := test\n@test arg='x':\n  echo\nfmt:\n"}};
  CHECK(linted("`npm run test` `pnpm run lint:fix` `yarn run dev` `npm test` `pnpm changeset` `npm run <script>`\n",
               files)
            .empty());
  CHECK(linted("- run `npm run tset`\n", files) == "stale-command@1:8");
  CHECK(linted("```sh\n$ npm run gone\nmake check\nmake nothing\n```\n", files) ==
        "stale-command@2:1 stale-command@4:1");
  CHECK(linted("`make -j4` `make all` `make VAR=1` `just test` `just t` `just fmt` `just nope`\n", files) ==
        "stale-command@1:69");
  // Where it cannot be known nothing is said.
  CHECK(linted("`npm run x` `make y` `just z`\n").empty());
  CHECK(linted("`make y`\n", {{"Makefile", "include common.mk\n"}}).empty());
  CHECK(linted("`just y`\n", {{"justfile", "import 'x'\n"}}).empty());
  CHECK(linted("`npm run y`\n", {{"package.json", "{"}}).empty());
  CHECK(linted("make sure that `make sense` is clear\n").empty());
}

TEST_CASE("contradictions and duplicates") {
  CHECK(linted("- Always use tabs.\n- other\n- NEVER use tabs\n") == "contradiction@3:0");
  CHECK(linted("- Always run the tests.\n- Never skip the tests.\n").empty());
  CHECK(linted("- Use tabs for indentation of Go\n- Indent with two spaces\n").empty());
  CHECK(linted("- Indent with tabs\n- Indent with two spaces\n") == "contradiction@2:0");
  CHECK(linted("- Indent with tabs\n- Indent with two spaces in YAML\n").empty());
  CHECK(linted("- Run the tests with `make test`.\n\n- run the tests with `npm test`\n") == "contradiction@3:0");
  CHECK(linted("- Run tests: `a`\n- Run linters: `b`\n- Run tests of one package: `c`\n").empty());
  CHECK(linted("- Write a test for each bug that is fixed.\n## B\n* write a **test** for each bug that is fixed\n") ==
        "duplicate@3:0");
  CHECK(linted("- Keep it short.\n- Keep it short.\n").empty());
  // Sentences that go on mean something else.
  CHECK(linted("- Never use tabs\n  in Python.\n- Always use tabs.\n").empty());
}

TEST_CASE("what deceives or is too long") {
  CHECK(linted("a\nb\xe2\x80\x8b\n") == "invisible-character@2:2");
  CHECK(linted("\xf0\x9f\xa4\x96\xf0\x9f\xa4\x96 ok \xe2\x9a\xa0\xef\xb8\x8f\n").empty());
  CHECK(linted("x\n<!-- BEGIN tool -->\ny\n") == "open-block@2:0");
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "some line " + std::to_string(i) + "\n";
  const AgentsLint lint = lint_agents_md("AGENTS.md", text, {});
  REQUIRE(lint.findings.size() == 1);
  CHECK(lint.findings[0].rule == "too-long");
  CHECK(text.substr(0, 32 << 10).find("some line " + std::to_string(lint.findings[0].line - 2) + "\n") != text.npos);
  CHECK(lint.tokens == (text.size() + 3) / 4);
  AgentsWorld world;
  world.secrets = [](std::string_view) { return std::vector<scan::Finding>{{.rule = "key", .line = 2}}; };
  CHECK(lint_agents_md("a/AGENTS.md", "x\ny\n", world).findings[0].file == "a/AGENTS.md");
  CHECK(lint_agents_md("AGENTS.md", "How to build and test, and the code style.\n", {}).hints.empty());
  CHECK(lint_agents_md("AGENTS.md", "x\n", {}).hints.size() == 3);
}

TEST_CASE("a line goes to the end of its section's list") {
  CHECK(add_line("# A\n\n## Style\n\n- one\n- two\n\n## Other\n", "STYLE", "three") ==
        "# A\n\n## Style\n\n- one\n- two\n- three\n\n## Other\n");
  CHECK(add_line("# A\n## Coding conventions\n* one\n  goes on\n## B\n", "STYLE", "- two") ==
        "# A\n## Coding conventions\n* one\n  goes on\n* two\n\n## B\n");
  CHECK(add_line("## Testing\n1. one\n2. two\n", "TEST_STRATEGY", "three") == "## Testing\n1. one\n2. two\n3. three\n");
  CHECK(add_line("## Pitfalls\nText.\n\n## B\n", "GOTCHAS", "x") == "## Pitfalls\nText.\n\n- x\n\n## B\n");
  CHECK(add_line("## Architecture\n", "ARCH_DECISIONS", "x") == "## Architecture\n\n- x\n");
  CHECK(add_line("## Style\n- a\n\nA last word.\n", "STYLE", "b") == "## Style\n- a\n\nA last word.\n\n- b\n");
  CHECK(add_line("## Set-up!\n- a\n", "set up", "b") == "## Set-up!\n- a\n- b\n");
  // Own name before others, subsections are others' places.
  CHECK(add_line("## Testing\n- t\n### More\n- m\n", "TEST_STRATEGY", "x") ==
        "## Testing\n- t\n- x\n\n### More\n- m\n");
  CHECK(add_line("## Conventions\n- c\n## Style\n- s\n", "STYLE", "x") == "## Conventions\n- c\n## Style\n- s\n- x\n");
}

TEST_CASE("a section that is not there comes last") {
  CHECK(add_line("", "GOTCHAS", "x") == "## GOTCHAS\n\n- x\n");
  CHECK(add_line("# A\n\ntext\n", "GOTCHAS", "x") == "# A\n\ntext\n\n## GOTCHAS\n\n- x\n");
  CHECK(add_line("# A\n\ntext", "GOTCHAS", "x") == "# A\n\ntext\n\n## GOTCHAS\n\n- x");
  CHECK(add_line("# A\r\ntext\r\n", "GOTCHAS", "x") == "# A\r\ntext\r\n\r\n## GOTCHAS\r\n\r\n- x\r\n");
  CHECK(add_line("### A\n\n\n", "B", "x") == "### A\n\n### B\n\n- x\n\n\n");
}

TEST_CASE("a line never goes into a block of another tool") {
  const std::string block = "<!-- BEGIN tool -->\n## Style\n- theirs\n<!-- END tool -->\n";
  CHECK(add_line("# A\n\n" + block, "STYLE", "x") == "# A\n\n" + block + "\n## STYLE\n\n- x\n");
  CHECK(add_line("## Style\n- a\n\n" + block, "STYLE", "x") == "## Style\n- a\n- x\n\n" + block);
  CHECK(add_line("## Style\n- a\n<!-- t:start -->\n- b\n<!-- t:end -->\n", "STYLE", "x") ==
        "## Style\n- a\n<!-- t:start -->\n- b\n<!-- t:end -->\n\n- x\n");
  CHECK(add_line("## Style\n- a\n<!-- BEGIN t -->\n- b\n", "STYLE", "x") ==
        "## Style\n- a\n- x\n\n<!-- BEGIN t -->\n- b\n");
  CHECK(add_line("a\n<!-- BEGIN t -->\n- b\n", "STYLE", "x") == "a\n\n## STYLE\n\n- x\n\n<!-- BEGIN t -->\n- b\n");
}

TEST_CASE("real files of others raise no alarm") {
  const char* root = std::getenv("GIT_AGENT_SOURCE_ROOT");
  const fs::path data = fs::path(root != nullptr ? root : ".") / "../shared/data/agentsmd";
  if (!fs::is_directory(data)) {
    WARN("skipped: there are no real files here");
    return;
  }
  int files = 0;
  for (const auto& entry : fs::directory_iterator(data)) {
    const std::string text = *read_file(entry.path());
    INFO(entry.path().filename().string());
    // In a repository that has none of what they name, and in one that has a little of it.
    CHECK(linted(text).empty());
    CHECK(linted(text, {{"packages/x/package.json", "{}"}, {"src/x", ""}, {"docs/x", ""}, {"contributing/x", ""}},
                 "AGENTS.md")
              .find("duplicate") == std::string::npos);
    const std::string edited = add_line(text, "GOTCHAS", "x");
    CHECK(edited.size() > text.size());
    CHECK(lint_agents_md("AGENTS.md", text, {}).findings.empty());
    ++files;
  }
  CHECK(files > 0);
}
