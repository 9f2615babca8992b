#include "cli/context.hh"
#include "cli/help.hh"

namespace ga::cli {

std::string next_step(Context&) { return "git agent-init"; }

}  // namespace ga::cli
