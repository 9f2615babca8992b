#include "cli/input.hh"

#include <unistd.h>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::cli {

std::string read_input(const std::string& name) {
  if (name == "-") {
    std::string text;
    char buffer[65536];
    for (ssize_t n; (n = ::read(STDIN_FILENO, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
      if (text.size() > kMaxInput) fail_usage("standard input is too large (at most 64 MiB)");
    }
    return text;
  }
  auto text = read_file(name, kMaxInput);
  if (!text) throw Error(Kind::usage, "there is no file '" + sanitize_line(name) + "'");
  return *text;
}

}  // namespace ga::cli
