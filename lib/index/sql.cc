#include "index/sql.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "index/schema.hh"
#include "index/sqlite.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::index {
namespace {

constexpr std::int64_t kMemory = 256 << 20;
constexpr int kLongestValue = 1 << 20, kLongestPattern = 1000, kLongestQuery = 1 << 20;
constexpr int kStepsBetweenLooks = 10'000;
constexpr const char* kHint = "the views and their columns: git agent-sql --schema; examples: man git-agent-sql.5";

constexpr const char* kSearch = "search";
// Text and author are searched; words are found whatever their case and accents.
constexpr const char* kMakeSearch =
    "CREATE VIRTUAL TABLE temp.search USING fts5(text, author, kind UNINDEXED, id UNINDEXED, task UNINDEXED, "
    "time UNINDEXED, tokenize = \"unicode61 remove_diacritics 2\")";
constexpr const char* kFillSearch =
    "INSERT INTO temp.search SELECT text || coalesce(char(10) || evidence, ''), agent, kind, id, task, time FROM "
    "temp.beads UNION ALL SELECT text, sender, 'message', id, task, time FROM temp.messages";

// ---- members of an object's file ----------------------------------------------------------------

// The objects read last: a row is asked for one column after the other, and a join has few rows at a time.
class Objects {
 public:
  const Json& read(std::string_view toml) {
    for (Slot& slot : slots_)
      if (slot.toml == toml) return slot.json;
    Slot& slot = slots_[next_++ % slots_.size()];
    slot.json = Json();
    slot.toml = toml;
    slot.json = parse_toml(toml, "object");
    return slot.json;
  }

 private:
  struct Slot {
    std::string toml;
    Json json;
  };
  std::array<Slot, 4> slots_;
  std::size_t next_ = 0;
};

std::string_view text_of(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

void answer_text(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void answer_json(sqlite3_context* context, const Json& value) {
  // An empty text in a file means that there is nothing.
  if (value.is_null() || value == "") return sqlite3_result_null(context);
  if (value.is_string()) return answer_text(context, value.get_ref<const std::string&>());
  if (value.is_boolean()) return sqlite3_result_int(context, value.get<bool>() ? 1 : 0);
  if (value.is_number_integer()) return sqlite3_result_int64(context, value.get<std::int64_t>());
  if (value.is_number()) return sqlite3_result_double(context, value.get<double>());
  answer_text(context, canonical(value));
}

// member(toml, key...): what stands there; lists and tables as JSON, null when there is nothing.
void member(sqlite3_context* context, int count, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  try {
    const Json* at = &static_cast<Objects*>(sqlite3_user_data(context))->read(text_of(arguments[0]));
    for (int i = 1; i < count; ++i) {
      if (!at->is_object()) return;
      const auto found = at->find(std::string(text_of(arguments[i])));
      if (found == at->end()) return;
      at = &*found;
    }
    answer_json(context, *at);
  } catch (const std::exception& error) {
    sqlite3_result_error(context, error.what(), -1);
  }
}

// ---- what a query may do ------------------------------------------------------------------------

bool is_view(std::string_view name) {
  const auto& views = sql_views();
  return std::any_of(views.begin(), views.end(), [&](const SqlView& view) { return name == view.name; });
}

// What the callback is told of the query being prepared.
struct Permission {
  std::string secret;  ///< how the names of views over tables begin
  bool refused = false;

  bool is_inner_view(const char* name) const { return name != nullptr && starts_with(name, secret); }
};

bool is_readable(const Permission& permission, const char* table, const char* column, const char* schema,
                 const char* within) {
  if (table == nullptr) return false;
  // No column is read: a table of the query's own (WITH), or rows that are only counted, which gives nothing away.
  if (column != nullptr && *column == '\0') return true;
  for (const char* function : {"json_each", "json_tree"})
    if (std::strcmp(table, function) == 0) return true;
  if (schema != nullptr && std::strcmp(schema, "temp") == 0)
    return is_view(table) || permission.is_inner_view(table) || std::strcmp(table, kSearch) == 0;
  return permission.is_inner_view(within);  // what stands beneath a view, and only through it
}

bool is_callable(const Permission& permission, const char* function, const char* within) {
  static constexpr std::array kForbidden = {"load_extension", "fts3_tokenizer", "fts5", "sqlite_compileoption_get",
                                            "sqlite_compileoption_used"};
  if (function == nullptr) return false;
  if (std::strcmp(function, "member") == 0) return permission.is_inner_view(within);
  return std::none_of(kForbidden.begin(), kForbidden.end(),
                      [&](const char* f) { return std::strcmp(f, function) == 0; });
}

int authorize(void* data, int action, const char* first, const char* second, const char* schema, const char* within) {
  auto& permission = *static_cast<Permission*>(data);
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_RECURSIVE:
    return SQLITE_OK;
  case SQLITE_READ:
    if (is_readable(permission, first, second, schema, within)) return SQLITE_OK;
    break;
  case SQLITE_FUNCTION:
    if (is_callable(permission, second, within)) return SQLITE_OK;
    break;
  default:
    break;
  }
  permission.refused = true;
  return SQLITE_DENY;
}

// ---- a connection for one query -----------------------------------------------------------------

class Session {
 public:
  Session(Database connection, std::int64_t seconds)
      : db_(std::move(connection)), end_(monotonic_seconds() + static_cast<double>(seconds)) {
    sqlite3* db = db_.handle();
    db_.execute("PRAGMA cache_size = -2000; PRAGMA temp_store = FILE; BEGIN");
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    for (const int arguments : {2, 3})
      sqlite3_create_function_v2(db, "member", arguments, kFlags, &objects_, member, nullptr, nullptr, nullptr);
    sqlite3_hard_heap_limit64(kMemory);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kLongestValue);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, kLongestQuery);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kLongestPattern);
    sqlite3_progress_handler(db, kStepsBetweenLooks, is_over, this);
  }

  void make_view(const SqlView& view) {
    const std::string inner = "\"" + secret_ + view.name + "\"";
    db_.execute(("CREATE TEMP VIEW " + inner + " AS " + view.definition).c_str());
    db_.execute(("CREATE TEMP VIEW " + std::string(view.name) + " AS SELECT * FROM temp." + inner).c_str());
  }
  // Made under the authorizer, a table-valued function would have to be allowed to create its table.
  void prepare_json() { db_.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')"); }
  void make_search() { db_.execute(kMakeSearch); }
  void fill_search() { db_.execute(kFillSearch); }
  Database& database() { return db_; }
  const std::string& secret() const { return secret_; }
  bool timed_out() const { return timed_out_; }

 private:
  static int is_over(void* self) {
    auto* session = static_cast<Session*>(self);
    session->timed_out_ = monotonic_seconds() >= session->end_;
    return session->timed_out_ ? 1 : 0;
  }

  const std::string secret_ = "view of " + new_id() + " ";
  Objects objects_;
  Database db_;
  double end_;
  bool timed_out_ = false;
};

void make_views(Session& session, const std::string& query) {
  const bool search = sql_names(query, kSearch);
  for (const SqlView& view : sql_views()) {
    const std::string_view name = view.name;
    if (sql_names(query, name) || (search && (name == "beads" || name == "messages"))) session.make_view(view);
  }
  if (sql_names(query, "json_")) session.prepare_json();
  if (!search) return;
  session.make_search();
  session.fill_search();
}

class Query {
 public:
  Query(Session& session, const SqlRequest& request) : session_(session), seconds_(request.seconds) {
    Permission permission{session.secret()};
    sqlite3* db = session.database().handle();
    const char* rest = nullptr;
    sqlite3_set_authorizer(db, authorize, &permission);
    const int code =
        sqlite3_prepare_v2(db, request.query.c_str(), static_cast<int>(request.query.size()) + 1, &statement_, &rest);
    const std::string message = sanitize_line(sqlite3_errmsg(db));
    const bool alone = code != SQLITE_OK || is_nothing(rest);
    sqlite3_set_authorizer(db, nullptr, nullptr);
    if (code != SQLITE_OK) refuse(code, permission.refused, message);
    if (statement_ == nullptr) fail_usage("there is no query in it", {kHint});
    try {
      if (!alone) fail_usage("one statement at a time");
      check();
    } catch (...) {
      sqlite3_finalize(statement_);
      throw;
    }
  }
  ~Query() { sqlite3_finalize(statement_); }
  Query(const Query&) = delete;

  std::vector<std::string> columns() const {
    std::vector<std::string> names;
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) names.emplace_back(sqlite3_column_name(statement_, i));
    return names;
  }

  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    refuse(code, false, sanitize_line(sqlite3_errmsg(session_.database().handle())));
  }

  std::vector<Json> row() const {
    std::vector<Json> values;
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) values.push_back(value(i));
    return values;
  }

 private:
  Json value(int column) const {
    const auto text = [&] {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
      return std::string(bytes == nullptr ? "" : bytes,
                         static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    };
    switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement_, column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_, column);
    case SQLITE_TEXT:
      return normalize_utf8(text());
    case SQLITE_BLOB:
      return hex_digits(text());
    default:
      return nullptr;
    }
  }

  // Nothing but blanks and comments.
  bool is_nothing(const char* rest) const {
    while (rest != nullptr && *rest != '\0') {
      sqlite3_stmt* another = nullptr;
      const char* next = nullptr;
      const int code = sqlite3_prepare_v2(session_.database().handle(), rest, -1, &another, &next);
      const bool nothing = code == SQLITE_OK && another == nullptr;
      sqlite3_finalize(another);
      if (!nothing) return false;
      rest = next;
    }
    return true;
  }

  void check() const {
    if (sqlite3_bind_parameter_count(statement_) > 0)
      fail_usage("a parameter ('?', ':name') has no value here", {"write the value into the query"});
    if (sqlite3_stmt_readonly(statement_) == 0) fail_usage("only reading is allowed here", {kHint});
  }

  // A broken file is the index's own affair; all else is said to whoever asked.
  [[noreturn]] void refuse(int code, bool forbidden, const std::string& message) {
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw SqliteError(message, code);
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_BUSY:
      fail_environment("the query cannot go on: " + message, {"is there room in the directory for temporary files?"});
    case SQLITE_NOMEM:
      fail_environment("the query needs more than " + std::to_string(kMemory >> 20) + " MiB of memory",
                       {"ask for fewer columns or rows"});
    case SQLITE_INTERRUPT:
      throw Error(Kind::timeout, "the query takes longer than " + std::to_string(seconds_) + " s",
                  {"give it more time with --timeout, or ask for less"});
    default:
      break;
    }
    const bool is_write = message.find("because it is a view") != std::string::npos;
    if (forbidden || is_write) fail_usage("only SELECT over the views is allowed (" + message + ")", {kHint});
    fail_usage(message, {kHint});
  }

  Session& session_;
  std::int64_t seconds_;
  sqlite3_stmt* statement_ = nullptr;
};

bool ask_once(Index& index, const SqlRequest& request, const SqlAnswer& answer, bool& answered) {
  Session session(index.open_for_reading(), request.seconds);
  try {
    make_views(session, request.query);
  } catch (const SqliteError&) {
    if (!session.timed_out()) throw;
    throw Error(Kind::timeout, "there is no time left to make the tables", {"give it more time with --timeout"});
  }
  Query query(session, request);
  bool more = query.step();
  answered = true;
  answer.columns(query.columns());
  for (std::int64_t rows = 0; more; more = query.step()) {
    if (rows++ == request.rows) return false;
    if (!answer.row(query.row())) return false;
  }
  return true;
}

}  // namespace

bool sql_names(std::string_view query, std::string_view view) {
  const std::string folded = lower_ascii(std::string(query));
  return folded.find(view) != std::string::npos;
}

std::vector<SqlTable> sql_schema() {
  // Over tables without rows: the columns are the same.
  constexpr std::int64_t kSeconds = 60;
  Database empty(Database::Kind::memory);
  empty.execute(kTables);
  Session session(std::move(empty), kSeconds);
  std::vector<SqlTable> schema;
  const auto describe = [&](const std::string& name) {
    const SqlRequest request{.query = "SELECT * FROM " + name, .seconds = kSeconds};
    schema.push_back({name, Query(session, request).columns()});
  };
  for (const SqlView& view : sql_views()) {
    session.make_view(view);
    describe(view.name);
  }
  session.make_search();
  describe(kSearch);
  return schema;
}

bool ask_sql(Index& index, const SqlRequest& request, const SqlAnswer& answer, const std::function<void()>& prepare) {
  for (const bool again : {false, true}) {
    bool answered = false;
    try {
      prepare();
      return ask_once(index, request, answer, answered);
    } catch (const SqliteError& error) {
      const std::string why = error.what();
      if (!again) index.rebuild();
      if (answered) fail_environment("the index was broken (" + why + ") and has been made anew", {"ask again"});
      if (again) fail_environment("the index cannot be read: " + why, {"git agent-doctor"});
    }
  }
  GA_BUG("two attempts");
}

}  // namespace ga::index
