#include "git/impl.hh"
#include "git/tree-text.hh"
#include "util/error.hh"

namespace ga::git {

namespace {

// A tree this deep is no project but an attempt to exhaust the stack.
constexpr int max_depth = 1000;

// One side of the comparison: the entries of a tree, one at a time.
class Side {
 public:
  Side(const Repository& repo, const Oid& tree)
      : object_(repo.impl().read(tree)), reader_(bytes(), size_of(repo.impl().formats.hash)) {
    if (tree && (!object_ || object_->type != ObjectType::tree)) fail_environment("tree " + tree.hex() + " is missing");
    step();
  }
  void step() { there_ = reader_.next(entry_); }
  explicit operator bool() const { return there_; }
  const RawEntry& operator*() const { return entry_; }
  const RawEntry* operator->() const { return &entry_; }

 private:
  std::string_view bytes() const { return object_ ? object_->bytes : std::string_view(); }

  std::optional<RawObject> object_;
  TreeReader reader_;
  RawEntry entry_;
  bool there_ = false;
};

class TreeDiff {
 public:
  TreeDiff(const Repository& repo, const std::function<void(const Change&)>& visit) : repo_(repo), visit_(visit) {}

  void compare(const Oid& before, const Oid& after, const std::string& directory, int depth) {
    if (before == after) return;
    if (depth > max_depth) fail_environment("the tree is too deep at '" + directory.substr(0, 200) + "'");
    Side a(repo_, before), b(repo_, after);
    while (a || b) {
      const int order = !a ? 1 : !b ? -1 : compare_entries(a->name, a->is_tree(), b->name, b->is_tree());
      const RawEntry none;
      report(order <= 0 ? *a : none, order >= 0 ? *b : none, directory, depth);
      if (order <= 0) a.step();
      if (order >= 0) b.step();
    }
  }

 private:
  // Two entries of one name and kind, or one that has no partner (mode 0).
  void report(const RawEntry& a, const RawEntry& b, const std::string& directory, int depth) {
    if (a.mode == b.mode && a.id == b.id) return;
    const std::string path = directory + std::string(a.mode ? a.name : b.name);
    const Oid before = raw_oid(a.id), after = raw_oid(b.id);
    if (a.is_tree() || b.is_tree()) {
      compare(before, after, path + "/", depth + 1);
    } else {
      visit_({path, a.mode, b.mode, before, after});
    }
  }

  const Repository& repo_;
  const std::function<void(const Change&)>& visit_;
};

}  // namespace

std::vector<Change> diff_trees(const Repository& repo, const Oid& before, const Oid& after) {
  std::vector<Change> changes;
  each_change(repo, before, after, [&](const Change& change) { changes.push_back(change); });
  return changes;
}

void each_change(const Repository& repo, const Oid& before, const Oid& after,
                 const std::function<void(const Change&)>& visit) {
  TreeDiff(repo, visit).compare(before, after, "", 0);
}

}  // namespace ga::git
