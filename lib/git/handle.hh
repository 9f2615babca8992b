// libgit2 handles that free themselves, and the one way its errors become ours.
// Included by the files of lib/git only.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "git/oid.hh"

namespace ga::git {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* handle) const {
    release(handle);
  }
};
template <typename T, auto release>
using Handle = std::unique_ptr<T, Release<release>>;

using RepositoryHandle = Handle<git_repository, git_repository_free>;
using ConfigHandle = Handle<git_config, git_config_free>;
using OdbHandle = Handle<git_odb, git_odb_free>;
using OdbObjectHandle = Handle<git_odb_object, git_odb_object_free>;
using ObjectHandle = Handle<git_object, git_object_free>;
using IndexHandle = Handle<git_index, git_index_free>;
using TransactionHandle = Handle<git_transaction, git_transaction_free>;
using SignatureHandle = Handle<git_signature, git_signature_free>;
using RevwalkHandle = Handle<git_revwalk, git_revwalk_free>;

/// Receives a C out-parameter: check(git_x_new(out(handle)), "...").
template <typename T, typename D>
class Out {
 public:
  explicit Out(std::unique_ptr<T, D>& target) : target_(target) {}
  ~Out() { target_.reset(raw_); }
  operator T**() { return &raw_; }

 private:
  std::unique_ptr<T, D>& target_;
  T* raw_ = nullptr;
};
template <typename T, typename D>
Out<T, D> out(std::unique_ptr<T, D>& target) {
  return Out<T, D>(target);
}

git_oid to_git(const Oid& id);
Oid from_git(const git_oid& id);

/// What libgit2 said last; never empty.
std::string last_message();
/// Throws Error(environment) "cannot DOING: what libgit2 said" for a negative code.
void check(int code, const std::string& doing);

/// Starts libgit2 on first use. Everything that calls it goes through Repository::discover().
void start_libgit2();
/// What set_durable() asked for.
bool is_durable();

}  // namespace ga::git
