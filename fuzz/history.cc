// Histories of well-formed operations: the input's bytes choose kinds, tasks, actors and arguments. Reaches deeper into
// the rules than the text of operations does.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>

#include "ledger-world.hh"
#include "model/world.hh"

namespace ga::fuzz {
namespace {

using model::Operation;

constexpr int kMaxSteps = 40;

class History {
 public:
  explicit History(std::string_view input) : data_(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) {}

  void run() {
    for (int step = 0; step < kMaxSteps && data_.remaining_bytes() > 0; ++step) perform(next());
    world_.check_names_and_links();
  }

 private:
  void perform(const Operation& op) {
    const model::Outcome outcome = world_.perform(op);
    if (outcome.refusal) return;
    done_.push_back(world_.replaced);
    if (!get_string(op.args, "agent").empty()) fences_.push_back(op.id);
    for (const auto& change : outcome.changes)
      if (const auto task = world_.state.task(change.id); task && change.folder == "tasks") check_claim(*task);
  }

  void check_claim(const model::Task& task) {
    if (task.claim) HOLDS(task.status == model::Status::in_progress);
    if (task.finished()) HOLDS(task.locked.empty());
  }

  Operation next() {
    switch (data_.ConsumeIntegralInRange(0, 7)) {
    case 0:
      return add();
    case 1:
      return link();
    case 2:
      return claim();
    case 3:
      return undo();
    case 4:
      return team();
    default:
      return event();
    }
  }

  bool coin() { return data_.ConsumeBool(); }
  std::string pick(const std::vector<std::string>& list) {
    return list.empty() ? make_.id() : list[data_.ConsumeIntegralInRange<std::size_t>(0, list.size() - 1)];
  }
  std::string task() { return pick(world_.ids_in("tasks")); }
  model::Actor actor() {
    static const std::array<model::Actor, 4> actors = {
        test::kLead, test::agent("ada"), test::agent("bob"), {"eve", "lead", false}};
    return actors[data_.ConsumeIntegralInRange<std::size_t>(0, actors.size() - 1)];
  }
  std::vector<std::string> some(std::string (History::*one)()) {
    std::vector<std::string> list;
    for (int n = data_.ConsumeIntegralInRange(0, 2); n > 0; --n) list.push_back((this->*one)());
    return list;
  }
  std::string pattern() { return pick({"src/**", "*.c", "src/a.c", "docs/", "[a-m]*"}); }
  std::string commit() { return std::string(40, coin() ? 'a' : 'b'); }

  Json bead() { return {{"id", make_.id()}, {"kind", "outcome"}, {"text", "done"}, {"task", task()}}; }

  Operation add() {
    Json more = {{"owns", some(&History::pattern)}};
    if (coin()) more["accept"] = Json::array({{{"text", "works"}}});
    if (coin()) more["assignee"] = "ada";
    return make_.add(pick({"api", "ui", "db", "x"}), coin() ? task() : "", some(&History::task), std::move(more),
                     actor());
  }

  Operation link() {
    const std::string id = task();
    if (coin())
      return make_.op("task.dep", {{"task", id}, {"add", some(&History::task)}, {"remove", some(&History::task)}},
                      actor());
    Json set = {{"owns", some(&History::pattern)}};
    if (coin()) set["parent"] = coin() ? task() : "";
    return make_.op("task.edit", {{"task", id}, {"set", set}}, actor());
  }

  Operation claim() {
    Operation op = make_.claim(task(), pick({"ada", "bob"}), coin() ? "task.claim" : "task.start");
    if (coin()) op.args["replaces"] = pick(fences_);
    if (coin()) op.args["branch"] = "refs/heads/agent/x";
    if (coin()) op.args["parents"] = Json::array({{{"task", task()}, {"branch", "refs/heads/agent/p"}}});
    return op;
  }

  Operation event() {
    static const std::vector<std::string> kinds = {"release", "submit", "complete", "fail", "block",  "unblock",
                                                   "cancel",  "reopen", "rework",   "note", "accept", "renew"};
    Json args = {{"task", task()},     {"why", "because"}, {"text", "said"},
                 {"commit", commit()}, {"index", 1},       {"lease", 60}};
    if (coin()) args["fence"] = pick(fences_);
    if (coin()) args["bead"] = bead();
    if (coin()) args["drop_branch"] = true;
    return make_.op("task." + pick(kinds), args, actor());
  }

  Operation team() {
    static const std::vector<std::string> kinds = {"bead.add",  "run.start",   "run.end", "merge.begin",
                                                   "merge.end", "merge.abort", "clean"};
    Json args = {{"task", task()},
                 {"bead", bead()},
                 {"new", commit()},
                 {"target", "refs/heads/main"},
                 {"tasks", some(&History::task)}};
    args["commits"] = {{std::string(40, 'a'), std::string(40, 'b')}};
    args["merge"] = pick(world_.ids_in("pending"));
    args["run"] = pick(world_.ids_in("runs"));
    const std::string kind = pick(kinds);
    if (kind == "run.start") args["run"] = {{"id", make_.id()}, {"task", task()}, {"agent", "ada"}};
    return make_.op(kind, args, actor());
  }

  Operation undo() {
    Json restore = Json::array();
    if (!done_.empty())
      for (const LedgerWorld::Replaced& was : done_[data_.ConsumeIntegralInRange<std::size_t>(0, done_.size() - 1)])
        restore.push_back({{"folder", was.folder},
                           {"id", was.id},
                           {"value", was.value},
                           {"expect", model::object_hash(world_.state.object(was.folder, was.id))}});
    return make_.op("undo", {{"op", make_.id()}, {"restore", restore}}, actor());
  }

  FuzzedDataProvider data_;
  LedgerWorld world_;
  test::Maker make_;
  std::vector<std::string> fences_;
  std::vector<std::vector<LedgerWorld::Replaced>> done_;
};

}  // namespace

void fuzz_one(std::string_view input) { History(input).run(); }

}  // namespace ga::fuzz
