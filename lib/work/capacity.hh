// How many agents may be at work at once.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// Slugs of features in progress where an agent is at work: live ones, and those on other machines whose lease runs.
/// Worktrees prepared without an agent do not count.
std::vector<std::string> at_work(Project& project);
/// Throws Error(wip) when another agent, on this task, would be one too many: [team] wip agents at work; [team]
/// review-wip features waiting for the lead before a new one begins. Without `launch` there is no agent to be one too
/// many. Call it inside a transaction, on a fresh index.
void require_capacity(Project& project, const model::Task& task, bool launch);

}  // namespace ga::work
