#include "util/version.hh"

#include "version-string.hh"

namespace ga {

const char* version() { return GA_VERSION; }

}  // namespace ga
