#include "git/handle.hh"

#include <cstring>

#include "util/sanitizer.hh"

#if defined(GA_ADDRESS_SANITIZER)
#include <sanitizer/lsan_interface.h>

// Matching a pattern in the configuration leaks in libgit2 1.5 (git_regexp_match with PCRE2).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:_pcre2_memctl_malloc_8\n"; }
#endif

#include "git/repository.hh"
#include "util/error.hh"

namespace ga::git {

namespace {

// A short process reads a few objects out of packs that may be large: map little, keep little.
void limit_memory() {
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, std::size_t{1} << 20);
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, std::size_t{8} << 20);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(2) << 20);
}

// Git itself checks neither on these paths, and each costs a hash or a look-up per object.
void skip_double_checks() {
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
}

// What libgit2 opens with the last two is not used for what it would misread (store.hh).
void allow_extensions() {
  static const char* const names[] = {"worktreeconfig", "relativeworktrees", "preciousobjects",
                                      "partialclone",   "objectformat",      "refstorage"};
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, std::size(names));
}

// libgit2 keeps a TLS configuration until it is shut down, which a short process never does.
struct NoLeakCheck {
#if defined(GA_ADDRESS_SANITIZER)
  __lsan::ScopedDisabler off;
#endif
};

bool start() {
  [[maybe_unused]] const NoLeakCheck during_start;
  if (git_libgit2_init() < 1) fail_environment("cannot start libgit2: " + last_message());
  allow_extensions();
  limit_memory();
  skip_double_checks();
  return true;
}

}  // namespace

void start_libgit2() { [[maybe_unused]] static const bool started = start(); }

git_oid to_git(const Oid& id) {
  git_oid raw;
  std::memcpy(raw.id, id.bytes.data(), sizeof raw.id);
  return raw;
}

Oid from_git(const git_oid& id) {
  Oid result;
  std::memcpy(result.bytes.data(), id.id, sizeof id.id);
  return result;
}

std::string last_message() {
  const git_error* error = git_error_last();
  return error && error->message && *error->message ? error->message : "unknown error";
}

void check(int code, const std::string& doing) {
  if (code < 0) fail_environment("cannot " + doing + ": " + last_message());
}

namespace {
bool durable = false;
}

bool is_durable() { return durable; }

void set_durable(bool on) {
  start_libgit2();
  durable = on;
  git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, on ? 1 : 0);
}

}  // namespace ga::git
