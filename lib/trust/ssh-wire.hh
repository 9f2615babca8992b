// The encodings of OpenSSH's files: base64 (RFC 4648) and strings with their length before them (RFC 4251, section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ga::trust {

/// The bytes; nullopt unless it is exactly what encode_base64() writes (padded, nothing else between).
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

/// Reads a blob from its beginning. After the first thing that is not there, everything else is none too.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  std::optional<std::uint8_t> byte();
  std::optional<std::uint32_t> number();
  std::optional<std::string_view> text();
  /// Exactly these bytes.
  bool literal(std::string_view bytes);
  /// Everything was read, and nothing was missing.
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  std::optional<std::string_view> take(std::size_t size);
  std::string_view rest_;
  bool failed_ = false;
};

/// The type that a public key's blob begins with ("ssh-ed25519"); "" when it is no such blob.
std::string key_type(std::string_view key_blob);
/// "SHA256:..." as ssh-keygen -l writes it.
std::string fingerprint(std::string_view key_blob);

}  // namespace ga::trust
