#include "trust/signature.hh"

#include "trust/ssh-wire.hh"
#include "util/text.hh"

namespace ga::trust {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kLineWidth = 70;  // what ssh-keygen writes; PEM allows 76
constexpr std::size_t kWidest = 76;

// The bytes between "-----BEGIN WHAT-----" and "-----END WHAT-----".
std::optional<std::string> armoured_bytes(std::string_view text, const std::string& what) {
  if (text.size() > kMaxBytes) return std::nullopt;
  const auto lines = split_lines(text);
  if (lines.size() < 3 || lines.front() != "-----BEGIN " + what + "-----" ||
      lines.back() != "-----END " + what + "-----")
    return std::nullopt;
  std::string digits;
  digits.reserve(lines.size() * kLineWidth);
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    if (lines[i].empty() || lines[i].size() > kWidest) return std::nullopt;
    digits += lines[i];
  }
  return decode_base64(digits);
}

bool is_hardware_algorithm(std::string_view name) {
  return starts_with(name, "sk-") || starts_with(name, "webauthn-sk-");
}

// string algorithm, string signature; of hardware keys also byte flags and number counter, of a browser's more.
bool read_inner(std::string_view bytes, Signature& signature) {
  WireReader reader(bytes);
  const auto algorithm = reader.text(), value = reader.text();
  if (!algorithm || !value || value->empty()) return false;
  signature.algorithm = std::string(*algorithm);
  if (!is_hardware_algorithm(*algorithm)) return reader.at_end();
  signature.flags = reader.byte();
  if (!signature.flags || !reader.number()) return false;
  if (starts_with(*algorithm, "webauthn-"))
    for (int i = 0; i < 3; ++i)
      if (!reader.text()) return false;
  return reader.at_end();
}

}  // namespace

std::optional<Signature> parse_signature(std::string_view armoured) {
  const auto bytes = armoured_bytes(armoured, "SSH SIGNATURE");
  if (!bytes) return std::nullopt;
  WireReader reader(*bytes);
  if (!reader.literal("SSHSIG") || reader.number() != 1u) return std::nullopt;
  Signature signature;
  const auto key = reader.text(), name_space = reader.text(), reserved = reader.text(), hash = reader.text(),
             inner = reader.text();
  if (!key || !name_space || !reserved || !hash || !inner || !reader.at_end()) return std::nullopt;
  signature.key = std::string(*key);
  signature.name_space = std::string(*name_space);
  signature.hash = std::string(*hash);
  if (key_type(signature.key).empty() || !read_inner(*inner, signature)) return std::nullopt;
  // A hardware key's signature without its flags would be taken for another's.
  if (is_hardware_algorithm(key_type(signature.key)) != signature.is_hardware()) return std::nullopt;
  if (signature.hash != "sha256" && signature.hash != "sha512") return std::nullopt;
  return signature;
}

std::optional<PrivateKeyFile> parse_private_key(std::string_view text) {
  const auto bytes = armoured_bytes(text, "OPENSSH PRIVATE KEY");
  if (!bytes) return std::nullopt;
  WireReader reader(*bytes);
  static constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  if (!reader.literal(kMagic)) return std::nullopt;
  const auto cipher = reader.text(), function = reader.text(), options = reader.text();
  const auto count = reader.number();
  const auto key = reader.text();
  if (!cipher || !function || !options || count != 1u || !key) return std::nullopt;
  return PrivateKeyFile{std::string(*key), *cipher != "none"};
}

}  // namespace ga::trust
