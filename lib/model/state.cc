#include "model/state.hh"

#include <algorithm>
#include <utility>

namespace ga::model {

std::string object_path(std::string_view folder, std::string_view id) {
  std::string path(folder);
  for (std::size_t level = 0; level < 3; ++level) {
    path += '/';
    path += level < id.size() ? id[level] : '_';
  }
  path += '/';
  path += id;
  path += ".toml";
  return path;
}

void State::read(const std::string& folder, const std::string& id, const std::function<void(const Json&)>& look) {
  look(object(folder, id));
}

std::optional<Task> State::task(const std::string& id) {
  std::optional<Task> found;
  read("tasks", id, [&](const Json& json) {
    if (json.is_object()) found = task_from_json(json);
  });
  return found;
}

bool State::has_task(const std::string& id) {
  bool there = false;
  read("tasks", id, [&](const Json& json) { there = json.is_object(); });
  return there;
}

bool MemoryState::covers(const std::string& folder, const std::string& id) const {
  return objects_.count({folder, id}) != 0;
}

Json MemoryState::object(const std::string& folder, const std::string& id) {
  const auto found = objects_.find({folder, id});
  if (found != objects_.end()) return found->second;
  return base_ != nullptr ? base_->object(folder, id) : Json();
}

void MemoryState::read(const std::string& folder, const std::string& id, const std::function<void(const Json&)>& look) {
  const auto found = objects_.find({folder, id});
  if (found != objects_.end()) return look(found->second);
  if (base_ != nullptr) return base_->read(folder, id, look);
  look(Json());
}

Json MemoryState::take(const std::string& folder, const std::string& id) {
  const auto found = objects_.find({folder, id});
  return found == objects_.end() ? Json() : std::exchange(found->second, Json());
}

void MemoryState::put(const std::string& folder, const std::string& id, Json value) {
  const auto found = objects_.find({folder, id});
  if (found != objects_.end()) relate(folder, id, found->second, false);
  relate(folder, id, value, true);
  objects_[{folder, id}] = std::move(value);
}

void MemoryState::relate(const std::string& folder, const std::string& id, const Json& value, bool add) {
  if (!value.is_object()) return;
  const auto change = [&](Ids& ids) {
    if (add) ids.insert(id);
    else ids.erase(id);
  };
  if (folder == "beads") change(beads_[get_string(value, "task")]);
  if (folder != "tasks") return;
  change(slugs_[get_string(value, "slug")]);
  if (value.contains("parent")) change(children_[get_string(value, "parent")]);
  if (value.contains("needs"))
    for (const std::string& need : get_strings(value, "needs")) change(dependents_[need]);
  if (value.contains("locked")) change(locked_);
}

// Ids from the state below that this one does not replace, plus its own.
std::vector<std::string> MemoryState::merged(const char* folder, std::vector<std::string> below,
                                             const Ids* here) const {
  below.erase(std::remove_if(below.begin(), below.end(), [&](const std::string& id) { return covers(folder, id); }),
              below.end());
  if (here != nullptr) below.insert(below.end(), here->begin(), here->end());
  return below;
}

namespace {
const std::set<std::string>* ids_of(const std::map<std::string, std::set<std::string>>& table, const std::string& key) {
  const auto found = table.find(key);
  return found == table.end() ? nullptr : &found->second;
}
}  // namespace

std::vector<std::string> MemoryState::children(const std::string& task) {
  return merged("tasks", base_ != nullptr ? base_->children(task) : std::vector<std::string>{},
                ids_of(children_, task));
}

std::vector<std::string> MemoryState::dependents(const std::string& task) {
  return merged("tasks", base_ != nullptr ? base_->dependents(task) : std::vector<std::string>{},
                ids_of(dependents_, task));
}

std::string MemoryState::task_by_slug(const std::string& slug) {
  const Ids* here = ids_of(slugs_, slug);
  if (here != nullptr && !here->empty()) return *here->begin();
  const std::string below = base_ != nullptr ? base_->task_by_slug(slug) : "";
  return below.empty() || covers("tasks", below) ? "" : below;
}

std::vector<std::string> MemoryState::locked_tasks() {
  return merged("tasks", base_ != nullptr ? base_->locked_tasks() : std::vector<std::string>{}, &locked_);
}

std::vector<std::string> MemoryState::beads_of(const std::string& task) {
  return merged("beads", base_ != nullptr ? base_->beads_of(task) : std::vector<std::string>{}, ids_of(beads_, task));
}

}  // namespace ga::model
