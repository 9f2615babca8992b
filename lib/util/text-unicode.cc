// The half of text.hh that knows Unicode.
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "util/error.hh"
#include "util/text.hh"

namespace ga {

namespace {

struct Decoded {
  utf8proc_int32_t code;  // -1: the byte belongs to no valid sequence
  std::size_t size;
};

Decoded decode(std::string_view text) {
  utf8proc_int32_t code = -1;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (size <= 0) return {-1, 1};
  return {code, static_cast<std::size_t>(size)};
}

bool is_plain_ascii(char c) { return c >= ' ' && c <= '~'; }

// The length of the part that is printable ASCII, newlines and tabs.
std::size_t plain_prefix(std::string_view text) {
  const auto shown_as_is = [](char c) { return is_plain_ascii(c) || c == '\n' || c == '\t'; };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), shown_as_is) - text.begin());
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

using CodeRange = std::pair<utf8proc_int32_t, utf8proc_int32_t>;

// What shows nothing, reorders what is around it, or drives a terminal. A list of our own: what is
// safe must not change with the version of a library. Variation selectors 15 and 16 stay: they only
// choose between the two looks of a sign.
constexpr std::array<CodeRange, 24> hidden_ranges = {{
    {0x80, 0x9f},         // C1 controls
    {0xad, 0xad},         // soft hyphen
    {0x34f, 0x34f},       // combining grapheme joiner
    {0x61c, 0x61c},       // Arabic letter mark
    {0x115f, 0x1160},     // Hangul fillers
    {0x17b4, 0x17b5},     // Khmer inherent vowels
    {0x180b, 0x180f},     // Mongolian variation selectors, vowel separator
    {0x200b, 0x200f},     // zero width, direction marks
    {0x2028, 0x202e},     // line and paragraph separators, embeddings and overrides
    {0x2060, 0x206f},     // word joiner, invisible operators, isolates, deprecated
    {0x2800, 0x2800},     // blank Braille pattern
    {0x3164, 0x3164},     // Hangul filler
    {0xfdd0, 0xfdef},     // noncharacters
    {0xfe00, 0xfe0d},     // variation selectors
    {0xfeff, 0xfeff},     // byte order mark
    {0xffa0, 0xffa0},     // half-width Hangul filler
    {0xfff0, 0xfffb},     // unassigned ignorables, interlinear annotation
    {0xfffe, 0xffff},     // noncharacters
    {0x13430, 0x1345f},   // Egyptian hieroglyph format controls
    {0x1bca0, 0x1bca3},   // shorthand format controls
    {0x1d159, 0x1d159},   // musical null notehead
    {0x1d173, 0x1d17a},   // musical format controls
    {0xe0000, 0xe0fff},   // tags, variation selectors supplement
    {0xf0000, 0x10ffff},  // private planes
}};

bool is_hidden(utf8proc_int32_t code) {
  const auto begins_later = [](utf8proc_int32_t value, const CodeRange& range) { return value < range.first; };
  const auto after = std::upper_bound(hidden_ranges.begin(), hidden_ranges.end(), code, begins_later);
  return after != hidden_ranges.begin() && code <= std::prev(after)->second;
}

void append_escaped_byte(std::string& out, char byte) {
  constexpr const char* hex = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += hex[value >> 4];
  out += hex[value & 15];
}

void append_code_name(std::string& out, utf8proc_int32_t code) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "<U+%04X>", static_cast<unsigned>(code));
  out += name.data();
}

// One character that is not plain ASCII, made visible when it needs to be.
void append_shown(std::string& out, std::string_view bytes, utf8proc_int32_t code) {
  if (code < 0x20 || code == 0x7f) append_escaped_byte(out, bytes.front());
  else if (is_hidden(code)) append_code_name(out, code);
  else out += bytes;
}

std::string map_utf8(std::string_view text, int options) {
  const std::string valid = replace_invalid_utf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()), static_cast<utf8proc_ssize_t>(valid.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) fail_environment(std::string("cannot normalize text: ") + utf8proc_errmsg(size));
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

std::size_t code_width(utf8proc_int32_t code) {
  if (code < 0) return 1;
  return static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code)));
}

// Letters that are no letter plus mark, as people write them without their keyboard.
std::string_view ascii_spelling(utf8proc_int32_t code) {
  switch (code) {
  case 0xe6:
    return "ae";
  case 0xf8:
    return "o";
  case 0x153:
    return "oe";
  case 0x111:
  case 0xf0:
    return "d";
  case 0x127:
    return "h";
  case 0x131:
    return "i";
  case 0x142:
    return "l";
  case 0xfe:
    return "th";
  default:
    return "";
  }
}

// Lower-case words of ASCII letters and digits, joined by '-'.
std::string ascii_words(std::string_view title) {
  const std::string folded = map_utf8(title, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                                 UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  std::string words;
  bool gap = false;
  for (std::string_view rest = folded; !rest.empty();) {
    const Decoded next = decode(rest);
    const char c = rest.front();
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const std::string_view spelling = alphanumeric ? rest.substr(0, 1) : ascii_spelling(next.code);
    rest.remove_prefix(next.size);
    const bool apostrophe = next.code == '\'' || next.code == 0x2019;
    if (spelling.empty()) {
      gap = gap || !apostrophe;
      continue;
    }
    if (gap && !words.empty()) words += '-';
    gap = false;
    words += spelling;
  }
  return words;
}

// At most `size` characters, cut between words when that keeps more than half.
std::string cut_words(std::string words, std::size_t size) {
  if (words.size() <= size) return words;
  const std::size_t dash = words.rfind('-', size);
  words.resize(dash != std::string::npos && dash > size / 2 ? dash : size);
  while (!words.empty() && words.back() == '-') words.pop_back();
  return words;
}

}  // namespace

std::string sanitize(std::string_view text) {
  std::size_t plain = plain_prefix(text);
  if (plain == text.size()) return std::string(text);
  std::string shown;
  shown.reserve(text.size() + 32);
  for (;;) {
    shown += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return shown;
    const Decoded next = decode(text);
    if (next.code < 0) append_escaped_byte(shown, text.front());
    else append_shown(shown, text.substr(0, next.size), next.code);
    text.remove_prefix(next.size);
    plain = plain_prefix(text);
  }
}

std::string sanitize_line(std::string_view text) {
  std::string shown = sanitize(text);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return trim(shown);
}

std::string normalize_utf8(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  return map_utf8(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    // Sixteen ASCII bytes at a time, which compilers turn into one test.
    if (text.size() >= 16 && is_ascii(text.substr(0, 16))) {
      text.remove_prefix(16);
      continue;
    }
    const Decoded next = decode(text);
    if (next.code < 0) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

std::string replace_invalid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (next.code < 0) valid += "\xef\xbf\xbd";
    else valid += text.substr(0, next.size);
    text.remove_prefix(next.size);
  }
  return valid;
}

std::string fold_case(std::string_view text) {
  if (is_ascii(text)) return lower_ascii(text);
  return map_utf8(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded next = decode(text);
    width += code_width(next.code);
    text.remove_prefix(next.size);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (columns == 0) return "";
  // `cut` is where the text ends when an ellipsis takes the last column.
  std::size_t width = 0, at = 0, cut = 0;
  while (at < text.size()) {
    const Decoded next = decode(text.substr(at));
    width += code_width(next.code);
    if (width > columns) return std::string(text.substr(0, cut)) + "\xe2\x80\xa6";
    at += next.size;
    if (width < columns) cut = at;
  }
  return std::string(text);
}

bool is_reserved_name(std::string_view text) {
  constexpr std::array reserved = {"head", "all", "team", "lead", "none", "null", "con", "prn", "aux", "nul"};
  return std::any_of(reserved.begin(), reserved.end(), [&](const char* word) { return text == word; });
}

std::string slug_from_title(std::string_view title) {
  constexpr std::size_t longest = 40;
  constexpr std::string_view suffix = "-task";
  std::string slug = cut_words(ascii_words(title), longest);
  if (slug.empty()) return "task";
  // All hexadecimal digits would read as an abbreviated id.
  if (slug.find_first_not_of("0123456789abcdef") == std::string::npos || is_reserved_name(slug))
    slug = slug.substr(0, longest - suffix.size()).append(suffix);
  return slug;
}

}  // namespace ga
