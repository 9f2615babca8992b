// YAML, as far as front-matter of strangers' files needs it: read by libyaml, made JSON.
#pragma once

#include <string>
#include <string_view>

#include "util/json.hh"

namespace ga {

/// The first document of a text: maps, lists and scalars; null for an empty one. Plain null, true, false and whole numbers
/// become such values, every other scalar the text it is, so that nothing is lost ("1.10", "2025-01-02", "007"). Throws
/// Error(environment) "NAME:LINE:COLUMN: what" for what is no YAML, and for what data never needs: aliases, more than 1 MiB,
/// more than 32 levels, keys that are no scalars.
Json parse_yaml(std::string_view text, const std::string& name);

}  // namespace ga
