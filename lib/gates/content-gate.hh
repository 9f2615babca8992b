// The built-in gate "content": characters, conflicts, sizes (scan/content.hh) of what a change brings.
#pragma once

#include "gates/builtin.hh"

namespace ga::gates {

/// Judges the files that differ between the two trees, and for size and kind every file that a commit on the way
/// brings, because the history keeps it. A file that only moved brings nothing. [content] of the policy tunes it.
BuiltinReport judge_content(const Subject& subject);

/// "12 blobs, 84 KB".
std::string blobs_text(std::size_t blobs, std::size_t bytes);

}  // namespace ga::gates
