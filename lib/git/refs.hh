// Refs as files. Included by the files of lib/git only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "git/repository.hh"

namespace ga::git {

/// What one ref holds: an id, or the name of another ref; neither when it does not exist.
struct RefValue {
  Oid id;
  std::string target;
  bool broken = false;  ///< there is a file, but no ref in it
};
/// A ref after following symbolic ones: its final name, and the id, zero when it does not exist.
struct ResolvedRef {
  std::string name;
  Oid id;
  bool broken = false;
};

bool is_valid_ref_name(std::string_view name);
/// Where a ref's loose file is: this worktree's directory (HEAD, ...) or the shared one.
std::filesystem::path ref_path(const Repository::Impl& impl, std::string_view name);
RefValue read_ref(const Repository::Impl& impl, std::string_view name);
ResolvedRef resolve_ref(const Repository::Impl& impl, std::string_view name);

}  // namespace ga::git
