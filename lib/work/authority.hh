// Who may approve in this repository, and whether an approval holds: where statements and signatures (lib/trust) meet the
// target branch, the policy and the person's configuration. Nothing here is asked while nothing protected changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "model/approval.hh"
#include "trust/keys.hh"
#include "trust/statement.hh"
#include "trust/verify.hh"
#include "work/project.hh"

namespace ga::work {

/// The rules of one side: the target's tip before the change.
struct Authority {
  std::string repository;  ///< as statements name it
  git::Oid policy;         ///< the policy's blob; zero when there is none
  git::Oid file;           ///< the curators file's blob; zero: nobody is named, and approvals are unsigned
  std::string curators_path;
  trust::Curators curators;
  std::string revoked;
  trust::KeyRule keys = trust::KeyRule::any;
  std::vector<std::string> commit_keys;  ///< public keys that approve nothing, for they also sign commits
  std::string notice;                    ///< something the person must be told once; "" mostly
  std::string problem;                   ///< why no approval counts at all: the curators file changed by nobody's leave
  bool configured() const { return !file.zero() || !problem.empty(); }
};

/// By the content of a commit alone: for servers. Throws Error(environment) for a curators file that cannot be read.
Authority authority_at(const git::Repository& repo, const gates::Policy& policy, const git::Oid& commit);
/// The same for this clone, at the target's tip: the first curators file is pinned in the person's configuration, and later
/// ones count only as far as curators before them approved them. Keys that sign this person's commits approve nothing unless
/// agent.allowCommitKey is set. `commit`: see authority_at(); zero for the target's tip.
Authority authority(Project& project, const git::Oid& commit = {});
/// Takes the curators file as it stands at the target for the first one.
void pin_curators(Project& project);
/// Where the pin is kept.
std::filesystem::path pin_file(Project& project);

/// The ledger's approvals at a commit of it, read from its tree alone: servers have no index.
std::vector<model::Approval> approvals_at(const git::Repository& repo, const git::Oid& ledger);

/// Why an approval does not hold here; "" when it does. One without a signature holds where no curators are named.
std::string approval_problem(const Authority& authority, const model::Approval& approval,
                             const trust::Statement& statement);
/// "lead@example.org", or "Lead (unsigned)".
std::string approver(const model::Approval& approval);

/// The key this person approves with: agent.signingKey, or the one in ssh-agent that the curators file lists. Throws
/// Error(not_approved) when there is none, or when it must not be used.
trust::SigningKey signing_key(Project& project, const Authority& authority);
/// Completes the statement (repository, policy, curator, time) and signs it; where no curators are named it stays unsigned.
/// The caller has made sure that a person asks for it.
model::Approval approve(Project& project, const Authority& authority, trust::Statement statement,
                        const std::string& why, const std::string& task);

}  // namespace ga::work
