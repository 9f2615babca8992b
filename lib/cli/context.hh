// What every command is given.
#pragma once

#include "cli/output.hh"

namespace ga::cli {

class Context {
 public:
  Output out;
};

}  // namespace ga::cli
