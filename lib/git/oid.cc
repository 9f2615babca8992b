#include "git/oid.hh"

#include <algorithm>

namespace ga::git {

namespace {

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

bool Oid::zero() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string Oid::hex() const {
  static const char digits[] = "0123456789abcdef";
  std::string text(std::size_t{size} * 2, '0');
  for (std::size_t i = 0; i < size; ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

Oid Oid::parse(std::string_view hex) {
  if (hex.size() != 40 && hex.size() != 64) return {};
  Oid id;
  id.size = static_cast<std::uint8_t>(hex.size() / 2);
  for (std::size_t i = 0; i < id.size; ++i) {
    const int high = digit_value(hex[2 * i]);
    const int low = digit_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

}  // namespace ga::git
