#include "gates/policy.hh"

#include <algorithm>

#include "catch.hh"
#include "util/error.hh"

using namespace ga;
using namespace ga::gates;

namespace {

std::string refusal(const std::string& toml) {
  try {
    parse_policy(toml, "f");
    return "";
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::environment);
    return error.what();
  }
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kGate = "[[gate]]\nname = \"a\"\non = [\"merge\"]\n";

}  // namespace

TEST_CASE("an empty policy has the defaults") {
  const Policy policy = parse_policy("", "f");
  CHECK(policy.wip == 4);
  CHECK(policy.merge_by == "lead");
  CHECK(policy.gates.empty());
  CHECK(policy.executable_text().empty());
  CHECK(policy.trust_hash().empty());
}

TEST_CASE("a whole policy is read") {
  const Policy policy = parse_policy(
      "[team]\nwip = 7\nprofile = \"claude\"\n[guard]\nprotected = [\"X\"]\n[merge]\nby = \"green\"\n"
      "[profile.p]\nclient = \"claude\"\ncommand = \"run 'it now'\"\n" +
          kGate + "run = \"npm test -- 'a b'\"\nfiles = [\"**/*.js\"]\ntimeout = \"90s\"\nenv = [\"CI\"]\n",
      "f");
  CHECK(policy.wip == 7);
  CHECK(policy.protected_paths == std::vector<std::string>{"X"});
  REQUIRE(policy.gates.size() == 1);
  CHECK(policy.gates[0].argv == std::vector<std::string>{"npm", "test", "--", "a b"});
  CHECK(policy.gates[0].timeout_seconds == 90);
  CHECK(policy.profiles.at("p").command == std::vector<std::string>{"run", "it now"});
  CHECK(policy.gates_on("merge").size() == 1);
  CHECK(policy.gates_on("pre-commit").empty());
  CHECK(policy.gates_on("").size() == 1);
  CHECK(unknown_keys(policy).empty());
}

TEST_CASE("what is wrong is refused with its line") {
  CHECK(holds(refusal("[team]\n\nwip = 0\n"), "f:3: team.wip must be a whole number from 1"));
  CHECK(holds(refusal("team = 3\n"), "f:1: team must be a table"));
  CHECK(holds(refusal("[[gate]]\n[[gate]]\nname = 3\n"), "f:1: gate.name is missing"));
  CHECK(holds(refusal(kGate + "run = \"it's\"\n"), "f:4: gate.run has a quote that is not closed"));
  CHECK(holds(refusal(kGate + "run = \"  \"\n"), "gate.run is missing"));
  CHECK(holds(refusal(kGate + "run = \"x\"\n" + kGate + "run = \"x\"\n"), "f:6: gate.name \"a\" stands twice"));
  CHECK(holds(refusal(kGate + "run = \"x\"\ntimeout = \"25h\"\n"), "f:5: gate.timeout"));
  CHECK(holds(refusal(kGate + "run = \"x\"\nfiles = [\"/etc\"]\n"), "no path pattern"));
  CHECK(holds(refusal("[guard]\nprotected = \"x\"\n"), "must be a list of strings"));
  for (const char* name :
       {"GITHUB_TOKEN", "my_secret", "API_KEY", "SSH_AUTH_SOCK", "GIT_DIR", "LD_PRELOAD", "HOME", "a b", "1A"})
    CHECK(holds(refusal(kGate + "run = \"x\"\nenv = [\"" + name + "\"]\n"), "f:5: gate.env"));
  CHECK(holds(refusal(std::string((1u << 20) + 1, '#')), "larger than 1 MiB"));
}

TEST_CASE("trust is in commands and in what they see, not in when they run") {
  const auto hash = [](const std::string& rest) { return parse_policy(kGate + rest, "f").trust_hash(); };
  const std::string plain = hash("run = \"make test\"\n");
  CHECK(plain == hash("run = \"make  test\"\ntimeout = \"1m\"\nfiles = [\"*.c\"]\n"));
  CHECK(plain != hash("run = \"make test\"\nshell = true\n"));
  CHECK(plain != hash("run = \"make tests\"\n"));
  CHECK(plain != hash("run = \"make test\"\nenv = [\"X\"]\n"));
  CHECK(plain != hash("run = \"make test\"\n[profile.p]\ncommand = [\"x\"]\n"));
}

TEST_CASE("a line break in a command cannot pass for another command") {
  const std::string text = parse_policy(kGate + "run = \"\"\"sh -c 'x\ngate b runs y'\"\"\"\n", "f").executable_text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("unknown keys are named as they stand in the file") {
  const Policy policy = parse_policy("[team]\nwipp = 3\n[profile.p]\ncolour = 1\n[x]\ny = 1\n", "f");
  CHECK(unknown_keys(policy) == std::vector<std::string>{"profile.p.colour", "team.wipp", "x"});
  // An empty key is not the table around it.
  CHECK(unknown_keys(parse_policy("[\"\".team]\nwip = 3\n[team]\n\"\" = 1\n", "f")) ==
        std::vector<std::string>{"\"\"", "team.\"\""});
}

TEST_CASE("protected names in every spelling") {
  const Policy policy = parse_policy("", "f");
  for (const char* path :
       {"AGENTS.md", "agents.MD", "a/b/Agents.md", "AGENTS.md.", "AGENTS.md ", "AGENTS\xE2\x80\x8B.md", ".git-agent",
        ".git-agent/curators", "x/.GIT-AGENT/a/b", ".git-agent.toml", "sub/CLAUDE.md"})
    CHECK(is_protected(policy, path));
  for (const char* path : {"AGENTS.md.txt", "MYAGENTS.md", "src/agents.mdx", "git-agent.toml", ".git-agents/x"})
    CHECK_FALSE(is_protected(policy, path));
}
