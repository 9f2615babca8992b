// Many changes to a tree at once: sorted, grouped by directory, every node on their paths read and
// written once.
#include <algorithm>

#include "git/impl.hh"
#include "git/tree-text.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

using Changes = std::vector<const TreeEntry*>;

// '/' before every other byte, so that all of a directory's changes stand together, after a change
// to the directory's own name.
bool path_before(const TreeEntry* a, const TreeEntry* b) {
  const auto weight = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  return std::lexicographical_compare(a->name.begin(), a->name.end(), b->name.begin(), b->name.end(),
                                      [&](char x, char y) { return weight(x) < weight(y); });
}

// All changes below one name of a node.
struct Group {
  std::string_view name;
  const TreeEntry* self = nullptr;     // a change to the name itself
  Changes::const_iterator begin, end;  // changes below it
  RawEntry before;                     // the base's entry; mode 0: none
  unsigned mode = 0;                   // the result; mode 0: none
  Oid id;
};

class TreeUpdate {
 public:
  explicit TreeUpdate(Repository::Impl& impl) : impl_(impl) {}

  /// The node with the changes applied; zero when nothing remains in it.
  Oid apply(const Oid& base, Changes::const_iterator begin, Changes::const_iterator end, std::size_t depth) {
    const auto object = impl_.read(base);
    if (base && (!object || object->type != ObjectType::tree)) fail_environment("tree " + base.hex() + " is missing");
    std::vector<Group> groups = group(begin, end, depth);
    const std::vector<RawEntry> kept = split_base(object ? object->bytes : std::string_view(), groups);
    bool changed = false;
    for (Group& part : groups) changed |= settle(part, depth);
    if (!changed) return base;
    return write(kept, groups);
  }

 private:
  static std::vector<Group> group(Changes::const_iterator begin, Changes::const_iterator end, std::size_t depth) {
    std::vector<Group> groups;
    for (auto change = begin; change != end;) {
      const std::string_view path = std::string_view((*change)->name).substr(depth);
      Group part;
      part.name = path.substr(0, path.find('/'));
      check_entry_name(part.name);
      const auto inside = [&](const TreeEntry* other) {
        return other->name.compare(depth, part.name.size(), part.name) == 0 &&
               (other->name.size() == depth + part.name.size() || other->name[depth + part.name.size()] == '/');
      };
      // Of several changes to one path the last one counts.
      for (; change != end && (*change)->name.size() == depth + part.name.size() && inside(*change); ++change) {
        part.self = *change;
      }
      part.begin = change;
      while (change != end && inside(*change)) ++change;
      part.end = change;
      groups.push_back(part);
    }
    return groups;
  }

  // Gives every group its entry in the base, and returns the entries that no group touches.
  std::vector<RawEntry> split_base(std::string_view bytes, std::vector<Group>& groups) const {
    std::vector<RawEntry> kept;
    TreeReader reader(bytes, size_of(impl_.formats.hash));
    for (RawEntry entry; reader.next(entry);) {
      const auto part = std::lower_bound(groups.begin(), groups.end(), entry.name,
                                         [](const Group& a, std::string_view name) { return a.name < name; });
      if (part != groups.end() && part->name == entry.name) {
        part->before = entry;
      } else {
        kept.push_back(entry);
      }
    }
    return kept;
  }

  // Finds a group's result; true when it differs from the base.
  bool settle(Group& part, std::size_t depth) {
    const RawEntry& before = part.before;
    part.mode = before.mode;
    if (before.mode) part.id = raw_oid(before.id);
    if (part.self) {
      part.id = part.self->id;
      part.mode = part.id ? part.self->mode : 0;
    }
    if (part.begin != part.end) descend(part, depth);
    return part.mode != before.mode || (part.mode && part.id != raw_oid(before.id));
  }

  void descend(Group& part, std::size_t depth) {
    const bool is_tree = part.mode == 040000;
    const Oid below = apply(is_tree ? part.id : Oid(), part.begin, part.end, depth + part.name.size() + 1);
    // Removals below a file are none: the file stays.
    if (!below && part.mode && !is_tree) return;
    if (part.self && part.mode && !is_tree) {
      fail_environment("'" + sanitize_line(part.self->name) + "' cannot be a file and a directory");
    }
    part.id = below;
    part.mode = below ? 040000 : 0;
  }

  Oid write(const std::vector<RawEntry>& kept, std::vector<Group>& groups) {
    groups.erase(std::remove_if(groups.begin(), groups.end(), [](const Group& part) { return part.mode == 0; }),
                 groups.end());
    if (kept.empty() && groups.empty()) return {};
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      return compare_entries(a.name, a.mode == 040000, b.name, b.mode == 040000) < 0;
    });
    std::string bytes;
    auto part = groups.begin();
    const auto add_groups_before = [&](const RawEntry* entry) {
      for (; part != groups.end(); ++part) {
        if (entry && compare_entries(part->name, part->mode == 040000, entry->name, entry->is_tree()) > 0) break;
        append_entry(bytes, part->mode, part->name, part->id);
      }
    };
    for (const RawEntry& entry : kept) {
      add_groups_before(&entry);
      bytes.append(entry.bytes);
    }
    add_groups_before(nullptr);
    return impl_.write(ObjectType::tree, bytes);
  }

  Repository::Impl& impl_;
};

}  // namespace

Oid Repository::update_tree(const Oid& base, const std::vector<TreeEntry>& changes) {
  Changes sorted;
  sorted.reserve(changes.size());
  for (const TreeEntry& change : changes) sorted.push_back(&change);
  std::stable_sort(sorted.begin(), sorted.end(), path_before);
  const Oid result = TreeUpdate(*impl_).apply(base, sorted.begin(), sorted.end(), 0);
  return result ? result : impl_->write(ObjectType::tree, "");
}

}  // namespace ga::git
