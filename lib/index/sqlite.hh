// SQLite handles: open, statement, transaction. Errors are SqliteError, which callers in this layer catch
// to rebuild; nobody else sees them.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ga::index {

class SqliteError : public std::runtime_error {
 public:
  explicit SqliteError(const std::string& message, int code = SQLITE_ERROR)
      : std::runtime_error(message), code_(code & 0xff) {}
  /// Others held the file for too long; there is nothing wrong with it.
  bool busy() const { return code_ == SQLITE_BUSY || code_ == SQLITE_LOCKED; }

 private:
  int code_;
};

/// A prepared statement, reset and rebound for every use:
///   for (Statement& s = db.prepared(q).bind(1, id); s.step();) s.text(0);
class Statement {
 public:
  Statement(sqlite3* db, const char* sql);
  Statement(Statement&& other) noexcept;
  ~Statement();
  Statement& reset();
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view value);
  bool step();  ///< true while there is a row
  void run();   ///< step to the end, and reset
  std::int64_t number(int column);
  std::string text(int column);

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  enum class Access { read, write, create };
  Database(const std::filesystem::path& path, Access access);
  /// A database of this process alone, gone when it is closed: in memory, or in a temporary file without a name.
  enum class Kind { memory, temporary };
  explicit Database(Kind kind);
  Database(Database&& other) noexcept;
  ~Database();
  void execute(const char* sql);
  std::int64_t scalar(const char* sql);
  Statement prepare(const char* sql) { return Statement(db_, sql); }
  sqlite3* handle() { return db_; }
  /// All of another database in place of what is here.
  void copy_from(Database& other);

 private:
  void open(const char* name, int flags);

  sqlite3* db_ = nullptr;
};

/// BEGIN IMMEDIATE until commit(); rolled back otherwise.
class Transaction {
 public:
  explicit Transaction(Database& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }
  ~Transaction();
  void commit();

 private:
  Database& db_;
  bool open_ = true;
};

}  // namespace ga::index
