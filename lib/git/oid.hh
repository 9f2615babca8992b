// Object ids of either hash (SHA-1: 20 bytes, SHA-256: 32).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace ga::git {

/// An object id. Default-constructed: no object (zero()).
struct Oid {
  std::array<std::uint8_t, 32> bytes{};
  std::uint8_t size = 20;

  bool zero() const;
  std::string hex() const;
  /// The first digits, for people.
  std::string brief(std::size_t digits = 10) const { return hex().substr(0, digits); }
  bool operator==(const Oid& other) const { return bytes == other.bytes; }
  bool operator<(const Oid& other) const { return bytes < other.bytes; }
  explicit operator bool() const { return !zero(); }
  /// Parses 40 or 64 hexadecimal digits; a zero id when it is none.
  static Oid parse(std::string_view hex);
};

struct OidHash {
  std::size_t operator()(const Oid& id) const {
    std::size_t value;
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};

}  // namespace ga::git
