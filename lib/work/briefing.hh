// The briefing: what an agent is told about its task, always made anew from the ledger.
#pragma once

#include <string>

#include "work/project.hh"

namespace ga::work {

/// Markdown. Text that others wrote is framed as information from them.
std::string briefing_text(Project& project, const model::Task& task);
/// briefing_text() into the file the agent's environment names.
void write_briefing(Project& project, const model::Task& task);

}  // namespace ga::work
