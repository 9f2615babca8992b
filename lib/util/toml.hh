// TOML: reading by toml++, and one canonical writer.
//
// Ledger objects are TOML files. Their bytes must be the same on every machine, so writing does not
// depend on a library's version: write_toml() below is the definition of the format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/json.hh"

namespace ga {

/// Parses TOML into JSON (tables to objects, dates to RFC 3339 strings). Throws
/// Error(environment) "NAME:LINE:COLUMN: what" for malformed input. Inputs over 1 MiB or nested
/// deeper than 32 levels are refused.
Json parse_toml(std::string_view text, const std::string& name);

/// Canonical TOML of a JSON object: scalars and arrays of scalars first, then sub-tables
/// (`[a.b]`), then arrays of tables (`[[a]]`), each group in key order. Null and empty arrays are
/// left out. Strings with line breaks are written as multi-line basic strings so that a person and
/// `git log -p` read them by line (inside arrays, on one line with escapes); arrays too long for a line
/// have one element a line. Control and bidirectional characters are written as escapes, so that
/// `git log -p` is safe to look at. parse_toml(write_toml(x)) == x for every x without nulls and
/// empty arrays. Throws Error(environment) for integers beyond 64 bits and for more than 32 levels.
std::string write_toml(const Json& object);

/// The line of the value that `path` leads to from the root (an array's element by its number), or of the nearest table
/// around it; 0 when unknown. Parses the text again: for error messages.
int toml_line(std::string_view text, const std::vector<std::string>& path);

}  // namespace ga
