// The guard of human-curated files: a change of one passes only with an approval of exactly that step, judged from objects
// by the rules of the side that is to be protected.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gates/protected.hh"
#include "work/authority.hh"

namespace ga::work {

/// A protected change, and what is said to it.
struct GuardedChange {
  git::Change change;
  git::Oid commit;                     ///< that makes it; zero for what is staged, or the whole against the target
  std::string subject;                 ///< of the commit
  std::vector<trust::FileState> from;  ///< what an approval may begin at: the file in each parent, or in the base
  std::string problem;                 ///< why it may not pass; "" when it may
  std::vector<std::string> by;         ///< who approved it
};
/// `{"path","commit","old","new","old_mode","new_mode","approved","by":[],"problem"}`
Json to_json(const GuardedChange& change);

/// The side that is protected.
struct GuardedSide {
  const git::Repository& repo;
  const gates::Policy& policy;
  git::Oid base;                     ///< its tip before the change; zero: nothing is there
  git::Oid ledger;                   ///< where approvals are read
  std::function<Authority()> rules;  ///< asked once something protected changes
};

/// The problem of a change that nobody has said anything to.
inline constexpr const char* kNobodyApproved = "nobody has approved that";

/// Judges changes of one push, merge or commit. Where nothing protected changes it only compares trees.
class Guard {
 public:
  explicit Guard(GuardedSide side) : side_(std::move(side)) {}

  /// One step between two trees.
  std::vector<GuardedChange> step(const git::Oid& before, const git::Oid& after,
                                  const git::CommitInfo* commit = nullptr);
  /// Each of these commits against its parents. A file that becomes what the base has is no change.
  std::vector<GuardedChange> commits(const std::vector<git::Oid>& ids);
  /// Who judges; loaded on first use.
  const Authority& rules();
  /// What the person must be told of them; "" while they were not asked for.
  std::string notice() const { return rules_ ? rules_->notice : ""; }

 private:
  // An approval of a file; whether it holds and is still to be used is asked once.
  struct Known {
    model::Approval approval;
    trust::Statement statement;
    std::optional<std::string> problem;
    std::optional<bool> spent;
  };
  void judge(GuardedChange& change);
  /// The approvals that lead from one state of a file to another, none when they do not.
  std::optional<std::vector<std::string>> path(const std::string& path, const trust::FileState& from,
                                               const trust::FileState& to, std::string& why_not);
  const std::vector<Known>& known();
  const std::string& problem_of(std::size_t index);
  bool is_spent(std::size_t index);

  GuardedSide side_;
  std::optional<Authority> rules_;
  std::optional<std::vector<Known>> known_;
  std::set<std::string> policies_;  ///< versions that stood on the way
};

/// The guard of this clone for what goes into the target, as it stands at `base` (zero: its tip).
Guard guard_of(Project& project, const gates::Policy& policy, const git::Oid& base);
/// Throws Error(guarded) for the first change that may not pass. `what` begins the sentence.
void require_approved(const std::vector<GuardedChange>& changes, const std::string& what,
                      const std::vector<std::string>& approve_command);

// ---- what a person is asked about ---------------------------------------------------------------------

/// Protected changes that belong together: what is staged, or commits.
struct GuardSubject {
  std::string name;  ///< "what is staged", "the commit 1a2b", "main..api"
  git::Oid base, tip;
  bool staged = false;
  std::vector<GuardedChange> changes;
  std::string version;  ///< of all of them
  Authority rules;
  std::string task;  ///< id, ""
};
/// What a name means: "" for what is staged, else what is committed here; a path; a commit; a task; A..B. Throws
/// Error(not_found) for what is none of these.
GuardSubject guard_subject(Project& project, const std::string& name);
/// The exact difference, from the objects themselves: no attribute, filter or pager has a say; what cannot be seen is shown.
std::string change_text(const git::Repository& repo, const GuardedChange& change);
/// Signs what is not approved yet and keeps it; gives the new approvals. The caller has made sure that a person asks for it.
std::vector<model::Approval> approve_changes(Project& project, const GuardSubject& subject, const std::string& why);

/// A ref that somebody pushes.
struct RefMove {
  std::string ref;
  git::Oid before, after;  ///< zero: not there
};
/// What a server's pre-receive and update hooks ask. Throws Error(guarded) for what must not come in. `note` is told what was
/// accepted without a signature.
void judge_push(Project& project, const std::vector<RefMove>& moves,
                const std::function<void(const std::string&)>& note);

/// Refuses a tree whose policy or curators file cannot be read where `before` had another one: from then on nothing could be
/// judged, what mends it neither. Throws their error with `hint` for what to do.
void require_readable(const git::Repository& repo, const git::Oid& before, const git::Oid& after,
                      const std::string& hint);

}  // namespace ga::work
