// The table of formats that can be imported.
#include <algorithm>
#include <array>

#include "interop/record.hh"

namespace ga::interop {

const Format* find_format(std::string_view name) {
  static constexpr std::array kFormats = {
      Format{"beads", read_beads},           Format{"ralph", read_ralph},
      Format{"taskmaster", read_taskmaster}, Format{"taskwarrior", read_taskwarrior},
      Format{"github", read_github},         Format{"backlog", read_backlog},
  };
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& f) { return name == f.name; });
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace ga::interop
