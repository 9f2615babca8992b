// Refs in tables: read by ourselves, written by git.
#include "git/impl.hh"
#include "git/reftable.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

constexpr std::size_t kChunk = 100;  // entries of a reflog asked for at once

class ReftableRefs : public RefStore {
 public:
  explicit ReftableRefs(Repository::Impl& impl)
      : impl_(impl), shared_(impl.common_dir / "reftable"), own_(impl.git_dir / "reftable") {}

  RefValue read(std::string_view name) override { return stack_of(name).find(name); }

  RefValue worktree_ref(const std::filesystem::path& git_dir, const std::string& name) override {
    return ReftableStack(git_dir / "reftable").find(name);
  }

  std::vector<Oid> worktree_refs(const std::filesystem::path& git_dir) override {
    std::vector<Oid> ids;
    for (const auto& [name, value] : ReftableStack(git_dir / "reftable").list(""))
      if (is_per_worktree(name) && value.id) ids.push_back(value.id);
    return ids;
  }

  std::vector<std::pair<std::string, Oid>> list(std::string_view prefix) override {
    std::vector<std::pair<std::string, Oid>> found;
    for (const auto& [name, value] : shared_.list(starts_with(prefix, "refs/") ? prefix : "refs/")) {
      if (!starts_with(name, prefix)) continue;
      if (const Oid id = value.target.empty() ? value.id : resolve(name).id) found.emplace_back(name, id);
    }
    return found;
  }

  Cas move(const RefMove& move) override { return move_by_git(impl_, *this, move); }

  // By number, because what walks a log reads the commits in it, and the log is asked for when some are missing.
  std::vector<Oid> reflog(std::string_view name) override {
    std::vector<Oid> ids;
    for (std::size_t asked = 0; ids.size() == asked; asked += kChunk) {
      std::vector<std::string> args = {"rev-parse"};
      for (std::size_t i = asked; i < asked + kChunk; ++i)
        args.push_back(std::string(name) + "@{" + std::to_string(i) + "}");
      for (const std::string& line : split_lines(git(args, impl_.git_options()).out))
        if (const Oid id = Oid::parse(line)) ids.push_back(id);
    }
    return ids;
  }

  void require_writable() override {
    const Result result = git({"rev-parse", "--git-dir"}, impl_.git_options());
    if (result.ok()) return;
    if (result.err.find("unknown repository extension") == std::string::npos)
      fail_environment("cannot write refs here: " + sanitize_line(last_words(result)));
    fail_environment("this repository keeps its refs in tables (extensions.refStorage = reftable), which the installed "
                     "Git does not know",
                     {"install Git 2.45 or newer"});
  }

 private:
  ReftableStack& stack_of(std::string_view name) { return impl_.linked && is_per_worktree(name) ? own_ : shared_; }

  Repository::Impl& impl_;
  ReftableStack shared_, own_;
};

}  // namespace

std::unique_ptr<RefStore> open_reftable_refs(Repository::Impl& impl) { return std::make_unique<ReftableRefs>(impl); }

}  // namespace ga::git
