// The ledger: one ref whose commits are operations and whose tree is the state after them.
//
//   ledger::Ledger ledger(repo, index);
//   auto done = ledger.transact([&](model::State& state) { return op; });
//
// Layout of a commit's tree:
//   format                     TOML: version, min-writer, epoch
//   op                         the operation, canonical JSON (model/operation.hh)
//   tasks/a/b/c/<id>.toml      one file an object; also beads/, runs/, merges/, pending/
// The first commit is the same bytes in every repository, so that ledgers begun apart share a root.
//
// Transactions are safe against any number of processes and worktrees: a flock on <common>/agent/lock
// orders writers, and the ref still moves by compare-and-swap, because Git itself does not know that
// lock. Killed before the swap nothing has happened; killed after it, everything has: index and notes
// are projections that the next command catches up.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.hh"
#include "model/operation.hh"

namespace ga::ledger {

inline constexpr const char* kLedgerRef = "refs/agent/ledger";
inline constexpr int kFormatVersion = 1;

/// An object that an operation changed; `toml` is its file, "" when removed. `value` is what the file says, where that is
/// at hand; null otherwise.
struct WrittenObject {
  std::string folder, id, toml;
  Json value = {};
};

/// What is derived from the ledger and follows it: relations, lists, notes. Disposable at any time.
class Projection {
 public:
  virtual ~Projection() = default;
  /// Brings the projection to this tip, from wherever it stands; one that processes share may be ahead of it afterwards.
  virtual void refresh(const git::Oid& tip) = 0;
  /// The ledger went from `before` to `after` by these changes. Must not throw: a projection that cannot
  /// follow invalidates itself.
  virtual void advance(const git::Oid& before, const git::Oid& after,
                       const std::vector<WrittenObject>& changes) noexcept = 0;
  /// refresh(), and until let_go() every answer is of exactly this tip, whatever other processes do to it. A writer
  /// judges under it; it must let go before advance().
  virtual void hold(const git::Oid& tip) = 0;
  virtual void let_go() noexcept = 0;
  /// From here to stop_rehearsal() the projection follows a history that is being tried out, starting at this tip; other
  /// processes see nothing of it, and afterwards this one neither.
  virtual void start_rehearsal(const git::Oid& tip) = 0;
  virtual void stop_rehearsal() noexcept = 0;
  /// Called after the swap, still under the lock: write what others see (notes). Must not throw.
  virtual void settle() noexcept = 0;

  virtual std::vector<std::string> children(const std::string& task) = 0;
  virtual std::vector<std::string> dependents(const std::string& task) = 0;
  virtual std::string task_by_slug(const std::string& slug) = 0;
  virtual std::vector<std::string> locked_tasks() = 0;
  virtual std::vector<std::string> beads_of(const std::string& task) = 0;
};

/// The state at one tip: objects from the tree (the truth), relations from the projection (a hint whose
/// every answer is checked against the objects).
class LedgerState : public model::State {
 public:
  LedgerState(const git::Repository& repo, const git::Oid& tree, Projection& projection)
      : repo_(repo), tree_(tree), projection_(projection) {}

  Json object(const std::string& folder, const std::string& id) override;
  std::vector<std::string> children(const std::string& task) override;
  std::vector<std::string> dependents(const std::string& task) override;
  std::string task_by_slug(const std::string& slug) override;
  std::vector<std::string> locked_tasks() override;
  std::vector<std::string> beads_of(const std::string& task) override;

 private:
  const git::Repository& repo_;
  bool has_tasks();

  git::Oid tree_;
  Projection& projection_;
  std::optional<bool> has_tasks_;
};

struct Committed {
  model::Operation op;
  git::Oid commit;
  std::string summary;
};

struct Entry {
  git::Oid commit;
  std::string summary;
  model::Operation op;
};

struct Replayed {
  git::Oid tip;
  std::vector<Committed> applied;
  std::vector<std::pair<model::Operation, model::Refusal>> refused;
};

class Ledger {
 public:
  Ledger(git::Repository& repo, Projection& projection) : repo_(repo), projection_(projection) {}

  /// The newest commit; zero before the first write.
  git::Oid tip() const { return repo_.ref(kLedgerRef); }
  /// The state now, with the projection brought to the tip. Readers take no lock.
  LedgerState state();
  LedgerState state_at(const git::Oid& commit);

  /// One operation, durable and visible to every worktree when this returns. `make` builds it from the
  /// state under the lock (it may throw to give up: nothing has changed then; it may run again when the
  /// ref moved). A refusal throws Error with its kind.
  Committed transact(const std::function<model::Operation(model::State&)>& make);
  /// Like transact(), but nothing happens when `make` gives no operation.
  std::optional<Committed> transact_if(const std::function<std::optional<model::Operation>(model::State&)>& make);

  /// Whether this object has written an operation of its own.
  bool wrote() const { return wrote_; }

  /// Creates the first commit, and with it the ref's reflog, when it is missing. Idempotent.
  void initialise();

  /// Operations again on another tip, in order, each judged anew; moves no ref. One that does not hold
  /// any more becomes a `refused` commit under its own id, holding the original. Operations already in
  /// `known` (ids) are skipped. Takes the lock.
  Replayed replay(const git::Oid& onto, const std::vector<model::Operation>& operations,
                  const std::vector<std::string>& known = {});

  /// Makes the ledger hold what came from elsewhere: `incoming`, and after it, judged anew, the operations that only this
  /// ledger has. Takes the lock from the first look to the swap, so that no writer is faster; projections follow.
  /// Whoever wrote what an operation was refused for is told by a message, and so is its author.
  Replayed follow(const git::Oid& incoming);

  /// The operation that one commit of the ledger is; none for the first commit and what is no such commit.
  std::optional<Entry> entry(const git::Oid& commit) const;
  /// Operations from newest to oldest; stops when `visit` gives false.
  void walk(const std::function<bool(const Entry&)>& visit, const git::Oid& from = {}) const;
  /// The objects one commit changed: (folder, id, before, after), null for absent.
  struct ObjectDiff {
    std::string folder, id;
    Json before, after;
  };
  std::vector<ObjectDiff> changes_of(const git::Oid& commit) const;

 private:
  /// An operation, the text that becomes the blob `op`, and what came of it.
  struct Judged {
    std::string text;
    model::Operation op;
    model::Outcome outcome;
  };
  Replayed replay_locked(const git::Oid& onto, const std::vector<model::Operation>& operations,
                         const std::vector<std::string>& known, const std::vector<model::Operation>& theirs);
  /// Operations after `base` up to `tip`, oldest first.
  std::vector<model::Operation> operations_between(const git::Oid& base, const git::Oid& tip) const;
  /// Takes the changed objects' values with it.
  git::Oid write_step(const git::Oid& parent, Judged& step, std::vector<WrittenObject>& written);
  git::Cas move(const git::Oid& from, const git::Oid& to, const std::string& message);
  void wait_for_ref_lock(double since) const;
  std::optional<Judged> judge(const git::Oid& tip, const git::Oid& tree,
                              const std::function<std::optional<model::Operation>(model::State&)>& make);
  Judged judge_again(const git::Oid& tip, const model::Operation& original, const std::vector<model::Operation>& theirs,
                     std::optional<model::Refusal>& refusal);

  git::Repository& repo_;
  Projection& projection_;
  bool wrote_ = false;
};

/// The first commit, the same in every ledger; written when it is not there.
git::Oid root_commit(git::Repository& repo);

/// The folder and id of an object file's path ("tasks/3/f/a/3fa...toml"); nullopt for others.
std::optional<std::pair<std::string, std::string>> parse_object_path(std::string_view path);
/// Throws Error(newer_version) when the ledger at this tree asks for a newer writer than this.
void check_format(const git::Repository& repo, const git::Oid& tree);

}  // namespace ga::ledger
