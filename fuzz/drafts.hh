// What holds for the tasks of any file that `task add` takes.
#pragma once

#include "fuzz.hh"
#include "interop/drafts.hh"

namespace ga::fuzz {

inline void check_draft(const interop::Draft& draft, std::string_view input) {
  HOLDS(!draft.title.empty());
  HOLDS(draft.priority >= 0 && draft.priority <= 4);
  HOLDS(draft.budget_tokens >= 0);
  HOLDS(draft.line >= 1 && draft.line <= static_cast<int>(input.size()));
}

}  // namespace ga::fuzz
