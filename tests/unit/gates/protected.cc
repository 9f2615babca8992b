// Which names are protected, however they are spelt.
#include "gates/protected.hh"

#include "catch.hh"

using namespace ga;
using namespace ga::gates;

TEST_CASE("instructions for agents are protected under every spelling") {
  const Policy policy = parse_policy("[guard]\nprotected = [\"Docs/Rules.md\"]\n", "p");
  for (const char* path : {"AGENTS.md",
                           "agents.md",
                           "AGENTS.MD",
                           "src/deep/AGENTS.md",
                           "AGENTS.md.",
                           "AGENTS.md ",
                           "AGENTS.md. .",
                           "\xef\xbc\xa1GENTS.md" /* fullwidth A */,
                           "AG\xe2\x80\x8b"
                           "ENTS.md" /* zero width space */,
                           "AGENT\xc5\xbf.md" /* long s */,
                           "AGENTS.md:stream",
                           "CLAUDE.md",
                           "GEMINI.md",
                           "MODEL_ROUTING.md",
                           ".git-agent.toml",
                           ".git-agent/curators",
                           ".git-agent/prompts/x.md",
                           ".git-agent",
                           ".claude/settings.json",
                           ".claude/settings.local.json",
                           "sub/.claude/settings.json",
                           ".codex/config.toml",
                           ".codex",
                           ".cursor/rules/a.mdc",
                           ".cursorrules",
                           ".github/copilot-instructions.md",
                           ".mcp.json",
                           ".gitleaks.toml",
                           "docs/rules.md",
                           "x/DOCS/rules.md"}) {
    INFO(path);
    CHECK(is_protected(policy, path));
  }
  for (const char* path :
       {"README.md", "AGENTS.txt", "AGENTS.md.bak", "src/agents.c", "claude/settings.json", ".claude/notes.md",
        "docs/rules.txt", ".gitignore", ".github/workflows/ci.yml", "", "AGENTS", "a/b"}) {
    INFO(path);
    CHECK_FALSE(is_protected(policy, path));
  }
}

TEST_CASE("the curators file is protected wherever the policy puts it") {
  const Policy policy = parse_policy("[guard]\ncurators = \"ops/who.pub\"\nrevoked = \"ops/revoked\"\n", "p");
  CHECK(is_protected(policy, "ops/who.pub"));
  CHECK(is_protected(policy, "ops/WHO.pub"));
  CHECK(is_protected(policy, "ops/revoked"));
  CHECK_FALSE(is_protected(policy, "ops/others"));
}
