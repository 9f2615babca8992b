// Reading the part of TOML that rule files are written in, several times faster than a whole TOML parser: every commit
// begins with it.
#pragma once

#include <optional>
#include <string_view>

#include "util/json.hh"

namespace ga::scan {

/// The same value as parse_toml() gives, or nullopt for everything out of the ordinary, malformed text included: then
/// parse_toml() decides what it means or what is wrong with it.
std::optional<Json> parse_plain_toml(std::string_view text);

}  // namespace ga::scan
