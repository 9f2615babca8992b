// JSON lines of `task add`: each task says what its line says.
#include "drafts.hh"
#include "util/text.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const auto drafts = read_or_refuse(Kind::usage, [&] { return interop::drafts_from_json_lines(input, "lines"); });
  if (!drafts) return;
  HOLDS(!drafts->empty());
  const std::vector<std::string> lines = split_lines(input);
  for (const interop::Draft& draft : *drafts) {
    check_draft(draft, input);
    const Json line = parse_json(lines.at(static_cast<std::size_t>(draft.line) - 1), "line");
    HOLDS(line.value("priority", 2) == draft.priority);
    HOLDS(!line.contains("budget_tokens") || line["budget_tokens"] == draft.budget_tokens);
    HOLDS(get_strings(line, "needs") == draft.needs);
  }
}

}  // namespace ga::fuzz
