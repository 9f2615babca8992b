// git agent-sql: questions to the team's memory.
#include <set>

#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/input.hh"
#include "cli/streams.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/query.hh"

namespace ga::cli {
namespace {

constexpr std::int64_t kRows = 10'000, kSeconds = 30;
constexpr std::size_t kTableBytes = 16u << 20;  // a table is held until the widths of its columns are known

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// RFC 4180, with Unix line ends.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return '"' + replace_all(text, "\"", "\"\"") + '"';
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::vector<std::string> escaped;
  for (const std::string& field : fields) escaped.push_back(csv_field(field));
  return join(escaped, ",") + "\n";
}

// Two columns of one name would be one member of an object.
std::vector<std::string> member_names(const std::vector<std::string>& columns) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const std::string& column : columns) {
    std::string name = column;
    for (int n = 2; !taken.insert(name).second; ++n) name = column + "_" + std::to_string(n);
    names.push_back(name);
  }
  return names;
}

// Where rows go, in one of three forms.
class Sheet {
 public:
  Sheet(Output& out, bool csv) : out_(out), csv_(csv) {}

  void columns(const std::vector<std::string>& names) {
    columns_ = member_names(names);
    if (out_.json()) {
      out_.member("columns", columns_);
      out_.begin_list("rows");
    } else if (csv_) {
      print_csv(names);
    } else {
      table_ = out_.headed(names);
    }
  }

  /// False when a table has as much as is kept of it.
  bool row(const std::vector<Json>& values) {
    ++rows_;
    if (out_.json()) {
      Json object = Json::object();
      for (std::size_t i = 0; i < values.size(); ++i) object[columns_[i]] = values[i];
      out_.item(object);
      return true;
    }
    std::vector<std::string> cells;
    for (const Json& value : values) cells.push_back(csv_ ? text_of(value) : sanitize_line(text_of(value)));
    if (csv_) {
      print_csv(cells);
      return true;
    }
    table_.add(cells);
    for (const std::string& cell : cells) kept_ += cell.size();
    return kept_ < kTableBytes;
  }

  /// Ends a document that an error cuts off.
  void abandon() {
    if (columns_.empty()) return;
    out_.member("truncated", true);
    out_.end_list(1);
  }

  int end(bool whole) {
    if (!csv_ && rows_ > 0) out_.table(table_);
    if (!whole)
      out_.warning("only the first " + std::to_string(rows_) + " rows; -n N asks for more, --csv keeps nothing back");
    else if (rows_ == 0) out_.note("no rows");
    out_.member("truncated", !whole);
    return out_.end_list(rows_ > 0 ? 0 : 1);
  }

 private:
  // As they are into a file or another program; a terminal gets nothing that it would obey.
  void print_csv(const std::vector<std::string>& cells) {
    const std::string line = csv_line(cells);
    out_.print(out_.terminal() ? sanitize(line) : line);
  }

  Output& out_;
  bool csv_;
  std::vector<std::string> columns_;
  Table table_;
  std::size_t kept_ = 0;
  std::int64_t rows_ = 0;
};

int show_schema(Output& out) {
  out.begin_list("tables");
  for (const index::SqlTable& table : index::sql_schema()) {
    out.print_line(out.paint(Style::bold, table.name) + "(" + join(table.columns, ", ") + ")");
    if (out.json()) out.item({{"name", table.name}, {"columns", table.columns}});
  }
  return out.end_list(0);
}

std::string query_of(const Args& args) {
  const bool in_file = args.has("file");
  if (in_file == !args.positional().empty())
    fail_usage(in_file ? "a query and a file with one: use one of them" : "no query",
               {"git agent-sql 'SELECT slug, status FROM tasks'", "git agent-sql --schema"});
  const std::string query = in_file ? read_input(args.get("file")) : args.at(0) == "-" ? read_input("-") : args.at(0);
  if (query.find('\0') != std::string::npos || !is_valid_utf8(query)) fail_usage("the query is not text in UTF-8");
  return query;
}

int run(Context& ctx, const Args& args) {
  if (args.has("schema")) return show_schema(ctx.out);
  index::SqlRequest request;
  request.query = query_of(args);
  request.rows = args.get_number("max-count", 0, 1'000'000'000, kRows);
  request.seconds = args.get_duration("timeout", kSeconds);
  work::Project& project = ctx.project();
  project.index();  // what is wrong with the repository is said before the list begins
  Sheet sheet(ctx.out, args.has("csv"));
  const index::SqlAnswer answer = {[&](const std::vector<std::string>& names) {
                                     start_pager();
                                     sheet.columns(names);
                                   },
                                   [&](const std::vector<Json>& values) { return sheet.row(values); }};
  bool whole = false;
  try {
    whole = work::ask(project, request, answer);
  } catch (...) {
    sheet.abandon();
    throw;
  }
  return sheet.end(whole);
}

}  // namespace

extern const CommandRow cmd_sql;
const CommandRow cmd_sql = {
    .name = "sql",
    .summary = "ask the team's memory in SQL",
    .group = Group::retro,
    .verbs = {{.usage = "[--csv] [-n N] [--timeout T] QUERY|-F FILE|--schema",
               .options = {{.name = "csv", .help = "comma-separated values, the names first"},
                           {.name = "file",
                            .letter = 'F',
                            .arg = "FILE",
                            .help = "read the query from a file ('-': standard input)",
                            .completes = Completes::file},
                           {.name = "max-count", .letter = 'n', .arg = "N", .help = "at most N rows; 10000 otherwise"},
                           {.name = "timeout", .arg = "T", .help = "so long it may take; 30s otherwise"},
                           {.name = "schema", .help = "list the views and their columns"}},
               .max_args = 1,
               .run = run}}};

}  // namespace ga::cli
