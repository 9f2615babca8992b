// Refs as files: read by ourselves, as Git does, for libgit2 would parse all of packed-refs for a list.
//
// Moving one takes the ref's own lock first, by a libgit2 transaction on this one ref; then it is read, compared and
// written. libgit2's other ref writers either check before they lock (two creators win) or scan all of packed-refs. Where
// objects have names that libgit2 does not know, git moves it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "git/commit-text.hh"
#include "git/environment.hh"
#include "git/impl.hh"
#include "git/packed-refs.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

// Where a file of a ref is: this worktree's directory (HEAD, ...) or the shared one.
fs::path ref_path(const Repository::Impl& impl, std::string_view name) {
  return (is_per_worktree(name) ? impl.git_dir : impl.common_dir) / name;
}

fs::path log_path(const Repository::Impl& impl, std::string_view name) {
  return (is_per_worktree(name) ? impl.git_dir : impl.common_dir) / "logs" / name;
}

RefValue parse_ref(std::string text) {
  RefValue value;
  text = trim(text);
  if (starts_with(text, "ref:")) {
    value.target = trim(text.substr(4));
  } else {
    const std::string_view word = std::string_view(text).substr(0, text.find_first_of(" \t\n"));
    value.id = Oid::parse(word);
  }
  value.broken = value.target.empty() && !value.id;
  return value;
}

bool is_regular(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

struct LockedRef {
  Repository::Impl& impl;
  RefStore& refs;
  const RefMove& move;
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
void append_reflog_if_libgit2_will_not(const LockedRef& ref, const Signature& who) {
  const std::string setting = lower_ascii(ref.impl.setting("core.logallrefupdates"));
  int on = git_repository_is_bare(ref.impl.handle.get()) != 1;
  if (setting == "always" || (!setting.empty() && git_config_parse_bool(&on, setting.c_str()) < 0)) on = 1;
  const fs::path log = log_path(ref.impl, ref.move.name);
  if (on || !fs::is_regular_file(log)) return;
  append_file(log, ref.move.expected.hex() + " " + ref.move.next.hex() + " " + signature_text(who) + "\t" +
                       ref.move.message + "\n");
}

void set_target(const LockedRef& ref) {
  const Signature who = reflog_identity(ref.impl);
  SignatureHandle signature;
  const std::string name = who.name.empty() ? "unknown" : who.name;
  const std::string email = who.email.empty() ? "unknown" : who.email;
  check(git_signature_new(out(signature), name.c_str(), email.c_str(), who.time, who.offset_minutes),
        "sign the reflog");
  const git_oid raw = to_git(ref.move.next);
  const std::string doing = "write ref '" + ref.move.name + "'";
  check(git_transaction_set_target(ref.transaction, ref.move.name.c_str(), &raw, signature.get(),
                                   ref.move.message.c_str()),
        doing);
  append_reflog_if_libgit2_will_not(ref, who);
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
  remove_from_packed(ref.impl.common_dir, ref.move.name);
  unlink_file(ref_path(ref.impl, ref.move.name));
  unlink_file(log_path(ref.impl, ref.move.name));
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

Cas change_locked(const LockedRef& ref) {
  const RefValue current = ref.refs.read(ref.move.name);
  const Oid &expected = ref.move.expected, &next = ref.move.next;
  if (current.broken) fail_environment("ref '" + ref.move.name + "' is broken", {"see what 'git fsck' says about it"});
  if (!current.target.empty() || current.id != expected) return Cas::lost;
  if (next == expected) return Cas::committed;
  if (!next) return remove_ref(ref);
  if (!expected) check_packed_neighbours(ref.impl, ref.move.name);
  set_target(ref);
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

void begin_reflog(const fs::path& log) {
  if (::access(log.c_str(), F_OK) == 0) return;
  make_directories(log.parent_path());
  append_file(log, "");
}

class FileRefs : public RefStore {
 public:
  explicit FileRefs(Repository::Impl& impl) : impl_(impl) {}

  RefValue read(std::string_view name) override {
    const fs::path path = ref_path(impl_, name);
    // The loose file first: one that is packed meanwhile is then found in packed-refs.
    if (is_regular(path)) {
      if (auto text = read_file(path, 1 << 16)) return parse_ref(std::move(*text));
    }
    RefValue value;
    value.id = PackedRefs(impl_.common_dir).find(name);
    return value;
  }

  RefValue worktree_ref(const fs::path& git_dir, const std::string& name) override {
    auto text = read_file(git_dir / name, 1 << 16);
    return text ? parse_ref(std::move(*text)) : RefValue{};
  }

  std::vector<Oid> worktree_refs(const fs::path& git_dir) override {
    std::vector<Oid> ids;
    const auto add = [&](const fs::path& file) {
      if (const RefValue value = worktree_ref(file.parent_path(), file.filename()); value.id) ids.push_back(value.id);
    };
    for (const char* name : {"HEAD", "MERGE_AUTOSTASH", "CHERRY_PICK_HEAD", "REVERT_HEAD", "ORIG_HEAD"})
      add(git_dir / name);
    std::error_code error;
    for (fs::recursive_directory_iterator it(git_dir / "refs", error), end; !error && it != end; it.increment(error))
      if (it->is_regular_file(error)) add(it->path());
    return ids;
  }

  std::vector<std::pair<std::string, Oid>> list(std::string_view prefix) override {
    std::map<std::string, Oid> found;
    const fs::path& common = impl_.common_dir;
    const fs::path start =
        starts_with(prefix, "refs/") ? common / prefix.substr(0, prefix.rfind('/')) : common / "refs";
    std::error_code error;
    fs::recursive_directory_iterator file(start, error), end;
    for (; !error && file != end; file.increment(error)) {
      const std::string name = file->path().string().substr(common.string().size() + 1);
      if (!starts_with(name, prefix) || ends_with(name, ".lock") || !is_regular(file->path())) continue;
      // What is broken or leads nowhere is left out, as `git for-each-ref` does.
      if (const Oid id = resolve(name).id) found[name] = id;
    }
    // Packed ones last: what is packed in the meantime was seen as a file.
    PackedRefs(common).each(prefix,
                            [&](std::string_view name, const Oid& id) { found.try_emplace(std::string(name), id); });
    return {found.begin(), found.end()};
  }

  Cas move(const RefMove& move) override {
    if (move.keep_reflog) begin_reflog(log_path(impl_, move.name));
    const Cas result = impl_.formats.hash == Hash::sha1 ? move_by_libgit2(move) : move_by_git(impl_, *this, move);
    if (!move.next && result == Cas::committed) prune_directories(impl_, move.name);
    return result;
  }

  std::vector<Oid> reflog(std::string_view name) override {
    auto lines = split_lines(read_file(log_path(impl_, name)).value_or(""));
    std::vector<Oid> ids;
    // "OLD NEW WHO<tab>MESSAGE"
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      const std::string_view rest = std::string_view(*line).substr(std::min(line->size(), line->find(' ') + 1));
      if (const Oid id = Oid::parse(rest.substr(0, rest.find(' ')))) ids.push_back(id);
    }
    return ids;
  }

 private:
  Cas move_by_libgit2(const RefMove& move) {
    TransactionHandle transaction;
    const std::string doing = "lock ref '" + move.name + "'";
    check(git_transaction_new(out(transaction), impl_.handle.get()), doing);
    const int code = lock_ref(transaction.get(), move.name);
    if (code == GIT_ELOCKED) return Cas::busy;
    check(code, doing);
    return change_locked({impl_, *this, move, transaction.get()});
  }

  Repository::Impl& impl_;
};

}  // namespace

std::unique_ptr<RefStore> open_file_refs(Repository::Impl& impl) { return std::make_unique<FileRefs>(impl); }

}  // namespace ga::git
