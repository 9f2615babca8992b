// The state an operation is judged against: the ledger's objects and their relations. Pure: no I/O is
// promised here, implementations may read a tree (ledger) or a map (tests).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/bead.hh"
#include "model/task.hh"

namespace ga::model {

/// Folders of the ledger's tree. Each object is `<folder>/<a>/<b>/<c>/<id>.toml`, where a, b, c are the first
/// three characters of its id (narrow nodes: big tree nodes are what a write costs).
std::string object_path(std::string_view folder, std::string_view id);

class State {
 public:
  virtual ~State() = default;
  /// An object's JSON, null when there is none.
  virtual Json object(const std::string& folder, const std::string& id) = 0;
  // Relations that no single object holds.
  virtual std::vector<std::string> children(const std::string& task) = 0;
  /// Tasks whose `needs` name this one.
  virtual std::vector<std::string> dependents(const std::string& task) = 0;
  virtual std::string task_by_slug(const std::string& slug) = 0;  ///< id or ""
  virtual std::vector<std::string> locked_tasks() = 0;            ///< tasks that hold paths
  virtual std::vector<std::string> beads_of(const std::string& task) = 0;

  /// Shows an object (null when there is none) without making a copy where that can be had.
  virtual void read(const std::string& folder, const std::string& id, const std::function<void(const Json&)>& look);
  std::optional<Task> task(const std::string& id);
  bool has_task(const std::string& id);
};

/// A state in memory, alone or laid over another one: the reference for tests, and the place where
/// operations that are not written yet become visible to the next.
class MemoryState : public State {
 public:
  explicit MemoryState(State* base = nullptr) : base_(base) {}

  Json object(const std::string& folder, const std::string& id) override;
  std::vector<std::string> children(const std::string& task) override;
  std::vector<std::string> dependents(const std::string& task) override;
  std::string task_by_slug(const std::string& slug) override;
  std::vector<std::string> locked_tasks() override;
  std::vector<std::string> beads_of(const std::string& task) override;
  void read(const std::string& folder, const std::string& id, const std::function<void(const Json&)>& look) override;

  void put(const std::string& folder, const std::string& id, Json value);  ///< null removes
  /// What was put, for good: its place is null, and relations are not asked for any more.
  Json take(const std::string& folder, const std::string& id);
  const std::map<std::pair<std::string, std::string>, Json>& all() const { return objects_; }

 private:
  using Ids = std::set<std::string>;
  bool covers(const std::string& folder, const std::string& id) const;
  std::vector<std::string> merged(const char* folder, std::vector<std::string> below, const Ids* here) const;
  void relate(const std::string& folder, const std::string& id, const Json& value, bool add);

  State* base_;
  std::map<std::pair<std::string, std::string>, Json> objects_;
  std::map<std::string, Ids> children_, dependents_, slugs_, beads_;
  Ids locked_;
};

}  // namespace ga::model
