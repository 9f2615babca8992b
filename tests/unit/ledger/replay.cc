// Transactions and replay on real repositories: the same operations give the same bytes, and what no longer
// holds is kept as a refusal.
#include <algorithm>
#include <set>

#include "catch.hh"
#include "ledger/repo.hh"
#include "model/names.hh"
#include "model/world.hh"

using namespace ga;
using namespace ga::test;

namespace {

// Operations that all hold, one after the other.
std::vector<model::Operation> a_day(Maker& make) {
  std::vector<model::Operation> day;
  const auto epic = make.add("epic"), api = make.add("api", added_id(epic), {}, {{"owns", {"api/**"}}}),
             ui = make.add("ui", added_id(epic), {added_id(api)});
  for (const auto& op : {epic, api, ui}) day.push_back(op);
  const auto claim = make.claim(added_id(api), "ada");
  day.push_back(claim);
  day.push_back(
      make.op("task.note", {{"task", added_id(api)}, {"text", "half\nway"}, {"fence", claim.id}}, agent("ada")));
  day.push_back(make.op(
      "bead.add", {{"bead", {{"id", make.id()}, {"kind", "decision"}, {"text", "use a map"}, {"task", added_id(api)}}}},
      agent("ada")));
  day.push_back(make.op("task.complete",
                        {{"task", added_id(api)},
                         {"fence", claim.id},
                         {"bead", {{"id", make.id()}, {"kind", "outcome"}, {"text", "done"}, {"task", added_id(api)}}}},
                        agent("ada")));
  day.push_back(make.op("task.edit", {{"task", added_id(ui)}, {"set", {{"priority", 0}, {"labels", {"x", "y"}}}}}));
  day.push_back(make.op("task.block", {{"task", added_id(ui)}, {"why", "no key"}}));
  return day;
}

std::string op_text(TestLedger& at, const git::Oid& commit) {
  return *at.repo.read_blob(at.repo.entry_at(at.tree(commit), "op")->id);
}

git::GitOptions in(TestLedger& at) {
  git::GitOptions options;
  options.cwd = at.at.dir;
  return options;
}

}  // namespace

TEST_CASE("ledgers begun apart share their first commit") {
  TestLedger a, b;
  a.ledger.initialise();
  b.ledger.initialise();
  CHECK_FALSE(a.ledger.tip().zero());
  CHECK(a.ledger.tip() == b.ledger.tip());
  const auto before = a.ledger.tip();
  a.ledger.initialise();
  CHECK(a.ledger.tip() == before);
}

TEST_CASE("the same operations on the same base give the same commits") {
  TestLedger a, b;
  Maker make;
  const auto day = a_day(make);
  for (const auto& op : day) a.write(op);
  for (const auto& op : day) b.write(op);
  CHECK(a.ledger.tip() == b.ledger.tip());
  TestLedger c;
  c.ledger.initialise();
  const auto replayed = c.ledger.replay(c.ledger.tip(), day);
  CHECK(replayed.refused.empty());
  CHECK(replayed.applied.size() == day.size());
  CHECK(replayed.tip == a.ledger.tip());
  CHECK_FALSE(c.ledger.tip() == replayed.tip);  // replay moves no ref
}

TEST_CASE("an operation is stored as it was judged, to the byte") {
  TestLedger at;
  Maker make;
  auto op = make.add("api");
  op.args["tasks"][0]["title"] = std::string("bad \xff bytes");
  op.actor.name = "Lead <l@x>\n";
  const auto done = at.write(op);
  CHECK(op_text(at, done.commit) == model::to_text(done.op));
  TestLedger other;
  other.ledger.initialise();
  const auto replayed = other.ledger.replay(other.ledger.tip(), {model::operation_from_text(op_text(at, done.commit))});
  CHECK(replayed.tip == done.commit);
}

TEST_CASE("a claim that another clone won is refused on replay and kept whole") {
  TestLedger ours, theirs;
  Maker make;
  const auto add = make.add("api");
  ours.write(add);
  theirs.write(add);
  const auto won = make.claim(added_id(add), "ada"), lost = make.claim(added_id(add), "bob");
  theirs.write(won);
  const auto mine = ours.write(lost);
  const auto after = make.op("task.note", {{"task", added_id(add)}, {"text", "mine"}}, agent("bob"));
  const auto fenced =
      make.op("task.submit", {{"task", added_id(add)}, {"commit", "c"}, {"fence", lost.id}}, agent("bob"));
  // The remote's history comes here; ours is replayed on it.
  git::git_or_fail({"fetch", "-q", theirs.at.dir.string(), "refs/agent/ledger:refs/agent-local/remote"}, in(ours));
  const auto replayed = ours.ledger.replay(theirs.ledger.tip(), {lost, after, fenced});
  REQUIRE(replayed.refused.size() == 2);
  CHECK(replayed.refused[0].first.id == lost.id);
  CHECK(replayed.refused[0].second.kind == Kind::claim_lost);
  CHECK(replayed.refused[1].second.kind == Kind::fenced);
  REQUIRE(replayed.applied.size() == 3);
  const auto record = model::operation_from_text(op_text(ours, replayed.applied[0].commit));
  CHECK(record.kind == "refused");
  CHECK(record.id == lost.id);
  CHECK(get_string(record.args, "kind") == "claim_lost");
  CHECK(model::to_text(model::operation_from_text(record.args["op"].dump())) == model::to_text(mine.op));
  // Nothing but the operation changed, and its author is told.
  const auto changes =
      git::diff_trees(ours.repo, ours.tree(theirs.ledger.tip()), ours.tree(replayed.applied[0].commit));
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].path.starts_with("messages/"));
  CHECK(changes[1].path == "op");
  CHECK(get_string(record.args["tell"][0], "to") == "bob");
  // A refusal is no new refusal when it is replayed again.
  CHECK(ours.ledger.replay(theirs.ledger.tip(), {record}).refused.empty());
}

TEST_CASE("following another clone's history tells both, and what was tried out leaves no trace") {
  Maker make;
  TestLedger ours, theirs;
  const auto add = make.add("wanted");
  ours.write(add);
  theirs.write(add);
  theirs.write(make.claim(added_id(add), "ada"));
  const auto lost = make.claim(added_id(add), "bob");
  ours.write(lost);
  git::git_or_fail({"fetch", "-q", theirs.at.dir.string(), "refs/agent/ledger:refs/agent-local/remote"}, in(ours));
  index::Index other(ours.repo);  // another process's look at the shared file
  other.refresh(ours.ledger.tip());
  const auto followed = ours.ledger.follow(theirs.ledger.tip());
  REQUIRE(followed.refused.size() == 1);
  CHECK(ours.ledger.tip() == followed.tip);
  CHECK(ours.repo.is_ancestor(theirs.ledger.tip(), followed.tip));
  CHECK(ours.index.task(added_id(add))->claim->agent == "ada");
  CHECK(ours.index.verify() == std::vector<std::string>{});
  CHECK(other.task(added_id(add))->claim->agent == "ada");
  std::set<std::string> told;
  for (const Json& message : ours.index.objects("messages")) told.insert(get_string(message, "to"));
  CHECK(told == std::set<std::string>{"ada", "bob"});
  // Replaying alone moves neither the ledger nor the index.
  const auto note = make.op("task.note", {{"task", added_id(add)}, {"text", "tried"}}, agent("bob"));
  const auto before = ours.ledger.tip();
  CHECK(ours.ledger.replay(before, {note}).applied.size() == 1);
  CHECK(ours.ledger.tip() == before);
  CHECK(ours.index.verify() == std::vector<std::string>{});
  CHECK(ours.index.task(added_id(add))->notes.empty());
}

TEST_CASE("replay skips what is known, and what comes twice") {
  TestLedger at;
  Maker make;
  const auto day = a_day(make);
  for (const auto& op : day) at.write(op);
  std::vector<std::string> known;
  for (const auto& op : day) known.push_back(op.id);
  CHECK(at.ledger.replay(at.ledger.tip(), day, known).tip == at.ledger.tip());
  const auto one = make.add("more");
  const auto twice = at.ledger.replay(at.ledger.tip(), {one, one}, known);
  CHECK(twice.applied.size() == 1);
  CHECK(twice.refused.empty());
}

TEST_CASE("a slug that is taken gets a number, also on replay") {
  TestLedger at;
  Maker make;
  at.write(make.add("api"));
  const auto second = make.add("api"), third = make.add("api");
  const auto replayed = at.ledger.replay(at.ledger.tip(), {second, third});
  CHECK(replayed.refused.empty());
  auto state = at.ledger.state_at(replayed.tip);
  CHECK(state.task(added_id(second))->slug == "api-2");
  CHECK(state.task(added_id(third))->slug == "api-3");
  const std::string longest(63, 'x');
  at.write(make.add(longest));
  const auto cut = make.add(longest);
  at.write(cut);
  const std::string slug = at.ledger.state().task(added_id(cut))->slug;
  CHECK(slug.size() == 63);
  CHECK(model::is_slug(slug));
}

TEST_CASE("a cycle that two clones make together is refused on replay") {
  TestLedger at;
  Maker make;
  const auto a = make.add("a1x"), b = make.add("b1x");
  at.write(a);
  at.write(b);
  const auto forth = make.op("task.dep", {{"task", added_id(a)}, {"add", {added_id(b)}}}),
             back = make.op("task.dep", {{"task", added_id(b)}, {"add", {added_id(a)}}});
  const auto replayed = at.ledger.replay(at.ledger.tip(), {forth, back});
  REQUIRE(replayed.refused.size() == 1);
  CHECK(replayed.refused[0].first.id == back.id);
  CHECK(replayed.refused[0].second.message.find("cycle") != std::string::npos);
}

TEST_CASE("operations that commute are never refused, in whatever order they come") {
  Maker make;
  const auto a = make.add("a1x"), b = make.add("b1x");
  std::vector<model::Operation> mixed = {
      make.op("task.note", {{"task", added_id(a)}, {"text", "one"}}),
      make.op("task.note", {{"task", added_id(a)}, {"text", "two"}}),
      make.op("task.edit", {{"task", added_id(a)}, {"set", {{"labels", {"l"}}}}}),
      make.op("task.edit", {{"task", added_id(a)}, {"set", {{"labels", {"l"}}}}}),
      make.op("task.dep", {{"task", added_id(a)}, {"add", {added_id(b)}}}),
      make.op("task.dep", {{"task", added_id(a)}, {"add", {added_id(b)}}}),
      make.op("task.dep", {{"task", added_id(b)}, {"remove", {added_id(a)}}}),
      make.add("a1x"),
      make.op("bead.add", {{"bead", {{"id", make.id()}, {"kind", "gotcha"}, {"text", "t"}, {"task", added_id(a)}}}})};
  std::mt19937 engine(GENERATE(range(1u, 9u)));
  std::shuffle(mixed.begin(), mixed.end(), engine);
  TestLedger at;
  at.write(a);
  at.write(b);
  const auto replayed = at.ledger.replay(at.ledger.tip(), mixed);
  CHECK(replayed.refused.empty());
  auto state = at.ledger.state_at(replayed.tip);
  CHECK(state.task(added_id(a))->notes.size() == 2);
  CHECK(state.task(added_id(a))->labels == std::vector<std::string>{"l"});
  CHECK(state.task(added_id(a))->needs == std::vector<std::string>{added_id(b)});
}

TEST_CASE("kinds of a newer version survive") {
  TestLedger at;
  Maker make;
  at.write(make.add("api"));
  auto strange = make.op("plan.dream", {{"depth", 3}, {"nested", {{"x", {1, 2}}}}});
  strange.extra["signature"] = "zzz";
  const auto replayed = at.ledger.replay(at.ledger.tip(), {strange});
  CHECK(replayed.refused.empty());
  CHECK(op_text(at, replayed.tip) == model::to_text(strange));
  CHECK(git::diff_trees(at.repo, at.tree(at.ledger.tip()), at.tree(replayed.tip)).size() == 1);
}

TEST_CASE("members of a newer writer survive in the ledger's files") {
  TestLedger at;
  Maker make;
  const auto add = make.add("api", "", {}, {{"sprint", "s1"}, {"cost", {{"usd", 2}}}});
  at.write(add);
  at.write(make.op("task.note", {{"task", added_id(add)}, {"text", "n"}}));
  const Json now = at.ledger.state().object("tasks", added_id(add));
  CHECK(now["sprint"] == "s1");
  CHECK(now["cost"]["usd"] == 2);
}

TEST_CASE("what is refused changes nothing") {
  TestLedger at;
  Maker make;
  at.write(make.add("api"));
  const auto tip = at.ledger.tip();
  CHECK_THROWS_AS(at.write(make.claim(make.id(), "ada")), Error);
  CHECK(at.ledger.tip() == tip);
  CHECK_FALSE(at.ledger.transact_if([](model::State&) { return std::optional<model::Operation>(); }).has_value());
  CHECK(at.ledger.tip() == tip);
}

TEST_CASE("a merge takes the beads of the task and of its children along") {
  TestLedger at;
  Maker make;
  const auto epic = make.add("epic"), child = make.add("child", added_id(epic));
  at.write(epic);
  at.write(child);
  const std::string old_id(40, 'a'), new_id(40, 'b');
  const std::string bead = make.id(), loose = make.id();
  at.write(make.op(
      "bead.add",
      {{"bead", {{"id", bead}, {"kind", "gotcha"}, {"text", "t"}, {"task", added_id(child)}, {"commit", old_id}}}}));
  at.write(
      make.op("bead.add", {{"bead", {{"id", loose}, {"kind", "decision"}, {"text", "t"}, {"task", added_id(epic)}}}}));
  at.write(make.op("task.cancel", {{"task", added_id(child)}, {"why", "merged"}}));
  const auto claim = make.claim(added_id(epic), "ada");
  at.write(claim);
  at.write(make.op("task.submit", {{"task", added_id(epic)}, {"fence", claim.id}, {"commit", old_id}}, agent("ada")));
  const auto begin = make.op("merge.begin", {{"task", added_id(epic)},
                                             {"target", "refs/heads/main"},
                                             {"old", std::string(40, 'c')},
                                             {"new", new_id},
                                             {"commits", {{old_id, new_id}}}});
  at.write(begin);
  CHECK(at.index.objects("pending").size() == 1);
  at.write(make.op("merge.end", {{"task", added_id(epic)},
                                 {"merge", begin.id},
                                 {"target", "refs/heads/main"},
                                 {"new", new_id},
                                 {"commits", {{old_id, new_id}}}}));
  auto state = at.ledger.state();
  CHECK(get_string(state.object("beads", bead), "commit") == new_id);
  CHECK(get_string(state.object("beads", loose), "commit") == new_id);
  CHECK(at.index.objects("pending").empty());
  CHECK(at.index.objects("merges").size() == 1);
  CHECK(at.index.wrong_notes().empty());
}
