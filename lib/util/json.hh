// JSON values: nlohmann's library, whose objects keep their keys sorted.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

// Compiled once, in json.cc: a third of every file's compile time otherwise.
extern template class nlohmann::basic_json<>;

namespace ga {

using Json = nlohmann::json;

/// Canonical text: sorted keys, no spaces, UTF-8; invalid UTF-8 becomes U+FFFD. Equal values give
/// equal bytes, so it can be hashed and compared.
std::string canonical(const Json& value);
/// Parses one JSON document; throws Error(environment) naming `what` with line and column.
Json parse_json(std::string_view text, const std::string& what);

// Reading members without exceptions; a missing or wrongly typed member gives the fallback.
std::string get_string(const Json& object, const char* key, std::string fallback = "");
std::int64_t get_int(const Json& object, const char* key, std::int64_t fallback = 0);
bool get_bool(const Json& object, const char* key, bool fallback = false);
std::vector<std::string> get_strings(const Json& object, const char* key);
/// The string as JSON, or null when it is empty.
Json string_or_null(const std::string& text);

}  // namespace ga
