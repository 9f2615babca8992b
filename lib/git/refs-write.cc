// Moving a ref. The ref's own lock is taken first, by a libgit2 transaction on this one ref; then it is
// read, compared and written. libgit2's other ref writers either check before they lock (two creators
// win) or scan all of packed-refs.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "git/commit-text.hh"
#include "git/environment.hh"
#include "git/impl.hh"
#include "git/packed-refs.hh"
#include "git/refs.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

struct LockedRef {
  Repository::Impl& impl;
  std::string name;
  git_transaction* transaction;
};

Signature reflog_identity(const Repository::Impl& impl) {
  const auto first_of = [&](const char* name, const char* key) {
    const std::string value = variable(name);
    return value.empty() ? impl.setting(key) : value;
  };
  Signature who;
  who.name = first_of("GIT_COMMITTER_NAME", "user.name");
  who.email = first_of("GIT_COMMITTER_EMAIL", "user.email");
  who.time = now();
  return who;
}

// Git adds to a log that exists whatever the settings; libgit2 does not in a bare repository.
void append_reflog_if_libgit2_will_not(const LockedRef& ref, const Oid& from, const Oid& to, const Signature& who,
                                       const std::string& message) {
  const std::string setting = lower_ascii(ref.impl.setting("core.logallrefupdates"));
  int on = git_repository_is_bare(ref.impl.handle.get()) != 1;
  if (setting == "always" || (!setting.empty() && git_config_parse_bool(&on, setting.c_str()) < 0)) on = 1;
  const fs::path log = ref_path(ref.impl, "logs/" + ref.name);
  if (on || !fs::is_regular_file(log)) return;
  append_file(log, from.hex() + " " + to.hex() + " " + signature_text(who) + "\t" + message + "\n");
}

void set_target(const LockedRef& ref, const Oid& from, const Oid& to, std::string_view text) {
  const std::string message = replace_all(std::string(text), "\n", " ");
  const Signature who = reflog_identity(ref.impl);
  SignatureHandle signature;
  const std::string name = who.name.empty() ? "unknown" : who.name;
  const std::string email = who.email.empty() ? "unknown" : who.email;
  check(git_signature_new(out(signature), name.c_str(), email.c_str(), who.time, who.offset_minutes),
        "sign the reflog");
  const git_oid raw = to_git(to);
  const std::string doing = "write ref '" + ref.name + "'";
  check(git_transaction_set_target(ref.transaction, ref.name.c_str(), &raw, signature.get(), message.c_str()), doing);
  append_reflog_if_libgit2_will_not(ref, from, to, who, message);
  check(git_transaction_commit(ref.transaction), doing);
}

// packed-refs.lock, so that `git pack-refs` does not bring back what is being deleted.
class PackedLock {
 public:
  explicit PackedLock(const fs::path& common_dir) : path_(common_dir / "packed-refs.lock") {
    fd_ = Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!fd_ && errno != EEXIST) {
      fail_environment("cannot create '" + path_.string() + "': " + std::strerror(errno));
    }
  }
  ~PackedLock() {
    if (fd_) ::unlink(path_.c_str());
  }
  PackedLock(const PackedLock&) = delete;
  PackedLock& operator=(const PackedLock&) = delete;
  bool held() const { return static_cast<bool>(fd_); }

 private:
  fs::path path_;
  Fd fd_;
};

void remove_from_packed(const fs::path& common_dir, std::string_view name) {
  const PackedRefs packed(common_dir);
  const std::string_view lines = packed.lines_of(name);
  if (lines.empty()) return;
  const std::string_view all = packed.bytes();
  std::string rest(all.substr(0, static_cast<std::size_t>(lines.data() - all.data())));
  rest.append(lines.data() + lines.size(), all.data() + all.size());
  write_file_atomic(common_dir / "packed-refs", rest);
}

void unlink_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == EISDIR) return;
  fail_environment("cannot remove '" + path.string() + "': " + std::strerror(errno));
}

// As Git does: first from packed-refs, then the file, so that a reader sees the value or nothing.
Cas remove_ref(const LockedRef& ref) {
  const PackedLock lock(ref.impl.common_dir);
  if (!lock.held()) return Cas::busy;
  remove_from_packed(ref.impl.common_dir, ref.name);
  unlink_file(ref_path(ref.impl, ref.name));
  unlink_file(ref_path(ref.impl, "logs/" + ref.name));
  return Cas::committed;
}

// Directories that a deleted ref leaves empty, up to refs/xx.
void prune_directories(const Repository::Impl& impl, const std::string& name) {
  for (fs::path dir = fs::path(name).parent_path(); std::distance(dir.begin(), dir.end()) > 2;
       dir = dir.parent_path()) {
    if (::rmdir(ref_path(impl, dir.string()).c_str()) != 0) return;
  }
}

// "a/b" and "a/b/c" cannot both be refs. Among loose refs the file system sees to that.
void check_packed_neighbours(const Repository::Impl& impl, const std::string& name) {
  const PackedRefs packed(impl.common_dir);
  bool collides = packed.any(name + "/");
  for (auto slash = name.rfind('/'); !collides && slash != std::string::npos && slash > 0;
       slash = name.rfind('/', slash - 1)) {
    collides = static_cast<bool>(packed.find(name.substr(0, slash)));
  }
  if (collides) fail_environment("cannot create ref '" + name + "': its name collides with another ref");
}

Cas change_locked(const LockedRef& ref, const Oid& expected, const Oid& next, std::string_view message) {
  const RefValue current = read_ref(ref.impl, ref.name);
  if (current.broken) fail_environment("ref '" + ref.name + "' is broken", {"see what 'git fsck' says about it"});
  if (!current.target.empty() || current.id != expected) return Cas::lost;
  if (next == expected) return Cas::committed;
  if (!next) return remove_ref(ref);
  if (!expected) check_packed_neighbours(ref.impl, ref.name);
  set_target(ref, expected, next, message);
  return Cas::committed;
}

// A parent directory may vanish between its creation and that of the lock file in it.
int lock_ref(git_transaction* transaction, const std::string& name) {
  int code = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    code = git_transaction_lock_ref(transaction, name.c_str());
    if (code != GIT_ENOTFOUND) break;
  }
  return code;
}

}  // namespace

Cas Repository::cas_ref(std::string_view name, const Oid& expected, const Oid& next, std::string_view message) {
  if (impl_->pending && next && impl_->pending->by_id.count(next)) GA_BUG("a ref is moved before its bulk is finished");
  const std::string final_name = resolve_ref(*impl_, name).name;
  if (!is_valid_ref_name(final_name)) fail_environment("'" + sanitize_line(final_name) + "' is no valid name of a ref");
  TransactionHandle transaction;
  check(git_transaction_new(out(transaction), impl_->handle.get()), "lock ref '" + final_name + "'");
  const int code = lock_ref(transaction.get(), final_name);
  if (code == GIT_ELOCKED) return Cas::busy;
  check(code, "lock ref '" + final_name + "'");
  const Cas result = change_locked({*impl_, final_name, transaction.get()}, expected, next, message);
  transaction.reset();
  if (!next && result == Cas::committed) prune_directories(*impl_, final_name);
  return result;
}

}  // namespace ga::git
