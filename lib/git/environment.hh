// Git's variables that libgit2 cannot cope with. Included by the files of lib/git only.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ga::git {

/// Takes variables out of the environment as long as it lives: libgit2 1.5 refuses to open a
/// repository when GIT_WORK_TREE or GIT_COMMON_DIR is set, reads all of GIT_INDEX_FILE at once, and
/// would put GIT_NAMESPACE before every ref, which plumbing does not.
class HiddenVariables {
 public:
  HiddenVariables();
  ~HiddenVariables();
  HiddenVariables(const HiddenVariables&) = delete;
  HiddenVariables& operator=(const HiddenVariables&) = delete;

 private:
  std::vector<std::pair<const char*, std::string>> saved_;
};

/// The variable's value, "" when it is unset.
std::string variable(const char* name);

}  // namespace ga::git
