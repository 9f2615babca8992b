// Talking with a person at a terminal.
#pragma once

#include <string>

namespace ga::cli {
/// Standard input and standard error are terminals, so that a question can be asked and answered.
bool can_ask();
/// Asks a yes/no question on the terminal; false when it cannot be asked.
bool ask_yes(const std::string& question);
/// Opens the person's editor (GIT_EDITOR, core.editor, VISUAL, EDITOR through `git var GIT_EDITOR`) on a
/// template; lines that start with '#' are dropped; "" when empty. Error(environment) when the editor failed.
std::string edit_text(const std::string& initial, const std::string& file_name);
/// Sends output through the person's pager (git var GIT_PAGER) until the process ends, when standard output is
/// a terminal.
void start_pager();
}  // namespace ga::cli
