// Everything a command works with, opened on first use: repository, ledger, index, configuration, policy, who acts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "git/cli.hh"
#include "git/repository.hh"
#include "index/index.hh"
#include "ledger/ledger.hh"
#include "model/operation.hh"

namespace ga::work {

/// Length of a claim without renewal, seconds.
inline constexpr std::int64_t kLeaseSeconds = 15 * 60;

class Project {
 public:
  Project();
  ~Project();

  git::Repository& repo();
  ledger::Ledger& ledger();
  /// The index, brought to the ledger's tip once per process (and kept there by our own writes).
  index::Index& index();
  /// Whether this process has written to the ledger.
  bool wrote() const;
  const git::Config& config();

  /// Who acts: GIT_AGENT_NAME/_ROLE, else the agent whose runner is an ancestor process, else the person.
  const model::Actor& actor();
  /// Throws Error(not_lead) for an agent.
  void require_lead(const std::string& what);

  /// The branch features merge into, a full ref: config agent.target, else the branch of the main worktree at
  /// init (config agent.target is written by init), else the main worktree's branch, else init.defaultBranch.
  std::string target_ref();
  /// The policy that judges: from the target's tip; while the target has none, the main worktree's file.
  const gates::Policy& policy();

  /// A new operation by the actor, now.
  model::Operation operation(const std::string& kind, Json args);
  /// One operation as a transaction. With `fenced`, the fence of the actor's run or claim on args.task is added.
  ledger::Committed commit(const std::string& kind, Json args);
  /// A bead object for an operation's args.
  Json bead(const std::string& kind, const std::string& text, const std::string& task = "",
            const std::string& evidence = "");

  /// The task an id prefix or slug names. Throws Error(not_found) with near names, Error(usage) when a prefix is
  /// ambiguous.
  model::Task task(const std::string& name);
  /// The task of an id that was there a moment ago. Throws Error(not_found) when it was taken back since.
  model::Task known_task(const std::string& id);
  /// The task this worktree was spun for.
  std::optional<model::Task> task_here();
  /// task(name), or task_here() when name is empty; Error(usage) when there is none.
  model::Task task_or_here(const std::string& name);
  std::string short_id(const std::string& id) { return index().short_id(id); }
  /// The fence to write with: GIT_AGENT_FENCE when it is this task's run, else "".
  std::string fence_for(const model::Task& task);
  /// Arguments of a claim by the actor: agent, host, pid, start, boot, lease. The process named is the long-lived one:
  /// the runner in a run, else the nearest ancestor that is no shell and not us... (its life is the claim's life).
  Json claim_args(const model::Task& task, const std::string& agent);

  /// The task object of product.md: every field present, ids full.
  Json view(const model::Task& task);

  /// The commit that ticks must be bound to: the submitted one in review, the branch's before; "" when none counts.
  std::string judged_commit(const model::Task& task);

  std::filesystem::path agent_dir();  ///< <common>/agent
  /// The commit a branch (full ref) points to, zero when there is none.
  git::Oid branch_tip(const std::string& ref) { return repo().ref(ref); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether the holder of a claim is still there: on this host by process identity; elsewhere by its expiry.
enum class Holder { alive, dead, unknown };
Holder holder_state(const model::Claim& claim);
/// The claim may be taken over: its holder is dead, or its lease is over and the process is not alive.
bool may_take_over(const model::Claim& claim, Time now);

}  // namespace ga::work
