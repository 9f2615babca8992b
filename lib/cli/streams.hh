// Standard output and standard error as a terminal or a pipe.
#pragma once

#include <string>

namespace ga::cli {

/// Opens /dev/null in place of closed standard streams, so that no file gets their numbers.
void open_closed_streams();
/// Standard output is a terminal, or our pager on one.
bool output_is_terminal();
/// Remembered by start_pager(): from then on standard output is a pipe to a pager on a terminal.
void output_goes_to_pager();
bool error_is_terminal();
/// Colours are wanted on standard output: a terminal, and neither NO_COLOR, TERM=dumb nor color.ui is against it.
bool colours_wanted();
/// Columns of the terminal; 80 when unknown.
int terminal_columns();
void write_out(const std::string& text);
/// Writes to standard error after what was written to standard output before.
void write_error(const std::string& text);
/// Flushes and closes standard output: 0, or the errno of the first write that failed.
int close_output();

}  // namespace ga::cli
