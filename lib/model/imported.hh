// Tasks that come from another tracker, and what a later import of the same record may change.
//
// Such a task remembers where it is from in its member `origin`:
//
//   from     the format's name: "beads", "taskmaster"...
//   id       the record's id there
//   record   the record itself as canonical JSON text, without its members in `same`
//   same     members of the record that are, word for word, the task's own: title, description
//   updated  when it was changed there, as far as it says so
//   deleted  true once it is deleted there: no later import brings it back
//   base     what the last import gave each member, as a short stamp: a line "member=stamp" for each
//
// `base` is what makes a second import a three-way merge: a member that differs from its stamp in the new record was
// changed there and is taken; all others stay as they are here, edited or not. The status moves only while nobody has
// touched it here (see may_move()). Everything follows from the operation and the task, so clones that import the same
// file apart agree: the task's id is made of the record's, and whoever comes second merges.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "model/task.hh"

namespace ga::model {

struct Origin {
  std::string from, id, record;
  std::vector<std::string> same;
  Time updated = -1;
  bool deleted = false;
  std::map<std::string, std::string> base;
};
/// Where a task is from; nullopt for one made here.
std::optional<Origin> origin_of(const Task& task);
/// The member `origin` for a task that says this (as in to_json()).
Json origin_json(const Origin& origin, const Json& task);

/// The id of the task that a record becomes, the same in every clone. Our own exports carry the task's id
/// ("git-agent-" and 32 digits), which stays.
std::string import_id(const std::string& from, const std::string& id);
/// The id under which a task made here goes to others; import_id() takes it back.
std::string export_id(const std::string& task);

/// The members (as in to_json()) that are no longer what the last import gave, `status` and `hold` among them.
std::set<std::string> changed_here(const Task& task);
/// An import may move the status: nobody claimed, worked on, held or ended the task here since the last one.
bool may_move(const Task& task);
/// What `mine` becomes by a newer import of its record; nullopt when nothing changes: the same again, an older record, one
/// that is deleted.
std::optional<Task> merge_import(const Task& mine, const Task& incoming);

}  // namespace ga::model
