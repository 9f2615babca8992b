#include "cli/help.hh"

namespace ga::cli {

std::string_view page_source(std::string_view) { return ""; }

}  // namespace ga::cli
