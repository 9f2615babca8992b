// Gates that are part of the program: they read objects, start nothing, need no trust, and always run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "git/repository.hh"
#include "scan/finding.hh"

namespace ga::gates {

/// What a built-in gate is asked about: the step from one tree to another, and the commits that make it.
struct Subject {
  const git::Repository& repo;
  const Policy& policy;  ///< of the target's side
  git::Oid base_tree;    ///< zero: everything is new
  git::Oid tree;
  std::vector<git::Oid> commits;  ///< that are to come, oldest first; empty before a commit
  std::string event;              ///< pre-commit, task-done, merge; "" when asked by hand
  bool by_agent = false;
  /// Whether a person has approved that the finding of this fingerprint stays; may be empty. Asked from another thread.
  std::function<bool(const std::string& fingerprint)> allowed = {};
};

struct BuiltinReport {
  std::vector<scan::Finding> findings;  ///< one that blocks fails the gate
  std::string coverage;                 ///< "12 blobs, 84 KB, 222 rules"; always said, the time is added
  bool covered = true;                  ///< false: something should have been looked at and was not, which fails too
};

/// One of them: its name in lists of verdicts, and what it does.
struct Builtin {
  const char* name;
  BuiltinReport (*judge)(const Subject& subject);
};

/// All of them, in the order they are shown in.
const std::vector<Builtin>& builtins();
/// The name of one in lists of verdicts: its own, unless a gate of the policy has taken that.
std::string shown_name(const Builtin& builtin, const Policy& policy);

}  // namespace ga::gates
