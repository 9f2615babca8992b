// The steps of a merge in the ledger, shared by merging and recovering; not for others.
#pragma once

#include <filesystem>
#include <string>

#include "work/merge.hh"

namespace ga::work {

/// Names this clone in merge.begin, so that only it recovers its merges (the ledger is shared).
std::string clone_id(Project& project);
/// Held from merge.begin to merge.end: one merge at a time, and no recovery of one that is going on.
std::filesystem::path merge_lock(Project& project);
void end_merge(Project& project, const Json& pending);
void abort_merge(Project& project, const Json& pending, const std::string& why);
/// recover_merges() for who holds the lock.
void recover_pending(Project& project);

/// The gates' event.
inline constexpr const char* kMergeEvent = "merge";
/// What stands for gates where a merge brings nothing.
inline constexpr const char* kNothingToJudge = "nothing new to judge";
/// Corrects the new ids of commits whose work plain Git brought to the target as other commits.
void name_present(Project& project, const git::Oid& tip, const git::Oid& target,
                  std::vector<std::pair<git::Oid, git::Oid>>& commits);

}  // namespace ga::work
