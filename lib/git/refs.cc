// Refs by name, whatever keeps them (store.hh).
#include <algorithm>

#include "git/durability.hh"
#include "git/impl.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

bool is_valid_ref_name(std::string_view name) {
  int valid = 0;
  return git_reference_name_is_valid(&valid, std::string(name).c_str()) == 0 && valid;
}

bool is_per_worktree(std::string_view name) {
  return !starts_with(name, "refs/") || starts_with(name, "refs/bisect/") || starts_with(name, "refs/worktree/") ||
         starts_with(name, "refs/rewritten/");
}

ResolvedRef RefStore::resolve(std::string_view name) {
  constexpr int kMaxLinks = 5;  // Git's own limit for symbolic refs
  ResolvedRef result;
  result.name = name;
  for (int links = 0; links <= kMaxLinks && is_valid_ref_name(result.name); ++links) {
    RefValue value = read(result.name);
    if (value.target.empty()) {
      result.id = value.id;
      result.broken = value.broken;
      return result;
    }
    result.name = std::move(value.target);
  }
  result.broken = true;
  return result;
}

Oid Repository::ref(std::string_view name) const {
  if (!is_valid_ref_name(name)) return {};
  const ResolvedRef found = impl_->refs->resolve(name);
  if (found.broken) {
    fail_environment("ref '" + std::string(name) + "' is broken", {"see what 'git fsck' says about it"});
  }
  return found.id;
}

std::string Repository::symbolic_target(std::string_view name) const {
  return is_valid_ref_name(name) ? impl_->refs->read(name).target : "";
}

Repository::Head Repository::head_of(const std::filesystem::path& git_dir, const std::string& name) const {
  RefValue value = impl_->refs->worktree_ref(git_dir, name);
  return {std::move(value.target), value.id};
}

std::vector<Oid> Repository::worktree_refs(const std::filesystem::path& git_dir) const {
  return impl_->refs->worktree_refs(git_dir);
}

std::vector<std::pair<std::string, Oid>> Repository::refs(std::string_view prefix) const {
  return impl_->refs->list(prefix);
}

Cas Repository::cas_ref(std::string_view name, const Oid& expected, const Oid& next, std::string_view message,
                        Reflog reflog) {
  if (impl_->pending && next && impl_->pending->by_id.count(next)) GA_BUG("a ref is moved before its bulk is finished");
  const std::string final_name = impl_->refs->resolve(name).name;
  if (!is_valid_ref_name(final_name)) fail_environment("'" + sanitize_line(final_name) + "' is no valid name of a ref");
  follow_durability_settings(*this);
  impl_->flush_objects();
  return impl_->refs->move(
      {final_name, expected, next, replace_all(std::string(message), "\n", " "), reflog == Reflog::kept});
}

std::vector<Oid> Repository::reflog(std::string_view name) const {
  return is_valid_ref_name(name) ? impl_->refs->reflog(name) : std::vector<Oid>{};
}

void Repository::require_writable() const { impl_->refs->require_writable(); }

}  // namespace ga::git
