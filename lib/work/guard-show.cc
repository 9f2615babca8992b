// What a person is asked about when something protected changes, how it is shown, and what becomes of a yes.
#include <algorithm>

#include "git/cli.hh"
#include "util/fs.hh"
#include "util/line-diff.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/move.hh"

namespace ga::work {
namespace {

constexpr int kContext = 3;
constexpr unsigned kLink = 0120000, kGitlink = 0160000;

std::string kind_of(unsigned mode) {
  if (mode == 0) return "not there";
  if (mode == kLink) return "symbolic link";
  if (mode == kGitlink) return "another repository";
  return mode == 0100755 ? "executable file" : "file";
}

std::string content(const git::Repository& repo, const git::Oid& id, unsigned mode) {
  if (mode == 0) return "";
  if (mode == kGitlink) return "commit " + id.hex() + "\n";
  return repo.read_blob(id).value_or("(its content is missing)\n");
}

bool is_binary(const std::string& text) { return text.find('\0') != std::string::npos; }

std::string last_line_note(const std::string& text, const char* which) {
  return text.empty() || text.back() == '\n' ? ""
                                             : std::string("\\ the ") + which + " version ends without a line end\n";
}

// ---- which changes ------------------------------------------------------------------------------

// The branch that this one is pushed to, as it was last seen there; zero when there is none.
git::Oid upstream_of(Project& project, const std::string& branch) {
  const std::string name = branch_name(branch);
  const auto remote = project.config().get("branch." + name + ".remote");
  const auto merge = project.config().get("branch." + name + ".merge");
  if (!remote || !merge || !starts_with(*merge, "refs/heads/")) return {};
  return project.repo().ref("refs/remotes/" + *remote + "/" + merge->substr(11));
}

bool is_listed(const std::vector<GuardedChange>& changes, const GuardedChange& change) {
  return std::any_of(changes.begin(), changes.end(), [&](const GuardedChange& each) {
    const git::Change &a = each.change, &b = change.change;
    return a.path == b.path && a.old_id == b.old_id && a.old_mode == b.old_mode && a.new_id == b.new_id &&
           a.new_mode == b.new_mode;
  });
}

void judge_commits(Project& project, GuardSubject& subject) {
  git::Repository& repo = project.repo();
  const gates::Policy policy = gates::policy_at(repo, subject.base, "policy");
  // Before the first commit there is nobody to ask.
  Guard guard = subject.base.zero()
                    ? Guard({repo, policy, {}, project.ledger().tip(), [&] { return authority_at(repo, policy, {}); }})
                    : guard_of(project, policy, subject.base);
  subject.changes = guard.commits(repo.commits_between(subject.base, subject.tip));
  // The whole as one step too: merges may put together what no single commit does.
  if (!subject.base.zero() && repo.is_ancestor(subject.base, subject.tip))
    for (GuardedChange& change : guard.step(git::tree_of(repo, subject.base), git::tree_of(repo, subject.tip)))
      if (!change.problem.empty() && !is_listed(subject.changes, change)) subject.changes.push_back(std::move(change));
  subject.rules = guard.rules();
}

// On a branch: what it has that the target has not. On the target: what upstream has not, else the last commit.
GuardSubject commits_up_to(Project& project, const git::Oid& tip, bool alone) {
  git::Repository& repo = project.repo();
  const std::string target = project.target_ref();
  const git::Oid target_tip = repo.ref(target);
  GuardSubject subject;
  subject.tip = tip;
  const bool in_target = !target_tip.zero() && repo.is_ancestor(tip, target_tip);
  const git::Oid upstream = in_target && !alone ? upstream_of(project, target) : git::Oid{};
  if (!in_target) {
    subject.base = target_tip;
    subject.name = sanitize_line(branch_name(target)) + ".." + tip.brief();
  } else if (!upstream.zero() && upstream != tip && repo.is_ancestor(upstream, tip)) {
    subject.base = upstream;
    subject.name = "what " + sanitize_line(branch_name(target)) + " has since it was pushed";
  } else {
    const auto commit = repo.read_commit(tip);
    subject.base = commit && !commit->parents.empty() ? commit->parents.front() : git::Oid{};
    subject.name = "the commit " + tip.brief();
  }
  judge_commits(project, subject);
  return subject;
}

std::optional<GuardSubject> staged_subject(Project& project) {
  git::Repository& repo = project.repo();
  if (repo.work_dir().empty()) return std::nullopt;
  GuardSubject subject;
  subject.staged = true;
  subject.name = "what is staged";
  subject.tip = repo.ref("HEAD");
  subject.base = project.branch_tip(project.target_ref());
  const git::Oid tree = repo.write_index_tree(), head = git::tree_of(repo, subject.tip);
  if (tree == head) return std::nullopt;
  Guard guard = guard_of(project, project.policy(), subject.base);
  subject.changes = guard.step(head, tree);
  if (subject.changes.empty()) return std::nullopt;
  subject.rules = guard.rules();
  return subject;
}

bool names_path(Project& project, const std::string& name) {
  if (gates::is_protected(project.policy(), name)) return true;
  const fs::path dir = project.repo().work_dir();
  std::error_code none;
  return !dir.empty() && fs::exists(fs::symlink_status(dir / name, none));
}

GuardSubject range_subject(Project& project, const std::string& name, std::size_t dots) {
  git::Repository& repo = project.repo();
  const std::string left = name.substr(0, dots), right = name.substr(dots + 2);
  GuardSubject subject;
  subject.base = repo.resolve_commit(left.empty() ? "HEAD" : left);
  subject.tip = repo.resolve_commit(right.empty() ? "HEAD" : right);
  if (subject.base.zero() || subject.tip.zero())
    throw Error(Kind::not_found, "'" + sanitize_line(fit(name, 80)) + "' is no range of commits",
                {"A..B: from A to B"});
  subject.name = sanitize_line(name);
  judge_commits(project, subject);
  return subject;
}

std::string version_of(const GuardSubject& subject) {
  std::string text;
  for (const GuardedChange& c : subject.changes)
    text += c.change.path + '\0' + c.change.old_id.hex() + std::to_string(c.change.old_mode) + c.change.new_id.hex() +
            std::to_string(c.change.new_mode) + '\n';
  return sha256_hex(text);
}

GuardSubject here(Project& project) {
  if (auto staged = staged_subject(project)) return *std::move(staged);
  const git::Oid head = project.repo().ref("HEAD");
  if (head.zero()) throw Error(Kind::not_found, "there is no commit yet, and nothing protected is staged");
  return commits_up_to(project, head, false);
}

GuardSubject named_subject(Project& project, const std::string& name) {
  if (name.empty()) return here(project);
  if (const auto dots = name.find(".."); dots != std::string::npos && name.find('/') == std::string::npos)
    return range_subject(project, name, dots);
  if (names_path(project, name)) {
    GuardSubject subject = here(project);
    std::erase_if(subject.changes, [&](const GuardedChange& c) { return c.change.path != name; });
    subject.name = sanitize_line(name) + " in " + subject.name;
    return subject;
  }
  const std::string id = project.index().task_by_slug(name);
  if (const auto task = id.empty() ? std::nullopt : project.index().task(id); task && !task->branch.empty()) {
    const git::Oid tip = project.branch_tip(task->branch);
    if (!tip.zero()) {
      GuardSubject subject = commits_up_to(project, tip, false);
      subject.task = task->id;
      return subject;
    }
  }
  const git::Oid commit = project.repo().resolve_commit(name);
  if (commit.zero())
    throw Error(Kind::not_found, "'" + sanitize_line(fit(name, 80)) + "' is no protected path, commit or task",
                {"see 'git agent-guard check'"});
  return commits_up_to(project, commit, true);
}

// ---- approving ----------------------------------------------------------------------------------

// A curators file that nobody could use would lock everybody out.
void require_usable_curators(const git::Repository& repo, const GuardSubject& subject) {
  for (const GuardedChange& c : subject.changes) {
    if (c.change.path != subject.rules.curators_path || c.change.new_mode == 0) continue;
    if (trust::parse_curators(content(repo, c.change.new_id, c.change.new_mode), c.change.path).lines.empty())
      throw Error(Kind::guarded, sanitize_line(c.change.path) + " would name nobody",
                  {"name at least one curator in it"});
  }
}

std::string bead_text(const GuardedChange& c, const model::Approval& approval) {
  const auto brief = [](const git::Oid& id, unsigned mode) { return mode == 0 ? std::string("nothing") : id.brief(); };
  return "Approved by " + approver(approval) + ": " + sanitize_line(c.change.path) + " " +
         brief(c.change.old_id, c.change.old_mode) + " -> " + brief(c.change.new_id, c.change.new_mode) +
         (approval.why.empty() ? "" : "\n" + approval.why);
}

}  // namespace

GuardSubject guard_subject(Project& project, const std::string& name) {
  GuardSubject subject = named_subject(project, name);
  subject.version = version_of(subject);
  return subject;
}

std::string change_text(const git::Repository& repo, const GuardedChange& change) {
  const git::Change& c = change.change;
  std::string text = sanitize_line(c.path) + ": ";
  if (c.old_mode == 0) text += "a new " + kind_of(c.new_mode);
  else if (c.new_mode == 0) text += "removed, it was a " + kind_of(c.old_mode);
  else if (c.old_mode != c.new_mode) text += "from " + kind_of(c.old_mode) + " to " + kind_of(c.new_mode);
  else text += kind_of(c.new_mode);
  if (!change.commit.zero())
    text += ", in commit " + change.commit.brief() + " '" + sanitize_line(change.subject) + "'";
  text += "\n  old " + (c.old_mode == 0 ? "-" : c.old_id.hex()) + "\n  new " +
          (c.new_mode == 0 ? "-" : c.new_id.hex()) + "\n";
  if (c.old_id == c.new_id) return text + "  the content is the same\n";
  const std::string before = content(repo, c.old_id, c.old_mode), after = content(repo, c.new_id, c.new_mode);
  if (is_binary(before) || is_binary(after))
    return text + "  binary: " + std::to_string(before.size()) + " bytes before, " + std::to_string(after.size()) +
           " after\n";
  return text + sanitize(line_difference(before, after, kContext)) + last_line_note(before, "old") +
         last_line_note(after, "new");
}

std::vector<model::Approval> approve_changes(Project& project, const GuardSubject& subject, const std::string& why) {
  require_usable_curators(project.repo(), subject);
  std::vector<model::Approval> made;
  std::set<std::string> done;
  for (const GuardedChange& change : subject.changes) {
    if (change.problem.empty()) continue;
    const trust::FileState after = {change.change.new_mode == 0 ? project.repo().zero_id() : change.change.new_id.hex(),
                                    change.change.new_mode};
    for (const trust::FileState& from : change.from) {
      trust::Statement statement;
      statement.kind = "guard";
      statement.path = change.change.path;
      statement.before = from;
      statement.after = after;
      const std::string step =
          statement.path + '\0' + from.id + std::to_string(from.mode) + after.id + std::to_string(after.mode);
      if (from == after || !done.insert(step).second) continue;
      const model::Approval approval = approve(project, subject.rules, statement, why, subject.task);
      Json bead = project.bead("decision", bead_text(change, approval), subject.task, "approval " + approval.id);
      if (!change.commit.zero()) bead["commit"] = change.commit.hex();
      Json args = {{"approval", model::to_json(approval)}, {"bead", std::move(bead)}};
      if (!subject.task.empty()) args["task"] = subject.task;
      project.commit("approval.add", std::move(args));
      made.push_back(approval);
    }
  }
  return made;
}

namespace {

std::vector<git::Oid> new_commits(const git::Repository& repo, const git::Oid& tip, const git::Oid& before,
                                  const git::Oid& target) {
  std::vector<git::Oid> commits = repo.commits_between(before.zero() ? target : before, tip);
  if (before.zero() || target.zero() || target == before) return commits;
  const auto others = repo.commits_between(target, tip);
  const std::set<git::Oid> fresh(others.begin(), others.end());
  std::erase_if(commits, [&](const git::Oid& id) { return fresh.count(id) == 0; });
  return commits;
}

void check_ledger_ref(const git::Repository& repo, const RefMove& move) {
  if (move.before.zero()) return;
  if (!move.after.zero() && repo.is_ancestor(move.before, move.after)) return;
  throw Error(Kind::guarded, sanitize_line(move.ref) + " only grows: it is neither deleted nor set back",
              {"exchange it with 'git agent-sync'"});
}

}  // namespace

void judge_push(Project& project, const std::vector<RefMove>& moves,
                const std::function<void(const std::string&)>& note) {
  git::Repository& repo = project.repo();
  const std::string target = project.target_ref();
  const git::Oid target_tip = repo.ref(target);
  git::Oid ledger = repo.ref(ledger::kLedgerRef);
  for (const RefMove& move : moves) {
    if (starts_with(move.ref, "refs/agent/")) check_ledger_ref(repo, move);
    if (move.ref == ledger::kLedgerRef && !move.after.zero()) ledger = move.after;
  }
  const gates::Policy policy = gates::policy_at(repo, target_tip, branch_name(target) + ":" + gates::kPolicyFile);
  std::set<std::string> unsigned_ones;
  for (const RefMove& move : moves) {
    const bool is_target = move.ref == target;
    if (move.after.zero()) {
      if (is_target)
        throw Error(Kind::guarded,
                    "the branch " + sanitize_line(branch_name(target)) +
                        " is not deleted here: what protects its files would go with it",
                    {"make another branch the repository's HEAD first"});
      continue;
    }
    if (!starts_with(move.ref, "refs/heads/") && !starts_with(move.ref, "refs/tags/")) continue;
    const git::Oid tip = repo.resolve_commit(move.after.hex());
    if (tip.zero()) continue;
    if (is_target)
      require_readable(repo, git::tree_of(repo, target_tip), git::tree_of(repo, tip),
                       "no push could be judged by it, so it is not taken: mend it, then push again");
    if (target_tip.zero()) {
      note(sanitize_line(move.ref) + ": there is no " + sanitize_line(branch_name(target)) + " yet to judge against");
      continue;
    }
    Guard guard({repo, policy, target_tip, ledger, [&] { return authority_at(repo, policy, target_tip); }});
    const git::Oid before = starts_with(move.ref, "refs/heads/") ? move.before : git::Oid{};
    auto changes = guard.commits(new_commits(repo, tip, before, target_tip));
    if (is_target)
      for (GuardedChange& change : guard.step(git::tree_of(repo, target_tip), git::tree_of(repo, tip)))
        changes.push_back(std::move(change));
    for (const GuardedChange& change : changes) {
      const std::string what =
          sanitize_line(branch_name(move.ref)) + ": " +
          (change.commit.zero() ? "the push as a whole"
                                : "commit " + change.commit.brief() + " ('" + sanitize_line(change.subject) + "')");
      require_approved(
          {change}, what,
          {"git", "agent-guard", "approve", change.commit.zero() ? tip.brief(12) : change.commit.brief(12)});
      for (const std::string& by : change.by)
        if (ends_with(by, "(unsigned)"))
          unsigned_ones.insert(sanitize_line(change.change.path) + ": approved by " + by);
    }
  }
  for (const std::string& line : unsigned_ones) note(line);
}

}  // namespace ga::work
