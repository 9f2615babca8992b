// What run() and spawn_detached() share: vectors as the system wants them.
#pragma once

#include <string>
#include <vector>

#include "util/process.hh"

namespace ga {

/// Pointers into the strings and a null at the end, valid as long as the strings.
std::vector<char*> pointers_to(const std::vector<std::string>& strings);

/// The environment a command runs in: ours as it is, or one built from the command.
class Environment {
 public:
  explicit Environment(const Command& command);
  char* const* get() const;

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
  bool ours_;
};

/// Opens for appending, creating it; -1 on an error (errno).
int open_output_file(const std::string& path);

}  // namespace ga
