// From records to the arguments of one `task.import`: of records with one id the newest counts, links become ids of tasks
// where they lead to one, what would make tasks wait for themselves is left out, and what would change nothing is dropped.
#pragma once

#include <string>
#include <vector>

#include "interop/record.hh"
#include "model/state.hh"

namespace ga::interop {

struct ImportPlan {
  Json tasks = Json::array();  ///< of task.import; nothing to do when empty
  int added = 0, updated = 0, unchanged = 0;
  std::vector<Remark> skipped, warnings;  ///< by line
  int imported() const { return added + updated + unchanged; }
  /// Something is odd with the file (a deleted record is not).
  bool has_remarks() const;
};

/// Against the state that the operation is judged in.
ImportPlan plan_import(model::State& state, const std::string& from, Reading reading);

/// The foreign record of an imported task as it was read, but with the task's own title and description where those were
/// the record's; null when there is none.
Json original_record(const model::Task& task);

}  // namespace ga::interop
