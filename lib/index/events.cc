// The table of operations, filled on demand.
#include "index/impl.hh"

namespace ga::index {
namespace {
constexpr const char* kHead = "events_head";
}

git::Oid Index::events_head() {
  return impl_->reading([&] {
    Statement& s = impl_->prepared("SELECT value FROM meta WHERE key = ?1");
    const std::string hex = s.bind(1, kHead).step() ? s.text(0) : "";
    s.reset();
    return git::Oid::parse(hex);
  });
}

bool Index::add_events(const git::Oid& before, const std::vector<Event>& events, const git::Oid& head) {
  Database& db = impl_->database();
  Transaction transaction(db);
  if (events_head() != before) return false;
  Statement s = db.prepare("INSERT INTO events VALUES(NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
  for (const Event& event : events) {
    s.reset()
        .bind(1, event.id)
        .bind(2, event.time)
        .bind(3, event.kind)
        .bind(4, event.actor)
        .bind(5, event.role)
        .bind(6, static_cast<std::int64_t>(event.person ? 1 : 0))
        .bind(7, event.task)
        .bind(8, event.tasks)
        .bind(9, event.summary)
        .bind(10, event.commit)
        .run();
  }
  db.prepare("INSERT OR REPLACE INTO meta VALUES(?1, ?2)").bind(1, kHead).bind(2, head.hex()).run();
  transaction.commit();
  return true;
}

void Index::forget_events(const git::Oid& before) {
  Database& db = impl_->database();
  Transaction transaction(db);
  if (events_head() != before) return;
  db.execute("DELETE FROM events");
  db.prepare("DELETE FROM meta WHERE key = ?1").bind(1, kHead).run();
  transaction.commit();
}

Database Index::open_for_reading() {
  Database& own = impl_->database();
  if (!impl_->in_memory && !impl_->is_scratch) return Database(file(impl_->repo), Database::Access::read);
  Database copy(Database::Kind::temporary);
  copy.copy_from(own);
  return copy;
}

}  // namespace ga::index
