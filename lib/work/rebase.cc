#include "work/rebase.hh"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "git/cli.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

git::GitOptions here(Project& project) {
  git::GitOptions options;
  options.git_dir = project.repo().common_dir();
  return options;
}

// A commit that only lends its tree and parents to `git merge-tree`.
git::Oid stand_in(Project& project, const git::Oid& tree, const std::vector<git::Oid>& parents) {
  const git::Signature nobody{"git-agent", "git-agent@localhost", 0, 0};
  return project.repo().write_commit(tree, parents, nobody, nobody, "stand-in\n");
}

git::CommitInfo info(Project& project, const git::Oid& id) {
  auto commit = project.repo().read_commit(id);
  if (!commit) fail_environment("the commit " + id.brief() + " is missing", {"check the repository with 'git fsck'"});
  return std::move(*commit);
}

// The tree that one commit's change makes of another tree. Git 2.39 knows no --merge-base for merge-tree, so our
// side is a stand-in whose only parent is the commit's: that one is the merge base then.
git::Oid pick_onto(Project& project, const git::CommitInfo& commit, const git::Oid& tree,
                   std::vector<std::string>& conflicts) {
  const git::Oid before = commit.parents.empty() ? git::Oid{} : required_tree(project, commit.parents.front());
  if (before == tree && !before.zero()) return commit.tree;
  const auto ours = stand_in(
      project, tree, commit.parents.empty() ? std::vector<git::Oid>{} : std::vector<git::Oid>{commit.parents.front()});
  return merged_tree(project, ours, commit.id, &conflicts);
}

std::vector<git::Oid> rev_list(Project& project, std::vector<std::string> args) {
  args.insert(args.begin(), "rev-list");
  std::vector<git::Oid> ids;
  for (const std::string& line : split_lines(git::git_or_fail(args, here(project))))
    if (const git::Oid id = git::Oid::parse(trim(line)); !id.zero()) ids.push_back(id);
  return ids;
}

bool changes_nothing(Project& project, const git::CommitInfo& commit) {
  return commit.parents.size() == 1 && required_tree(project, commit.parents.front()) == commit.tree;
}

void replay(Project& project, Rebase& plan, const std::vector<git::Oid>& commits, const std::set<git::Oid>& wanted) {
  for (const git::Oid& id : commits) {
    if (!wanted.contains(id)) {
      plan.dropped[id] = plan.picks.size();
      continue;
    }
    git::CommitInfo commit = info(project, id);
    const git::Oid tree = pick_onto(project, commit, plan.tree, plan.conflicts);
    if (!plan.clean()) {
      plan.stopped_at = id;
      return;
    }
    if (tree == plan.tree && !changes_nothing(project, commit)) {
      plan.dropped[id] = plan.picks.size();
      continue;
    }
    plan.tree = tree;
    plan.picks.push_back({std::move(commit), tree});
  }
}

// The branch as one commit: what a three-way merge of it makes of the base.
bool flatten(Project& project, Rebase& plan, const std::vector<git::Oid>& all) {
  const git::Oid tree = merged_tree(project, plan.onto, plan.tip);
  if (tree.zero()) return false;
  plan.conflicts.clear();
  plan.picks.clear();
  plan.dropped.clear();
  plan.flattened = true;
  const git::Oid before = required_tree(project, plan.onto);
  plan.tree = tree;
  // Author and message of the last commit that is no merge.
  git::CommitInfo last = info(project, plan.tip);
  for (const git::Oid& id : all)
    if (git::CommitInfo commit = info(project, id); commit.parents.size() < 2) last = std::move(commit);
  for (const git::Oid& id : all)
    if (!(id == last.id)) plan.dropped[id] = tree == before ? 0 : 1;
  if (tree == before) plan.dropped[last.id] = 0;
  else plan.picks.push_back({std::move(last), tree});
  return true;
}

// The header "encoding" of a commit, "" for UTF-8.
std::string encoding_of(Project& project, const git::CommitInfo& commit) {
  if (is_valid_utf8(commit.message) && is_valid_utf8(commit.author.name)) return "";
  const std::string raw = git::git_or_fail({"cat-file", "commit", commit.id.hex()}, here(project));
  for (const std::string& line : split_lines(raw)) {
    if (line.empty()) break;
    if (starts_with(line, "encoding ")) return line.substr(9);
  }
  return "";
}

std::string date_text(const git::Signature& who) {
  const int minutes = std::abs(who.offset_minutes);
  const std::string digits = std::to_string(10000 + minutes / 60 * 100 + minutes % 60).substr(1);
  return "@" + std::to_string(who.time) + (who.offset_minutes < 0 ? " -" : " +") + digits;
}

git::Signature person_now(Project& project) {
  const std::string text = trim(git::git_or_fail({"var", "GIT_COMMITTER_IDENT"}, here(project)));
  const auto open = text.rfind(" <"), close = text.rfind("> ");
  if (open == std::string::npos || close == std::string::npos || close < open)
    fail_environment("Git does not know who you are", {"git config --global user.name 'Your Name'"});
  git::Signature who{text.substr(0, open), text.substr(open + 2, close - open - 2), now(), 0};
  const std::string rest = text.substr(close + 2);
  if (const auto space = rest.find(' '); space != std::string::npos) {
    const int zone = std::atoi(rest.c_str() + space + 1);
    who.offset_minutes = zone / 100 * 60 + zone % 100;
  }
  return who;
}

}  // namespace

git::Oid required_tree(Project& project, const git::Oid& commit) { return info(project, commit).tree; }

git::Oid merged_tree(Project& project, const git::Oid& ours, const git::Oid& theirs,
                     std::vector<std::string>* conflicts) {
  const Result result = git::git({"merge-tree", "--write-tree", "--allow-unrelated-histories", "--no-messages",
                                  "--name-only", "-z", ours.hex(), theirs.hex()},
                                 here(project));
  if (result.exit_code != 0 && result.exit_code != 1)
    fail_environment("git merge-tree failed: " + sanitize_line(result.err),
                     {"git-agent needs Git 2.38 or newer: git --version"});
  std::vector<std::string> parts = split(result.out, '\0');
  if (result.exit_code == 0) return git::Oid::parse(trim(parts.front()));
  if (conflicts != nullptr)
    for (std::size_t i = 1; i < parts.size() && !parts[i].empty(); ++i) conflicts->push_back(parts[i]);
  if (conflicts != nullptr && conflicts->empty()) conflicts->push_back("(unnamed)");
  return {};
}

Rebase plan_rebase(Project& project, const git::Oid& tip, const git::Oid& onto) {
  Rebase plan;
  plan.onto = onto;
  plan.tip = tip;
  plan.tree = required_tree(project, onto);
  const std::string range = onto.hex() + ".." + tip.hex();
  const auto all = rev_list(project, {"--reverse", "--topo-order", range});
  const auto wanted =
      rev_list(project, {"--no-merges", "--right-only", "--cherry-pick", onto.hex() + "..." + tip.hex()});
  replay(project, plan, all, {wanted.begin(), wanted.end()});
  const bool has_merges =
      std::any_of(all.begin(), all.end(), [&](const git::Oid& id) { return info(project, id).parents.size() > 1; });
  if (!has_merges) return plan;
  // What a merge in the branch resolved by hand is no commit's change: it must not get lost with the merge.
  if (!plan.clean() || plan.tree != merged_tree(project, onto, tip)) flatten(project, plan, all);
  return plan;
}

Rebase plan_nothing(Project& project, const git::Oid& tip, const git::Oid& onto) {
  Rebase plan;
  plan.onto = onto;
  plan.tip = tip;
  plan.tree = required_tree(project, onto);
  for (const git::Oid& id : project.repo().commits_between(onto, tip)) plan.dropped[id] = 0;
  return plan;
}

CommitWriter::CommitWriter(Project& project)
    : project_(project), committer_(person_now(project)), sign_(project.config().get_bool("commit.gpgsign", false)) {}

git::Oid CommitWriter::rewrite(const git::CommitInfo& original, const git::Oid& tree,
                               const std::vector<git::Oid>& parents, const std::string& message) {
  if (original.tree == tree && original.parents == parents && original.message == message) return original.id;
  return write(tree, parents, original.author, message, encoding_of(project_, original));
}

git::Oid CommitWriter::write(const git::Oid& tree, const std::vector<git::Oid>& parents, const git::Signature& author,
                             const std::string& message, const std::string& encoding) {
  if (!sign_ && encoding.empty()) return project_.repo().write_commit(tree, parents, author, committer_, message);
  std::vector<std::string> args = {"-c", "i18n.commitEncoding=" + (encoding.empty() ? std::string("UTF-8") : encoding),
                                   "commit-tree"};
  if (sign_) args.push_back("-S");
  for (const git::Oid& parent : parents) args.insert(args.end(), {"-p", parent.hex()});
  args.push_back(tree.hex());
  git::GitOptions options = here(project_);
  options.input = message;
  options.env = {{"GIT_AUTHOR_NAME", author.name},          {"GIT_AUTHOR_EMAIL", author.email},
                 {"GIT_AUTHOR_DATE", date_text(author)},    {"GIT_COMMITTER_NAME", committer_.name},
                 {"GIT_COMMITTER_EMAIL", committer_.email}, {"GIT_COMMITTER_DATE", date_text(committer_)}};
  return git::Oid::parse(trim(git::git_or_fail(args, options)));
}

}  // namespace ga::work
