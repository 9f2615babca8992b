// Text from tasks, agents, files and programs is untrusted: what is shown is made safe here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ga {

/// Safe for a terminal: control characters (C0 but newline and tab, DEL, C1 in both forms), escape
/// sequences, bidirectional and invisible characters become visible escapes like <U+202E> or \x1b;
/// invalid UTF-8 becomes \xNN.
std::string sanitize(std::string_view text);
/// sanitize(), and newlines and tabs become spaces, trimmed: for one-line places.
std::string sanitize_line(std::string_view text);
/// Valid UTF-8 in NFC; invalid bytes become U+FFFD.
std::string normalize_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);
/// The text with each byte that is no UTF-8 replaced by U+FFFD, and nothing else changed.
std::string replace_invalid_utf8(std::string_view text);
/// Unicode case folding plus NFC, for comparing names.
std::string fold_case(std::string_view text);
/// Columns a string takes on a terminal.
std::size_t display_width(std::string_view text);
/// Cut to at most `columns`, with an ellipsis when something was cut.
std::string fit(std::string_view text, std::size_t columns);
/// A slug made from a title: folded to ASCII, words joined by '-', at most 40 characters, matching
/// is_slug(); "task" when nothing remains.
std::string slug_from_title(std::string_view title);
/// Words that are no slug, whatever they look like: they mean something else where one may stand, or some systems
/// cannot store files of that name.
bool is_reserved_name(std::string_view text);

/// "a,,b" gives three parts, "" none.
std::vector<std::string> split(std::string_view text, char separator);
/// Without line ends ("\n" or "\r\n"); a last line end begins no further line.
std::vector<std::string> split_lines(std::string_view text);
/// Without blanks, tabs and line ends at both ends.
std::string trim(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with(std::string_view text, std::string_view suffix);
std::string lower_ascii(std::string_view text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
/// Levenshtein distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);
/// SHA-256 of the bytes: 32 raw bytes, or 64 hexadecimal digits.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
/// The bytes as hexadecimal digits, two each.
std::string hex_digits(std::string_view bytes);
/// The longest prefix of at most `bytes` bytes that does not cut a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

}  // namespace ga
