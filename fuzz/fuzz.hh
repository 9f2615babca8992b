// What the fuzz targets share. A target is one file: it defines fuzz_one(), which checks what must hold for any input.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "util/error.hh"
#include "util/json.hh"

namespace ga::fuzz {

/// Checks one input; entry.cc calls it for each.
void fuzz_one(std::string_view input);

/// Ends the process with what does not hold, which the fuzzer takes for a crash.
[[noreturn]] void broken(const char* file, int line, const char* what);
#define HOLDS(condition) ((condition) ? void() : ::ga::fuzz::broken(__FILE__, __LINE__, #condition))

/// What a reader says: nullopt when it refuses the input, which it does with an error of this kind and no other
/// exception.
template <typename Read>
auto read_or_refuse(Kind kind, Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    HOLDS(error.kind() == kind);
    HOLDS(!std::string_view(error.what()).empty());
    return std::nullopt;
  }
}

/// A value as TOML keeps it: without nulls, and without the empty arrays of tables.
Json kept_by_toml(const Json& value);

/// Takes what stands before the separator off the input, and the separator with it.
std::string_view take_part(std::string_view& input, char separator);

}  // namespace ga::fuzz
