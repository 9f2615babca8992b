#include "cli/dump.hh"
#include "gates/policy.hh"

namespace ga::cli {

const std::vector<std::string>& config_keys() { return gates::config_keys(); }

}  // namespace ga::cli
