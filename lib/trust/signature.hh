// SSH signatures (OpenSSH's PROTOCOL.sshsig) and private key files, read without ssh-keygen: it verifies, but says nothing of
// what a hardware key was asked (PROTOCOL.u2f), so that is read here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ga::trust {

struct Signature {
  std::string key;         ///< the public key's blob, or a certificate's
  std::string name_space;  ///< what it was made for
  std::string hash;        ///< sha256 or sha512
  std::string algorithm;   ///< of the signature itself
  /// What a hardware (FIDO) key says of how it was asked; none for a key in a file.
  std::optional<std::uint8_t> flags;

  bool is_hardware() const { return flags.has_value(); }
  bool was_touched() const { return flags && (*flags & 0x01u) != 0; }   ///< user present
  bool was_verified() const { return flags && (*flags & 0x04u) != 0; }  ///< PIN or fingerprint
};

/// Reads an armoured signature; nullopt for what is none, has anything before, between or after, or is of another version.
std::optional<Signature> parse_signature(std::string_view armoured);

/// What a private key file of OpenSSH says without being unlocked.
struct PrivateKeyFile {
  std::string key;         ///< the public key's blob
  bool encrypted = false;  ///< a passphrase protects it
};
/// nullopt for files of other formats.
std::optional<PrivateKeyFile> parse_private_key(std::string_view text);

}  // namespace ga::trust
