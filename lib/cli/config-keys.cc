#include "cli/dump.hh"

namespace ga::cli {

const std::vector<std::string>& config_keys() {
  static const std::vector<std::string> keys;
  return keys;
}

}  // namespace ga::cli
