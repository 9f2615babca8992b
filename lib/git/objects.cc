#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "git/commit-text.hh"
#include "git/impl.hh"
#include "git/tree-text.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::git {

bool Repository::Impl::is_partial_clone() const {
  if (!setting("extensions.partialclone").empty()) return true;
  ConfigHandle config;
  if (git_repository_config(out(config), handle.get()) < 0) return false;
  const auto found = [](const git_config_entry*, void*) { return 1; };
  return git_config_foreach_match(config.get(), "^remote\\..*\\.promisor$", found, nullptr) == 1;
}

std::string Repository::setting(const char* key) const { return impl_->setting(key); }

std::vector<std::string> Repository::remotes() const {
  ConfigHandle config;
  std::set<std::string> names;
  if (git_repository_config(out(config), impl_->handle.get()) < 0) return {};
  const auto found = [](const git_config_entry* entry, void* into) {
    constexpr std::string_view kBefore = "remote.", kAfter = ".url";
    std::string_view name = entry->name;
    name.remove_prefix(kBefore.size());
    name.remove_suffix(kAfter.size());
    static_cast<std::set<std::string>*>(into)->emplace(name);
    return 0;
  };
  git_config_foreach_match(config.get(), "^remote\\..*\\.url$", found, &names);
  return {names.begin(), names.end()};
}

std::optional<RawObject> Repository::Impl::read(const Oid& id) {
  if (!id) return std::nullopt;
  if (pending) {
    const auto found = pending->by_id.find(id);
    if (found != pending->by_id.end()) {
      const auto& object = found->second;
      return RawObject{object.type, *object.bytes, object.bytes};
    }
  }
  return objects->read(id);
}

Oid Repository::Impl::write(ObjectType type, std::string_view bytes) {
  return write(objects->name(type, bytes), type, bytes);
}

Oid Repository::Impl::write(const Oid& id, ObjectType type, std::string_view bytes) {
  if (!pending) {
    objects->write(id, type, bytes);
    unflushed = true;
    return id;
  }
  const auto [place, fresh] = pending->by_id.try_emplace(id, PendingObject{type, nullptr});
  if (fresh) {
    place->second.bytes = std::make_shared<const std::string>(bytes);
    pending->order.push_back(id);
    pending->bytes += bytes.size();
  }
  return id;
}

void Repository::Impl::flush_objects() {
  if (!is_durable() || !unflushed) return;
  const Fd dir(::open(objects_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir || ::syncfs(dir.get()) != 0)
    fail_environment("cannot flush " + objects_dir.string() + " to the disk: " + std::strerror(errno));
  unflushed = false;
}

std::optional<std::string> Repository::read_blob(const Oid& id) const {
  const auto object = impl_->read(id);
  if (!object || object->type != ObjectType::blob) return std::nullopt;
  return std::string(object->bytes);
}

std::optional<std::vector<TreeEntry>> Repository::read_tree(const Oid& id) const {
  const auto object = impl_->read(id);
  if (!object || object->type != ObjectType::tree) return std::nullopt;
  std::vector<TreeEntry> entries;
  TreeReader reader(object->bytes, size_of(impl_->formats.hash));
  for (RawEntry entry; reader.next(entry);) {
    entries.push_back({std::string(entry.name), entry.mode, raw_oid(entry.id)});
  }
  return entries;
}

std::optional<CommitInfo> Repository::read_commit(const Oid& id) const {
  const auto object = impl_->read(id);
  if (!object || object->type != ObjectType::commit) return std::nullopt;
  return parse_commit(id, object->bytes);
}

Oid tree_of(const Repository& repo, const Oid& commit) {
  const auto info = commit.zero() ? std::nullopt : repo.read_commit(commit);
  return info ? info->tree : Oid{};
}

bool Repository::has_object(const Oid& id) const {
  if (impl_->pending && impl_->pending->by_id.count(id)) return true;
  return impl_->objects->has(id);
}

Oid Repository::write_blob(std::string_view bytes) { return impl_->write(ObjectType::blob, bytes); }

std::vector<Oid> Repository::write_blobs(const std::vector<std::string_view>& contents) {
  constexpr std::size_t kWorthAThread = 200;
  std::vector<Oid> ids(contents.size());
  side_by_side(stretches(contents.size(), kWorthAThread), [&](std::size_t, Stretch part) {
    for (std::size_t i = part.begin; i < part.end; ++i) ids[i] = impl_->objects->name(ObjectType::blob, contents[i]);
  });
  for (std::size_t i = 0; i < contents.size(); ++i) impl_->write(ids[i], ObjectType::blob, contents[i]);
  return ids;
}

Oid Repository::write_tree(std::vector<TreeEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    check_entry_name(entries[i].name);
    if (i > 0 && entries[i].name == entries[i - 1].name) {
      fail_environment("a tree cannot hold two entries named '" + sanitize_line(entries[i].name) + "'");
    }
  }
  std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) {
    return compare_entries(a.name, a.is_tree(), b.name, b.is_tree()) < 0;
  });
  std::string bytes;
  for (const TreeEntry& entry : entries) append_entry(bytes, entry.mode, entry.name, entry.id);
  return impl_->write(ObjectType::tree, bytes);
}

Oid Repository::write_commit(const Oid& tree, const std::vector<Oid>& parents, const Signature& author,
                             const Signature& committer, std::string_view message) {
  if (message.find('\0') != std::string_view::npos) fail_environment("a commit message cannot hold a NUL byte");
  return impl_->write(ObjectType::commit, commit_text(tree, parents, author, committer, message));
}

std::optional<TreeEntry> Repository::entry_at(const Oid& tree, std::string_view path) const {
  TreeEntry found{"", 040000, tree};
  while (true) {
    const auto slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (!found.is_tree() || name.empty()) return std::nullopt;
    const auto object = impl_->read(found.id);
    if (!object || object->type != ObjectType::tree) return std::nullopt;
    TreeReader reader(object->bytes, size_of(impl_->formats.hash));
    bool there = false;
    for (RawEntry entry; !there && reader.next(entry);) {
      if (entry.name != name) continue;
      found = {std::string(name), entry.mode, raw_oid(entry.id)};
      there = true;
    }
    if (!there) return std::nullopt;
    if (slash == std::string_view::npos) return found;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace ga::git
