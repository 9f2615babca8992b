#include "work/guard.hh"

#include <algorithm>
#include <deque>

#include "git/cli.hh"
#include "util/text.hh"

namespace ga::work {

using trust::FileState;

namespace {

FileState state_of(const git::Repository& repo, const git::Oid& id, unsigned mode) {
  return {mode == 0 ? repo.zero_id() : id.hex(), mode};
}

FileState state_at(const git::Repository& repo, const git::Oid& tree, const std::string& path) {
  const auto entry = tree.zero() ? std::nullopt : repo.entry_at(tree, path);
  return entry ? state_of(repo, entry->id, entry->mode) : state_of(repo, {}, 0);
}

// How often this very step was made in the history up to a commit, merges that only pass it on left out.
std::size_t times_made(const git::Repository& repo, const git::Oid& tip, const trust::Statement& statement) {
  if (tip.zero()) return 0;
  git::GitOptions options;
  options.git_dir = repo.common_dir();
  // Objects are named as they are: no replacement of one has a say.
  options.env["GIT_NO_REPLACE_OBJECTS"] = "1";
  // Nor has a file beside the objects: whoever works in this clone can write one that leaves commits out.
  options.env["GIT_GRAFT_FILE"] = "/dev/null";
  const std::string list = git::git_or_fail({"-c", "core.commitGraph=false", "--literal-pathspecs", "rev-list",
                                             "--full-history", tip.hex(), "--", statement.path},
                                            options);
  std::size_t times = 0;
  for (const std::string& line : split_lines(list)) {
    const auto commit = repo.read_commit(git::Oid::parse(line));
    if (!commit || state_at(repo, commit->tree, statement.path) != statement.after) continue;
    std::size_t from = 0, same = 0;
    for (const git::Oid& parent : commit->parents) {
      const FileState before = state_at(repo, git::tree_of(repo, parent), statement.path);
      if (before == statement.before) ++from;
      if (before == statement.after) ++same;
    }
    if (commit->parents.empty() && statement.before.mode == 0) ++from;
    if (from > 0 && same == 0) ++times;
  }
  return times;
}

// The text of a regular file, and whether it is another one than before.
std::optional<std::string> text_at(const git::Repository& repo, const git::Oid& tree, const std::string& path) {
  const auto entry = tree.zero() || path.empty() ? std::nullopt : repo.entry_at(tree, path);
  return entry && !entry->is_tree() ? repo.read_blob(entry->id) : std::nullopt;
}

}  // namespace

void require_readable(const git::Repository& repo, const git::Oid& before, const git::Oid& after,
                      const std::string& hint) {
  const auto policy = text_at(repo, after, gates::kPolicyFile);
  const bool changed = policy != text_at(repo, before, gates::kPolicyFile);
  std::string path;
  try {
    path = gates::parse_policy(policy.value_or(""), gates::kPolicyFile).curators;
  } catch (const Error& error) {
    if (!changed) return;  // what stood there before is not this change's doing
    throw Error(error.kind(), error.what(), {hint});
  }
  const auto curators = text_at(repo, after, path);
  if (!curators || (!changed && curators == text_at(repo, before, path))) return;
  try {
    trust::parse_curators(*curators, path);
  } catch (const Error& error) {
    throw Error(error.kind(), error.what(), {hint});
  }
}

Json to_json(const GuardedChange& change) {
  const git::Change& c = change.change;
  return {{"path", c.path},
          {"commit", string_or_null(change.commit.zero() ? "" : change.commit.hex())},
          {"old", string_or_null(c.old_mode == 0 ? "" : c.old_id.hex())},
          {"new", string_or_null(c.new_mode == 0 ? "" : c.new_id.hex())},
          {"old_mode", c.old_mode},
          {"new_mode", c.new_mode},
          {"approved", change.problem.empty()},
          {"by", change.by},
          {"problem", string_or_null(change.problem)}};
}

const Authority& Guard::rules() {
  if (!rules_) {
    rules_ = side_.rules();
    policies_.insert(rules_->policy.zero() ? side_.repo.zero_id() : rules_->policy.hex());
  }
  return *rules_;
}

const std::vector<Guard::Known>& Guard::known() {
  if (known_) return *known_;
  known_.emplace();
  for (model::Approval& approval : approvals_at(side_.repo, side_.ledger)) {
    auto statement = trust::parse_statement(approval.statement);
    if (statement && (statement->kind == "guard" || statement->kind == "learning"))
      known_->push_back({std::move(approval), *std::move(statement), std::nullopt, std::nullopt});
  }
  return *known_;
}

const std::string& Guard::problem_of(std::size_t index) {
  Known& each = (*known_)[index];
  if (!each.problem) {
    const bool on_the_way = policies_.count(each.statement.policy) > 0;
    each.problem = on_the_way ? approval_problem(rules(), each.approval, each.statement)
                              : std::string("it was given under another version of the policy");
  }
  return *each.problem;
}

// An approval is for one step: once that has been made in the history, it takes another one to make it again.
bool Guard::is_spent(std::size_t index) {
  Known& each = (*known_)[index];
  if (each.spent) return *each.spent;
  const trust::Statement& mine = each.statement;
  // One statement is one decision: the same signature can be written down in many ways.
  std::set<std::string> given;
  for (const Known& other : *known_) {
    const trust::Statement& its = other.statement;
    const bool same = its.path == mine.path && its.before == mine.before && its.after == mine.after;
    // Those of an older policy were for their own time, but given by a curator all the same.
    if (same && approval_problem(rules(), other.approval, its).empty()) given.insert(other.approval.statement);
  }
  each.spent = times_made(side_.repo, side_.base, mine) >= given.size();
  return *each.spent;
}

std::optional<std::vector<std::string>> Guard::path(const std::string& path, const FileState& from, const FileState& to,
                                                    std::string& why_not) {
  rules();
  const auto& all = known();
  struct Place {
    FileState state;
    std::vector<std::string> by;
  };
  std::deque<Place> open = {{from, {}}};
  std::set<std::string> seen;
  while (!open.empty()) {
    const Place place = std::move(open.front());
    open.pop_front();
    if (place.state == to) return place.by;
    if (!seen.insert(place.state.id + " " + std::to_string(place.state.mode)).second) continue;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].statement.path != path || all[i].statement.before != place.state) continue;
      const std::string who = approver(all[i].approval);
      // Only of those that would have led there is worth a word.
      std::string problem = problem_of(i);
      const bool spent = problem.empty() && is_spent(i);
      if (!problem.empty()) problem = "the approval by " + who + " does not count: " + problem;
      else if (spent)
        problem = "the approval by " + who + " has been used before: the same change was made, and taken back since";
      if (!problem.empty()) {
        // One that did hold says more than those that never did.
        if (all[i].statement.after == to && (spent || why_not.empty())) why_not = problem;
      } else {
        Place next{all[i].statement.after, place.by};
        next.by.push_back(who);
        open.push_back(std::move(next));
      }
    }
  }
  return std::nullopt;
}

void Guard::judge(GuardedChange& change) {
  const git::Change& c = change.change;
  const FileState after = state_of(side_.repo, c.new_id, c.new_mode);
  if (c.path == gates::kPolicyFile && c.new_mode != 0) policies_.insert(c.new_id.hex());
  std::string why_not;
  for (const FileState& from : change.from) {
    if (from == after) continue;
    if (auto by = path(c.path, from, after, why_not)) {
      change.by = *std::move(by);
      return;
    }
  }
  if (why_not.empty()) why_not = rules().problem;
  change.problem = why_not.empty() ? kNobodyApproved : why_not;
}

std::vector<GuardedChange> Guard::step(const git::Oid& before, const git::Oid& after, const git::CommitInfo* commit) {
  std::vector<GuardedChange> all;
  for (git::Change& c : gates::protected_file_changes(side_.repo, side_.policy, before, after)) {
    GuardedChange change;
    change.from = {state_of(side_.repo, c.old_id, c.old_mode)};
    change.change = std::move(c);
    if (commit != nullptr) {
      change.commit = commit->id;
      change.subject = commit->subject();
    }
    judge(change);
    all.push_back(std::move(change));
  }
  return all;
}

std::vector<GuardedChange> Guard::commits(const std::vector<git::Oid>& ids) {
  const git::Oid base_tree = git::tree_of(side_.repo, side_.base);
  std::vector<GuardedChange> all;
  for (const git::Oid& id : ids) {
    const auto commit = side_.repo.read_commit(id);
    if (!commit) fail_environment("the commit " + id.brief() + " is missing", {"run 'git fsck'"});
    std::vector<git::Oid> parents;
    for (const git::Oid& parent : commit->parents) parents.push_back(git::tree_of(side_.repo, parent));
    const git::Oid first = parents.empty() ? git::Oid{} : parents.front();
    for (git::Change& c : gates::protected_file_changes(side_.repo, side_.policy, first, commit->tree)) {
      const FileState after = state_of(side_.repo, c.new_id, c.new_mode);
      const FileState base = state_at(side_.repo, base_tree, c.path);
      if (!base_tree.zero() && base == after) continue;
      GuardedChange change;
      change.commit = id;
      change.subject = commit->subject();
      change.from = {state_of(side_.repo, c.old_id, c.old_mode)};
      bool from_base = false;
      for (std::size_t i = 1; i < parents.size(); ++i) {
        const FileState other = state_at(side_.repo, parents[i], c.path);
        // A merge of what the protected side had once brings nothing that was not decided there.
        from_base = from_base ||
                    (other == after && !side_.base.zero() && side_.repo.is_ancestor(commit->parents[i], side_.base));
        change.from.push_back(other);
      }
      if (from_base) continue;
      if (parents.size() > 1) change.from.push_back(base);
      change.change = std::move(c);
      judge(change);
      all.push_back(std::move(change));
    }
  }
  return all;
}

Guard guard_of(Project& project, const gates::Policy& policy, const git::Oid& base) {
  const git::Oid tip = project.branch_tip(project.target_ref());
  const git::Oid at = base.zero() ? tip : base;
  return Guard({project.repo(), policy, at, project.repo().ref(ledger::kLedgerRef),
                [&project, at, tip] { return authority(project, at == tip ? git::Oid{} : at); }});
}

void require_approved(const std::vector<GuardedChange>& changes, const std::string& what,
                      const std::vector<std::string>& approve_command) {
  const auto bad =
      std::find_if(changes.begin(), changes.end(), [](const GuardedChange& c) { return !c.problem.empty(); });
  if (bad == changes.end()) return;
  Json list = Json::array();
  for (const GuardedChange& change : changes)
    if (!change.problem.empty()) list.push_back(to_json(change));
  throw Error(Kind::guarded,
              what + " changes the protected file " + sanitize_line(bad->change.path) + ": " + bad->problem,
              {"a person who agrees approves it: " + shell_join(approve_command),
               "else take it out, and tell the lead what should change and why"})
      .with_data({{"changes", list}, {"path", bad->change.path}})
      .next(approve_command);
}

}  // namespace ga::work
