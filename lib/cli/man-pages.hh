// The sources of the manual pages, for --help where man is missing.
#pragma once

#include <string_view>

namespace ga::cli {

/// The scdoc source of the page "git-agent-task", "git-agent-config"...; empty when there is none.
/// Defined in git-agent/man-pages.cc, since the pages belong to the commands.
std::string_view man_page(std::string_view name);

}  // namespace ga::cli
