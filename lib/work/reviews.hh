// Reviews where they meet the repository: who may give a verdict, on which commit, and what the lead is shown.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "model/review.hh"
#include "work/project.hh"
#include "work/runs.hh"

namespace ga::work {

/// How a task's review stands now.
struct ReviewStanding {
  /// none, requested, passed, failed, self-declared, or void: a verdict on a commit that is not the branch's newest.
  std::string state = "none";
  std::string commit;                   ///< the review is about, "" for none
  std::optional<model::Review> review;  ///< the newest at that commit
  bool passed() const { return state == "passed"; }
};
ReviewStanding review_standing(Project& project, const model::Task& task);
Json to_json(const ReviewStanding& standing);

/// Asks for a review of what is in review now; a reviewer who is named gets a message.
model::Review request_review(Project& project, const model::Task& task, const std::string& reviewer,
                             const std::string& text);

struct ReviewVerdict {
  bool passed = false;
  std::string text, at;  ///< at: the commit as the person names it, "" for the one last shown
  std::vector<model::ReviewComment> comments;
  std::function<void()> show;  ///< shows what is newer than what was shown
};
/// One verdict on the commit in review. A person acts on the version last shown; in a reviewer's worktree it is the one
/// checked out there. The agent that did the work gets the text and the remarks as a message. Throws
/// Error(target_moved) for another version, Error(not_approved) for an author.
model::Review give_verdict(Project& project, const model::Task& task, const ReviewVerdict& verdict);

/// Refuses (not_approved) a merge that the review stands in the way of: one that is required or asked for and has not
/// passed. `must`: the policy does not decide, one is needed.
void require_reviewed(Project& project, const gates::Policy& policy, const model::Task& task, bool must);

/// Verdicts on a tree of a task, the newest of each gate, as beads keep them (gates::verdicts_record) with "by".
std::vector<Json> recorded_verdicts(Project& project, const model::Task& task, const git::Oid& commit);

/// The lead's minute: criteria, gates on this commit, reviews, difference, conflicts, next command.
struct ReviewSheet {
  model::Task task;
  git::Oid commit, base, target;
  ReviewStanding standing;
  std::vector<model::Review> reviews;  ///< at this commit, newest first
  std::vector<Json> gates;
  std::vector<git::Oid> commits;  ///< oldest first
  struct File {
    std::string path;
    long added = 0, removed = 0;  ///< -1: binary
  };
  std::vector<File> files;
  std::vector<std::string> conflicts;  ///< paths, with the target as it is now
  std::vector<std::string> next;       ///< the one command that moves it on
};
ReviewSheet review_sheet(Project& project, const model::Task& task);
Json to_json(Project& project, const ReviewSheet& sheet);
/// The whole difference, safe to show; by plain objects: no filter, driver or pager of the repository's has a say.
std::string review_diff(Project& project, const ReviewSheet& sheet);
/// What came between two versions, one line a file; "" when they cannot be compared.
std::string version_difference(Project& project, const std::string& before, const std::string& after);

// ---- reviewers' runs ------------------------------------------------------------------------------

struct ReviewerRequest {
  std::string agent, profile;
  bool launch = true;
};
/// Starts a reviewer on the commit in review, in a worktree of its own that is read-only: its files have no write
/// permission, and no commit is made there. Throws Error(wrong_status) when the task is not in review,
/// Error(agent_alive) when one is at work, Error(not_approved) for an agent that has worked on the task.
RunRecord spin_reviewer(Project& project, const model::Task& task, const ReviewerRequest& request,
                        const std::function<void(const std::string&)>& progress);
/// Name of a reviewer's run and worktree: no task is called so.
std::string review_slug(const std::string& slug);
bool is_review_run(const RunRecord& run);
/// The task that a reviewer's worktree is for, by its private Git directory; "" for others.
std::string reviewed_task(const std::filesystem::path& git_dir);
/// Takes a reviewer's worktree away when nobody works there.
void remove_review(Project& project, const std::string& slug);
/// The reviewer's run that this process is a part of, by its ancestors alone: no environment makes one a reviewer.
std::optional<RunRecord> reviewer_run(Project& project);
/// Whether the run has given its verdict.
bool has_verdict(Project& project, const RunRecord& run);

}  // namespace ga::work
