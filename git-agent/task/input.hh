// Files that people hand to `git agent-task`.
#pragma once

#include <cstddef>
#include <string>

namespace ga::cli::task {

inline constexpr std::size_t kMaxInput = 64u << 20;

/// A file's text, "-" is standard input; at most 64 MiB. Throws Error(usage).
std::string read_input(const std::string& name);

}  // namespace ga::cli::task
