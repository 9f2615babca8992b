#include "index/sqlite.hh"

#include <utility>

namespace ga::index {
namespace {
[[noreturn]] void fail(sqlite3* db, const std::string& what) {
  throw SqliteError(what + ": " + (db != nullptr ? sqlite3_errmsg(db) : "out of memory"),
                    db != nullptr ? sqlite3_errcode(db) : SQLITE_NOMEM);
}
}  // namespace

Statement::Statement(sqlite3* db, const char* sql) : db_(db) {
  if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) fail(db, sql);
}
Statement::Statement(Statement&& other) noexcept
    : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)) {}
Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::reset() {
  sqlite3_reset(statement_);
  return *this;
}
Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}
Statement& Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}
bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const std::string message = sqlite3_errmsg(db_);
  sqlite3_reset(statement_);
  throw SqliteError(message, code);
}
void Statement::run() {
  while (step()) {}
  reset();
}
std::int64_t Statement::number(int column) { return sqlite3_column_int64(statement_, column); }
std::string Statement::text(int column) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

namespace {
int flags_of(Database::Access access) {
  switch (access) {
  case Database::Access::read:
    return SQLITE_OPEN_READONLY;
  case Database::Access::write:
    return SQLITE_OPEN_READWRITE;
  case Database::Access::create:
    break;
  }
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}
}  // namespace

Database::Database(const std::filesystem::path& path, Access access) { open(path.c_str(), flags_of(access)); }

// The empty name is SQLite's own for a temporary file.
Database::Database(Kind kind) { open(kind == Kind::memory ? ":memory:" : "", flags_of(Access::create)); }

void Database::open(const char* name, int flags) {
  if (sqlite3_open_v2(name, &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    const std::string why = db_ != nullptr ? sqlite3_errmsg(db_) : "out of memory";
    sqlite3_close(db_);
    throw SqliteError(std::string(name) + ": " + why);
  }
  sqlite3_busy_timeout(db_, 10'000);
}
Database::Database(Database&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
Database::~Database() { sqlite3_close(db_); }

void Database::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(db_, sql);
}
std::int64_t Database::scalar(const char* sql) {
  Statement statement(db_, sql);
  return statement.step() ? statement.number(0) : 0;
}

void Database::copy_from(Database& other) {
  sqlite3_backup* copy = sqlite3_backup_init(db_, "main", other.db_, "main");
  if (copy == nullptr) fail(db_, "copying");
  sqlite3_backup_step(copy, -1);
  if (sqlite3_backup_finish(copy) != SQLITE_OK) fail(db_, "copying");
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}
void Transaction::commit() {
  db_.execute("COMMIT");
  open_ = false;
}

}  // namespace ga::index
