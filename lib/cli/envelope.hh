// The one JSON document of a command that runs with --json.
#pragma once

#include <string>

#include "util/error.hh"
#include "util/json.hh"

namespace ga::cli {

/// Canonical text of a value. `ascii` escapes everything beyond ASCII: for terminals, since the data
/// may be text of agents.
std::string json_text(const Json& value, bool ascii);
/// `{"cmd":...,"data":...,"ok":true,"v":1}`, one line.
std::string answer_document(const std::string& cmd, const Json& data, bool ascii = false);
/// The document of a failure, with "error" and with "data" an object in every case.
std::string failure_document(const std::string& cmd, const Error& error, bool ascii = false);

}  // namespace ga::cli
