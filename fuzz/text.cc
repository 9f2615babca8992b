// Text for terminals and names: nothing that drives a terminal or hides survives, whatever the bytes.
#include "util/text.hh"
#include "fuzz.hh"
#include "model/names.hh"

namespace ga::fuzz {
namespace {

// Code points of valid UTF-8.
std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> points;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80) points.back() = points.back() << 6 | (byte & 0x3f);
    else points.push_back(byte < 0x80 ? byte : byte < 0xe0 ? byte & 0x1f : byte < 0xf0 ? byte & 0xf : byte & 7);
  }
  return points;
}

bool is_safe(std::uint32_t code) {
  if (code < 0x20) return code == '\n' || code == '\t';
  const bool control = code >= 0x7f && code <= 0x9f;
  const bool direction = code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069);
  return !control && !direction && code != 0x200b && code != 0xfeff;
}

void check_shown(std::string_view input) {
  const std::string shown = sanitize(input), line = sanitize_line(input);
  HOLDS(is_valid_utf8(shown));
  for (const std::uint32_t code : code_points(shown)) HOLDS(is_safe(code));
  HOLDS(sanitize(shown) == shown);
  HOLDS(line.find_first_of("\n\t") == std::string::npos);
  HOLDS(sanitize_line(line) == line);
  for (const std::size_t columns : {0, 1, 7, 40}) HOLDS(display_width(fit(line, columns)) <= columns);
}

void check_unicode(std::string_view input) {
  const std::string valid = replace_invalid_utf8(input), normal = normalize_utf8(input), folded = fold_case(input);
  HOLDS(is_valid_utf8(valid) && is_valid_utf8(normal) && is_valid_utf8(folded));
  HOLDS(is_valid_utf8(input) == (valid == input));
  HOLDS(normalize_utf8(normal) == normal);
  HOLDS(fold_case(normal) == folded);
  for (const std::size_t bytes : {0, 1, 5, 16}) {
    const std::string_view prefix = utf8_prefix(valid, bytes);
    HOLDS(prefix.size() <= bytes && is_valid_utf8(prefix) && valid.starts_with(prefix));
  }
}

}  // namespace

void fuzz_one(std::string_view input) {
  check_shown(input);
  check_unicode(input);
  HOLDS(model::is_slug(slug_from_title(input)));
  HOLDS(input.empty() || join(split(input, '/'), "/") == input);
}

}  // namespace ga::fuzz
