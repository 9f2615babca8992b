#include "trust/verify.hh"

#include <algorithm>

#include "trust/keys.hh"
#include "trust/signature.hh"
#include "trust/ssh-wire.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::trust {
namespace {

constexpr Time kSkew = 600;  // clocks of a team differ
constexpr double kSeconds = 30;

std::string compact_time(Time time) {
  std::string text = format_time(time);
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  return text;
}

bool is_certificate(std::string_view type) { return type.find("-cert-v01@") != std::string_view::npos; }

// A line that allows it by our own reading; ssh-keygen must find one too.
std::string line_problem(const Statement& statement, const Signature& signature, const Curators& curators) {
  std::string problem;
  const bool certificate = is_certificate(key_type(signature.key));
  for (const CuratorLine& line : curators.lines) {
    if (line.authority != certificate || (!certificate && line.key != signature.key)) continue;
    if (!line.names(statement.curator)) {
      if (problem.empty()) problem = "the key is not that of " + sanitize_line(statement.curator);
      continue;
    }
    const std::string of_line = line.problem(kNamespace, statement.time);
    if (of_line.empty()) return "";
    problem = of_line;
  }
  return problem.empty() ? "the key " + fingerprint(signature.key) + " is no curator's" : problem;
}

// A list of keys is read here, so that the reason is said; a KRL is ssh-keygen's.
bool is_listed(std::string_view list, std::string_view key) {
  for (const std::string& line : split_lines(list))
    for (const std::string& word : split(trim(line), ' '))
      if (const auto blob = decode_base64(word); blob && *blob == key) return true;
  return false;
}

std::string hardware_problem(const Signature& signature, KeyRule rule) {
  if (signature.is_hardware() && !signature.was_touched()) return "the hardware key was not touched";
  if (rule == KeyRule::any) return "";
  if (!signature.is_hardware()) return "the key is in a file, and only hardware keys count here";
  if (rule == KeyRule::pin && !signature.was_verified())
    return "the hardware key was not unlocked by PIN or fingerprint";
  return "";
}

std::string ssh_keygen_problem(std::string_view text, const Statement& statement, std::string_view signature,
                               const Verification& by) {
  const PrivateDirectory dir;
  Command command;
  command.argv = {"ssh-keygen",
                  "-Y",
                  "verify",
                  "-n",
                  kNamespace,
                  "-I",
                  statement.curator,
                  "-f",
                  dir.put("curators", by.curators.text),
                  "-s",
                  dir.put("signature", signature),
                  "-Overify-time=" + compact_time(statement.time)};
  if (!by.revoked.empty()) command.argv.insert(command.argv.end(), {"-r", dir.put("revoked", by.revoked)});
  command.set_env = {{"TZ", "UTC0"}, {"LC_ALL", "C"}};
  command.input = std::string(text);
  command.timeout_seconds = kSeconds;
  const Result result = run(command);
  if (result.ok()) return "";
  if (result.exit_code == 127) return "ssh-keygen, which verifies it, is not installed";
  const auto lines = split_lines(trim(result.err.empty() ? result.out : result.err));
  return "ssh-keygen says no" + (lines.empty() ? "" : ": " + sanitize_line(lines.front()));
}

}  // namespace

std::string signature_problem(std::string_view text, const Statement& statement, std::string_view signature,
                              const Verification& by) {
  if (statement_text(statement) != text) return "the statement is not what was signed";
  const auto parsed = parse_signature(signature);
  if (!parsed) return "the signature is none that can be read";
  if (parsed->name_space != kNamespace)
    return "the signature was made for '" + sanitize_line(fit(parsed->name_space, 40)) + "', not for " + kNamespace;
  // On a command line it must not be taken for an option.
  if (statement.curator.empty() || statement.curator.front() == '-') return "it names no curator";
  if (statement.time > by.now + kSkew) return "it is from the future: " + format_time(statement.time);
  if (is_listed(by.revoked, parsed->key)) return "the key " + fingerprint(parsed->key) + " is revoked";
  if (const std::string problem = line_problem(statement, *parsed, by.curators); !problem.empty()) return problem;
  if (const std::string problem = hardware_problem(*parsed, by.keys); !problem.empty()) return problem;
  if (std::find(by.commit_keys.begin(), by.commit_keys.end(), parsed->key) != by.commit_keys.end())
    return "the key also signs commits (user.signingKey), which no person is asked about";
  return ssh_keygen_problem(text, statement, signature, by);
}

}  // namespace ga::trust
