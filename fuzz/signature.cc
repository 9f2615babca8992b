// Signature blobs and key files, armoured and bare.
#include "trust/signature.hh"

#include "fuzz.hh"
#include "trust/ssh-wire.hh"

namespace ga::fuzz {
namespace {

std::string armoured(std::string_view bytes, const std::string& what) {
  std::string text = "-----BEGIN " + what + "-----\n";
  const std::string digits = trust::encode_base64(bytes);
  for (std::size_t at = 0; at < digits.size(); at += 70) text += digits.substr(at, 70) + "\n";
  return text + "-----END " + what + "-----\n";
}

void check(std::string_view text) {
  if (const auto signature = trust::parse_signature(text)) {
    HOLDS(!trust::key_type(signature->key).empty());
    HOLDS(signature->is_hardware() || !signature->was_touched());
  }
  if (const auto key = trust::parse_private_key(text)) trust::key_type(key->key);
}

}  // namespace

void fuzz_one(std::string_view input) {
  check(input);
  check(armoured(input, "SSH SIGNATURE"));
  check(armoured(input, "OPENSSH PRIVATE KEY"));
  if (const auto bytes = trust::decode_base64(input)) HOLDS(trust::encode_base64(*bytes) == input);
}

}  // namespace ga::fuzz
