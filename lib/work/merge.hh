// Integrating a feature: rebase in memory, judge the result, move the target, record it.
//
//   merge.begin (ledger) -> the target moves -> merge.end (ledger) -> the feature's branch follows
//
// Killed anywhere, recover_merges() ends what was begun: a target that has the result gets its merge.end, else the
// merge is given up and can be asked for again.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gates/runner.hh"
#include "work/project.hh"
#include "work/rebase.hh"

namespace ga::work {

enum class MergeStyle { rebase, squash, no_ff };

struct MergeRequest {
  std::string feature;  ///< id, slug, or with `adopt` a branch
  std::string into;     ///< branch; empty: the parent's branch or the target
  MergeStyle style = MergeStyle::rebase;
  bool adopt = false, dry_run = false;
  std::string at;  ///< the commit as the person names it; empty: the one last shown to them, where one was
  std::function<void(const std::string&)> progress;  ///< what is being done
  std::function<void(const std::string&)> note;      ///< what the person should know
};

struct MergeResult {
  model::Task task;
  std::string target;                                  ///< full ref
  git::Oid old, next;                                  ///< of the target; `next` is zero after a dry run
  std::vector<std::pair<git::Oid, git::Oid>> commits;  ///< old and new, oldest first (new zero after a dry run)
  std::vector<gates::Verdict> verdicts;
  std::vector<std::string> planned_gates;  ///< dry run: gates that would run
  std::vector<model::Task> unblocked;
  bool recovered = false;  ///< an interrupted merge was completed
};
/// `{"target","old","new","commits","gates":[],"conflicts":[],"unblocked":[]}`
Json to_json(const MergeResult& result);

/// Merges one feature. Throws merge_conflict, guarded, gate_failed, target_busy, target_moved, not_done, not_lead...;
/// the target has not moved then.
MergeResult merge_feature(Project& project, const MergeRequest& request);

/// Completes or gives up merges that this clone began and did not end. Cheap when there is none; does nothing while
/// another process is merging.
void recover_merges(Project& project);

/// Records that a task in review is in this branch (full ref) already, which completes it. The caller knows that it is.
void record_present(Project& project, const model::Task& task, const std::string& target);

// ---- parts, shared by the files of the merge ------------------------------------------------------

/// Takes a branch without a submit (or without a task) as it stands: a task in review at the branch's tip. A dry run
/// writes nothing and gives the task as it would be.
model::Task adopt_branch(Project& project, const std::string& name, const std::string& target, bool dry_run);

/// "test=pass lint=pass", or what stands there without gates.
std::string gates_summary(const std::vector<gates::Verdict>& verdicts);
/// The commits of a planned rebase, written, with their trailers: the new tip; fills `commits`.
git::Oid write_result(Project& project, const model::Task& task, const Rebase& plan, MergeStyle style,
                      const std::string& target, const std::string& gates,
                      std::vector<std::pair<git::Oid, git::Oid>>& commits);
/// Text and evidence of the bead that stands on the merged tip.
Json merge_bead(Project& project, const MergeResult& result, const std::string& gates);

}  // namespace ga::work
