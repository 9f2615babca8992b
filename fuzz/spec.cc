// Specs in Markdown: every task has a name of its own, and every deeper heading a parent above it.
#include <algorithm>
#include <set>

#include "drafts.hh"

namespace ga::fuzz {
namespace {

// The level of the heading that a draft was made of.
std::size_t level_of(std::string_view input, int line) {
  for (; line > 1; --line) take_part(input, '\n');
  return input.find_first_not_of('#');
}

void check_parent(const interop::Draft& draft, std::size_t level, const std::set<std::string>& above,
                  std::size_t top_level) {
  HOLDS(draft.parent.empty() || above.count(draft.parent) == 1);
  if (level > top_level) HOLDS(!draft.parent.empty());
}

}  // namespace

void fuzz_one(std::string_view input) {
  const auto drafts = read_or_refuse(Kind::usage, [&] { return interop::drafts_from_markdown(input, "spec"); });
  if (!drafts) return;
  HOLDS(!drafts->empty());
  std::set<std::string> slugs;
  std::size_t top_level = 6;
  for (const interop::Draft& draft : *drafts) {
    const std::size_t level = level_of(input, draft.line);
    check_draft(draft, input);
    check_parent(draft, level, slugs, top_level);
    HOLDS(slugs.insert(draft.slug).second);
    top_level = std::min(top_level, level);
  }
}

}  // namespace ga::fuzz
