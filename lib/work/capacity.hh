// How many agents may be at work at once.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// Slugs of features somebody is at work on: live agents, worktrees made for somebody, work on other machines whose
/// lease runs.
std::vector<std::string> at_work(Project& project);
/// Throws Error(wip) when another agent, on this task, would be one too many: [team] wip agents at work; [team]
/// review-wip features waiting for the lead before a new one begins. Call it inside a transaction, on a fresh index.
void require_capacity(Project& project, const model::Task& task);

}  // namespace ga::work
