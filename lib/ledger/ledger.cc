#include "ledger/ledger.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <unordered_set>
#include <utility>

#include "git/bulk.hh"
#include "git/maintenance.hh"
#include "model/names.hh"
#include "util/clock.hh"
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/parallel.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::ledger {
namespace {

constexpr const char* kFormatText = "epoch = 0\nmin-writer = 1\nversion = 1\n";
constexpr double kLockSeconds = 30;
constexpr int kMaxAttempts = 1000;
// More changed objects than this go into one pack instead of loose files.
constexpr std::size_t kBulkObjects = 50;
// One write in so many looks whether there are too many loose objects.
constexpr std::uint32_t kMaintenanceEvery = 250;
// So many are told of one refused operation.
constexpr std::size_t kMaxTold = 8;

git::Signature signature(const std::string& name, Time time) {
  std::string clean = sanitize_line(name);
  clean.erase(std::remove_if(clean.begin(), clean.end(), [](char c) { return c == '<' || c == '>'; }), clean.end());
  if (trim(clean).empty()) clean = "git-agent";
  return {clean, "git-agent@localhost", time, 0};
}

std::filesystem::path lock_path(const git::Repository& repo) { return repo.common_dir() / "agent" / "lock"; }

FileLock take_lock(const git::Repository& repo) {
  make_directories(repo.common_dir() / "agent");
  return FileLock::acquire(lock_path(repo), kLockSeconds, "the ledger's lock");
}

// Many objects in one operation: worth a second thread.
bool is_large(const model::Operation& op) {
  const auto tasks = op.args.find("tasks");
  return tasks != op.args.end() && tasks->is_array() && tasks->size() > kBulkObjects;
}

// The projection stands still while an operation is judged: a reader that is late may move it back meanwhile.
class Held {
 public:
  Held(Projection& projection, const git::Oid& tip) : projection_(projection) { projection_.hold(tip); }
  ~Held() { projection_.let_go(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  Projection& projection_;
};

[[noreturn]] void fail_ref_locked() {
  throw Error(Kind::timeout, "refs/agent/ledger stays locked by another program",
              {"try again", "a lock that a killed process left is found by 'git agent-doctor'"});
}

git::Oid state_tree(const git::Repository& repo, const git::Oid& commit) {
  if (commit.zero()) return {};
  const auto info = repo.read_commit(commit);
  if (!info) fail_environment("the ledger's commit " + commit.brief() + " is missing", {"git agent-doctor"});
  return info->tree;
}

}  // namespace

LedgerState Ledger::state() { return state_at(tip()); }

LedgerState Ledger::state_at(const git::Oid& commit) {
  projection_.refresh(commit);
  return {repo_, state_tree(repo_, commit), projection_};
}

git::Oid root_commit(git::Repository& repo) {
  const git::Oid tree = repo.write_tree({{"format", 0100644, repo.write_blob(kFormatText)}});
  const git::Signature nobody = signature("git-agent", 0);
  return repo.write_commit(tree, {}, nobody, nobody, "git-agent ledger\n");
}

void Ledger::initialise() {
  if (!tip().zero()) return;
  repo_.require_writable();
  const FileLock lock = take_lock(repo_);
  if (move({}, root_commit(repo_), "agent: begin") == git::Cas::busy)
    fail_environment("refs/agent/ledger is locked by another program", {"try again"});
}

// The ref's reflog is the way back when objects are lost, so that it has one whatever Git's settings say.
git::Cas Ledger::move(const git::Oid& from, const git::Oid& to, const std::string& message) {
  return repo_.cas_ref(kLedgerRef, from, to, message, git::Reflog::kept);
}

// Builds the commit of one operation; nothing refers to it yet.
git::Oid Ledger::write_step(const git::Oid& parent, Judged& step, std::vector<WrittenObject>& written) {
  auto& [text, op, outcome] = step;
  written.reserve(outcome.changes.size());
  for (model::ObjectChange& change : outcome.changes)
    written.push_back({std::move(change.folder), std::move(change.id), "", std::move(change.value)});
  side_by_side(stretches(written.size(), kBulkObjects), [&](std::size_t, Stretch part) {
    for (std::size_t i = part.begin; i < part.end; ++i)
      if (!written[i].value.is_null()) written[i].toml = write_toml(written[i].value);
  });
  std::vector<std::string_view> files;
  for (const WrittenObject& object : written)
    if (!object.value.is_null()) files.push_back(object.toml);
  const std::vector<git::Oid> ids = repo_.write_blobs(files);
  std::vector<git::TreeEntry> entries;
  entries.reserve(written.size() + 1);
  auto id = ids.begin();
  for (const WrittenObject& object : written)
    entries.push_back(
        {model::object_path(object.folder, object.id), 0100644, object.value.is_null() ? git::Oid{} : *id++});
  entries.push_back({"op", 0100644, repo_.write_blob(text)});
  const git::Oid tree = repo_.update_tree(state_tree(repo_, parent), entries);
  const git::Signature who = signature(op.actor.name, op.time);
  return repo_.write_commit(tree, {parent}, who, signature("git-agent", op.time), outcome.summary + "\n");
}

// Another program is at the ref for a moment. A process killed inside Git's ref lock leaves a lock file: we hold the
// flock, so no git-agent can be inside; a file of two seconds and more belongs to nobody alive.
// With tables there is one lock for all refs, which is not ours to remove.
void Ledger::wait_for_ref_lock(double since) const {
  if (monotonic_seconds() - since > kLockSeconds) fail_ref_locked();
  ::usleep(1000 + random_below(4000));
  const auto path = repo_.common_dir() / (std::string(kLedgerRef) + ".lock");
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && std::time(nullptr) - info.st_mtime >= 2) ::unlink(path.c_str());
}

Committed Ledger::transact(const std::function<model::Operation(model::State&)>& make) {
  return *transact_if([&](model::State& state) { return std::optional(make(state)); });
}

// What is judged is what the blob `op` says, so that replay elsewhere judges the same.
std::optional<Ledger::Judged> Ledger::judge(const git::Oid& tip, const git::Oid& tree,
                                            const std::function<std::optional<model::Operation>(model::State&)>& make) {
  const Held held(projection_, tip);
  LedgerState state(repo_, tree, projection_);
  auto wanted = make(state);
  if (!wanted) return std::nullopt;
  Judged judged;
  if (!model::reads_back(*wanted)) {
    judged.text = model::to_text(*wanted);
    judged.op = model::operation_from_text(judged.text);
    judged.outcome = model::apply(state, judged.op);
    return judged;
  }
  judged.op = *std::move(wanted);
  const auto decide = [&] { judged.outcome = model::apply(state, judged.op); };
  const auto say = [&] { judged.text = model::to_text(judged.op); };
  if (is_large(judged.op)) {
    side_by_side(decide, say);
  } else {
    decide();
    say();
  }
  return judged;
}

std::optional<Committed>
Ledger::transact_if(const std::function<std::optional<model::Operation>(model::State&)>& make) {
  if (tip().zero()) initialise();
  FileLock lock = take_lock(repo_);
  const double begin = monotonic_seconds();
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const git::Oid before = tip();
    const git::Oid tree = state_tree(repo_, before);
    check_format(repo_, tree);
    auto judged = judge(before, tree, make);
    if (!judged) return std::nullopt;
    auto& [text, op, outcome] = *judged;
    if (outcome.refusal) throw model::to_error(*outcome.refusal);
    fault_point("ledger.before-write");
    std::vector<WrittenObject> written;
    std::optional<git::BulkWriter> bulk;
    if (outcome.changes.size() > kBulkObjects) bulk.emplace(repo_);
    const git::Oid after = write_step(before, *judged, written);
    if (bulk) bulk->finish();
    fault_point("ledger.before-swap");
    const git::Cas swap = move(before, after, "agent: " + op.kind);
    if (swap == git::Cas::lost) continue;
    if (swap == git::Cas::busy) {
      wait_for_ref_lock(begin);
      continue;
    }
    wrote_ = true;
    fault_point("ledger.after-swap");
    projection_.advance(before, after, written);
    fault_point("ledger.after-index");
    projection_.settle();
    lock.release();
    if (random_below(kMaintenanceEvery) == 0) git::maintain_in_background(repo_);
    if (bulk) keep_until_exit(std::move(written));
    return Committed{std::move(op), after, std::move(outcome.summary)};
  }
  fail_ref_locked();
}

namespace {

// Every id that an operation speaks of.
void collect_ids(const Json& value, std::set<std::string>& ids) {
  if (value.is_string() && model::is_id(value.get_ref<const std::string&>())) ids.insert(value.get<std::string>());
  if (value.is_structured())
    for (const Json& member : value) collect_ids(member, ids);
}

// Messages about an operation that no longer holds: to its author, and to whoever in the other history wrote about the
// same objects.
Json messages_about(const model::Operation& op, const model::Refusal& refusal,
                    const std::vector<model::Operation>& theirs) {
  std::set<std::string> subjects, told{op.actor.name};
  collect_ids(op.args, subjects);
  subjects.erase(get_string(op.args, "fence"));
  Json messages = Json::array();
  const auto tell = [&](const std::string& to, const std::string& text) {
    messages.push_back({{"id", new_id()}, {"to", to}, {"text", text}});
  };
  tell(op.actor.name, "your " + op.kind + " no longer held when the clones met, and was refused: " + refusal.message);
  for (const model::Operation& other : theirs) {
    if (told.size() > kMaxTold) break;
    std::set<std::string> spoken_of;
    collect_ids(other.args, spoken_of);
    const bool shared =
        std::any_of(spoken_of.begin(), spoken_of.end(), [&](auto& id) { return subjects.contains(id); });
    if (!shared || !told.insert(other.actor.name).second) continue;
    tell(other.actor.name, op.actor.name + " had done " + op.kind + " in another clone at the same time as your " +
                               other.kind + "; yours stands, that one was refused: " + refusal.message);
  }
  return messages;
}

// While a history is tried out, the projection goes along with it.
class Rehearsal {
 public:
  Rehearsal(Projection& projection, const git::Oid& tip) : projection_(projection) { projection_.start_rehearsal(tip); }
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;
  ~Rehearsal() { projection_.stop_rehearsal(); }

 private:
  Projection& projection_;
};

}  // namespace

// Judges one operation again; one that does not hold any more turns into its record.
Ledger::Judged Ledger::judge_again(const git::Oid& tip, const model::Operation& original,
                                   const std::vector<model::Operation>& theirs,
                                   std::optional<model::Refusal>& refusal) {
  const Held held(projection_, tip);
  LedgerState state(repo_, state_tree(repo_, tip), projection_);
  model::Operation op = original;
  model::Outcome outcome = model::apply(state, op);
  if (outcome.refusal) {
    refusal = std::move(outcome.refusal);
    op.kind = "refused";
    op.args = {{"op", parse_json(model::to_text(original), "operation")},
               {"kind", kind_name(refusal->kind)},
               {"reason", refusal->message},
               {"tell", messages_about(original, *refusal, theirs)}};
    outcome = model::apply(state, op);
  }
  std::string text = model::to_text(op);
  return {std::move(text), std::move(op), std::move(outcome)};
}

Replayed Ledger::replay_locked(const git::Oid& onto, const std::vector<model::Operation>& operations,
                               const std::vector<std::string>& known, const std::vector<model::Operation>& theirs) {
  std::unordered_set<std::string> seen(known.begin(), known.end());
  Replayed result;
  result.tip = onto;
  const Rehearsal rehearsal(projection_, onto);
  git::BulkWriter bulk(repo_);
  for (const model::Operation& original : operations) {
    if (!seen.insert(original.id).second) continue;
    std::optional<model::Refusal> refusal;
    Judged judged = judge_again(result.tip, original, theirs, refusal);
    if (refusal) result.refused.emplace_back(original, *refusal);
    std::vector<WrittenObject> written;
    const git::Oid next = write_step(result.tip, judged, written);
    projection_.advance(result.tip, next, written);
    result.tip = next;
    result.applied.push_back({judged.op, next, judged.outcome.summary});
  }
  bulk.finish();
  return result;
}

Replayed Ledger::replay(const git::Oid& onto, const std::vector<model::Operation>& operations,
                        const std::vector<std::string>& known) {
  const FileLock lock = take_lock(repo_);
  return replay_locked(onto, operations, known, {});
}

std::vector<model::Operation> Ledger::operations_between(const git::Oid& base, const git::Oid& tip) const {
  std::vector<model::Operation> list;
  if (base == tip) return list;
  walk(
      [&](const Entry& entry) {
        if (entry.commit == base) return false;
        list.push_back(entry.op);
        return true;
      },
      tip);
  std::reverse(list.begin(), list.end());
  return list;
}

Replayed Ledger::follow(const git::Oid& incoming) {
  initialise();
  const FileLock lock = take_lock(repo_);
  check_format(repo_, state_tree(repo_, incoming));
  const double begin = monotonic_seconds();
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const git::Oid local = tip();
    Replayed result;
    if (repo_.is_ancestor(incoming, local)) {
      result.tip = local;
      return result;
    }
    const git::Oid base = repo_.merge_base(local, incoming);
    result.tip = incoming;
    // Most often nothing was written here meanwhile, and there is nothing to judge.
    if (const auto own = operations_between(base, local); !own.empty()) {
      const auto theirs = operations_between(base, incoming);
      std::vector<std::string> known;
      for (const model::Operation& op : theirs) known.push_back(op.id);
      result = replay_locked(incoming, own, known, theirs);
    }
    fault_point("ledger.before-follow");
    const git::Cas swap = move(local, result.tip, "agent: sync");
    if (swap == git::Cas::committed) {
      fault_point("ledger.after-follow");
      projection_.refresh(result.tip);
      projection_.settle();
      return result;
    }
    if (swap == git::Cas::busy) wait_for_ref_lock(begin);
  }
  fail_ref_locked();
}

namespace {
std::optional<Entry> entry_of(const git::Repository& repo, const git::CommitInfo& commit) {
  const auto entry = commit.parents.empty() ? std::nullopt : repo.entry_at(commit.tree, "op");
  const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
  if (!blob) return std::nullopt;
  return Entry{commit.id, commit.subject(), model::operation_from_text(*blob)};
}
}  // namespace

std::optional<Entry> Ledger::entry(const git::Oid& commit) const {
  const auto info = repo_.read_commit(commit);
  return info ? entry_of(repo_, *info) : std::nullopt;
}

void Ledger::walk(const std::function<bool(const Entry&)>& visit, const git::Oid& from) const {
  git::Oid at = from.zero() ? tip() : from;
  while (!at.zero()) {
    const auto commit = repo_.read_commit(at);
    if (!commit || commit->parents.empty()) return;
    const auto entry = entry_of(repo_, *commit);
    if (entry && !visit(*entry)) return;
    at = commit->parents.front();
  }
}

std::vector<Ledger::ObjectDiff> Ledger::changes_of(const git::Oid& commit) const {
  const auto info = repo_.read_commit(commit);
  if (!info) return {};
  const git::Oid before = info->parents.empty() ? git::Oid{} : state_tree(repo_, info->parents.front());
  const auto load = [&](const git::Oid& id, const std::string& path) {
    const auto blob = id.zero() ? std::nullopt : repo_.read_blob(id);
    return blob ? parse_toml(*blob, path) : Json();
  };
  std::vector<ObjectDiff> list;
  for (const git::Change& change : git::diff_trees(repo_, before, info->tree)) {
    const auto object = parse_object_path(change.path);
    if (!object) continue;
    list.push_back({object->first, object->second, load(change.old_id, change.path), load(change.new_id, change.path)});
  }
  return list;
}

}  // namespace ga::ledger
