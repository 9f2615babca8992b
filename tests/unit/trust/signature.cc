// Signature blobs (PROTOCOL.sshsig): what a hardware key says of itself.
#include "trust/signature.hh"

#include "catch.hh"
#include "trust/curators.hh"
#include "trust/keys.hh"
#include "trust/ssh-wire.hh"
#include "trust/statement.hh"
#include "trust/verify.hh"

using namespace ga;
using namespace ga::trust;

namespace {

std::string wire(const std::string& text) {
  std::string out(4, '\0');
  out[2] = static_cast<char>(text.size() >> 8);
  out[3] = static_cast<char>(text.size() & 0xFF);
  return out + text;
}

std::string armour(const std::string& bytes, const std::string& what = "SSH SIGNATURE") {
  const std::string digits = encode_base64(bytes);
  std::string text = "-----BEGIN " + what + "-----\n";
  for (std::size_t at = 0; at < digits.size(); at += 70) text += digits.substr(at, 70) + "\n";
  return text + "-----END " + what + "-----\n";
}

const std::string kPlain = wire("ssh-ed25519") + wire(std::string(32, 'k'));
const std::string kHardware = wire("sk-ssh-ed25519@openssh.com") + wire(std::string(32, 'k')) + wire("ssh:");

std::string blob(const std::string& key, const std::string& inner, const std::string& name_space = "git-agent") {
  return std::string("SSHSIG") + std::string("\0\0\0\1", 4) + wire(key) + wire(name_space) + wire("") + wire("sha512") +
         wire(inner);
}

std::string hardware_inner(char flags) {
  return wire("sk-ssh-ed25519@openssh.com") + wire(std::string(64, 's')) + flags + std::string("\0\0\0\7", 4);
}

Statement statement() {
  Statement s;
  s.kind = "plan";
  s.repository = s.policy = std::string(40, '0');
  s.task = "t";
  s.content = "c";
  s.curator = "lead";
  s.time = 1'000'000;
  return s;
}

std::string problem(const std::string& signature, const std::string& key, KeyRule rule = KeyRule::any) {
  const auto curators = parse_curators("lead " + key_type(key) + " " + encode_base64(key) + "\n", "curators");
  return signature_problem(statement_text(statement()), statement(), signature, {curators, "", rule, {}, 2'000'000});
}

bool says(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("a signature says what it was made for and by which key") {
  const auto read = parse_signature(armour(blob(kPlain, wire("ssh-ed25519") + wire(std::string(64, 's')))));
  REQUIRE(read);
  CHECK(read->key == kPlain);
  CHECK(read->name_space == "git-agent");
  CHECK_FALSE(read->is_hardware());
}

TEST_CASE("touch and verification are read from a hardware key's flags") {
  for (const auto& [flags, touched, verified] :
       {std::tuple{'\0', false, false}, {'\1', true, false}, {'\5', true, true}, {'\4', false, true}}) {
    const auto read = parse_signature(armour(blob(kHardware, hardware_inner(flags))));
    REQUIRE(read);
    CHECK(read->is_hardware());
    CHECK(read->was_touched() == touched);
    CHECK(read->was_verified() == verified);
  }
}

TEST_CASE("an untouched hardware key approves nothing") {
  CHECK(says(problem(armour(blob(kHardware, hardware_inner('\0'))), kHardware), "not touched"));
  CHECK(says(problem(armour(blob(kHardware, hardware_inner('\1'))), kHardware, KeyRule::pin), "not unlocked"));
  const std::string in_file = armour(blob(kPlain, wire("ssh-ed25519") + wire(std::string(64, 's'))));
  CHECK(says(problem(in_file, kPlain, KeyRule::touch), "only hardware keys"));
  // All else in order, ssh-keygen has the last word, and that signature is nonsense.
  CHECK(says(problem(in_file, kPlain), "ssh-keygen"));
}

TEST_CASE("a signature for something else approves nothing") {
  const std::string of_commit = armour(blob(kPlain, wire("ssh-ed25519") + wire(std::string(64, 's')), "git"));
  CHECK(says(problem(of_commit, kPlain), "made for 'git'"));
}

TEST_CASE("broken signatures are none") {
  const std::string good = blob(kPlain, wire("ssh-ed25519") + wire(std::string(64, 's')));
  CHECK(parse_signature(armour(good)));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(parse_signature(armour(good.substr(0, size))));
  CHECK_FALSE(parse_signature(armour(good + "x")));
  CHECK_FALSE(parse_signature("x\n" + armour(good)));
  CHECK_FALSE(parse_signature(armour(good) + "x\n"));
  CHECK_FALSE(parse_signature(armour(blob(kHardware, wire("ssh-ed25519") + wire(std::string(64, 's'))))));
  CHECK_FALSE(parse_signature(armour(blob(kPlain, hardware_inner('\1')))));
}

TEST_CASE("a private key file says whether it is locked") {
  const auto file = [](const std::string& cipher) {
    return armour(std::string("openssh-key-v1\0", 15) + wire(cipher) + wire("none") + wire("") +
                      std::string("\0\0\0\1", 4) + wire(kPlain) + wire("secret"),
                  "OPENSSH PRIVATE KEY");
  };
  REQUIRE(parse_private_key(file("none")));
  CHECK_FALSE(parse_private_key(file("none"))->encrypted);
  CHECK(parse_private_key(file("aes256-ctr"))->encrypted);
  CHECK(parse_private_key(file("none"))->key == kPlain);
  CHECK_FALSE(parse_private_key("no key"));
}
