// Logging of long-lived processes (the runner, the supervisor) by spdlog. Short commands never log:
// they print.
#pragma once

#include <filesystem>
#include <string>

namespace ga {
/// Opens the log file (appending). Without it the functions below do nothing.
void open_log(const std::filesystem::path& file);
void log_info(const std::string& message);
void log_warning(const std::string& message);
void log_error(const std::string& message);
}  // namespace ga
