// Help: the list of commands and the manual.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hh"

namespace ga::cli {

/// What bare `git agent` prints, the next step excepted.
std::string overview_text();
/// "Plan", "Spawn"...
const char* group_name(Group group);
/// The one sensible command to run here and now; "" when there is none.
std::string next_step(Context& ctx);

/// The scdoc source of a manual page ("git-agent-task"), "" when there is none of that name.
std::string_view page_source(std::string_view page);
/// A page's source as plain text: the markup taken off, literal blocks and tables kept.
std::string page_text(std::string_view source);
/// Opens a manual page by man(1), else prints the text we carry. Gives the exit code.
int show_manual(const std::string& page);

}  // namespace ga::cli
