#include "git/environment.hh"

#include <cstdlib>

namespace ga::git {

HiddenVariables::HiddenVariables() {
  for (const char* name : {"GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE"}) {
    if (const char* value = std::getenv(name)) {
      saved_.emplace_back(name, value);
      unsetenv(name);
    }
  }
}

HiddenVariables::~HiddenVariables() {
  for (const auto& [name, value] : saved_) setenv(name, value.c_str(), 1);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace ga::git
