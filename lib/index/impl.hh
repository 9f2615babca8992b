// Shared by the files of the index; not for others.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/index.hh"
#include "index/sqlite.hh"

namespace ga::index {

struct Index::Impl {
  explicit Impl(git::Repository& repository) : repo(repository) {}

  git::Repository& repo;
  std::optional<Database> db;
  bool in_memory = false;
  bool is_scratch = false;  ///< a nameless temporary file
  bool held = false;        ///< inside a read transaction that hold() began
  bool rehearsing = false;  ///< inside a write transaction that will be rolled back
  git::Oid wanted;          ///< the tip refresh() was last asked for

  // index.cc: opening, following, rebuilding
  void refresh(const git::Oid& tip);
  /// Where an index that is asked for `tip` has to go.
  git::Oid goal(const git::Oid& tip) const;
  /// After an error: begins again with a new file, or in memory when others only hold it too long.
  void begin_again(const SqliteError& error);
  /// Reads; a file found broken on the way is built anew and read again.
  template <typename Read>
  auto reading(Read read) {
    try {
      return read();
    } catch (const SqliteError& error) {
      begin_again(error);
      refresh(wanted);
      return read();
    }
  }
  std::vector<std::string> ids(const char* sql, const std::string& key);
  void open();
  void open_memory();
  void open_scratch();
  void open_private(Database::Kind kind);
  void discard();
  std::string head();
  void set_head(const git::Oid& commit);
  void follow(const git::Oid& tip);
  /// The ledger went from `before` to `after` by these changes; inside a transaction.
  void advance(const git::Oid& before, const git::Oid& after, const std::vector<ledger::WrittenObject>& changes);
  /// Every row anew, from the ledger.
  void load(const git::Oid& tip);
  /// Changes that are a good part of the whole, faster than apply().
  void take_in(const std::vector<ledger::WrittenObject>& changes);
  void drop_secondary_indexes();
  bool is_faster_to_load(std::size_t changes);
  void load_folder(const std::string& folder, const git::Oid& tree);
  Database& database();
  /// A statement that stays prepared as long as the database is open.
  Statement& prepared(const char* sql);

  // update.cc: rows from objects
  void apply(const std::vector<ledger::WrittenObject>& changes);
  void insert_loaded(const ledger::WrittenObject& object);
  void finish_load();

  // notes.cc
  void write_queued_notes();

 private:
  /// Rows that a change of other rows makes wrong until they are counted again.
  struct Stale {
    std::vector<std::string> links;  ///< tasks whose edges and blockers
    std::set<std::string> children;  ///< tasks whose open children
  };
  struct Statements;
  Statements& statements();
  void put_task(const ledger::WrittenObject& object, Stale& stale);
  void remove_task(const std::string& id, Stale& stale);
  void put_object(const ledger::WrittenObject& object);
  void link(const std::string& task);
  std::string parent_of(const std::string& task);
  std::string lift(const std::string& task, const std::string& on);
  std::vector<std::string> line_of(const std::string& task);
  void count_blockers(const std::string& task);
  void collect_subtree(const std::string& task, std::vector<std::string>& out);
  std::shared_ptr<Statements> statements_;
  std::unordered_map<std::string_view, Statement> cache_;
};

}  // namespace ga::index
