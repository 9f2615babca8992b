// The two hashes that name objects. Included by the files of lib/git only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "git/oid.hh"

namespace ga::git {

enum class ObjectType;

/// Which hash a repository uses; the value is its size in bytes.
enum class Hash : std::uint8_t { sha1 = 20, sha256 = 32 };

inline std::size_t size_of(Hash hash) { return static_cast<std::size_t>(hash); }
/// The raw bytes of the hash of these bytes.
std::string digest(Hash hash, std::string_view bytes);
/// The name of an object with SHA-256.
Oid sha256_name(ObjectType type, std::string_view bytes);

/// "blob", "tree", "commit" or "tag".
std::string_view type_name(ObjectType type);
/// Throws Error(environment) for any other word.
ObjectType type_named(std::string_view name);

}  // namespace ga::git
