// Tasks as people and programs write them down, before they have ids: a Markdown spec, or JSON lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/json.hh"

namespace ga::interop {

/// A task that is to be added. `needs` and `parent` are names: slugs of the same batch, or slugs and ids of
/// tasks that exist.
struct Draft {
  std::string slug, title, description, phase, assignee, parent;
  std::vector<std::string> accept, needs, owns, labels;
  int priority = 2;
  std::int64_t budget_tokens = 0;
  bool plan_required = false;
  int line = 0;  ///< where it began, for messages
};

/// A spec in Markdown: headings become tasks, deeper headings children of the heading above; `- [ ] text` lines are
/// acceptance criteria, `Needs:`, `Owns:`, `Phase:`, `Labels:`, `Assign:`, `Priority:` and `Slug:` lines what they
/// say (lists by commas), everything else the description. Fenced code is description. Throws
/// Error(usage) "NAME:LINE: what".
std::vector<Draft> drafts_from_markdown(std::string_view text, const std::string& name);

/// One JSON object a line: title, slug, description, accept, needs, parent, owns, priority, phase, labels,
/// assignee, budget_tokens, plan_required. Unknown members are refused. Throws Error(usage) "NAME:LINE: what".
std::vector<Draft> drafts_from_json_lines(std::string_view text, const std::string& name);

}  // namespace ga::interop
