// What a command reads: files and standard input.
#pragma once

#include <cstddef>
#include <string>

namespace ga::cli {

inline constexpr std::size_t kMaxInput = 64u << 20;

/// A whole file, or standard input for "-". Throws Error(usage) when there is none, or more than 64 MiB.
std::string read_input(const std::string& name);

}  // namespace ga::cli
