#include "work/merged.hh"

#include "git/cli.hh"
#include "util/text.hh"
#include "work/rebase.hh"

namespace ga::work {
namespace {

constexpr const char* kLookBack = "2000";  // commits of the target compared with a squash

git::GitOptions here(Project& project, std::string input = "") {
  git::GitOptions options;
  options.git_dir = project.repo().common_dir();
  options.input = std::move(input);
  return options;
}

// A merge of ours into that branch recorded for this very tip, whose result is still there.
bool in_ledger(Project& project, const git::Oid& tip, const std::string& target_ref, const model::Task& task) {
  for (const Json& merge : project.index().objects("merges", task.id)) {
    const Json commits = merge.value("commits", Json::object());
    if (get_string(merge, "tip") != tip.hex() && !commits.contains(tip.hex())) continue;
    const git::Oid next = git::Oid::parse(get_string(merge, "new"));
    if (get_string(merge, "target") != target_ref) continue;
    const git::Oid there = project.branch_tip(target_ref);
    if (!there.zero() && project.repo().has_object(next) && project.repo().is_ancestor(next, there)) return true;
  }
  return false;
}

bool has_merges(Project& project, const std::string& range) {
  return trim(git::git_or_fail({"rev-list", "--merges", "--max-count=1", range}, here(project))) != "";
}

bool all_picked(Project& project, const git::Oid& tip, const git::Oid& target) {
  const std::string both = target.hex() + "..." + tip.hex();
  return trim(git::git_or_fail({"rev-list", "--right-only", "--cherry-pick", "--no-merges", "--count", both},
                               here(project))) == "0";
}

// The lines of `git patch-id`: each patch, and the commit it is of (zero for a patch without one).
std::map<std::string, git::Oid> patch_ids(Project& project, const std::string& patches) {
  std::map<std::string, git::Oid> ids;
  for (const std::string& line : split_lines(git::git_or_fail({"patch-id", "--stable"}, here(project, patches))))
    if (const auto space = line.find(' '); space != std::string::npos)
      ids[line.substr(0, space)] = git::Oid::parse(trim(line.substr(space)));
  return ids;
}

// The patches of the newest commits of a range that are no merges; nothing when they are too large to compare.
std::map<std::string, git::Oid> patches_of(Project& project, const std::string& range) {
  const std::string commits =
      git::git_or_fail({"rev-list", "--no-merges", std::string("--max-count=") + kLookBack, range}, here(project));
  const Result patches = git::git({"diff-tree", "--stdin", "-p", "--no-ext-diff"}, here(project, commits + "\n"));
  if (!patches.ok() || patches.truncated) return {};
  return patch_ids(project, patches.out);
}

// The commit of base..target that is all of base..tip as one; zero when there is none.
git::Oid squash_of(Project& project, const git::Oid& base, const git::Oid& tip, const git::Oid& target) {
  const Result whole = git::git({"diff-tree", "-p", "--no-ext-diff", base.hex(), tip.hex()}, here(project));
  if (!whole.ok() || whole.truncated) return {};
  const auto wanted = patch_ids(project, whole.out);
  if (wanted.size() != 1) return {};
  const auto there = patches_of(project, base.hex() + ".." + target.hex());
  const auto found = there.find(wanted.begin()->first);
  return found == there.end() ? git::Oid{} : found->second;
}

}  // namespace

std::string how_merged(Project& project, const git::Oid& tip, const std::string& target_ref,
                       const std::optional<model::Task>& task) {
  const git::Oid target = project.branch_tip(target_ref);
  if (tip.zero()) return "nothing left";
  if (target.zero()) return "";
  if (project.repo().is_ancestor(tip, target)) return "merged";
  if (task && in_ledger(project, tip, target_ref, *task)) return "merged by git-agent";
  const auto commit = project.repo().read_commit(target);
  const git::Oid merged = merged_tree(project, target, tip);
  if (!merged.zero() && commit && merged == commit->tree) return "all of its changes are in the target";
  const git::Oid base = project.repo().merge_base(tip, target);
  if (base.zero()) return "";
  if (!has_merges(project, target.hex() + ".." + tip.hex()) && all_picked(project, tip, target)) return "rebase-merged";
  return squash_of(project, base, tip, target).zero() ? "" : "squash-merged";
}

std::map<git::Oid, git::Oid> found_in_target(Project& project, const git::Oid& tip, const git::Oid& target) {
  std::map<git::Oid, git::Oid> found;
  const git::Oid base = project.repo().merge_base(tip, target);
  if (base.zero() || base == tip) return found;
  const git::Oid squash = squash_of(project, base, tip, target);
  const auto there = patches_of(project, base.hex() + ".." + target.hex());
  for (const auto& [patch, id] : patches_of(project, target.hex() + ".." + tip.hex()))
    if (const auto same = there.find(patch); same != there.end()) found[id] = same->second;
  if (squash.zero()) return found;
  for (const git::Oid& id : project.repo().commits_between(target, tip)) found.emplace(id, squash);
  return found;
}

}  // namespace ga::work
