// Questions to the index.
#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "index/impl.hh"
#include "index/schema.hh"
#include "util/error.hh"
#include "util/toml.hh"

namespace ga::index {
namespace {

// What can start now; as the index `ready` has it.
#define GA_READY "t.status = 0 AND t.held = 0 AND t.nblock = 0 AND t.nopen = 0"

// The WHERE clause of a filter. Texts are bound as ?1..?5, so that nothing is ever pasted into SQL.
std::string condition(const TaskFilter& f) {
  std::string where = "1";
  if (f.status) where += " AND t.status = " + std::to_string(static_cast<int>(*f.status));
  if (f.ready_only) where += " AND " GA_READY;
  if (f.with_branch) where += " AND t.branch <> ''";
  if (!f.from.empty())
    where +=
        " AND (t.priority, t.created, t.rank, t.id) >= (SELECT priority, created, rank, id FROM tasks WHERE id = ?5)";
  if (f.priority) where += " AND t.priority = " + std::to_string(*f.priority);
  if (f.open_only) where += " AND t.status < 3";
  if (f.blocked)
    where += *f.blocked ? " AND t.status < 2 AND (t.held = 1 OR t.nblock > 0)" : " AND t.held = 0 AND t.nblock = 0";
  if (!f.assignee_or_any.empty()) where += " AND (t.assignee = '' OR t.assignee = ?1 OR t.assignee = ?2)";
  if (!f.claimed_by.empty()) where += " AND t.claimed_by = ?3 AND t.claimed_by <> ''";
  if (!f.below.empty())
    where += " AND t.id IN (WITH RECURSIVE d(id) AS (SELECT id FROM tasks WHERE parent = ?4 UNION "
             "SELECT c.id FROM tasks c JOIN d ON c.parent = d.id WHERE c.parent <> '') SELECT id FROM d)";
  return where;
}

// Few rows of many are found by these; SQLite would rather walk all in the order that is asked for.
const char* index_for(const TaskFilter& f) {
  if (!f.claimed_by.empty()) return "INDEXED BY by_claim ";
  return f.with_branch ? "INDEXED BY by_branch " : "";
}

void bind_filter(Statement& s, const TaskFilter& f) {
  s.bind(1, f.assignee_or_any).bind(2, "@" + f.assignee_role).bind(3, f.claimed_by).bind(4, f.below).bind(5, f.from);
}

}  // namespace

// The first column of every row.
std::vector<std::string> Index::Impl::ids(const char* sql, const std::string& key) {
  return reading([&] {
    std::vector<std::string> list;
    Statement& s = prepared(sql);
    for (s.bind(1, key); s.step();) list.push_back(s.text(0));
    s.reset();
    return list;
  });
}

std::vector<std::string> Index::children(const std::string& task) {
  return impl_->ids("SELECT id FROM tasks WHERE parent = ?1 AND parent <> '' ORDER BY priority, created, rank, id",
                    task);
}
std::vector<std::string> Index::dependents(const std::string& task) {
  return impl_->ids("SELECT task FROM edges WHERE needs = ?1 ORDER BY task", task);
}
std::string Index::task_by_slug(const std::string& slug) {
  const auto found = impl_->ids("SELECT id FROM tasks WHERE slug = ?1 ORDER BY created, id LIMIT 1", slug);
  return found.empty() ? "" : found.front();
}
std::vector<std::string> Index::locked_tasks() {
  return impl_->ids("SELECT id FROM tasks WHERE locked = 1 AND ?1 = '' ORDER BY id", "");
}
std::vector<std::string> Index::beads_of(const std::string& task) {
  return impl_->ids("SELECT id FROM objects WHERE folder = 'beads' AND task = ?1 ORDER BY time, id", task);
}
std::vector<std::string> Index::tasks_on_branch(const std::string& branch) {
  return impl_->ids("SELECT id FROM tasks WHERE branch = ?1 AND branch <> ''", branch);
}

void Index::each_task(const TaskFilter& filter, const std::function<bool(const model::Task&)>& visit) {
  const std::string sql = "SELECT b.toml FROM tasks t " + std::string(index_for(filter)) +
                          "JOIN bodies b ON b.id = t.id WHERE " + condition(filter) +
                          " ORDER BY t.priority, t.created, t.rank, t.id LIMIT " + std::to_string(filter.limit) +
                          " OFFSET " + std::to_string(filter.offset);
  bool visited = false;  // a second pass only while nothing has been shown
  impl_->reading([&] {
    if (visited) return;
    Statement s = impl_->database().prepare(sql.c_str());
    bind_filter(s, filter);
    while (s.step()) {
      visited = true;
      if (!visit(model::task_from_json(parse_toml(s.text(0), "task")))) return;
    }
  });
}

std::vector<model::Task> Index::tasks(const TaskFilter& filter) {
  std::vector<model::Task> list;
  each_task(filter, [&](const model::Task& task) {
    list.push_back(task);
    return true;
  });
  return list;
}

std::optional<model::Task> Index::task(const std::string& id) {
  const auto body = impl_->ids("SELECT toml FROM bodies WHERE id = ?1", id);
  if (body.empty()) return std::nullopt;
  return model::task_from_json(parse_toml(body.front(), id));
}

std::int64_t Index::count(const TaskFilter& filter) {
  return impl_->reading([&] {
    const std::string sql = "SELECT count(*) FROM (SELECT 1 FROM tasks t WHERE " + condition(filter) + " LIMIT " +
                            std::to_string(filter.limit) + ")";
    Statement s = impl_->database().prepare(sql.c_str());
    bind_filter(s, filter);
    return s.step() ? s.number(0) : 0;
  });
}

bool Index::is_ready(const std::string& id) {
  return !impl_->ids("SELECT t.id FROM tasks t WHERE t.id = ?1 AND " GA_READY, id).empty();
}

std::vector<std::string> Index::unfinished_children(const std::string& task) {
  return impl_->ids("SELECT c.id FROM tasks c WHERE c.parent = ?1 AND c.parent <> '' AND c.status NOT IN (3, 5) ORDER "
                    "BY c.priority, c.created, c.rank, c.id",
                    task);
}

std::vector<std::string> Index::blockers(const std::string& task) {
  return impl_->ids("SELECT DISTINCT e.lifted FROM edges e LEFT JOIN tasks t ON t.id = e.lifted "
                    "WHERE e.task = ?1 AND e.lifted <> '' AND coalesce(t.status, 0) <> 3 ORDER BY e.lifted",
                    task);
}

std::vector<std::string> Index::ids_with_prefix(const std::string& prefix, int limit) {
  return impl_->reading([&] {
    Statement s = impl_->database().prepare("SELECT id FROM tasks WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3");
    s.bind(1, prefix).bind(2, prefix + "g").bind(3, static_cast<std::int64_t>(limit));
    std::vector<std::string> list;
    while (s.step()) list.push_back(s.text(0));
    return list;
  });
}

std::string Index::short_id(const std::string& id) {
  std::size_t digits = 4;
  for (const char* sql : {"SELECT id FROM tasks WHERE id > ?1 ORDER BY id LIMIT 1",
                          "SELECT id FROM tasks WHERE id < ?1 ORDER BY id DESC LIMIT 1"}) {
    for (const std::string& neighbour : impl_->ids(sql, id)) {
      const auto differ = std::mismatch(id.begin(), id.end(), neighbour.begin(), neighbour.end());
      digits = std::max(digits, static_cast<std::size_t>(differ.first - id.begin()) + 1);
    }
  }
  return id.substr(0, digits);
}

std::vector<Json> Index::objects(const std::string& folder, const std::string& task, std::int64_t limit) {
  std::vector<Json> list;
  each_object(folder, task, [&](const Json& object) {
    if (limit >= 0 && static_cast<std::int64_t>(list.size()) == limit) return false;
    list.push_back(object);
    return true;
  });
  return list;
}

void Index::each_object(const std::string& folder, const std::string& task,
                        const std::function<bool(const Json&)>& visit) {
  bool visited = false;  // a second pass only while nothing has been shown
  impl_->reading([&] {
    if (visited) return;
    Statement s = impl_->database().prepare(
        task.empty() ? "SELECT toml FROM objects WHERE folder = ?1 AND ?2 = '' ORDER BY time DESC, id"
                     : "SELECT toml FROM objects WHERE folder = ?1 AND task = ?2 ORDER BY time DESC, id");
    for (s.bind(1, folder).bind(2, task); s.step();) {
      visited = true;
      if (!visit(parse_toml(s.text(0), folder))) return;
    }
  });
}

std::vector<std::string> Index::objects_with_prefix(const std::string& folder, const std::string& prefix, int limit) {
  return impl_->reading([&] {
    Statement s = impl_->database().prepare(
        "SELECT id FROM objects WHERE folder = ?1 AND id >= ?2 AND id < ?3 ORDER BY id LIMIT ?4");
    s.bind(1, folder).bind(2, prefix).bind(3, prefix + "g").bind(4, static_cast<std::int64_t>(limit));
    std::vector<std::string> list;
    while (s.step()) list.push_back(s.text(0));
    return list;
  });
}

std::optional<Json> Index::oldest(const std::string& folder) {
  const auto found = impl_->ids("SELECT toml FROM objects WHERE folder = ?1 ORDER BY time, id LIMIT 1", folder);
  return found.empty() ? std::nullopt : std::optional(parse_toml(found.front(), folder));
}

namespace {

// Every table as lines; indexes of the same ledger give the same lines.
constexpr const char* kLines[] = {
    ("SELECT id || ' ' || slug || ' ' || status || ' ' || held || ' ' || nblock || ' ' || nopen || ' ' || priority || "
     "' ' || created || ' ' || "
     "rank || ' ' || parent || ' ' || assignee || ' ' || claimed_by || ' ' || locked || ' ' || branch FROM tasks ORDER "
     "BY id"),
    "SELECT task || ' needs ' || needs || ' lifted ' || lifted FROM edges ORDER BY task, needs",
    "SELECT id || ' ' || toml FROM bodies ORDER BY id",
    "SELECT folder || '/' || id || ' ' || task || ' ' || time || ' ' || noted || ' ' || toml FROM objects ORDER BY "
    "folder, id"};

// The first line that differs.
std::optional<std::string> difference(Database& ours, Database& theirs, const char* sql) {
  Statement a = ours.prepare(sql), b = theirs.prepare(sql);
  for (;;) {
    const bool more_a = a.step(), more_b = b.step();
    if (!more_a && !more_b) return std::nullopt;
    const std::string here = more_a ? a.text(0) : "nothing", there = more_b ? b.text(0) : "nothing";
    if (here != there) return "index has '" + here.substr(0, 120) + "', the ledger '" + there.substr(0, 120) + "'";
  }
}

}  // namespace

std::vector<std::string> Index::verify() { return verify(*scratch(impl_->repo)); }

std::vector<std::string> Index::verify(Index& fresh) {
  std::vector<std::string> differences;
  try {
    fresh.refresh(git::Oid::parse(impl_->head()));
    for (const char* sql : kLines)
      if (const auto found = difference(impl_->database(), fresh.impl_->database(), sql)) differences.push_back(*found);
  } catch (const SqliteError& error) {
    differences.push_back(std::string("the index cannot be read: ") + error.what());
  }
  return differences;
}

namespace {

// Who waits for whom directly, as rows of `bodies`: a need as it is lifted, and a parent for its children.
constexpr const char* kWaits =
    "SELECT a.rowid, b.rowid FROM edges e JOIN bodies a ON a.id = e.task JOIN bodies b ON b.id = e.lifted UNION ALL "
    "SELECT a.rowid, b.rowid FROM tasks t JOIN bodies a ON a.id = t.parent JOIN bodies b ON b.id = t.id WHERE t.parent "
    "<> ''";

using Rows = std::vector<std::pair<std::int64_t, std::int64_t>>;  // (waited for, waiting)

// Takes away what waits for nothing until only what leads to a cycle is left.
std::vector<std::int64_t> rows_before_a_cycle(Rows& waits) {
  std::sort(waits.begin(), waits.end());
  std::unordered_map<std::int64_t, int> waiting_for;
  for (const auto& [on, row] : waits) ++waiting_for[row];
  std::vector<std::int64_t> free;
  for (const auto& [on, row] : waits)
    if (waiting_for.count(on) == 0 && (free.empty() || free.back() != on)) free.push_back(on);
  while (!free.empty()) {
    const std::int64_t done = free.back();
    free.pop_back();
    for (auto at = std::lower_bound(waits.begin(), waits.end(), std::pair{done, INT64_MIN});
         at != waits.end() && at->first == done; ++at)
      if (--waiting_for[at->second] == 0) free.push_back(at->second);
  }
  std::vector<std::int64_t> left;
  for (const auto& [row, count] : waiting_for)
    if (count > 0) left.push_back(row);
  return left;
}

}  // namespace

std::vector<std::string> Index::doubtful_tasks() {
  return impl_->ids("SELECT id FROM tasks WHERE slug IN (SELECT slug FROM tasks GROUP BY slug HAVING count(*) > 1) "
                    "UNION SELECT e.task FROM edges e LEFT JOIN tasks t ON t.id = e.needs WHERE t.id IS NULL OR "
                    "e.lifted = '' OR e.needs = e.task "
                    "UNION SELECT c.id FROM tasks c LEFT JOIN tasks p ON p.id = c.parent WHERE c.parent <> '' AND p.id "
                    "IS NULL AND ?1 = '' ORDER BY 1",
                    "");
}

std::vector<std::string> Index::tasks_before_a_cycle() {
  return impl_->reading([&] {
    Rows waits;
    for (Statement s = impl_->database().prepare(kWaits); s.step();) waits.emplace_back(s.number(1), s.number(0));
    std::vector<std::string> ids;
    Statement name = impl_->database().prepare("SELECT id FROM bodies WHERE rowid = ?1");
    for (const std::int64_t row : rows_before_a_cycle(waits))
      if (name.reset().bind(1, row).step()) ids.push_back(name.text(0));
    std::sort(ids.begin(), ids.end());
    return ids;
  });
}

}  // namespace ga::index
