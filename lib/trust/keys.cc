#include "trust/keys.hh"

#include <unistd.h>

#include <cstdlib>

#include "trust/signature.hh"
#include "trust/ssh-wire.hh"
#include "trust/statement.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::trust {
namespace {

constexpr std::size_t kMaxKeyFile = 1u << 20;
constexpr double kAgentSeconds = 10;

// "TYPE BASE64 COMMENT"; no blob for what is none.
SigningKey public_line(std::string_view line) {
  const auto words = split(trim(line), ' ');
  SigningKey key;
  if (words.size() < 2) return key;
  const auto blob = decode_base64(words[1]);
  if (!blob || key_type(*blob) != words[0]) return key;
  key.key = *blob;
  key.comment = join({words.begin() + 2, words.end()}, " ");
  return key;
}

fs::path expanded(const std::string& setting) {
  if (!starts_with(setting, "~/")) return setting;
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "" : home) / setting.substr(2);
}

SigningKey read_key(const std::string& setting) {
  if (starts_with(setting, "key::")) return public_line(setting.substr(5));
  if (SigningKey literal = public_line(setting); !literal.key.empty()) return literal;
  const fs::path file = expanded(setting);
  std::error_code none;
  if (setting.empty() || !fs::is_regular_file(file, none)) return {};
  const std::string text = read_file(file, kMaxKeyFile).value_or("");
  SigningKey key = public_line(text);
  if (key.key.empty())
    if (const auto secret = parse_private_key(text)) key.key = secret->key;
  if (key.key.empty()) key = public_line(read_file(file.string() + ".pub", kMaxKeyFile).value_or(""));
  if (!key.key.empty()) key.file = file.string();
  if (key.comment.empty()) key.comment = file.string();
  return key;
}

// A key that is only named by itself is found in the agent, through a file of its public half.
std::string key_file(const SigningKey& key, const PrivateDirectory& dir) {
  if (!key.file.empty()) return key.file;
  return dir.put("key.pub", key_type(key.key) + " " + encode_base64(key.key) + "\n");
}

Command sign_command(const SigningKey& key, const PrivateDirectory& dir, const char* name_space,
                     const std::string& text_file) {
  Command command;
  command.argv = {"ssh-keygen", "-q", "-Y", "sign", "-n", name_space, "-f", key_file(key, dir), text_file};
  return command;
}

}  // namespace

std::string public_key_of(const std::string& setting) { return read_key(setting).key; }

SigningKey key_from_setting(const std::string& setting) {
  SigningKey key = read_key(setting);
  if (key.key.empty())
    fail_environment("agent.signingKey names '" + sanitize_line(fit(setting, 100)) +
                         "', which is no key that can be read",
                     {"name a key file of OpenSSH: git config --global agent.signingKey ~/.ssh/id_curator",
                      "or make one: ssh-keygen -t ed25519 -f ~/.ssh/id_curator"});
  return key;
}

std::vector<SigningKey> keys_in_agent() {
  std::vector<SigningKey> keys;
  const char* socket = std::getenv("SSH_AUTH_SOCK");
  if (socket == nullptr || *socket == '\0') return keys;
  Command command;
  command.argv = {"ssh-add", "-L"};
  command.timeout_seconds = kAgentSeconds;
  const Result result = run(command);
  if (!result.ok()) return keys;
  for (const std::string& line : split_lines(result.out))
    if (SigningKey key = public_line(line); !key.key.empty()) keys.push_back(std::move(key));
  return keys;
}

std::string sign(const SigningKey& key, std::string_view text) {
  const PrivateDirectory dir;
  const std::string file = dir.put("statement", text);
  Command command = sign_command(key, dir, kNamespace, file);
  // What it asks for (a passphrase, a touch) must be seen when it is asked.
  command.inherit_output = ::isatty(STDERR_FILENO) == 1;
  command.inherit_stdin = command.inherit_output;
  const Result result = run(command);
  const auto signature = result.ok() ? read_file(file + ".sig", kMaxKeyFile) : std::nullopt;
  if (signature) return *signature;
  const auto lines = split_lines(trim(result.err));
  const std::string words = lines.empty() ? "" : ": " + sanitize_line(lines.back());
  throw Error(
      Kind::not_approved, "nothing is signed, for ssh-keygen failed" + words,
      {"the key is " + sanitize_line(key.file.empty() ? key.comment : key.file) + " (" + fingerprint(key.key) + ")",
       "where it needs a passphrase and there is no terminal, put it into ssh-agent: ssh-add -c FILE"});
}

bool can_sign_unasked(const SigningKey& key, double seconds) {
  const PrivateDirectory dir;
  const std::string file = dir.put("text", "no statement");
  Command command = sign_command(key, dir, "git-agent-doctor", file);
  command.set_env = {{"SSH_ASKPASS", "/bin/false"}, {"SSH_ASKPASS_REQUIRE", "force"}};
  command.unset_env = {"DISPLAY", "WAYLAND_DISPLAY"};
  command.timeout_seconds = seconds;
  return run(command).ok();
}

PrivateDirectory::PrivateDirectory() {
  path_ = (fs::temp_directory_path() / "git-agent-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr)
    fail_environment("cannot make a directory in " + fs::temp_directory_path().string());
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string PrivateDirectory::put(const std::string& name, std::string_view bytes) const {
  write_file_atomic(path(name), bytes, 0600);
  return path(name);
}

}  // namespace ga::trust
