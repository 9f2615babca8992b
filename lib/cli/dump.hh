// What the program knows of itself, as JSON, for the tests of the manual and for packagers. Hidden.
#pragma once

#include <string>

#include "util/json.hh"

namespace ga::cli {

/// All rows: [{"name","summary","group","synopsis":[...],"verbs":[{"name",...,"options":[...]}]}].
Json dump_commands();
/// [{"kind","code"}] of every kind of failure.
Json dump_errors();
/// The skeleton of a command's manual page; Error(usage) when there is no such command.
std::string dump_page(const std::string& command);

}  // namespace ga::cli
