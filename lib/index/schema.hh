// The index's tables. kSchemaVersion changes with them; an index of another version is rebuilt. `events` is filled when
// somebody asks for it (events.cc), all others follow the ledger.
#pragma once

namespace ga::index {

inline constexpr int kSchemaVersion = 5;

inline constexpr const char* kTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE tasks(id TEXT PRIMARY KEY, slug TEXT, status INT, held INT, nblock INT, nopen INT, priority INT, created INT,
  rank INT, parent TEXT, assignee TEXT, claimed_by TEXT, locked INT, branch TEXT) WITHOUT ROWID;
CREATE TABLE bodies(id TEXT PRIMARY KEY, toml TEXT);
CREATE TABLE edges(task TEXT, needs TEXT, lifted TEXT, PRIMARY KEY(task, needs)) WITHOUT ROWID;
CREATE TABLE objects(folder TEXT, id TEXT, task TEXT, time TEXT, noted TEXT, toml TEXT, PRIMARY KEY(folder, id)) WITHOUT ROWID;
CREATE TABLE note_queue(object TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE events(seq INTEGER PRIMARY KEY, id TEXT UNIQUE, time TEXT, kind TEXT, actor TEXT, role TEXT, person INT, task TEXT,
  tasks TEXT, summary TEXT, commit_id TEXT);
)sql";

// In the order that questions ask for, so that no answer is sorted. Made after a bulk load, which is faster than keeping them during it.
inline constexpr const char* kIndexes = R"sql(
CREATE INDEX ready ON tasks(priority, created, rank, id) WHERE status = 0 AND held = 0 AND nblock = 0 AND nopen = 0;
CREATE INDEX by_order ON tasks(priority, created, rank, id);
CREATE INDEX by_slug ON tasks(slug, created, id);
CREATE INDEX by_parent ON tasks(parent, priority, created, rank, id) WHERE parent <> '';
CREATE INDEX by_claim ON tasks(claimed_by) WHERE claimed_by <> '';
CREATE INDEX by_lock ON tasks(id) WHERE locked = 1;
CREATE INDEX by_branch ON tasks(branch) WHERE branch <> '';
CREATE INDEX edges_lifted ON edges(lifted);
CREATE INDEX edges_needs ON edges(needs);
CREATE INDEX objects_task ON objects(folder, task, time);
CREATE INDEX objects_time ON objects(folder, time);
CREATE INDEX objects_noted ON objects(noted) WHERE noted <> '';
CREATE INDEX events_task ON events(task) WHERE task <> '';
)sql";

}  // namespace ga::index
