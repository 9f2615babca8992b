// SHA-1 of plain bytes, for the checksums of pack files: libgit2 offers only that of whole objects.
// Included by the files of lib/git only.
#pragma once

#include <string>
#include <string_view>

namespace ga::git {

/// The 20 raw bytes of the SHA-1.
std::string sha1(std::string_view bytes);

}  // namespace ga::git
