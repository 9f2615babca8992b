// Operations: the only way the ledger changes. An operation is a pure function of the state before it:
// apply(state, operation) gives the objects that change or a refusal, and nothing else - no clock, no
// environment, no randomness (ids are made by the operation's author and part of `args`). That is what makes
// replay on another tip possible and gives the same bytes everywhere.
//
// | kind          | args (ids in full)                                                          |
// |---------------|-----------------------------------------------------------------------------|
// | task.add      | tasks: [object]                 many in one; a slug already taken gets "-2"  |
// | task.import   | from, tasks: [object with `origin`]  added, or merged into the one of that id (model/imported.hh)   |
// | task.edit     | task, set: {title, description, priority, phase, assignee, parent, labels, owns, accept, budget_tokens} |
// | task.dep      | task, add: [id], remove: [id]                                               |
// | task.claim    | task, agent, host, pid, start, boot, lease, replaces (fence taken over), why, branch?, base?, target?, |
// |               | add? (the task's object, when the claim makes it), parents?: [{task, branch, base, target}] of ancestors without a branch |
// | task.renew    | task, fence, lease, process? (host, pid, start, boot: who lives as long as the claim) |
// | task.release  | task, fence?, drop_branch?, drop_parents?: [ids whose branches came with the claim] |
// | task.start    | task (+ the claim's args)                                                   |
// | task.submit   | task, fence?, commit, text?, bead?                                         |
// | task.complete | task, fence?, text?, bead                                                   |
// | task.fail     | task, fence?, why, bead                                                     |
// | task.block    | task, why      task.unblock: task                                           |
// | task.cancel   | task, why, bead                                                             |
// | task.reopen   | task, why                                                                   |
// | task.rework   | task, why, fence?, iteration?: bool, tree? (what was judged: the same one is no further iteration), |
// |               | newer?: bool (commits after those in review were judged: the task stays in review) |
// | task.note     | task, text                                                                  |
// | task.accept   | task, index, evidence, commit, undo?                                        |
// | bead.add      | bead: object                                                                |
// | approval.add  | approval: object (model/approval.hh), task?, bead?                          |
// | plan.submit   | task, plan: {id, text}, fence?                                              |
// | plan.approve  | task, plan (id), content, approval?: object, bead                            |
// | plan.reject   | task, plan (id), why, bead                                                  |
// | reflect       | task, fence?, reflection: object, learnings: [object], bead?                |
// | learn.edit    | learning, text?, section?                                                   |
// | learn.approve | learning, text and section (as approved), commit?, approval? (id), bead     |
// | learn.reject  | learning, why, bead                                                         |
// | run.start     | run: object, fence?, host?, pid?, start?, boot?, lease? (the claim becomes the runner's) |
// | run.end       | run, state, exit_code, reason, bead?                                        |
// | merge.begin   | task, target, old, new, commits: {old: new}                                |
// | merge.end     | task, merge (id of its begin), target, old, new, commits, gates: [{gate, verdict}], bead |
// | merge.abort   | task, merge, why                                                            |
// | review.request | task, commit, review: {id, reviewer?, text?}                              |
// | review.pass, review.fail | task, commit, review: {id (the request's), run?, text?, comments?}, tree?, bead |
// | clean         | tasks: [id], backups: {id: ref}                                             |
// | undo          | op, restore: [{folder: tasks or beads, id, expect: object_hash(), value}], bead |
// | refused       | op: the original, kind, reason                                              |
//
// Any of them may leave messages, by `tell: [{id, to, text}]`: from who acts (a refusal's from git-agent), about args.task.
// Kinds this version does not know change nothing and are kept: a newer writer made them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/state.hh"
#include "util/error.hh"

namespace ga::model {

struct Actor {
  std::string name;
  std::string role;  ///< lead, builder, reviewer, feature-lead or an own one
  bool person = false;
};

struct Operation {
  std::string id;  ///< 128 random bits, hexadecimal
  std::string kind;
  Actor actor;
  Time time = 0;
  Json args = Json::object();
  Json extra = Json::object();  ///< members of a newer writer, kept
};
/// `{"actor":{"name","person","role"},"args","id","kind","time"}`, canonical: the blob `op`.
std::string to_text(const Operation& operation);
/// operation_from_text(to_text(x)) is x: nothing in it but what JSON can say.
bool reads_back(const Operation& operation);
Operation operation_from_text(std::string_view text);

/// An object to write; a null value removes it.
struct ObjectChange {
  std::string folder, id;
  Json value;
};

struct Refusal {
  Kind kind;
  std::string message;
  std::vector<std::string> hints;
  Json data = Json::object();
};

/// A refusal as the error that ends a command.
Error to_error(const Refusal& refusal);

struct Outcome {
  std::optional<Refusal> refusal;
  std::vector<ObjectChange> changes;
  std::string summary;  ///< the commit's subject: "task 3fa2 (api): claim (backend)"
};

/// What `expect` of an undo names: the SHA-256 of an object's canonical JSON, "" for one that is not there.
std::string object_hash(const Json& object);

/// Judges an operation. Never throws for what an operation says: malformed arguments are a refusal
/// (Kind::usage).
Outcome apply(State& state, const Operation& operation);

}  // namespace ga::model
