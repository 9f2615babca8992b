#include "work/git-hooks.hh"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "gates/pool.hh"
#include "gates/trust.hh"
#include "git/cli.hh"
#include "util/error.hh"
#include "util/glob.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/judging.hh"
#include "work/move.hh"
#include "work/plans.hh"
#include "work/reviews.hh"
#include "work/runs.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// The paths that this commit changes and that do not merely become what the target has already.
std::vector<std::string> own_changes(const git::Repository& repo, const git::Oid& target_tree, const git::Oid& before,
                                     const git::Oid& after) {
  std::vector<std::string> paths;
  for (const git::Change& change : git::diff_trees(repo, before, after)) {
    const auto there = target_tree.zero() ? std::nullopt : repo.entry_at(target_tree, change.path);
    const bool same = there ? there->id == change.new_id && there->mode == change.new_mode
                            : change.new_mode == 0 && !target_tree.zero();
    if (!same) paths.push_back(change.path);
  }
  return paths;
}

std::string listed(const std::vector<std::string>& paths) {
  std::vector<std::string> shown;
  for (const std::string& path : paths) {
    if (shown.size() == 10) {
      shown.push_back("and " + std::to_string(paths.size() - 10) + " more");
      break;
    }
    shown.push_back(sanitize_line(path));
  }
  return join(shown, ", ");
}

/// One commit in the making.
struct Staged {
  git::Oid head_tree, tree;
  std::vector<std::string> paths;
  bool by_agent = false;
};

void check_protected(Project& project, const Staged& staged, const Say& warn) {
  std::vector<std::string> found, why;
  Guard guard = guard_of(project, project.policy(), {});
  for (const GuardedChange& change : guard.step(staged.head_tree, staged.tree)) {
    const std::string& path = change.change.path;
    if (change.problem.empty() || std::find(staged.paths.begin(), staged.paths.end(), path) == staged.paths.end())
      continue;
    found.push_back(path);
    why.push_back(change.problem);
  }
  if (const std::string notice = guard.notice(); !notice.empty()) warn(notice);
  if (found.empty()) return;
  if (!staged.by_agent) {
    warn("protected: " + listed(found) + ": " + why.front() +
         "; look at it and approve it, before or after the commit: git agent-guard approve");
    return;
  }
  throw Error(Kind::guarded,
              "protected files are not an agent's to change: " + listed(found) + " (" + why.front() + ")",
              {"take them out of the commit: git restore --staged -- " + shell_quote(found.front()),
               "tell the lead what should change and why, in the text of 'git agent-task done -m'"})
      .with_data({{"paths", found}});
}

/// The text of a file that this commit changes; nothing where it stays as it is, or goes.
std::optional<std::string> changed_text(const git::Repository& repo, const Staged& staged, const std::string& path) {
  const auto before = staged.head_tree.zero() ? std::nullopt : repo.entry_at(staged.head_tree, path);
  const auto after = repo.entry_at(staged.tree, path);
  if (!after || after->is_tree() || (before && before->id == after->id)) return std::nullopt;
  return repo.read_blob(after->id);
}

// False where the target's policy cannot be read and this commit puts it right: then there is nothing to judge by, and
// nobody could mend it otherwise.
bool has_rules(Project& project, const Staged& staged, const Say& warn) {
  try {
    project.policy();
    return true;
  } catch (const Error& error) {
    const auto text = changed_text(project.repo(), staged, gates::kPolicyFile);
    if (!text || staged.by_agent)
      throw Error(error.kind(), error.what(),
                  {"a person mends " + std::string(gates::kPolicyFile) + " on " + branch_name(project.target_ref()) +
                   ", in a commit that changes it there"});
    gates::parse_policy(*text, gates::kPolicyFile);
    warn(std::string(error.what()) + "; this commit changes it, and nothing was judged");
    return false;
  }
}

/// The ids of a task and of those above it.
std::set<std::string> line_of_task(Project& project, const std::optional<model::Task>& task) {
  std::set<std::string> line;
  for (auto at = task; at && line.insert(at->id).second;)
    at = at->parent.empty() ? std::nullopt : project.index().task(at->parent);
  return line;
}

std::optional<model::Task> task_at_work(Project& project) {
  if (auto here = project.task_here()) return here;
  const char* named = std::getenv("GIT_AGENT_TASK");
  if (named == nullptr || *named == '\0') return std::nullopt;
  if (auto task = project.index().task(named)) return task;
  const std::string id = project.index().task_by_slug(named);
  return id.empty() ? std::nullopt : project.index().task(id);
}

// Whoever works on a task commits nothing of it before its plan is approved, where one is asked for.
void check_plan(Project& project, const Staged& staged, const Say& warn) {
  const auto task = task_at_work(project);
  if (!task || !task->open() || staged.paths.empty()) return;
  try {
    require_plan(project, project.policy(), *task, staged.paths, "this commit");
  } catch (const Error& error) {
    if (staged.by_agent) throw;
    warn(error.what());
  }
}

void check_ownership(Project& project, const Staged& staged) {
  const auto mine = task_at_work(project);
  const std::set<std::string> my_line = line_of_task(project, mine);
  for (const std::string& id : project.index().locked_tasks()) {
    const auto owner = project.index().task(id);
    if (!owner || my_line.count(id) > 0) continue;
    // What a child of mine owns is in my hands too.
    if (mine && line_of_task(project, owner).count(mine->id) > 0) continue;
    for (const std::string& path : staged.paths) {
      if (!glob_match_any(owner->locked, path)) continue;
      const std::string who = owner->claim ? owner->claim->agent : owner->worker;
      throw Error(Kind::locked,
                  sanitize_line(path) + " belongs to task '" + owner->slug + "'" +
                      (who.empty() ? "" : " (" + sanitize_line(who) + ")"),
                  {"take it out of the commit: git restore --staged -- " + shell_quote(path),
                   "say what you need there in a note: git agent-task note " + owner->slug + " TEXT"})
          .with_data({{"path", path}, {"owner", owner->id}, {"agent", string_or_null(who)}});
    }
  }
}

void run_pre_commit_gates(Project& project, const Staged& staged, const Say& warn, const Say& note) {
  const gates::Policy& policy = project.policy();
  gates::GateRequest request;
  request.commands = !policy.gates_on("pre-commit").empty();
  if (request.commands && !staged.by_agent && !gates::is_trusted(project.repo().common_dir(), policy)) {
    warn("gates not run: the commands in " + sanitize_line(policy.origin) +
         " are not trusted yet: git agent-gate trust " + policy.trust_hash());
    request.commands = false;
  }
  request.tree = staged.tree;
  request.base_tree = staged.head_tree;
  request.event = "pre-commit";
  request.by_agent = staged.by_agent;
  request.prepare = prepare_checkout(project);
  const auto verdicts = judge_tree(project, policy, request);
  // One line for all that is built in: what they looked at, and what does not keep the commit back.
  std::vector<std::string> looked;
  for (const gates::Verdict& verdict : verdicts) {
    const bool said = verdict.gate == "protected";  // by check_protected(), with what to do about it
    if (!verdict.passed() || said) continue;
    if (verdict.builtin) looked.push_back(verdict.gate + ": " + sanitize_line(verdict.coverage));
    else note("gate " + gates::verdict_line(verdict));
    for (const scan::Finding& finding : verdict.findings) note("  " + scan::finding_line(finding));
  }
  if (!looked.empty()) note("looked at " + join(looked, "; "));
  gates::require_green(verdicts, "this commit");
}

/// One line of a hook's input as its words.
std::vector<std::vector<std::string>> words_of_lines(std::string_view lines) {
  std::vector<std::vector<std::string>> all;
  for (const std::string& line : split_lines(lines)) all.push_back(split(line, ' '));
  return all;
}

constexpr const char* kOwnBranch = "commit on the task's own branch, and hand it over with 'git agent-task done'";

[[noreturn]] void fail_target(const std::string& verb, const std::string& target, const std::string& hint) {
  throw Error(Kind::not_lead, "an agent does not " + verb + " the branch " + sanitize_line(branch_name(target)),
              {hint});
}

[[noreturn]] void fail_reading() {
  throw Error(Kind::guarded, "a reviewer's worktree is for reading: nothing is committed or moved here",
              {"say what is to change, line by line: git agent-review fail -m WHY --comment FILE:LINE:TEXT"});
}

bool is_internal() { return is_set("GIT_AGENT_INTERNAL"); }

void check_ref_move(Project& project, const std::string& target, const std::vector<std::string>& words) {
  const std::string& ref = words[2];
  const git::Oid next = git::Oid::parse(words[1]);
  const git::Oid now = project.repo().ref(ref);
  if (now == next) return;
  if (ref == target) fail_target("move", target, kOwnBranch);
  if (!starts_with(ref, "refs/agent/") || now.zero()) return;
  if (next.zero() || !project.repo().is_ancestor(now, next))
    throw Error(Kind::guarded, sanitize_line(ref) + " only grows: it is neither deleted nor set back",
                {"leave refs/agent/ to git-agent"});
}

}  // namespace

bool agent_acts(Project& project) { return is_set("GIT_AGENT_NAME") || current_run(project).has_value(); }

bool in_agent_session(Project& project) {
  return is_set("GIT_AGENT_NAME") || !agent_worktree_task(project.repo().git_dir()).empty() ||
         !reviewed_task(project.repo().git_dir()).empty() || current_run(project).has_value();
}

std::function<void(const std::filesystem::path&)> prepare_checkout(Project& project) {
  const auto from = project.repo().main_work_dir();
  return [from](const std::filesystem::path& to) {
    if (!from.empty()) copy_included_files(from, to);
  };
}

void pre_commit(Project& project, const Say& warn, const Say& note) {
  git::Repository& repo = project.repo();
  if (gates::is_pool_dir(repo.common_dir(), repo.git_dir())) return;
  if (!reviewed_task(repo.git_dir()).empty()) fail_reading();
  Staged staged;
  staged.by_agent = agent_acts(project);
  staged.tree = repo.write_index_tree();
  staged.head_tree = git::tree_of(repo, repo.ref("HEAD"));
  if (staged.tree == staged.head_tree) return;
  const std::string target = project.target_ref();
  const git::Oid target_tree = git::tree_of(repo, repo.ref(target));
  staged.paths = own_changes(repo, target_tree, staged.head_tree, staged.tree);
  if (!has_rules(project, staged, warn)) return;
  try {
    check_protected(project, staged, warn);
  } catch (const Error& error) {
    if (staged.by_agent) throw;
    // A person is told, never held up: what they commit may be what puts it right.
    warn(std::string(error.what()) + "; whether protected files may change was not judged");
  }
  require_readable(repo, staged.head_tree, staged.tree, "mend it, then add it with git add; it is not committed");
  check_plan(project, staged, warn);
  if (staged.by_agent) check_ownership(project, staged);
  if (staged.by_agent && !is_internal() && repo.symbolic_target("HEAD") == target)
    fail_target("move", target, kOwnBranch);
  run_pre_commit_gates(project, staged, warn, note);
}

void prepare_commit_msg(Project& project, const std::string& file) {
  if (!in_agent_session(project)) return;
  std::vector<std::string> args = {"interpret-trailers", "--in-place", "--if-exists", "doNothing"};
  if (const auto task = task_at_work(project)) args.insert(args.end(), {"--trailer", "Agent-Task: " + task->slug});
  // A person who commits in an agent's worktree signs with no agent's name.
  if (agent_acts(project)) args.insert(args.end(), {"--trailer", "Agent-Name: " + project.actor().name});
  if (args.size() == 4) return;
  args.push_back(file);
  git::git_or_fail(args);
}

void pre_push(Project& project, std::string_view lines) {
  if (is_internal() || !in_agent_session(project)) return;
  const std::string target = project.target_ref();
  for (const auto& words : words_of_lines(lines)) {
    if (words.size() < 4) continue;
    if (words[2] == target)
      fail_target("push", target, "hand the task over with 'git agent-task done'; the lead merges and pushes");
    if (starts_with(words[2], "refs/agent/"))
      throw Error(Kind::guarded, sanitize_line(words[2]) + " is not pushed by hand",
                  {"leave refs/agent/ to git-agent"});
  }
}

void reference_transaction(Project& project, const std::string& phase, std::string_view lines) {
  if (phase != "prepared" || is_internal() || !in_agent_session(project)) return;
  const std::string target = project.target_ref();
  const bool reading = !reviewed_task(project.repo().git_dir()).empty();
  for (const auto& words : words_of_lines(lines))
    if (reading && words.size() == 3 && (words[2] == "HEAD" || starts_with(words[2], "refs/heads/"))) fail_reading();
  for (const auto& words : words_of_lines(lines))
    if (words.size() == 3) check_ref_move(project, target, words);
}

}  // namespace ga::work
