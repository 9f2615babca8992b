// The index against the pure model: after any sequence of operations it says what the model says, also when it was
// deleted, broken or built anew on the way.
#include <algorithm>
#include <fstream>
#include <set>

#include "catch.hh"
#include "index/sqlite.hh"
#include "ledger/repo.hh"
#include "model/world.hh"
#include "util/text.hh"
#include "util/toml.hh"

using namespace ga;
using namespace ga::test;

namespace {

std::set<std::string> as_set(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

void compare(TestLedger& at, model::MemoryState& mirror) {
  at.index.refresh(at.ledger.tip());
  std::set<std::string> ready;
  const auto tasks = tasks_of(mirror);
  for (const model::Task& task : tasks) {
    const auto expected = model::blockers(mirror, task);
    INFO(task.slug << " " << task.id);
    CHECK(as_set(at.index.blockers(task.id)) == as_set(expected));
    const bool is_ready = task.status == model::Status::pending && !task.held() && expected.empty() &&
                          at.index.unfinished_children(task.id).empty();
    CHECK(at.index.is_ready(task.id) == is_ready);
    if (is_ready) ready.insert(task.id);
    CHECK(as_set(at.index.children(task.id)) == as_set(mirror.children(task.id)));
    CHECK(as_set(at.index.dependents(task.id)) == as_set(mirror.dependents(task.id)));
    CHECK(at.index.task_by_slug(task.slug) == task.id);
    CHECK(model::to_json(*at.index.task(task.id)) == mirror.object("tasks", task.id));
    CHECK(starts_with(task.id, at.index.short_id(task.id)));
    CHECK(at.index.ids_with_prefix(at.index.short_id(task.id)).size() == 1);
  }
  CHECK(as_set(at.index.locked_tasks()) == as_set(mirror.locked_tasks()));
  std::set<std::string> listed;
  for (const model::Task& task : at.index.tasks({.ready_only = true})) listed.insert(task.id);
  CHECK(listed == ready);
  CHECK(at.index.count({}) == static_cast<std::int64_t>(tasks.size()));
}

model::Operation random_operation(Maker& make, Dice& dice, const std::vector<std::string>& ids, int number) {
  const std::string& id = dice.pick(ids);
  switch (dice.below(12)) {
  case 0:
    return make.claim(id, "ada");
  case 1:
    return make.op("task.start", {{"task", id}, {"agent", "ada"}, {"host", "h"}, {"lease", 9}});
  case 2:
    return make.op("task.complete", {{"task", id}});
  case 3:
    return make.op("task.submit", {{"task", id}, {"commit", std::string(40, 'a')}});
  case 4:
    return make.op("task.reopen", {{"task", id}, {"why", "x"}});
  case 5:
    return make.op(dice.chance(50) ? "task.block" : "task.unblock", {{"task", id}, {"why", "x"}});
  case 6:
    return make.op(dice.chance(50) ? "task.fail" : "task.cancel", {{"task", id}, {"why", "x"}});
  case 7: {
    const Json owns = Json::array({"d" + std::to_string(dice.below(9)) + "/**"});
    return make.op("task.edit", {{"task", id}, {"set", {{"owns", owns}, {"priority", dice.below(5)}}}});
  }
  default:
    return random_link(make, dice, ids, number);
  }
}

// Takes the adding of a task back, while nothing refers to it.
model::Operation removal(Maker& make, model::MemoryState& mirror, const std::string& id) {
  const Json item = {
      {"folder", "tasks"}, {"id", id}, {"expect", model::object_hash(mirror.object("tasks", id))}, {"value", nullptr}};
  return make.op("undo", {{"op", "x"}, {"restore", Json::array({item})}});
}

}  // namespace

TEST_CASE("the index says what the model says, whatever happens") {
  const unsigned seed = GENERATE(range(1u, 9u));
  Dice dice(seed);
  Maker make;
  TestLedger at;
  model::MemoryState mirror;
  std::vector<std::string> ids;
  int accepted = 0;
  for (int step = 0; step < 150; ++step) {
    const bool remove = ids.size() > 6 && dice.chance(4);
    auto op = ids.size() < 4 ? make.add("s" + std::to_string(step) + "x")
              : remove       ? removal(make, mirror, dice.pick(ids))
                             : random_operation(make, dice, ids, step);
    const bool written = at.try_write(op);
    const auto outcome = perform(mirror, op);
    INFO("seed " << seed << " step " << step << ": " << model::to_text(op));
    REQUIRE(written == !outcome.refusal.has_value());
    if (!written) continue;
    ++accepted;
    if (op.kind == "task.add") ids.push_back(added_id(op));
    if (remove) ids.erase(std::find(ids.begin(), ids.end(), get_string(op.args["restore"][0], "id")));
    if (step % 10 == 0) compare(at, mirror);
    if (step % 50 == 20) at.index.rebuild();
  }
  CHECK(accepted > 40);
  compare(at, mirror);
  CHECK(at.index.verify() == std::vector<std::string>{});
  at.index.rebuild();
  compare(at, mirror);
}

TEST_CASE("an index that follows by differences is the one built anew") {
  const unsigned seed = GENERATE(range(20u, 24u));
  Dice dice(seed);
  Maker make;
  TestLedger at;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    const auto add = make.add("s" + std::to_string(i) + "x");
    at.write(add);
    ids.push_back(added_id(add));
  }
  // A second reader, with a file of its own, that only now and then looks.
  const auto reader = index::Index::scratch(at.repo);
  for (int step = 0; step < 80; ++step) {
    const auto op = random_operation(make, dice, ids, step);
    if (at.try_write(op) && op.kind == "task.add") ids.push_back(added_id(op));
    if (!dice.chance(20)) continue;
    reader->refresh(at.ledger.tip());
    INFO("seed " << seed << " step " << step);
    CHECK(reader->verify() == std::vector<std::string>{});
  }
  // Backwards too.
  reader->refresh(at.repo.read_commit(at.ledger.tip())->parents.front());
  CHECK(reader->verify() == std::vector<std::string>{});
}

// Very many changes at once are loaded anew, in the writer as in a reader that lags behind.
TEST_CASE("a batch that is most of the ledger") {
  Maker make;
  TestLedger at;
  model::MemoryState mirror;
  const auto write = [&](const model::Operation& op) {
    at.write(op);
    REQUIRE_FALSE(perform(mirror, op).refusal);
  };
  const auto first = make.add("first1x");
  write(first);
  const auto reader = index::Index::scratch(at.repo);
  reader->refresh(at.ledger.tip());
  auto batch = make.add("b0x", added_id(first));
  for (int i = 1; i < 1200; ++i) {
    const Json one =
        make.add("b" + std::to_string(i) + "x", "", {i % 3 == 0 ? added_id(batch) : added_id(first)}).args["tasks"][0];
    batch.args["tasks"].push_back(one);
  }
  write(batch);
  CHECK(at.index.verify() == std::vector<std::string>{});
  CHECK(at.index.count({}) == 1201);
  reader->refresh(at.ledger.tip());
  CHECK(reader->verify() == std::vector<std::string>{});
  // And it goes on one by one.
  write(make.op("task.edit", {{"task", added_id(first)}, {"set", {{"priority", 0}}}}));
  write(make.add("last1x", "", {added_id(batch)}));
  compare(at, mirror);
}

namespace {

ledger::WrittenObject linked(const std::string& id, const std::string& parent, const std::vector<std::string>& needs) {
  model::Task task;
  task.id = id;
  task.slug = "s-" + id;
  task.title = id;
  task.parent = parent;
  task.needs = needs;
  return {"tasks", id, write_toml(model::to_json(task))};
}

}  // namespace

TEST_CASE("tasks whose links need a look") {
  TestLedger at;
  at.write(Maker().add("some"));
  const auto index = index::Index::scratch(at.repo);
  const git::Oid tip = at.ledger.tip();
  using Ids = std::vector<std::string>;
  SECTION("none") {
    index->advance({}, tip,
                   {linked("a1", "", {}), linked("a2", "", {}), linked("a3", "a1", {}),
                    linked("a4", "a1", {"a3", "a2"}), linked("a5", "", {"a1"})});
    CHECK(index->doubtful_tasks() == Ids{});
    CHECK(index->tasks_before_a_cycle() == Ids{});
  }
  SECTION("a cycle of needs, and who waits for it") {
    index->advance({}, tip,
                   {linked("a1", "", {"a3"}), linked("a2", "", {"a1"}), linked("a3", "", {"a2"}),
                    linked("a4", "", {"a3", "a5"}), linked("a5", "", {})});
    CHECK(index->doubtful_tasks() == Ids{});
    CHECK(index->tasks_before_a_cycle() == Ids{"a1", "a2", "a3", "a4"});
  }
  SECTION("a cycle through a parent") {
    index->advance({}, tip, {linked("a1", "", {}), linked("a2", "a1", {"b1"}), linked("b1", "", {"a2"})});
    CHECK(index->tasks_before_a_cycle() == Ids{"a1", "a2", "b1"});
  }
  SECTION("links to nothing, to above, to itself") {
    index->advance({}, tip,
                   {linked("a1", "none", {}), linked("a2", "", {"none"}), linked("a3", "a2", {"a2"}),
                    linked("a4", "", {"a4"}), linked("a5", "", {"a1"})});
    CHECK(index->doubtful_tasks() == Ids{"a1", "a2", "a3", "a4"});
    CHECK(index->tasks_before_a_cycle() == Ids{});
  }
}

TEST_CASE("a deleted or broken index changes no answer") {
  TestRepo place;
  Maker make;
  const auto a = make.add("a1x"), b = make.add("b1x", "", {added_id(a)});
  fs::path file;
  {
    git::Repository repo = git::Repository::discover(place.dir);
    index::Index index(repo);
    ledger::Ledger ledger(repo, index);
    for (const auto& op : {a, b}) ledger.transact([&](model::State&) { return op; });
    file = index::Index::file(repo);
  }
  SECTION("deleted") { fs::remove(file); }
  SECTION("garbage") { std::ofstream(file, std::ios::trunc) << std::string(5000, 'g'); }
  SECTION("empty") { std::ofstream(file, std::ios::trunc).close(); }
  SECTION("damaged in the middle") {
    const auto size = fs::file_size(file);
    REQUIRE(size > 8192);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(4096);
    stream << std::string(size - 4096, '\x7f');
  }
  SECTION("of another version") {
    index::Database db(file, index::Database::Access::write);
    db.execute("PRAGMA user_version = 999");
  }
  SECTION("a directory is in its place") {
    fs::remove(file);
    fs::create_directories(file / "x");
  }
  git::Repository repo = git::Repository::discover(place.dir);
  index::Index fresh(repo);
  ledger::Ledger ledger(repo, fresh);
  fresh.refresh(ledger.tip());
  CHECK(fresh.blockers(added_id(b)) == std::vector<std::string>{added_id(a)});
  CHECK(fresh.is_ready(added_id(a)));
  CHECK_FALSE(fresh.is_ready(added_id(b)));
  CHECK(fresh.verify() == std::vector<std::string>{});
  CHECK_NOTHROW(ledger.transact([&](model::State&) {
    return make.op("task.cancel", {{"task", added_id(a)}, {"why", "x"}});
  }));
  CHECK(fresh.task(added_id(a))->status == model::Status::cancelled);
}

TEST_CASE("a late reader does not turn the index back") {
  TestLedger at;
  Maker make;
  at.write(make.add("first"));
  const auto old_tip = at.ledger.tip();
  const auto second = make.add("second");
  at.write(second);
  index::Index late(at.repo);
  late.refresh(old_tip);
  CHECK(late.task(added_id(second)));
  CHECK(at.index.task(added_id(second)));
  // Held, it is of exactly the tip that was asked for.
  late.hold(old_tip);
  CHECK(late.task_by_slug("second").empty());
  late.let_go();
  CHECK(at.index.task(added_id(second)));
}

TEST_CASE("a late reader in the middle of the judging fools no writer") {
  TestLedger at;
  Maker make;
  at.write(make.add("first"));
  const auto old_tip = at.ledger.tip();
  at.write(make.add("api"));
  index::Index late(at.repo);
  const auto again = make.add("api");
  at.ledger.transact([&](model::State&) {
    late.refresh(old_tip);  // in the middle of the judging
    return again;
  });
  CHECK(at.ledger.state().task(added_id(again))->slug == "api-2");
}

TEST_CASE("beads show as notes, which are a function of the ledger") {
  TestLedger at;
  git::GitOptions here;
  here.cwd = at.at.dir;
  Maker make;
  const auto add = make.add("api");
  at.write(add);
  const git::Oid commit = at.ledger.tip();  // any commit will do
  at.write(make.op("bead.add", {{"bead",
                                 {{"id", make.id()},
                                  {"kind", "decision"},
                                  {"text", "use a map"},
                                  {"task", added_id(add)},
                                  {"commit", commit.hex()}}}}));
  const auto shown = [&] { return git::git({"notes", "--ref=agent", "show", commit.hex()}, here).out; };
  CHECK(shown().find("use a map") != std::string::npos);
  CHECK(at.index.wrong_notes().empty());
  git::git_or_fail({"notes", "--ref=agent", "add", "-f", "-m", "forged", commit.hex()}, here);
  REQUIRE(at.index.wrong_notes() == std::vector<git::Oid>{commit});
  at.index.repair_notes(at.index.wrong_notes());
  CHECK(shown().find("use a map") != std::string::npos);
  CHECK(at.index.wrong_notes().empty());
  git::git_or_fail({"update-ref", "-d", "refs/notes/agent"}, here);
  at.index.rebuild();
  at.write(make.add("other"));  // the next writer writes them
  CHECK(at.index.wrong_notes().empty());
}
