// Undoing: a new operation that restores what an older one changed. Nothing is taken out of the ledger.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// One member of an object that changes back.
struct MemberChange {
  std::string member;
  Json from, to;  ///< null: not there
};

struct Restored {
  std::string folder, id, name;      ///< name: the task's slug, or ""
  bool goes = false, comes = false;  ///< the object vanishes, or is there again
  std::vector<MemberChange> members;
};

struct UndoPlan {
  ledger::Entry entry;  ///< the operation to undo
  std::vector<Restored> restored;
};
Json to_json(const UndoPlan& plan);

/// The operation to undo: the one whose id begins with `name`, or the actor's own last one that can be undone. Throws
/// Error(not_found), Error(usage) when several ids begin so.
ledger::Entry find_operation(Project& project, const std::string& name);

/// What undoing it would change now. Throws Error(wrong_status) with the right command for operations that moved more
/// than the ledger (spin, runs, merges, clean), and when later operations changed the same objects (naming them);
/// Error(not_lead) for an agent and another's operation.
UndoPlan plan_undo(Project& project, const ledger::Entry& entry);

/// Does it, judged again under the ledger's lock.
ledger::Committed perform_undo(Project& project, const UndoPlan& plan);

}  // namespace ga::work
