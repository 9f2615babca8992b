// Tasks as other programs read them.
#pragma once

#include <functional>
#include <string>

#include "model/task.hh"

namespace ga::interop {

/// The id under which beads knows the task: its own for one that came from there.
std::string beads_id(const model::Task& task);

/// What a writer asks about other tasks.
struct Surroundings {
  std::function<std::string(const std::string&)> foreign_id;  ///< of a task's id; "" for one that is not written
  std::function<bool(const std::string&)> is_written;         ///< by foreign id
  bool has_children = false;
};

/// The task as a record of beads' JSON lines: one that came from there as it came, with what was changed here laid over it;
/// any other by its members, and under metadata."git-agent" what beads has no word for. Reading it gives the same task, and
/// writing that the same bytes.
Json to_beads(const model::Task& task, const Surroundings& around);

/// The task as an item of a Markdown checklist, its criteria below it. `depth`: how many tasks are above it.
std::string to_markdown(const model::Task& task, int depth);

}  // namespace ga::interop
