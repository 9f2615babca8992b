#include "index/index.hh"

#include <utility>

#include "index/impl.hh"
#include "index/schema.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::index {
namespace {

// Loading everything anew is several times faster per object than bringing rows up to date one by one. It pays for
// this many changes and more, if they are a good part of the whole.
constexpr std::size_t kManyChanges = 1000;
constexpr std::int64_t kLoadFactor = 3;

constexpr const char* kTuning = "PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000;";

// Temporary tables of a scratch index stay in files too: it is there to save memory.
constexpr const char* kScratchTuning = "PRAGMA cache_size = -2000;";

// A list that leaves out what cannot be read would be a wrong answer.
[[noreturn]] void missing_object(const std::string& what, const git::Oid& id) {
  fail_environment("the ledger's object " + id.brief() + " (" + sanitize_line(what) + ") is missing",
                   {"git agent-doctor"});
}

// Any commit can be put under the ledger's name; its tables would be empty, and that a wrong answer.
void require_ledger(const git::Repository& repo, const git::Oid& tree) {
  if (!repo.entry_at(tree, "format"))
    fail_environment("refs/agent/ledger is no ledger: it has no 'format'", {"git agent-doctor"});
}

}  // namespace

std::filesystem::path Index::file(const git::Repository& repo) { return repo.common_dir() / "agent" / "index.db"; }

std::unique_ptr<Index> Index::scratch(git::Repository& repo) {
  auto index = std::make_unique<Index>(repo);
  index->impl_->open_scratch();
  return index;
}

Index::Index(git::Repository& repo) : impl_(std::make_unique<Impl>(repo)) {}
Index::~Index() = default;

// Opens the file, or makes one; an index of another schema version is thrown away.
void Index::Impl::open() {
  const auto path = Index::file(repo);
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  const bool fresh = !std::filesystem::exists(path, ignored);
  db.emplace(path, Database::Access::create);
  db->execute(kTuning);
  if (fresh) db->execute("PRAGMA journal_mode = WAL");
  if (db->scalar("PRAGMA user_version") == kSchemaVersion) return;
  Transaction transaction(*db);
  if (db->scalar("PRAGMA user_version") == kSchemaVersion) return;  // another process was faster
  if (db->scalar("SELECT count(*) FROM sqlite_master") != 0) throw SqliteError("an index of another version");
  db->execute(kTables);
  db->execute(kIndexes);
  db->execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  transaction.commit();
}

// A database that nobody else opens, with empty tables.
void Index::Impl::open_private(Database::Kind kind) {
  statements_.reset();
  cache_.clear();
  db.emplace(kind);
  db->execute(kTables);
  db->execute(kIndexes);
}

void Index::Impl::open_memory() {
  open_private(Database::Kind::memory);
  in_memory = true;
  is_scratch = false;
}

void Index::Impl::open_scratch() {
  try {
    open_private(Database::Kind::temporary);
    db->execute(kScratchTuning);
    is_scratch = true;
  } catch (const SqliteError&) {
    open_memory();  // no room for temporary files: the answers are the same
  }
}

void Index::Impl::discard() {
  statements_.reset();
  cache_.clear();
  db.reset();
  const auto path = Index::file(repo);
  std::error_code ignored;
  for (const char* tail : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path.string() + tail, ignored);
}

Database& Index::Impl::database() {
  if (db) return *db;
  try {
    open();
  } catch (const SqliteError&) {
    try {
      discard();
      open();
    } catch (const SqliteError&) {
      open_memory();  // a read-only or full directory: the answer is the same, only slower
    }
  }
  return *db;
}

Statement& Index::Impl::prepared(const char* sql) {
  const auto found = cache_.find(sql);
  if (found != cache_.end()) return found->second.reset();
  return cache_.emplace(sql, database().prepare(sql)).first->second;
}

std::string Index::Impl::head() {
  Statement& statement = prepared("SELECT value FROM meta WHERE key = 'head'");
  std::string value = statement.step() ? statement.text(0) : git::Oid{}.hex();
  statement.reset();
  return value;
}

void Index::Impl::set_head(const git::Oid& commit) {
  database().prepare("INSERT OR REPLACE INTO meta VALUES('head', ?1)").bind(1, commit.hex()).run();
}

// Walks a folder's three levels and puts every object into the empty tables.
void Index::Impl::load_folder(const std::string& folder, const git::Oid& tree) {
  const auto entries = repo.read_tree(tree);
  if (!entries) missing_object(folder, tree);
  for (const git::TreeEntry& entry : *entries) {
    if (entry.is_tree()) {
      load_folder(folder, entry.id);
    } else if (ends_with(entry.name, ".toml")) {
      const auto blob = repo.read_blob(entry.id);
      if (!blob) missing_object(folder + "/" + entry.name, entry.id);
      insert_loaded({folder, entry.name.substr(0, entry.name.size() - 5), std::move(*blob)});
    }
  }
}

// Made once at the end of a load they are several times faster than when they are kept up to date.
void Index::Impl::drop_secondary_indexes() {
  std::vector<std::string> names;
  {
    Statement made = database().prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
    while (made.step()) names.push_back(made.text(0));
  }
  for (const std::string& name : names) database().execute(("DROP INDEX " + name).c_str());
}

bool Index::Impl::is_faster_to_load(std::size_t changes) {
  return changes >= kManyChanges &&
         database().scalar("SELECT count(*) FROM tasks") < static_cast<std::int64_t>(changes) * kLoadFactor;
}

void Index::Impl::load(const git::Oid& tip) {
  Database& database_now = database();
  database_now.execute(
      "DELETE FROM meta WHERE key = 'head'; DELETE FROM tasks; DELETE FROM bodies; DELETE FROM edges; DELETE FROM "
      "objects; DELETE FROM note_queue;");
  const auto commit = tip.zero() ? std::nullopt : repo.read_commit(tip);
  if (!commit && !tip.zero()) missing_object("commit", tip);
  if (commit) {
    drop_secondary_indexes();
    const auto root = repo.read_tree(commit->tree);
    if (!root) missing_object("tree", commit->tree);
    for (const git::TreeEntry& entry : *root)
      if (entry.is_tree()) load_folder(entry.name, entry.id);
    finish_load();
  }
  set_head(tip);
}

void Index::Impl::take_in(const std::vector<ledger::WrittenObject>& changes) {
  drop_secondary_indexes();
  for (const ledger::WrittenObject& change : changes) insert_loaded(change);
  finish_load();
}

// Brings the tables from where they stand to the tip, inside a transaction.
void Index::Impl::follow(const git::Oid& tip) {
  const git::Oid from = git::Oid::parse(head());
  const auto before = from.zero() ? std::nullopt : repo.read_commit(from);
  const auto after = tip.zero() ? std::nullopt : repo.read_commit(tip);
  if (after) require_ledger(repo, after->tree);
  if (!before || !after) return load(tip);
  // A list that would lead to loading anew is not finished: it may name every object there is.
  std::vector<git::Change> changes;
  bool too_many = false;
  git::each_change(repo, before->tree, after->tree, [&](const git::Change& change) {
    if (too_many) return;
    changes.push_back(change);
    too_many = changes.size() % kManyChanges == 0 && is_faster_to_load(changes.size());
  });
  if (too_many || is_faster_to_load(changes.size())) {
    changes = {};
    return load(tip);
  }
  std::vector<ledger::WrittenObject> objects;
  for (const git::Change& change : changes) {
    const auto name = ledger::parse_object_path(change.path);
    if (!name) continue;
    std::string toml;
    if (!change.new_id.zero()) {
      auto blob = repo.read_blob(change.new_id);
      if (!blob) missing_object(change.path, change.new_id);
      toml = std::move(*blob);
    }
    objects.push_back({name->first, name->second, std::move(toml)});
  }
  apply(objects);
  set_head(tip);
}

void Index::Impl::begin_again(const SqliteError& error) {
  held = rehearsing = false;
  if (error.busy() || in_memory || is_scratch) open_memory();
  else discard();
}

// The file is everybody's: who comes late, with a tip that the ledger has left behind, must not turn it back under
// somebody who has written since and reads what he wrote.
git::Oid Index::Impl::goal(const git::Oid& tip) const {
  if (in_memory || is_scratch) return tip;
  const git::Oid now = repo.ref(ledger::kLedgerRef);
  return repo.is_ancestor(tip, now) ? now : tip;
}

void Index::Impl::refresh(const git::Oid& tip) {
  wanted = tip;
  if (rehearsing) {
    if (head() != tip.hex()) follow(tip);
    return;
  }
  for (int attempt = 0;; ++attempt) {
    try {
      if (head() == tip.hex()) return;
      Transaction transaction(database());
      if (const git::Oid to = goal(tip); head() != to.hex()) follow(to);
      transaction.commit();
      return;
    } catch (const SqliteError& error) {
      // Broken, locked for too long or on a full disk: start again, at last in memory.
      if (attempt >= 2)
        fail_environment(std::string("the index cannot be built: ") + error.what(), {"git agent-doctor"});
      if (attempt == 0) begin_again(error);
      else open_memory();
    }
  }
}

void Index::refresh(const git::Oid& tip) { impl_->refresh(tip); }

// A read transaction is a snapshot: what others write into the file meanwhile is not seen.
void Index::hold(const git::Oid& tip) {
  if (impl_->rehearsing) return refresh(tip);
  for (int attempt = 0; attempt < 100; ++attempt) {
    refresh(tip);
    try {
      impl_->database().execute("BEGIN");
      impl_->held = true;
      if (impl_->head() == tip.hex()) return;
    } catch (const SqliteError& error) {
      impl_->begin_again(error);
    }
    let_go();
    if (impl_->goal(tip) != tip) break;
  }
  impl_->open_memory();
  refresh(tip);
}

void Index::let_go() noexcept {
  if (!std::exchange(impl_->held, false) || !impl_->db) return;
  sqlite3_exec(impl_->db->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

// A write transaction that is never committed: others read what was there before, and who must write waits.
void Index::start_rehearsal(const git::Oid& tip) {
  for (bool again : {false, true}) {
    try {
      impl_->database().execute("BEGIN IMMEDIATE");
      impl_->rehearsing = true;
      return refresh(tip);
    } catch (const SqliteError&) {
      stop_rehearsal();
      if (again) throw;
      impl_->open_memory();
    } catch (...) {
      stop_rehearsal();
      throw;
    }
  }
}

void Index::stop_rehearsal() noexcept {
  if (!std::exchange(impl_->rehearsing, false) || !impl_->db) return;
  sqlite3_exec(impl_->db->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Index::Impl::advance(const git::Oid& before, const git::Oid& after,
                          const std::vector<ledger::WrittenObject>& changes) {
  if (head() != before.hex()) return follow(after);
  if (is_faster_to_load(changes.size())) take_in(changes);
  else apply(changes);
  set_head(after);
}

void Index::advance(const git::Oid& before, const git::Oid& after,
                    const std::vector<ledger::WrittenObject>& changes) noexcept {
  try {
    if (impl_->rehearsing) return impl_->advance(before, after, changes);
    Transaction transaction(impl_->database());
    impl_->advance(before, after, changes);
    transaction.commit();
  } catch (...) {
    // The write is done and durable; the next reader catches up from the ledger.
  }
}

void Index::settle() noexcept {
  try {
    impl_->write_queued_notes();
  } catch (...) {
    // Notes are derived: the queue stays and the next writer goes on with it.
  }
}

void Index::rebuild() {
  impl_->discard();
  refresh(impl_->repo.ref(ledger::kLedgerRef));
}

}  // namespace ga::index
