// From a pattern's text to the states of its automaton.
#pragma once

#include <string_view>
#include <vector>

#include "util/glob.hh"

namespace ga {

/// None when the pattern is malformed (an open class, a backslash at the end) and so matches nothing.
std::vector<Glob::State> compile_glob(std::string_view pattern);

}  // namespace ga
