// AGENTS.md of strangers: examined whatever it holds, and edited by putting lines in between and changing nothing else.
#include "gates/agents-md.hh"
#include "fuzz.hh"
#include "util/text.hh"

namespace ga::fuzz {
namespace {

std::size_t common(std::string_view a, std::string_view b) {
  std::size_t length = 0;
  while (length < a.size() && length < b.size() && a[length] == b[length]) ++length;
  return length;
}

std::size_t common_end(std::string_view a, std::string_view b) {
  std::size_t length = 0;
  while (length < a.size() && length < b.size() && a[a.size() - 1 - length] == b[b.size() - 1 - length]) ++length;
  return length;
}

}  // namespace

void fuzz_one(std::string_view input) {
  const gates::AgentsFile file = gates::parse_agents_md(input);
  HOLDS(file.lines.size() == split_lines(input).size());
  for (const auto& line : file.lines) HOLDS(line.section < static_cast<int>(file.sections.size()));

  const auto path = [](const std::string& name) {
    return name.size() % 3 == 0 ? gates::AgentsWorld::Path::gone : gates::AgentsWorld::Path::never;
  };
  const auto named = [](const std::string& name) { return std::vector<std::string>{name}; };
  const auto read = [&](const std::string&) { return std::string(input); };
  const gates::AgentsLint lint = gates::lint_agents_md("docs/AGENTS.md", input, {path, named, read, {}});
  for (const auto& each : lint.findings)
    HOLDS(each.line > 0 && each.line <= static_cast<int>(file.lines.size()) && !each.rule.empty());

  constexpr std::string_view kLine = "one more line 7f3a";
  for (const char* section : {"STYLE", "GOTCHAS", "Setup"}) {
    const std::string edited = gates::add_line(input, section, kLine);
    HOLDS(common(input, edited) + common_end(input, edited) >= input.size());
    const gates::AgentsFile after = gates::parse_agents_md(edited);
    bool found = false;
    for (const auto& line : after.lines) found = found || (line.text.find(kLine) != line.text.npos && !line.managed);
    HOLDS(found);
  }
}

}  // namespace ga::fuzz
