#include <charconv>

#include "git/impl.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

std::string ask_git(const Repository::Impl& impl, const std::vector<std::string>& args) {
  return git_or_fail(args, impl.git_options());
}

std::vector<std::string> range_args(const Oid& base, const Oid& tip) {
  std::vector<std::string> args = {tip.hex()};
  if (base) args.push_back("^" + base.hex());
  return args;
}

RevwalkHandle start_walk(const Repository::Impl& impl, const Oid& base, const Oid& tip) {
  RevwalkHandle walk;
  check(git_revwalk_new(out(walk), impl.handle.get()), "walk over the history");
  const git_oid from = to_git(tip);
  check(git_revwalk_push(walk.get(), &from), "walk over the history of " + tip.hex());
  if (base) {
    const git_oid stop = to_git(base);
    check(git_revwalk_hide(walk.get(), &stop), "walk over the history of " + base.hex());
  }
  return walk;
}

bool next_commit(git_revwalk* walk, git_oid& id) {
  const int code = git_revwalk_next(&id, walk);
  if (code == GIT_ITEROVER) return false;
  check(code, "walk over the history");
  return true;
}

}  // namespace

Oid Repository::resolve_commit(std::string_view revision) const {
  if (revision.empty() || revision.find('\0') != std::string_view::npos) return {};
  return impl_->objects->resolve_commit(std::string(revision));
}

Oid Repository::merge_base(const Oid& a, const Oid& b) const {
  if (!a || !b) return {};
  if (impl_->git_walks_history()) {
    return Oid::parse(trim(git({"merge-base", a.hex(), b.hex()}, impl_->git_options()).out));
  }
  const git_oid one = to_git(a), two = to_git(b);
  git_oid base;
  const int code = git_merge_base(&base, impl_->handle.get(), &one, &two);
  if (code == GIT_ENOTFOUND) return {};
  check(code, "find the merge base of " + a.brief() + " and " + b.brief());
  return from_git(base);
}

bool Repository::is_ancestor(const Oid& ancestor, const Oid& descendant) const {
  if (!ancestor || !descendant) return false;
  if (ancestor == descendant) return true;
  if (impl_->git_walks_history()) {
    return git({"merge-base", "--is-ancestor", ancestor.hex(), descendant.hex()}, impl_->git_options()).ok();
  }
  const git_oid old_id = to_git(ancestor), new_id = to_git(descendant);
  const int code = git_graph_descendant_of(impl_->handle.get(), &new_id, &old_id);
  check(code, "compare the histories of " + ancestor.brief() + " and " + descendant.brief());
  return code == 1;
}

std::vector<Oid> Repository::commits_between(const Oid& base, const Oid& tip, bool first_parent) const {
  std::vector<Oid> commits;
  if (!tip) return commits;
  if (impl_->git_walks_history()) {
    std::vector<std::string> args = {"rev-list", "--topo-order", "--reverse"};
    if (first_parent) args.push_back("--first-parent");
    for (std::string& arg : range_args(base, tip)) args.push_back(std::move(arg));
    for (const std::string& line : split_lines(ask_git(*impl_, args))) commits.push_back(Oid::parse(line));
    return commits;
  }
  const RevwalkHandle walk = start_walk(*impl_, base, tip);
  git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
  if (first_parent) git_revwalk_simplify_first_parent(walk.get());
  for (git_oid id; next_commit(walk.get(), id);) commits.push_back(from_git(id));
  return commits;
}

std::size_t Repository::count_between(const Oid& base, const Oid& tip) const {
  if (!tip) return 0;
  std::size_t count = 0;
  if (impl_->git_walks_history()) {
    std::vector<std::string> args = {"rev-list", "--count"};
    for (std::string& arg : range_args(base, tip)) args.push_back(std::move(arg));
    const std::string text = trim(ask_git(*impl_, args));
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }
  const RevwalkHandle walk = start_walk(*impl_, base, tip);
  for (git_oid id; next_commit(walk.get(), id);) ++count;
  return count;
}

}  // namespace ga::git
