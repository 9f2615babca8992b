#include "gates/redact.hh"

#include <algorithm>
#include <array>
#include <cmath>

#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr const char* kHidden = "[redacted]";
constexpr std::size_t kLongWord = 24;
constexpr double kRandomBits = 3.7;  // a character; words and paths have less

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_token_character(char c) {
  return is_digit(c) || is_letter(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '=' || c == '.';
}

double bits_of(std::string_view word) {
  std::array<int, 256> counts{};
  for (const char c : word) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts)
    if (count > 0) bits -= count * std::log2(static_cast<double>(count) / static_cast<double>(word.size()));
  return word.empty() ? 0 : bits / static_cast<double>(word.size());
}

bool has_known_prefix(std::string_view word) {
  constexpr std::size_t kLeast = 12;
  if (word.size() < kLeast) return false;
  for (const char* prefix :
       {"ghp_", "gho_", "ghs_",  "ghu_",  "ghr_",  "github_pat_", "glpat-", "sk-",   "sk_live_", "rk_live_", "AKIA",
        "ASIA", "AIza", "xoxb-", "xoxp-", "xoxa-", "xoxs-",       "npm_",   "pypi-", "hf_",      "eyJ"})
    if (starts_with(word, prefix)) return true;
  return false;
}

/// Ids of objects and digests are no secrets.
bool is_hexadecimal(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool looks_random(std::string_view word) {
  if (word.size() < kLongWord || is_hexadecimal(word)) return false;
  const auto digits = std::count_if(word.begin(), word.end(), is_digit);
  const auto upper = std::count_if(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const auto slashes = std::count(word.begin(), word.end(), '/') + std::count(word.begin(), word.end(), '.');
  return digits >= 2 && upper >= 2 && slashes <= 3 && bits_of(word) >= kRandomBits;
}

bool names_a_secret(std::string_view name) {
  // "src/token_stream.cc:12" is a place; "app.token: x" is not.
  if (name.find('/') != std::string_view::npos) return false;
  const std::string low = lower_ascii(name.substr(name.rfind('.') + 1));
  for (const char* part : {"token", "secret", "passw", "passphrase", "credential", "api_key", "apikey", "api-key",
                           "private_key", "access_key", "auth_key", "authorization", "bearer"})
    if (low.find(part) != std::string::npos) return true;
  return false;
}

/// "https://user:PASSWORD@host"
std::string without_passwords(std::string line) {
  for (std::size_t at = line.find("://"); at != std::string::npos; at = line.find("://", at + 3)) {
    const std::size_t end = line.find_first_of(" \t\"'<>", at + 3);
    const std::size_t sign = line.substr(0, end).rfind('@');
    const std::size_t colon = line.find(':', at + 3);
    const std::size_t slash = line.find('/', at + 3);
    if (sign == std::string::npos || sign < at + 3 || colon == std::string::npos || colon >= sign) continue;
    if (slash != std::string::npos && slash < colon) continue;
    line.replace(colon + 1, sign - colon - 1, kHidden);
  }
  return line;
}

/// The line word by word; after a name that says so, the value that follows ':' or '=' is hidden whatever it is.
std::string without_tokens(const std::string& line) {
  std::string out, name;
  bool assigned = false;
  for (std::size_t i = 0; i < line.size();) {
    if (!is_token_character(line[i])) {
      assigned = assigned || line[i] == ':';
      if (line[i] == ',' || line[i] == ';' || line[i] == '(' || line[i] == '[') name.clear();
      out += line[i++];
      continue;
    }
    std::size_t end = i;
    while (end < line.size() && is_token_character(line[end])) ++end;
    std::string word = line.substr(i, end - i);
    i = end;
    const std::size_t sign = word.find('=');
    if (sign != std::string::npos && sign > 0 && names_a_secret(word.substr(0, sign))) {
      out += word.substr(0, sign + 1);
      name = word.substr(0, sign), assigned = true;
      word.erase(0, sign + 1);
      if (word.empty()) continue;
    }
    const bool value = !name.empty() && assigned && word != "=";
    const bool scheme = lower_ascii(word) == "bearer" || lower_ascii(word) == "basic";
    if (value && scheme) {
      out += word;
      continue;
    }
    if (value || has_known_prefix(word) || looks_random(word)) out += word == "redacted" ? word : kHidden;
    else out += word;
    if (word == "=") {
      assigned = true;
      continue;
    }
    name = !value && names_a_secret(word) ? word : "";
    assigned = false;
  }
  return replace_all(out, "[[redacted]]", kHidden);
}

}  // namespace

std::string redacted(std::string_view text) {
  std::string out;
  bool in_key = false;
  for (const std::string& line : split_lines(text)) {
    const bool begins = line.find("-----BEGIN ") != std::string::npos && line.find("PRIVATE KEY") != std::string::npos;
    if (begins) in_key = true, out += std::string(kHidden) + "\n";
    if (!in_key) out += without_tokens(without_passwords(line)) + "\n";
    if (line.find("-----END ") != std::string::npos) in_key = false;
  }
  if (!text.empty() && text.back() != '\n' && !out.empty()) out.pop_back();
  return out;
}

}  // namespace ga::gates
