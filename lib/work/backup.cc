#include "work/backup.hh"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "git/cli.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/move.hh"
#include "work/snapshot.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 20;

// "2026-01-02T03:04:05Z" without its punctuation, which no ref name may hold.
std::string compact_time(Time time) {
  std::string text = format_time(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

git::Oid oid_in_file(const fs::path& file) {
  const auto text = read_file(file);
  return text ? git::Oid::parse(trim(*text)) : git::Oid{};
}

// The commit a worktree's HEAD means.
git::Oid commit_of_head(Project& project, const fs::path& git_dir) {
  const auto head = project.repo().head_of(git_dir);
  return head.branch.empty() ? head.id : project.repo().ref(head.branch);
}

// Commits that only this worktree's private directory holds on to.
std::vector<git::Oid> private_commits(Project& project, const fs::path& git_dir) {
  std::vector<git::Oid> found = {commit_of_head(project, git_dir)};
  for (const char* name : {"rebase-merge/autostash", "rebase-apply/autostash", "MERGE_HEAD"})
    found.push_back(oid_in_file(git_dir / name));
  for (const git::Oid& id : project.repo().worktree_refs(git_dir)) found.push_back(id);
  return found;
}

std::vector<git::Oid> parents_of_backup(Project& project, const git::Oid& tip, const fs::path& git_dir) {
  std::vector<git::Oid> parents;
  if (!tip.zero()) parents.push_back(tip);
  if (git_dir.empty()) return parents;
  for (const git::Oid& id : private_commits(project, git_dir)) {
    if (id.zero() || std::find(parents.begin(), parents.end(), id) != parents.end()) continue;
    if (!project.repo().read_commit(id)) continue;
    if (!tip.zero() && project.repo().is_ancestor(id, tip)) continue;
    parents.push_back(id);
  }
  return parents;
}

std::vector<std::string> sparse_directories(const fs::path& worktree) {
  const Result result = git::git({"sparse-checkout", "list"}, {.cwd = worktree});
  return result.ok() ? split_lines(trim(result.out)) : std::vector<std::string>{};
}

Json meta_of(const Backup& backup, const Snapshot& snapshot, const git::Oid& base, const std::string& marker) {
  Json meta = {{"slug", backup.slug},
               {"task", backup.task},
               {"branch", backup.branch},
               {"worktree", backup.worktree.string()},
               {"base", base.zero() ? "" : base.hex()},
               {"time", format_time(backup.time)},
               {"untracked", snapshot.untracked},
               {"unmerged", snapshot.unmerged},
               {"ignored", snapshot.ignored},
               {"dropped", backup.dropped},
               {"marker", marker},
               {"warnings", backup.warnings}};
  meta["content"] = !snapshot.worktree_tree.zero();
  meta["staged"] = !snapshot.index_tree.zero();
  meta["stages"] = snapshot.stages;
  return meta;
}

// The blobs of an index in conflict, so that nothing collects them.
git::Oid tree_of_stages(git::Repository& repo, const std::vector<std::string>& stages) {
  std::vector<git::TreeEntry> entries;
  for (const std::string& line : stages) {
    const auto parts = split(line.substr(0, line.find('\t')), ' ');
    if (parts.size() == 3 && parts[0] != "160000")
      entries.push_back({std::to_string(100000 + entries.size()), 0100644, git::Oid::parse(parts[1])});
  }
  return repo.write_tree(entries);
}

// HEAD of a worktree that is on no branch; zero otherwise.
git::Oid detached_head(Project& project, const fs::path& git_dir) {
  return git_dir.empty() ? git::Oid{} : project.repo().head_of(git_dir).id;
}

git::Oid store(Project& project, Backup& backup, const Snapshot& snapshot, const std::vector<git::Oid>& parents,
               const Json& meta) {
  git::Repository& repo = project.repo();
  std::vector<git::TreeEntry> entries = {{"branch", 0100644, repo.write_blob(backup.branch + "\n")},
                                         {"meta", 0100644, repo.write_blob(canonical(meta) + "\n")}};
  if (!snapshot.index_tree.zero()) entries.push_back({"index", 040000, snapshot.index_tree});
  if (!snapshot.stages.empty()) entries.push_back({"stages", 040000, tree_of_stages(repo, snapshot.stages)});
  if (!snapshot.worktree_tree.zero()) entries.push_back({"worktree", 040000, snapshot.worktree_tree});
  const git::Signature who{"git-agent", "git-agent@localhost", backup.time, 0};
  return repo.write_commit(repo.write_tree(entries), parents, who, who,
                           "Backup of " + branch_name(backup.branch) + "\n\nRestore with 'git agent-clean --undo " +
                               backup.slug + "'.\n");
}

std::optional<Backup> read_backup(Project& project, const std::string& ref, const git::Oid& id) {
  const auto commit = project.repo().read_commit(id);
  if (!commit) return std::nullopt;
  const auto entry = project.repo().entry_at(commit->tree, "meta");
  const auto text = entry ? project.repo().read_blob(entry->id) : std::nullopt;
  if (!text) return std::nullopt;
  const Json meta = parse_json(*text, ref);
  Backup backup;
  backup.ref = ref;
  backup.commit = id;
  backup.slug = get_string(meta, "slug");
  backup.branch = get_string(meta, "branch");
  backup.task = get_string(meta, "task");
  backup.worktree = get_string(meta, "worktree");
  backup.time = parse_time(get_string(meta, "time"));
  backup.ignored = get_strings(meta, "ignored");
  backup.dropped = get_strings(meta, "dropped");
  backup.warnings = get_strings(meta, "warnings");
  return backup;
}

// ---- restoring ----------------------------------------------------------------------------------

struct Stored {
  git::Oid tip, index_tree, worktree_tree;
  Json meta;
};

Stored load(Project& project, const Backup& backup) {
  git::Repository& repo = project.repo();
  const auto commit = repo.read_commit(backup.commit);
  const auto meta = commit ? repo.entry_at(commit->tree, "meta") : std::nullopt;
  if (!meta) fail_environment("the backup " + backup.ref + " is damaged", {"check the repository with 'git fsck'"});
  Stored stored;
  stored.meta = parse_json(repo.read_blob(meta->id).value_or("{}"), backup.ref);
  if (get_bool(stored.meta, "has_tip") && !commit->parents.empty()) stored.tip = commit->parents.front();
  if (const auto tree = repo.entry_at(commit->tree, "index")) stored.index_tree = tree->id;
  if (const auto tree = repo.entry_at(commit->tree, "worktree")) stored.worktree_tree = tree->id;
  return stored;
}

void check_nothing_in_the_way(Project& project, const Backup& backup, const Stored& stored) {
  const git::Oid now = project.branch_tip(backup.branch);
  if (!now.zero() && now != stored.tip)
    throw Error(Kind::target_moved, "the branch '" + branch_name(backup.branch) + "' exists again with other commits",
                {"rename it ('git branch -m'), then try again", "or look into the backup: git log " + backup.ref});
  if (stored.worktree_tree.zero()) return;
  std::error_code error;
  if (fs::exists(backup.worktree, error) &&
      !(fs::is_directory(backup.worktree, error) && fs::is_empty(backup.worktree, error)))
    throw Error(Kind::target_busy, "something is in the way at " + backup.worktree.string(),
                {"move it away, then try again"});
  if (const auto other = worktree_of_branch(project, backup.branch))
    throw Error(Kind::target_busy, "'" + branch_name(backup.branch) + "' is checked out at " + other->string(),
                {"finish there first, or look into the backup: git log " + backup.ref});
}

void restore_branch(Project& project, const Backup& backup, const Stored& stored) {
  if (stored.tip.zero() || project.branch_tip(backup.branch) == stored.tip) return;
  if (project.repo().cas_ref(backup.branch, {}, stored.tip, "agent: restored from " + backup.ref) !=
      git::Cas::committed)
    throw Error(Kind::target_moved, "the branch '" + branch_name(backup.branch) + "' is being changed by somebody else",
                {"try again"});
}

fs::path restore_worktree(Project& project, const Backup& backup, const Stored& stored) {
  if (!get_string(stored.meta, "marker").empty() && worktree_path(project, backup.slug) == backup.worktree)
    return add_worktree(project, {backup.slug, backup.branch, stored.tip, get_strings(stored.meta, "sparse"), false},
                        get_string(stored.meta, "marker"));
  if (stored.tip.zero())
    fail_environment("'" + branch_name(backup.branch) + "' had no commit; its files are in the backup",
                     {"git archive " + backup.ref + ":worktree | tar x"});
  git::git_or_fail({"worktree", "prune"}, {.cwd = project.repo().common_dir()});
  git::git_or_fail({"worktree", "add", "-q", "--", backup.worktree.string(), branch_name(backup.branch)},
                   {.cwd = project.repo().common_dir()});
  return backup.worktree;
}

// First the files, through an index that says so; then the index alone goes back to what was staged.
void restore_content(Project& project, const fs::path& worktree, const Stored& stored) {
  if (const std::string head = get_string(stored.meta, "detached"); !head.empty())
    git::git_or_fail({"update-ref", "--no-deref", "HEAD", head}, {.cwd = worktree});
  git::git_or_fail({"read-tree", "--reset", "-u", stored.worktree_tree.hex()}, {.cwd = worktree});
  const std::string staged = stored.index_tree.zero() ? "HEAD" : stored.index_tree.hex();
  git::git_or_fail({"read-tree", staged}, {.cwd = worktree});
  std::string stages;
  for (const std::string& path : get_strings(stored.meta, "unmerged"))
    stages += "0 " + project.repo().zero_id() + "\t" + path + '\0';
  for (const std::string& line : get_strings(stored.meta, "stages")) stages += line + '\0';
  if (!get_strings(stored.meta, "stages").empty())
    git::git_or_fail({"update-index", "-z", "--index-info"}, {.cwd = worktree, .input = stages});
  git::git({"update-index", "-q", "--refresh"}, {.cwd = worktree});
}

}  // namespace

fs::path worktree_git_dir(Project& project, const fs::path& worktree) {
  if (worktree.empty()) return {};
  const fs::path wanted = fs::weakly_canonical(worktree);
  if (wanted == fs::weakly_canonical(project.repo().main_work_dir())) return project.repo().common_dir();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(project.repo().common_dir() / "worktrees", error)) {
    const fs::path link = trim(read_file(entry.path() / "gitdir").value_or(""));
    if (!link.empty() &&
        fs::weakly_canonical((link.is_absolute() ? link : entry.path() / link).parent_path()) == wanted)
      return entry.path();
  }
  return {};
}

std::vector<std::string> unsaved_submodules(const fs::path& worktree) {
  std::vector<std::string> found;
  std::error_code error;
  if (!fs::exists(worktree / ".gitmodules", error)) return found;
  const Result listed = git::git({"ls-files", "-s", "-z"}, {.cwd = worktree});
  for (const std::string& line : split(listed.out, '\0')) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos || !starts_with(line, "160000 ")) continue;
    const std::string path = line.substr(tab + 1);
    if (!fs::exists(worktree / path / ".git", error)) continue;
    const git::GitOptions there{.cwd = worktree / path};
    if (!trim(git::git({"status", "--porcelain"}, there).out).empty())
      found.push_back("submodule " + sanitize_line(path) + " has changes that are not committed");
    else if (trim(git::git({"rev-list", "--count", "HEAD", "--branches", "--not", "--remotes"}, there).out) != "0")
      found.push_back("submodule " + sanitize_line(path) + " has commits that no remote has");
  }
  return found;
}

Backup make_backup(Project& project, const std::string& slug, const std::string& task, const std::string& branch,
                   const fs::path& worktree) {
  git::Repository& repo = project.repo();
  Backup backup;
  backup.slug = slug;
  backup.task = task;
  backup.branch = branch;
  backup.worktree = worktree;
  backup.time = now();
  const git::Oid tip = repo.ref(branch);
  const fs::path git_dir = worktree_git_dir(project, worktree);
  Snapshot snapshot;
  if (!git_dir.empty())
    snapshot = take_snapshot(worktree, git_dir, project.agent_dir() / "tmp", project.repo().zero_id());
  std::error_code error;
  const bool present = !git_dir.empty() && fs::is_directory(worktree, error);
  if (present) backup.warnings = unsaved_submodules(worktree);
  backup.ignored = snapshot.ignored;
  backup.dropped = snapshot.dropped;
  // Its files, commits and stages are kept; where in its list of steps it stood is not.
  if (const std::string going = git_dir.empty() ? "" : what_goes_on(project, git_dir); !going.empty())
    backup.dropped.push_back("the state of what was going on (" + going + ")");
  const std::string target = project.target_ref();
  const git::Oid base = tip.zero() || repo.ref(target).zero() ? git::Oid{} : repo.merge_base(tip, repo.ref(target));
  Json meta = meta_of(backup, snapshot, base, git_dir.empty() ? "" : agent_worktree_task(git_dir));
  meta["has_tip"] = !tip.zero();
  if (present) meta["sparse"] = sparse_directories(worktree);
  if (const git::Oid head = detached_head(project, git_dir); !head.zero()) meta["detached"] = head.hex();
  backup.commit = store(project, backup, snapshot, parents_of_backup(project, tip, git_dir), meta);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    backup.ref = kBackupPrefix + slug + "/" + compact_time(backup.time) + "-" + new_id().substr(0, 4);
    if (repo.cas_ref(backup.ref, {}, backup.commit, "agent: backup") == git::Cas::committed) return backup;
  }
  fail_environment("the backup of '" + slug + "' could not be recorded", {"try again; nothing has been removed"});
}

std::vector<Backup> list_backups(Project& project, const std::string& slug) {
  std::vector<Backup> found;
  for (const auto& [ref, id] : project.repo().refs(kBackupPrefix + (slug.empty() ? "" : slug + "/")))
    if (auto backup = read_backup(project, ref, id)) found.push_back(std::move(*backup));
  std::stable_sort(found.begin(), found.end(),
                   [](const Backup& a, const Backup& b) { return a.time != b.time ? a.time > b.time : a.ref > b.ref; });
  return found;
}

void restore_backup(Project& project, const Backup& backup) {
  const Stored stored = load(project, backup);
  check_nothing_in_the_way(project, backup, stored);
  const bool had_branch = !project.branch_tip(backup.branch).zero();
  restore_branch(project, backup, stored);
  if (stored.worktree_tree.zero()) return;
  try {
    restore_content(project, restore_worktree(project, backup, stored), stored);
  } catch (...) {
    if (!had_branch && !worktree_of_branch(project, backup.branch) && !stored.tip.zero())
      project.repo().cas_ref(backup.branch, stored.tip, {}, "agent: restore given up");
    throw;
  }
}

}  // namespace ga::work
