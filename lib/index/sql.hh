// Read-only SQL over views of the ledger, as git-agent-sql(5) documents them.
//
// The views stand over the index's own tables, so that SQLite finds a task by its id, a claim by its agent or what waits
// for what without reading everything; a member that the index has no column for is read from the object's file by the
// function member(), for the rows and columns that a query asks for. Only the views a query names are made, in a
// connection of its own that cannot write: they live in its temporary schema and are gone with it.
//
// A query is a stranger's: an authorizer lets nothing through but SELECT over the views (tables, schema, PRAGMA, ATTACH and
// loading extensions are refused when it is prepared: https://www.sqlite.org/c3ref/set_authorizer.html). Who reads a table
// is told to it by the name of the view or of the query's own table (WITH), so each view stands over one of a name that
// nobody can guess, and only those reach the tables. A progress handler ends a query when its time is over, between the
// steps of its program; values are at most 1 MiB, so that a step is not long. The library may take so much memory and no
// more.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "index/index.hh"

namespace ga::index {

/// A view by its name, and its definition over the index's tables.
struct SqlView {
  const char* name;
  const char* definition;
};
/// All views in the order of git-agent-sql(5). `search` is not among them: it is a table for full-text search, made when
/// a query names it.
const std::vector<SqlView>& sql_views();

struct SqlTable {
  std::string name;
  std::vector<std::string> columns;
};
/// Every view, and `search`: for people and agents who ask what there is.
std::vector<SqlTable> sql_schema();

/// The query names this view, as far as can be told without parsing it: never false when it does.
bool sql_names(std::string_view query, std::string_view view);

struct SqlRequest {
  std::string query;          ///< one statement
  std::int64_t seconds = 30;  ///< so long it may take
  std::int64_t rows = -1;     ///< at most so many; -1: all
};

struct SqlAnswer {
  std::function<void(const std::vector<std::string>&)> columns;  ///< called once, before the first row
  std::function<bool(const std::vector<Json>&)>
      row;  ///< null, numbers, texts; a blob as hexadecimal digits. False: enough
};

/// Asks. False when there are more rows than were asked for, or wanted. The index must be at the tip; `prepare` is called
/// before, and again when a broken index had to be made anew. Throws Error: usage (not SQL, not only reading, an unknown
/// view or column), timeout, environment (too much memory, no room for temporary files).
bool ask_sql(Index& index, const SqlRequest& request, const SqlAnswer& answer, const std::function<void()>& prepare);

}  // namespace ga::index
