// Rows from objects: what one change of the ledger does to the tables.
#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "index/impl.hh"
#include "index/schema.hh"
#include "model/bead.hh"
#include "util/toml.hh"

namespace ga::index {
namespace {

constexpr int kCompleted = static_cast<int>(model::Status::completed);
constexpr int kCancelled = static_cast<int>(model::Status::cancelled);
constexpr int kMaxDepth = 64;

// Keeps its parent from being ready.
bool is_open(std::int64_t status) { return status != kCompleted && status != kCancelled; }

#define GA_BLOCKERS_OF_TASK                                                                                            \
  "(SELECT count(DISTINCT e.lifted) FROM edges e LEFT JOIN tasks t ON t.id = e.lifted "                                \
  "WHERE e.task = tasks.id AND e.lifted <> '' AND coalesce(t.status, 0) <> 3)"
constexpr const char* kCountBlockers = "UPDATE tasks SET nblock = " GA_BLOCKERS_OF_TASK " WHERE id = ?1";
constexpr const char* kCountAllBlockers =
    "UPDATE tasks SET nblock = " GA_BLOCKERS_OF_TASK " WHERE id IN (SELECT task FROM edges)";

// `nopen`: children that are neither completed nor cancelled.
constexpr const char* kCountChildren = "UPDATE tasks SET nopen = (SELECT count(*) FROM tasks c WHERE c.parent = ?1 AND "
                                       "c.parent <> '' AND c.status NOT IN (3, 5)) WHERE id = ?1";
constexpr const char* kCountAllChildren = "UPDATE tasks SET nopen = c.n FROM (SELECT parent, count(*) AS n FROM tasks "
                                          "WHERE parent <> '' AND status NOT IN (3, 5) GROUP BY parent) c "
                                          "WHERE tasks.id = c.parent";

constexpr const char* kForgetCounts = "UPDATE edges SET lifted = needs WHERE lifted <> needs; UPDATE tasks SET nblock "
                                      "= 0, nopen = 0 WHERE nblock > 0 OR nopen > 0";

// Prepared when first used: preparing is a third of what the index costs a short write, which needs half of these.
class Lazy {
 public:
  Lazy(Database& db, const char* sql) : db_(db), sql_(sql) {}
  /// The statement, ready to be bound.
  Statement& reset() {
    if (!statement_) statement_.emplace(db_.prepare(sql_));
    return statement_->reset();
  }

 private:
  Database& db_;
  const char* sql_;
  std::optional<Statement> statement_;
};

}  // namespace

struct Index::Impl::Statements {
  explicit Statements(Database& database) : db(database) {}
  Database& db;
  Lazy put_task{db, "INSERT OR REPLACE INTO tasks VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)"};
  Lazy old_task{db, "SELECT status, parent, nopen FROM tasks WHERE id = ?1"};
  Lazy remove_task{db, "DELETE FROM tasks WHERE id = ?1"};
  Lazy put_body{db, "INSERT OR REPLACE INTO bodies VALUES(?1,?2)"};
  Lazy remove_body{db, "DELETE FROM bodies WHERE id = ?1"};
  Lazy edges_of{db, "SELECT needs FROM edges WHERE task = ?1"};
  Lazy remove_edges{db, "DELETE FROM edges WHERE task = ?1"};
  Lazy put_edge{db, "INSERT OR REPLACE INTO edges VALUES(?1,?2,?3)"};
  Lazy set_lifted{db, "UPDATE edges SET lifted = ?3 WHERE task = ?1 AND needs = ?2"};
  Lazy waiting_for{db, "SELECT DISTINCT task FROM edges WHERE lifted = ?1"};
  Lazy needing{db, "SELECT task FROM edges WHERE needs = ?1"};
  Lazy parent{db, "SELECT parent FROM tasks WHERE id = ?1"};
  Lazy children{db, "SELECT id FROM tasks WHERE parent = ?1 AND parent <> ''"};
  Lazy count{db, kCountBlockers};
  Lazy count_children{db, kCountChildren};
  Lazy put_object{db, "INSERT OR REPLACE INTO objects VALUES(?1,?2,?3,?4,?5,?6)"};
  Lazy old_object{db, "SELECT noted FROM objects WHERE folder = ?1 AND id = ?2"};
  Lazy remove_object{db, "DELETE FROM objects WHERE folder = ?1 AND id = ?2"};
  Lazy queue_note{db, "INSERT OR IGNORE INTO note_queue VALUES(?1)"};
};

Index::Impl::Statements& Index::Impl::statements() {
  if (!statements_) statements_ = std::make_shared<Statements>(database());
  return *statements_;
}

namespace {

std::vector<std::string> column(Lazy& lazy, const std::string& key) {
  std::vector<std::string> ids;
  Statement& statement = lazy.reset();
  for (statement.bind(1, key); statement.step();) ids.push_back(statement.text(0));
  statement.reset();
  return ids;
}

void run_put_task(Statement& s, const std::string& id, const Json& j, std::int64_t open_children) {
  const auto status = model::parse_status(get_string(j, "status")).value_or(model::Status::pending);
  std::string claimed_by;
  if (const auto claim = j.find("claim"); claim != j.end() && claim->is_object())
    claimed_by = get_string(*claim, "agent");
  s.bind(1, id)
      .bind(2, get_string(j, "slug"))
      .bind(3, static_cast<std::int64_t>(status))
      .bind(4, static_cast<std::int64_t>(get_string(j, "hold").empty() ? 0 : 1))
      .bind(5, static_cast<std::int64_t>(0))
      .bind(6, open_children)
      .bind(7, get_int(j, "priority", 2))
      .bind(8, parse_time(get_string(j, "created")))
      .bind(9, get_int(j, "rank"))
      .bind(10, get_string(j, "parent"))
      .bind(11, get_string(j, "assignee"))
      .bind(12, claimed_by)
      .bind(13, static_cast<std::int64_t>(j.contains("locked") && !j["locked"].empty() ? 1 : 0))
      .bind(14, get_string(j, "branch"))
      .run();
}

}  // namespace

std::string Index::Impl::parent_of(const std::string& task) {
  Statement& s = statements().parent.reset().bind(1, task);
  std::string parent = s.step() ? s.text(0) : "";
  s.reset();
  return parent;
}

std::vector<std::string> Index::Impl::line_of(const std::string& task) {
  std::vector<std::string> line{task};
  for (int level = 0; level < kMaxDepth; ++level) {
    std::string parent = parent_of(line.back());
    if (parent.empty()) break;
    line.push_back(std::move(parent));
  }
  return line;
}

// The same rule as model::lift(), over rows.
std::string Index::Impl::lift(const std::string& task, const std::string& on) {
  const auto line = line_of(task);
  if (std::find(line.begin(), line.end(), on) != line.end()) return "";
  std::string current = on;
  for (int level = 0; level < kMaxDepth; ++level) {
    const std::string parent = parent_of(current);
    if (parent.empty() || std::find(line.begin(), line.end(), parent) != line.end()) break;
    current = parent;
  }
  return current;
}

void Index::Impl::link(const std::string& task) {
  for (const std::string& on : column(statements().edges_of, task))
    statements().set_lifted.reset().bind(1, task).bind(2, on).bind(3, lift(task, on)).run();
}

void Index::Impl::count_blockers(const std::string& task) { statements().count.reset().bind(1, task).run(); }

void Index::Impl::collect_subtree(const std::string& task, std::vector<std::string>& out) {
  out.push_back(task);
  for (const std::string& child : column(statements().children, task))
    if (std::find(out.begin(), out.end(), child) == out.end()) collect_subtree(child, out);
}

namespace {

const Json& value_of(const ledger::WrittenObject& object, Json& parsed) {
  if (object.value.is_object()) return object.value;
  return parsed = parse_toml(object.toml, object.id);
}

}  // namespace

// One task's rows; what else changes because of it goes to `stale`.
void Index::Impl::put_task(const ledger::WrittenObject& object, Stale& stale) {
  Statements& s = statements();
  const std::string &id = object.id, &toml = object.toml;
  Json parsed;
  const Json& json = value_of(object, parsed);
  Statement& old = s.old_task.reset().bind(1, id);
  const bool known = old.step();
  const std::int64_t old_status = known ? old.number(0) : -1;
  const std::string old_parent = known ? old.text(1) : "";
  const std::int64_t open_children = known ? old.number(2) : 0;
  old.reset();
  run_put_task(s.put_task.reset(), id, json, open_children);
  s.put_body.reset().bind(1, id).bind(2, toml).run();

  const auto needs = get_strings(json, "needs");
  if (known) s.remove_edges.reset().bind(1, id).run();
  for (const std::string& need : needs) s.put_edge.reset().bind(1, id).bind(2, need).bind(3, need).run();
  if (!needs.empty()) stale.links.push_back(id);

  const auto status =
      static_cast<std::int64_t>(model::parse_status(get_string(json, "status")).value_or(model::Status::pending));
  if (!known || (old_status == kCompleted) != (status == kCompleted))
    for (std::string& waiting : column(s.waiting_for, id)) stale.links.push_back(std::move(waiting));
  const std::string parent = get_string(json, "parent");
  if (!known || parent != old_parent || is_open(old_status) != is_open(status))
    for (const std::string& of : {old_parent, parent})
      if (!of.empty()) stale.children.insert(of);
  if (!known) stale.children.insert(id);
  if (parent != old_parent) {
    std::vector<std::string> moved;
    collect_subtree(id, moved);
    for (const std::string& task : moved) {
      stale.links.push_back(task);
      for (std::string& needing : column(s.needing, task)) stale.links.push_back(std::move(needing));
    }
  }
}

void Index::Impl::remove_task(const std::string& id, Stale& stale) {
  Statements& s = statements();
  if (std::string parent = parent_of(id); !parent.empty()) stale.children.insert(std::move(parent));
  for (std::string& waiting : column(s.waiting_for, id)) stale.links.push_back(std::move(waiting));
  // What hangs below it, and whoever needs something there, is lifted otherwise without it.
  std::vector<std::string> below;
  collect_subtree(id, below);
  for (const std::string& task : below) {
    if (task != id) stale.links.push_back(task);
    for (std::string& needing : column(s.needing, task)) stale.links.push_back(std::move(needing));
  }
  s.remove_task.reset().bind(1, id).run();
  s.remove_body.reset().bind(1, id).run();
  s.remove_edges.reset().bind(1, id).run();
}

void Index::Impl::put_object(const ledger::WrittenObject& object) {
  Statements& s = statements();
  Statement& old = s.old_object.reset().bind(1, object.folder).bind(2, object.id);
  const std::string old_note = old.step() ? old.text(0) : "";
  old.reset();
  if (!old_note.empty()) s.queue_note.reset().bind(1, old_note).run();
  if (object.toml.empty()) {
    s.remove_object.reset().bind(1, object.folder).bind(2, object.id).run();
    return;
  }
  Json parsed;
  const Json& json = value_of(object, parsed);
  const std::string noted = object.folder == "beads" ? get_string(json, "commit") : "";
  std::string time = get_string(json, "time");
  if (time.empty()) time = get_string(json, "started");
  s.put_object.reset()
      .bind(1, object.folder)
      .bind(2, object.id)
      .bind(3, get_string(json, "task"))
      .bind(4, time)
      .bind(5, noted)
      .bind(6, object.toml)
      .run();
  if (!noted.empty()) s.queue_note.reset().bind(1, noted).run();
}

void Index::Impl::apply(const std::vector<ledger::WrittenObject>& changes) {
  Stale stale;
  for (const ledger::WrittenObject& change : changes) {
    if (change.folder != "tasks") put_object(change);
    else if (change.toml.empty()) remove_task(change.id, stale);
    else put_task(change, stale);
  }
  // put_task() writes a count of zero, so every changed task that needs something is in the list.
  std::unordered_set<std::string> done;
  for (const std::string& task : stale.links) {
    if (!done.insert(task).second) continue;
    link(task);
    count_blockers(task);
  }
  for (const std::string& task : stale.children) statements().count_children.reset().bind(1, task).run();
}

// What depends on other rows is left to finish_load().
void Index::Impl::insert_loaded(const ledger::WrittenObject& object) {
  Statements& s = statements();
  const std::string &id = object.id, &toml = object.toml;
  if (object.folder != "tasks") return put_object(object);
  s.remove_edges.reset().bind(1, id).run();
  if (toml.empty()) {
    s.remove_task.reset().bind(1, id).run();
    s.remove_body.reset().bind(1, id).run();
    return;
  }
  Json parsed;
  const Json& json = value_of(object, parsed);
  run_put_task(s.put_task.reset(), id, json, 0);
  s.put_body.reset().bind(1, id).bind(2, toml).run();
  for (const std::string& need : get_strings(json, "needs"))
    s.put_edge.reset().bind(1, id).bind(2, need).bind(3, need).run();
}

// After a load: lift the edges that cross parents, count every blocker and every open child at once, make the
// secondary indexes.
void Index::Impl::finish_load() {
  Database& now = database();
  now.execute(kForgetCounts);
  std::vector<std::string> crossing;
  {
    Statement s = now.prepare(
        "SELECT DISTINCT e.task FROM edges e JOIN tasks a ON a.id = e.task LEFT JOIN tasks b ON b.id = e.needs "
        "WHERE a.parent <> '' OR b.parent <> ''");
    while (s.step()) crossing.push_back(s.text(0));
  }
  for (const std::string& task : crossing) link(task);
  now.execute(kCountAllBlockers);
  now.execute(kCountAllChildren);
  now.execute(kIndexes);
}

}  // namespace ga::index
