// Exchanging the ledger with a remote: any Git server orders the operations of all clones.
//
// The remote's ref is the common line. What it has and we have not is examined and followed; what we have and it has
// not is judged again on top of that, in order, and pushed with the value we expect there. An operation that no longer
// holds stays in the ledger as refused. Nobody ever resolves a conflict.
//
//   refs/agent/ledger                       the ledger, here and there
//   refs/heads/git-agent-ledger             there, when the server refuses refs/agent/
//   refs/agent-local/synced/<remote>        what both sides had when they last agreed
//   refs/agent-local/incoming/<remote>      what was fetched last, not examined yet
//   refs/agent-local/quarantine/<remote>    a history that was not followed
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// A claim by its task and its fence, the id of its operation.
struct ClaimName {
  std::string task, fence;
};

struct SyncRequest {
  std::string remote;  ///< "": git config agent.remote, else origin, else the only one
  std::function<void(const std::string&)> progress;
  /// A claim that the remote is to accept; nothing is done when another process's exchange has taken it along already.
  ClaimName confirm;
  double seconds = 0;          ///< for each fetch or push; 0: as long as it takes, and Ctrl-C ends it
  bool only_if_there = false;  ///< nothing is pushed to a remote that has no ledger
};

struct SyncResult {
  std::string remote;
  std::string ref;           ///< where the remote keeps the ledger
  bool fell_back = false;    ///< it was just found to refuse refs/agent/
  std::size_t received = 0;  ///< operations that came
  std::size_t sent = 0;      ///< operations that went
  /// Own operations that no longer hold after what came: (operation, why).
  std::vector<std::pair<model::Operation, std::string>> refused;
  git::Oid tip;
};

/// Brings both sides to the same ledger. One process of a clone does so at a time, the others wait for it. Killed at any
/// point, the next one goes on. Throws Error: environment (no remote, unreachable, or a history there that cannot be
/// followed: it is kept in quarantine and nothing here has changed), newer_version, target_moved (others push faster than
/// this can follow).
SyncResult sync_ledger(Project& project, const SyncRequest& request);
Json to_json(const SyncResult& result);

/// `[team] claims` is "remote", and there is one.
bool claims_are_remote(Project& project);

/// The task, when the claim stands: where claims are remote, when the remote has accepted it. Throws Error: claim_lost when
/// another clone was faster; what sync_ledger() throws when the remote cannot be asked, a claim `made_now` being given back.
model::Task confirm_claim(Project& project, const ClaimName& claim, bool made_now);

/// After a command that wrote, where `[sync] auto` is set: starts an exchange in the background, unless one is about to
/// begin. Waits for nothing and throws nothing.
void exchange_later(Project& project) noexcept;
/// The same for a lease that was renewed, also where claims are remote: other clones see an agent at work by its lease alone.
void exchange_lease_later(Project& project) noexcept;
/// That exchange: waits a second for more to come, then brings both sides together. Null when another one waits already.
Json exchange_after_pause(Project& project, const SyncRequest& request);
/// What the last exchange in the background said; "" when it went well or there was none.
std::string background_trouble(Project& project);

/// Makes plain `git fetch` bring the remote's ledger along (remote.<name>.fetch; never a push setting). False when it
/// does so already.
bool install_fetch(Project& project, const SyncResult& synced);

}  // namespace ga::work
