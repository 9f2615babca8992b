// Reading the part of TOML that write_toml() writes, several times faster than a whole TOML parser.
// An index is rebuilt from tens of thousands of such records.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/json.hh"

namespace ga {

/// Deepest nesting of tables and arrays in our TOML.
constexpr int max_toml_depth = 32;

/// The value, or nullopt for everything that is not surely canonical, malformed text included: then
/// the TOML library decides what it means or what is wrong with it.
std::optional<Json> parse_canonical_toml(std::string_view text);

/// parse_toml() by the TOML library alone.
Json parse_any_toml(std::string_view text, const std::string& name);

}  // namespace ga
