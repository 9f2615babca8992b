// The index: an SQLite projection of the ledger for lists, search and relations, in <common>/agent/index.db.
//
// Derived and disposable: deleting it never changes an answer. It follows the ledger by tree difference from
// the commit it last saw; a broken, foreign or unwritable file is rebuilt (in memory when the directory cannot
// be written). One writer at a time by SQLite's own lock; not shared between threads.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.hh"
#include "ledger/ledger.hh"
#include "model/task.hh"

namespace ga::index {

class Database;

/// Which tasks a list shows, in order of priority, age and place in their batch.
struct TaskFilter {
  std::optional<model::Status> status;
  bool ready_only = false;      ///< pending, not held, nothing unfinished before it or below it
  bool open_only = false;       ///< not completed, cancelled or failed
  bool with_branch = false;     ///< only tasks that have a branch
  std::optional<bool> blocked;  ///< held or with an unfinished dependency (pending or in_progress)
  std::string assignee_or_any;  ///< ready: unassigned or assigned to this name or @role
  std::string assignee_role;
  std::string claimed_by;
  std::string below;  ///< only descendants of this task
  std::optional<int> priority;
  std::string from;  ///< a task: only it and what comes after it in the list
  std::int64_t limit = -1, offset = 0;
};

class Index : public ledger::Projection {
 public:
  explicit Index(git::Repository& repo);
  /// An index of its own for looking at any commit of the ledger. It keeps little in memory: it lives in a file of the
  /// system's temporary directory that has no name, so that nothing is left however the process ends.
  static std::unique_ptr<Index> scratch(git::Repository& repo);
  ~Index() override;

  // ledger::Projection. The file, which all processes share, only goes forward: asked for a tip that the ledger's ref has
  // passed, refresh() brings it to the ref's own; one in memory or of scratch() goes wherever it is told.
  void refresh(const git::Oid& tip) override;
  void advance(const git::Oid& before, const git::Oid& after,
               const std::vector<ledger::WrittenObject>& changes) noexcept override;
  void hold(const git::Oid& tip) override;
  void let_go() noexcept override;
  void start_rehearsal(const git::Oid& tip) override;
  void stop_rehearsal() noexcept override;
  void settle() noexcept override;
  std::vector<std::string> children(const std::string& task) override;
  std::vector<std::string> dependents(const std::string& task) override;
  std::string task_by_slug(const std::string& slug) override;
  std::vector<std::string> locked_tasks() override;
  std::vector<std::string> beads_of(const std::string& task) override;

  // Queries; call refresh() first.
  void each_task(const TaskFilter& filter, const std::function<bool(const model::Task&)>& visit);
  std::vector<model::Task> tasks(const TaskFilter& filter);
  std::optional<model::Task> task(const std::string& id);
  /// How many there are; counts no further than the filter's limit.
  std::int64_t count(const TaskFilter& filter);
  bool is_ready(const std::string& id);
  /// Children that keep a task from being finished, in their order.
  std::vector<std::string> unfinished_children(const std::string& task);
  /// Unfinished tasks that this one waits for (lifted), and is waited for by.
  std::vector<std::string> blockers(const std::string& task);
  /// Ids that start with the prefix, at most `limit`.
  std::vector<std::string> ids_with_prefix(const std::string& prefix, int limit = 2);
  /// The shortest unique prefix of an id, at least 4 digits.
  std::string short_id(const std::string& id);
  /// Objects of other folders (beads, runs, merges, pending), newest first.
  std::vector<Json> objects(const std::string& folder, const std::string& task = "", std::int64_t limit = -1);
  /// The same, one after the other, until `visit` gives false.
  void each_object(const std::string& folder, const std::string& task, const std::function<bool(const Json&)>& visit);
  /// Ids of a folder's objects that start with the prefix, at most `limit`.
  std::vector<std::string> objects_with_prefix(const std::string& folder, const std::string& prefix, int limit = 2);
  /// The oldest object of a folder.
  std::optional<Json> oldest(const std::string& folder);
  std::vector<std::string> tasks_on_branch(const std::string& branch);

  /// One operation of the ledger, for questions about what happened.
  struct Event {
    std::string id, time, kind, actor, role;
    bool person = false;
    std::string task;   ///< the one it is about, "" for none or several
    std::string tasks;  ///< JSON list of all of them
    std::string summary, commit;
  };
  /// The commit up to which the table of events goes, zero when it is empty. Nothing writes into it by itself: an
  /// operation costs nothing for it.
  git::Oid events_head();
  /// Adds operations that come right after `before`, oldest first; `head` is the commit of the last. False, and nothing is
  /// done, when another process has moved events_head() from there meanwhile.
  bool add_events(const git::Oid& before, const std::vector<Event>& events, const git::Oid& head);
  /// Empties the table, unless another process has moved events_head() from `before`.
  void forget_events(const git::Oid& before);

  /// A connection that reads this index and nothing else: another one to its file, or to a copy where there is no file.
  Database open_for_reading();

  /// Throws the whole index away and builds it again from the tip.
  void rebuild();
  /// Differences between the index and the ledger, for doctor; empty when it is exact. `fresh` is a scratch index
  /// that is brought to the commit where this one stands, and compared.
  std::vector<std::string> verify(Index& fresh);
  std::vector<std::string> verify();
  /// Tasks by id whose links need a look: two of one name, a need or parent that is no task, a need that can never be.
  std::vector<std::string> doubtful_tasks();
  /// Tasks by id that wait for each other forever, and those that wait for such ones.
  std::vector<std::string> tasks_before_a_cycle();
  /// Objects whose note in refs/notes/agent is not what the ledger's beads say, for doctor.
  std::vector<git::Oid> wrong_notes();
  /// Writes those notes anew.
  void repair_notes(const std::vector<git::Oid>& objects);
  static std::filesystem::path file(const git::Repository& repo);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ga::index
