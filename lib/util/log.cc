#include "util/log.hh"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <memory>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga {

namespace {

// Never deleted: messages of the last destructors still have a place to go.
spdlog::logger* logger = nullptr;

// One message is one line, whatever it quotes.
void log_line(spdlog::level::level_enum level, const std::string& message) {
  if (logger) logger->log(level, spdlog::string_view_t(sanitize_line(message)));
}

}  // namespace

void open_log(const std::filesystem::path& file) {
  if (file.has_parent_path()) make_directories(file.parent_path());
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.native());
    sink->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%SZ [%P] %l: %v", spdlog::pattern_time_type::utc));
    auto opened = std::make_unique<spdlog::logger>("git-agent", std::move(sink));
    opened->flush_on(spdlog::level::info);
    delete logger;
    logger = opened.release();
  } catch (const spdlog::spdlog_ex& error) {
    fail_environment("cannot open the log: " + sanitize_line(error.what()));
  }
}

void log_info(const std::string& message) { log_line(spdlog::level::info, message); }
void log_warning(const std::string& message) { log_line(spdlog::level::warn, message); }
void log_error(const std::string& message) { log_line(spdlog::level::err, message); }

}  // namespace ga
