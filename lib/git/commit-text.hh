// The text of a commit object. Included by the files of lib/git only.
#pragma once

#include <string>
#include <string_view>

#include "git/repository.hh"

namespace ga::git {

/// "Name <email> 1700000000 +0100", cleaned of what Git does not allow in names.
std::string signature_text(const Signature& signature);
/// Never throws: what cannot be read stays empty.
Signature parse_signature(std::string_view text);

std::string commit_text(const Oid& tree, const std::vector<Oid>& parents, const Signature& author,
                        const Signature& committer, std::string_view message);
/// Throws Error(environment) for text that names no tree.
CommitInfo parse_commit(const Oid& id, std::string_view text);

}  // namespace ga::git
