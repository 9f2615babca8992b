// The program's version.
#pragma once

namespace ga {

/// "0.1.0", the version that the build was configured with.
const char* version();

}  // namespace ga
