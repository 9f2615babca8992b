// The tree of the index, exactly as `git write-tree` would write it, without touching the index.
#include <unistd.h>

#include "git/cached-tree.hh"
#include "git/environment.hh"
#include "git/impl.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

// A relative GIT_INDEX_FILE is meant from the top of the work tree.
fs::path index_path(const Repository::Impl& impl) {
  const std::string named = impl.from_env ? variable("GIT_INDEX_FILE") : "";
  if (named.empty()) return impl.git_dir / "index";
  return fs::path(named).is_absolute() || impl.work_dir.empty() ? fs::absolute(named) : impl.work_dir / named;
}

[[noreturn]] void fail_unmerged() {
  fail_environment("the index has unmerged paths", {"resolve them, then 'git add' them"});
}

// `git add -N` leaves entries without content; Git keeps them out of trees, libgit2 would not.
void drop_intents_to_add(git_index* index) {
  for (std::size_t i = git_index_entrycount(index); i-- > 0;) {
    const git_index_entry* entry = git_index_get_byindex(index, i);
    if (!(entry->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD)) continue;
    const std::string path = entry->path;
    check(git_index_remove(index, path.c_str(), 0), "read the index");
  }
}

// Sparse and split indexes are Git's alone. It works on a copy: `git write-tree` would store what it
// found out in the index, which may be locked by the very command whose hook we are.
Oid ask_git(const Repository::Impl& impl, const fs::path& index) {
  const fs::path copy = impl.git_dir / ("index.git-agent." + std::to_string(::getpid()));
  if (fs::exists(index)) copy_file_cheaply(index, copy);
  GitOptions options = impl.git_options();
  options.index_file = copy;
  const Result result = git({"write-tree"}, options);
  remove_tree(copy);
  if (result.err.find("unmerged") != std::string::npos) fail_unmerged();
  if (!result.ok()) fail_environment("cannot read the index: " + last_words(result));
  return Oid::parse(trim(result.out));
}

}  // namespace

Oid Repository::write_index_tree() const {
  const fs::path path = index_path(*impl_);
  // Git writes the trees it keeps in the index, unless only asked what they would be.
  if (const auto cached = cached_tree_of(path, size_of(impl_->formats.hash)); cached && has_object(*cached))
    return *cached;
  if (impl_->formats.hash != Hash::sha1) return ask_git(*impl_, path);
  IndexHandle index;
  if (git_index_open(out(index), path.c_str()) < 0) return ask_git(*impl_, path);
  if (git_index_has_conflicts(index.get())) fail_unmerged();
  drop_intents_to_add(index.get());
  git_oid tree;
  if (git_index_write_tree_to(&tree, index.get(), impl_->handle.get()) < 0) return ask_git(*impl_, path);
  return from_git(tree);
}

}  // namespace ga::git
