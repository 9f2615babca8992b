// Reading refs from their files, as Git does: libgit2 would parse all of packed-refs for a list.
#include "git/refs.hh"

#include <map>

#include "git/impl.hh"
#include "git/packed-refs.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

constexpr int max_links = 5;  // Git's own limit for symbolic refs

bool is_per_worktree(std::string_view name) {
  return !starts_with(name, "refs/") || starts_with(name, "refs/bisect/") || starts_with(name, "refs/worktree/") ||
         starts_with(name, "refs/rewritten/");
}

RefValue parse_ref(std::string text) {
  RefValue value;
  text = trim(text);
  if (starts_with(text, "ref:")) {
    value.target = trim(text.substr(4));
  } else {
    const std::string_view word = std::string_view(text).substr(0, text.find_first_of(" \t\n"));
    if (word.size() == 40) value.id = Oid::parse(word);
  }
  value.broken = value.target.empty() && !value.id;
  return value;
}

bool is_regular(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

bool is_valid_ref_name(std::string_view name) {
  int valid = 0;
  return git_reference_name_is_valid(&valid, std::string(name).c_str()) == 0 && valid;
}

fs::path ref_path(const Repository::Impl& impl, std::string_view name) {
  return (is_per_worktree(name) ? impl.git_dir : impl.common_dir) / name;
}

RefValue read_ref(const Repository::Impl& impl, std::string_view name) {
  const fs::path path = ref_path(impl, name);
  // The loose file first: one that is packed meanwhile is then found in packed-refs.
  if (is_regular(path)) {
    if (auto text = read_file(path, 1 << 16)) return parse_ref(std::move(*text));
  }
  RefValue value;
  value.id = PackedRefs(impl.common_dir).find(name);
  return value;
}

ResolvedRef resolve_ref(const Repository::Impl& impl, std::string_view name) {
  ResolvedRef result;
  result.name = name;
  for (int links = 0; links <= max_links && is_valid_ref_name(result.name); ++links) {
    RefValue value = read_ref(impl, result.name);
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
  const ResolvedRef found = resolve_ref(*impl_, name);
  if (found.broken) {
    fail_environment("ref '" + std::string(name) + "' is broken", {"see what 'git fsck' says about it"});
  }
  return found.id;
}

std::string Repository::symbolic_target(std::string_view name) const {
  return is_valid_ref_name(name) ? read_ref(*impl_, name).target : "";
}

std::vector<std::pair<std::string, Oid>> Repository::refs(std::string_view prefix) const {
  std::map<std::string, Oid> found;
  const fs::path top = impl_->common_dir / "refs";
  const auto slash = prefix.rfind('/');
  const fs::path start = starts_with(prefix, "refs/") ? impl_->common_dir / prefix.substr(0, slash) : top;
  std::error_code error;
  fs::recursive_directory_iterator file(start, error), end;
  for (; !error && file != end; file.increment(error)) {
    const std::string name = file->path().string().substr(impl_->common_dir.string().size() + 1);
    if (!starts_with(name, prefix) || ends_with(name, ".lock") || !is_regular(file->path())) continue;
    // What is broken or leads nowhere is left out, as `git for-each-ref` does.
    if (const Oid id = resolve_ref(*impl_, name).id) found[name] = id;
  }
  // Packed ones last: what is packed in the meantime was seen as a file.
  PackedRefs(impl_->common_dir).each(prefix, [&](std::string_view name, const Oid& id) {
    found.try_emplace(std::string(name), id);
  });
  return {found.begin(), found.end()};
}

}  // namespace ga::git
