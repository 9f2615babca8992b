#include "git/repository.hh"

#include "git/environment.hh"
#include "git/handle.hh"
#include "git/impl.hh"
#include "git/open.hh"
#include "util/error.hh"

namespace ga::git {

namespace fs = std::filesystem;

namespace {

fs::path directory(const char* path) {
  if (!path) return {};
  fs::path result = fs::path(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

std::string get_setting(git_config* config, const char* key) {
  git_config_entry* entry = nullptr;
  if (git_config_get_entry(&entry, config, key) < 0) return "";
  std::string value = entry->value ? entry->value : "true";
  git_config_entry_free(entry);
  return value;
}

bool is_true(const std::string& value) {
  int parsed = 0;
  return !value.empty() && git_config_parse_bool(&parsed, value.c_str()) == 0 && parsed;
}

// libgit2 does not read config.worktree, where `git worktree` and `git sparse-checkout` move
// core.bare and core.worktree of the main worktree.
std::string worktree_setting(const Repository::Impl& impl, const fs::path& git_dir, const char* key) {
  if (!is_true(impl.setting("extensions.worktreeconfig"))) return "";
  const fs::path file = git_dir / "config.worktree";
  ConfigHandle config;
  if (!fs::exists(file) || git_config_open_ondisk(out(config), file.c_str()) < 0) return "";
  return get_setting(config.get(), key);
}

void apply_worktree_config(Repository::Impl& impl) {
  if (!impl.linked && is_true(worktree_setting(impl, impl.git_dir, "core.bare"))) {
    impl.bare = true;
    impl.work_dir.clear();
  }
  const std::string tree = worktree_setting(impl, impl.git_dir, "core.worktree");
  if (!tree.empty()) impl.work_dir = directory((impl.git_dir / tree).c_str());
}

void apply_environment(Repository::Impl& impl) {
  const std::string work_tree = variable("GIT_WORK_TREE");
  if (!work_tree.empty()) {
    impl.work_dir = directory(fs::absolute(work_tree).c_str());
    impl.bare = false;
  }
}

fs::path objects_directory(const Repository::Impl& impl) {
  const std::string named = impl.from_env ? variable("GIT_OBJECT_DIRECTORY") : "";
  return named.empty() ? impl.common_dir / "objects" : fs::absolute(named);
}

}  // namespace

Repository::Repository(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;
Repository::~Repository() = default;

Repository Repository::discover(const fs::path& path) {
  auto impl = std::make_unique<Impl>();
  impl->from_env = path.empty();
  impl->handle = open_repository(path, impl->formats);
  git_repository* handle = impl->handle.get();
  impl->git_dir = directory(git_repository_path(handle));
  impl->common_dir = directory(git_repository_commondir(handle));
  impl->work_dir = directory(git_repository_workdir(handle));
  impl->bare = git_repository_is_bare(handle);
  impl->linked = git_repository_is_worktree(handle);
  apply_worktree_config(*impl);
  if (impl->from_env) apply_environment(*impl);
  impl->objects_dir = objects_directory(*impl);
  impl->objects = impl->formats.hash == Hash::sha1 ? open_libgit2_objects(*impl) : open_git_objects(*impl);
  impl->refs = impl->formats.reftable ? open_reftable_refs(*impl) : open_file_refs(*impl);
  return Repository(std::move(impl));
}

bool Repository::uses_sha256() const { return impl_->formats.hash == Hash::sha256; }
bool Repository::uses_reftable() const { return impl_->formats.reftable; }
std::string Repository::zero_id() const { return std::string(2 * size_of(impl_->formats.hash), '0'); }

fs::path Repository::git_dir() const { return impl_->git_dir; }
fs::path Repository::common_dir() const { return impl_->common_dir; }
fs::path Repository::work_dir() const { return impl_->work_dir; }
bool Repository::is_bare() const { return impl_->bare; }
bool Repository::is_linked_worktree() const { return impl_->linked; }

fs::path Repository::main_work_dir() const {
  if (!impl_->linked) return impl_->work_dir;
  const fs::path& common = impl_->common_dir;
  const auto setting = [&](const char* key) {
    const std::string own = worktree_setting(*impl_, common, key);
    return own.empty() ? impl_->setting(key) : own;
  };
  if (is_true(setting("core.bare"))) return {};
  const std::string named = setting("core.worktree");
  if (!named.empty()) return directory((common / named).c_str());
  // `git init --separate-git-dir` leaves no trace of where the main worktree is.
  return common.filename() == ".git" ? common.parent_path() : fs::path();
}

std::string Repository::Impl::setting(const char* key) const {
  ConfigHandle config;
  if (git_repository_config(out(config), handle.get()) < 0) return "";
  return get_setting(config.get(), key);
}

bool Repository::Impl::git_walks_history() const {
  return formats.hash != Hash::sha1 || git_repository_is_shallow(handle.get()) == 1;
}

GitOptions Repository::Impl::git_options() const {
  GitOptions options;
  options.keep_local_env = from_env;
  if (!from_env) options.git_dir = git_dir;
  return options;
}

}  // namespace ga::git
