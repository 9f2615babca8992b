#include "work/merged.hh"

#include "git/cli.hh"
#include "util/text.hh"
#include "work/rebase.hh"

namespace ga::work {
namespace {

constexpr const char* kLookBack = "2000";   // commits of the target compared with a squash

git::GitOptions here(Project& project, std::string input = "") {
  git::GitOptions options;
  options.git_dir = project.repo().common_dir();
  options.input = std::move(input);
  return options;
}

// A merge of ours recorded for this very tip, whose result is still in the branch it went to.
bool in_ledger(Project& project, const git::Oid& tip, const model::Task& task) {
  for (const Json& merge : project.index().objects("merges", task.id)) {
    const Json commits = merge.value("commits", Json::object());
    if (get_string(merge, "tip") != tip.hex() && !commits.contains(tip.hex())) continue;
    const git::Oid next = git::Oid::parse(get_string(merge, "new"));
    const git::Oid there = project.branch_tip(get_string(merge, "target"));
    if (!there.zero() && project.repo().has_object(next) && project.repo().is_ancestor(next, there)) return true;
  }
  return false;
}

bool has_merges(Project& project, const std::string& range) {
  return trim(git::git_or_fail({"rev-list", "--merges", "--max-count=1", range}, here(project))) != "";
}

bool all_picked(Project& project, const git::Oid& tip, const git::Oid& target) {
  const std::string both = target.hex() + "..." + tip.hex();
  return trim(git::git_or_fail({"rev-list", "--right-only", "--cherry-pick", "--no-merges", "--count", both}, here(project))) == "0";
}

// The first word of each line of `git patch-id`.
std::vector<std::string> patch_ids(Project& project, const std::string& patches) {
  std::vector<std::string> ids;
  for (const std::string& line : split_lines(git::git_or_fail({"patch-id", "--stable"}, here(project, patches))))
    ids.push_back(line.substr(0, line.find(' ')));
  return ids;
}

bool is_squashed(Project& project, const git::Oid& base, const git::Oid& tip, const git::Oid& target) {
  const Result whole = git::git({"diff-tree", "-p", "--no-ext-diff", base.hex(), tip.hex()}, here(project));
  if (!whole.ok() || whole.truncated) return false;
  const auto wanted = patch_ids(project, whole.out);
  if (wanted.size() != 1) return false;
  const std::string commits = git::git_or_fail({"rev-list", "--no-merges", std::string("--max-count=") + kLookBack, base.hex() + ".." + target.hex()}, here(project));
  const Result patches = git::git({"diff-tree", "--stdin", "-p", "--no-ext-diff"}, here(project, commits + "\n"));
  if (!patches.ok() || patches.truncated) return false;
  for (const std::string& id : patch_ids(project, patches.out))
    if (id == wanted.front()) return true;
  return false;
}

}  // namespace

std::string how_merged(Project& project, const git::Oid& tip, const std::string& target_ref, const std::optional<model::Task>& task) {
  const git::Oid target = project.branch_tip(target_ref);
  if (tip.zero()) return "nothing left";
  if (target.zero()) return "";
  if (project.repo().is_ancestor(tip, target)) return "merged";
  if (task && in_ledger(project, tip, *task)) return "merged by git-agent";
  const auto commit = project.repo().read_commit(target);
  const git::Oid merged = merged_tree(project, target, tip);
  if (!merged.zero() && commit && merged == commit->tree) return "all of its changes are in the target";
  const git::Oid base = project.repo().merge_base(tip, target);
  if (base.zero()) return "";
  if (!has_merges(project, target.hex() + ".." + tip.hex()) && all_picked(project, tip, target)) return "rebase-merged";
  return is_squashed(project, base, tip, target) ? "squash-merged" : "";
}

}  // namespace ga::work
