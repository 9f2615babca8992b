// The projection that plain `git log` shows: beads as notes on commits, in refs/notes/agent.
#include "git/notes.hh"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>
#include <utility>

#include "index/impl.hh"
#include "model/bead.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::index {
namespace {

constexpr const char* kNotesRef = "refs/notes/agent";
constexpr int kMaxAttempts = 20;

std::string slug_of(Database& db, const std::string& task) {
  Statement s = db.prepare("SELECT slug FROM tasks WHERE id = ?1");
  s.bind(1, task);
  return s.step() ? s.text(0) : "";
}

// All beads on one commit, in the order they were made.
std::string note_on(Database& db, const std::string& commit) {
  Statement s = db.prepare("SELECT toml FROM objects WHERE noted = ?1 ORDER BY time, id");
  s.bind(1, commit);
  std::string text;
  while (s.step()) {
    const model::Bead bead = model::bead_from_json(parse_toml(s.text(0), "bead"));
    text += (text.empty() ? "" : "\n") + model::note_text(bead, slug_of(db, bead.task));
  }
  return text;
}

}  // namespace

void Index::Impl::write_queued_notes() {
  Database& now = database();
  std::vector<std::pair<git::Oid, std::string>> notes;
  {
    Statement queue = now.prepare("SELECT object FROM note_queue ORDER BY object");
    while (queue.step()) notes.emplace_back(git::Oid::parse(queue.text(0)), note_on(now, queue.text(0)));
  }
  if (notes.empty()) return;
  // The time of the ledger's tip, not of the clock: notes are a function of the ledger.
  const auto ledger_tip = repo.read_commit(git::Oid::parse(head()));
  const Time now_for_notes = ledger_tip ? ledger_tip->committer.time : 0;
  const git::Signature who{"git-agent", "git-agent@localhost", now_for_notes, 0};
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const git::Oid before = repo.ref(kNotesRef);
    const git::Oid old_tree = git::tree_of(repo, before);
    const git::Oid tree = git::write_notes(repo, old_tree, notes);
    if (tree == old_tree) break;
    const git::Oid next =
        repo.write_commit(tree, before.zero() ? std::vector<git::Oid>{} : std::vector<git::Oid>{before}, who, who,
                          "Notes of git-agent\n");
    if (repo.cas_ref(kNotesRef, before, next, "agent: notes") == git::Cas::committed) break;
  }
  now.execute("DELETE FROM note_queue");
}

namespace {

// A note's paragraphs, one for each bead.
std::vector<std::string> paragraphs(const std::string& note) {
  std::vector<std::string> found;
  std::string now;
  for (const std::string& line : split_lines(note)) {
    if (!line.empty()) now += line + "\n";
    else if (!now.empty()) found.push_back(std::exchange(now, ""));
  }
  if (!now.empty()) found.push_back(std::move(now));
  return found;
}

}  // namespace

// A note on a commit that no bead names is right when it says what beads say elsewhere: Git has carried it over to an
// amended or rebased commit (notes.rewriteRef).
std::vector<git::Oid> Index::wrong_notes() {
  git::Repository& repo = impl_->repo;
  const git::Oid tree = git::tree_of(repo, repo.ref(kNotesRef));
  std::set<git::Oid> wrong;
  std::unordered_set<std::size_t> known;  // hashes: texts of many beads would be too much
  const std::hash<std::string> hash;
  for (const std::string& noted : impl_->ids("SELECT DISTINCT noted FROM objects WHERE noted <> '' AND ?1 = ''", "")) {
    const git::Oid object = git::Oid::parse(noted);
    const std::string right = note_on(impl_->database(), noted);
    if (git::read_note(repo, tree, object) != right) wrong.insert(object);
    for (const std::string& paragraph : paragraphs(right)) known.insert(hash(paragraph));
  }
  git::each_change(repo, {}, tree, [&](const git::Change& note) {
    const git::Oid object = git::Oid::parse(replace_all(note.path, "/", ""));
    if (object.zero() || !note_on(impl_->database(), object.hex()).empty()) return;
    const auto said = paragraphs(git::read_note(repo, tree, object));
    const auto is_known = [&](const std::string& paragraph) { return known.contains(hash(paragraph)); };
    if (!std::all_of(said.begin(), said.end(), is_known)) wrong.insert(object);
  });
  return {wrong.begin(), wrong.end()};
}

void Index::repair_notes(const std::vector<git::Oid>& objects) {
  for (const git::Oid& object : objects)
    impl_->database().prepare("INSERT OR IGNORE INTO note_queue VALUES(?1)").bind(1, object.hex()).run();
  impl_->write_queued_notes();
}

}  // namespace ga::index
