// Questions to the index.
#include <algorithm>
#include <utility>

#include "index/impl.hh"
#include "index/schema.hh"
#include "util/error.hh"
#include "util/toml.hh"

namespace ga::index {
namespace {

std::vector<std::string> ids(Statement& s, const std::string& key) {
  std::vector<std::string> list;
  for (s.bind(1, key); s.step();) list.push_back(s.text(0));
  s.reset();
  return list;
}

// The WHERE clause of a filter. Texts are bound as ?1..?4, so that nothing is ever pasted into SQL.
std::string condition(const TaskFilter& f) {
  std::string where = "1";
  if (f.status) where += " AND t.status = " + std::to_string(static_cast<int>(*f.status));
  if (f.ready_only) where += " AND t.status = 0 AND t.held = 0 AND t.nblock = 0";
  if (f.open_only) where += " AND t.status < 3";
  if (f.blocked) where += *f.blocked ? " AND t.status < 2 AND (t.held = 1 OR t.nblock > 0)" : " AND t.held = 0 AND t.nblock = 0";
  if (!f.assignee_or_any.empty()) where += " AND (t.assignee = '' OR t.assignee = ?1 OR t.assignee = ?2)";
  if (!f.claimed_by.empty()) where += " AND t.claimed_by = ?3";
  if (!f.below.empty())
    where += " AND t.id IN (WITH RECURSIVE d(id) AS (SELECT id FROM tasks WHERE parent = ?4 UNION "
             "SELECT c.id FROM tasks c JOIN d ON c.parent = d.id WHERE c.parent <> '') SELECT id FROM d)";
  return where;
}

void bind_filter(Statement& s, const TaskFilter& f) {
  s.bind(1, f.assignee_or_any).bind(2, "@" + f.assignee_role).bind(3, f.claimed_by).bind(4, f.below);
}

}  // namespace

std::vector<std::string> Index::children(const std::string& task) {
  return ids(impl_->prepared("SELECT id FROM tasks WHERE parent = ?1 AND parent <> '' ORDER BY priority, created, rank, id"), task);
}
std::vector<std::string> Index::dependents(const std::string& task) {
  return ids(impl_->prepared("SELECT task FROM edges WHERE needs = ?1 ORDER BY task"), task);
}
std::string Index::task_by_slug(const std::string& slug) {
  const auto found = ids(impl_->prepared("SELECT id FROM tasks WHERE slug = ?1 ORDER BY created, id LIMIT 1"), slug);
  return found.empty() ? "" : found.front();
}
std::vector<std::string> Index::locked_tasks() {
  return ids(impl_->prepared("SELECT id FROM tasks WHERE locked = 1 AND ?1 = ''"), "");
}
std::vector<std::string> Index::beads_of(const std::string& task) {
  return ids(impl_->prepared("SELECT id FROM objects WHERE folder = 'beads' AND task = ?1 ORDER BY time, id"), task);
}
std::vector<std::string> Index::tasks_on_branch(const std::string& branch) {
  return ids(impl_->prepared("SELECT id FROM tasks WHERE branch = ?1 AND branch <> ''"), branch);
}

void Index::each_task(const TaskFilter& filter, const std::function<bool(const model::Task&)>& visit) {
  const std::string sql = "SELECT b.toml FROM tasks t JOIN bodies b ON b.id = t.id WHERE " + condition(filter) +
                          " ORDER BY t.priority, t.created, t.rank, t.id LIMIT " + std::to_string(filter.limit);
  Statement s = impl_->database().prepare(sql.c_str());
  bind_filter(s, filter);
  while (s.step())
    if (!visit(model::task_from_json(parse_toml(s.text(0), "task")))) return;
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
  const auto body = ids(impl_->prepared("SELECT toml FROM bodies WHERE id = ?1"), id);
  if (body.empty()) return std::nullopt;
  return model::task_from_json(parse_toml(body.front(), id));
}

std::int64_t Index::count(const TaskFilter& filter) {
  Statement s = impl_->database().prepare(("SELECT count(*) FROM tasks t WHERE " + condition(filter)).c_str());
  bind_filter(s, filter);
  return s.step() ? s.number(0) : 0;
}

bool Index::is_ready(const std::string& id) {
  return !ids(impl_->prepared("SELECT id FROM tasks WHERE id = ?1 AND status = 0 AND held = 0 AND nblock = 0"), id).empty();
}

std::vector<std::string> Index::blockers(const std::string& task) {
  return ids(impl_->prepared("SELECT DISTINCT e.lifted FROM edges e LEFT JOIN tasks t ON t.id = e.lifted "
             "WHERE e.task = ?1 AND e.lifted <> '' AND coalesce(t.status, 0) <> 3 ORDER BY e.lifted"),
             task);
}

std::vector<std::string> Index::ids_with_prefix(const std::string& prefix, int limit) {
  Statement s = impl_->database().prepare("SELECT id FROM tasks WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3");
  s.bind(1, prefix).bind(2, prefix + "g").bind(3, static_cast<std::int64_t>(limit));
  std::vector<std::string> list;
  while (s.step()) list.push_back(s.text(0));
  return list;
}

std::string Index::short_id(const std::string& id) {
  std::size_t digits = 4;
  for (const char* sql : {"SELECT id FROM tasks WHERE id > ?1 ORDER BY id LIMIT 1", "SELECT id FROM tasks WHERE id < ?1 ORDER BY id DESC LIMIT 1"}) {
    for (const std::string& neighbour : ids(impl_->prepared(sql), id)) {
      const auto differ = std::mismatch(id.begin(), id.end(), neighbour.begin(), neighbour.end());
      digits = std::max(digits, static_cast<std::size_t>(differ.first - id.begin()) + 1);
    }
  }
  return id.substr(0, digits);
}

std::vector<Json> Index::objects(const std::string& folder, const std::string& task, std::int64_t limit) {
  Statement s = impl_->database().prepare(
      task.empty() ? "SELECT toml FROM objects WHERE folder = ?1 AND ?2 = '' ORDER BY time DESC, id LIMIT ?3"
                   : "SELECT toml FROM objects WHERE folder = ?1 AND task = ?2 ORDER BY time DESC, id LIMIT ?3");
  s.bind(1, folder).bind(2, task).bind(3, limit);
  std::vector<Json> list;
  while (s.step()) list.push_back(parse_toml(s.text(0), folder));
  return list;
}

std::vector<std::string> Index::verify() {
  Index fresh(impl_->repo);
  fresh.impl_->open_memory();
  fresh.refresh(git::Oid::parse(impl_->head()));
  std::vector<std::string> differences;
  for (const char* sql : {"SELECT id || ' ' || slug || ' ' || status || ' ' || held || ' ' || nblock || ' ' || priority || ' ' || parent || ' ' || claimed_by FROM tasks ORDER BY id",
                          "SELECT task || ' needs ' || needs || ' lifted ' || lifted FROM edges ORDER BY task, needs",
                          "SELECT id || ' ' || toml FROM bodies ORDER BY id",
                          "SELECT folder || '/' || id || ' ' || toml FROM objects ORDER BY folder, id"}) {
    Statement ours = impl_->database().prepare(sql), theirs = fresh.impl_->database().prepare(sql);
    for (;;) {
      const bool a = ours.step(), b = theirs.step();
      if (!a && !b) break;
      const std::string here = a ? ours.text(0) : "", there = b ? theirs.text(0) : "";
      if (here == there) continue;
      differences.push_back("index has '" + here.substr(0, 120) + "', the ledger '" + there.substr(0, 120) + "'");
      break;
    }
  }
  return differences;
}

}  // namespace ga::index
