#include "trust/curators.hh"

#include <algorithm>

#include "trust/ssh-wire.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::trust {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20, kMaxLine = 32 * 1024;

struct Place {
  const std::string& name;
  int line;
  [[noreturn]] void refuse(const std::string& what) const {
    fail_environment(sanitize_line(name) + ":" + std::to_string(line) + ": " + what,
                     {"see ALLOWED SIGNERS in ssh-keygen(1)"});
  }
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// A word up to the next blank outside of quotes; the blanks after it are gone from `rest`.
std::string_view next_word(std::string_view& rest, const Place& place) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || !is_blank(rest[end])); ++end) {
    if (rest[end] == '\\' && end + 1 < rest.size() && rest[end + 1] == '"') ++end;
    else if (rest[end] == '"') quoted = !quoted;
  }
  if (quoted) place.refuse("a quote is not closed");
  const std::string_view word = rest.substr(0, end);
  while (end < rest.size() && is_blank(rest[end])) ++end;
  rest.remove_prefix(end);
  return word;
}

bool is_key_type(std::string_view word) {
  static constexpr std::string_view kTypes[] = {"ssh-ed25519",
                                                "ssh-rsa",
                                                "ecdsa-sha2-nistp256",
                                                "ecdsa-sha2-nistp384",
                                                "ecdsa-sha2-nistp521",
                                                "sk-ssh-ed25519@openssh.com",
                                                "sk-ecdsa-sha2-nistp256@openssh.com",
                                                "ssh-dss"};
  return std::find(std::begin(kTypes), std::end(kTypes), word) != std::end(kTypes);
}

std::string unquoted(std::string_view text, const Place& place) {
  if (text.empty() || text.front() != '"') return std::string(text);
  if (text.size() < 2 || text.back() != '"') place.refuse("a quote is not closed");
  const std::string inner(text.substr(1, text.size() - 2));
  if (inner.find('"') != std::string::npos) place.refuse("a quote within quotes");
  return inner;
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

// YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with or without 'Z'.
Time read_time(std::string_view text, const Place& place) {
  std::string_view plain = text;
  if (!plain.empty() && plain.back() == 'Z') plain.remove_suffix(1);
  const bool numeric = std::all_of(plain.begin(), plain.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!numeric || (plain.size() != 8 && plain.size() != 12 && plain.size() != 14))
    place.refuse("'" + sanitize_line(text) + "' is no time (YYYYMMDD[HHMM[SS]][Z])");
  const auto part = [&](std::size_t at) { return plain.size() >= at + 2 ? std::string(plain.substr(at, 2)) : "00"; };
  const Time time = parse_time(std::string(plain.substr(0, 4)) + "-" + part(4) + "-" + part(6) + "T" + part(8) + ":" +
                               part(10) + ":" + part(12) + "Z");
  if (time <= 0 || digits(plain, 4, 2) > 12) place.refuse("'" + sanitize_line(text) + "' is no time");
  return time;
}

void read_option(std::string_view option, CuratorLine& line, const Place& place) {
  const auto equals = option.find('=');
  const std::string name = lower_ascii(option.substr(0, equals));
  const bool has_value = equals != std::string_view::npos;
  const std::string value = has_value ? unquoted(option.substr(equals + 1), place) : "";
  if (name == "cert-authority" && !has_value) {
    line.authority = true;
  } else if (name == "namespaces" && !value.empty() && !line.namespaces) {
    line.namespaces = value;
  } else if (name == "valid-after" && line.valid_after == 0) {
    line.valid_after = read_time(value, place);
  } else if (name == "valid-before" && line.valid_before == 0) {
    line.valid_before = read_time(value, place);
  } else {
    place.refuse("the option '" + sanitize_line(fit(option, 60)) + "' is not known, empty, or stands twice");
  }
}

void read_options(std::string_view word, CuratorLine& line, const Place& place) {
  std::size_t from = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    if (i < word.size() && word[i] == '"') quoted = !quoted;
    if (i < word.size() && (word[i] != ',' || quoted)) continue;
    read_option(word.substr(from, i - from), line, place);
    from = i + 1;
  }
  if (line.valid_after != 0 && line.valid_before != 0 && line.valid_after >= line.valid_before)
    place.refuse("it is valid after the end of its validity");
}

CuratorLine read_line(std::string_view rest, const Place& place) {
  CuratorLine line;
  line.line = place.line;
  line.principals = unquoted(next_word(rest, place), place);
  if (line.principals.empty()) place.refuse("nobody is named");
  std::string_view word = next_word(rest, place);
  if (!is_key_type(word)) {
    if (word.empty()) place.refuse("there is no key");
    read_options(word, line, place);
    word = next_word(rest, place);
    if (!is_key_type(word)) place.refuse("'" + sanitize_line(fit(word, 40)) + "' is no type of key");
  }
  const auto key = decode_base64(next_word(rest, place));
  if (!key || key_type(*key) != word) place.refuse("the key is not readable");
  line.key = *key;
  line.comment = std::string(rest);
  return line;
}

bool matches_pattern(std::string_view pattern, std::string_view word) {
  // The last '*' seen and where it stands in the word: going back to it is enough.
  std::size_t p = 0, w = 0, star = std::string_view::npos, from = 0;
  while (w < word.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = w;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == word[w])) {
      ++p;
      ++w;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      w = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool matches_patterns(std::string_view patterns, std::string_view word) {
  bool found = false;
  for (const std::string& pattern : split(patterns, ',')) {
    const bool negated = !pattern.empty() && pattern.front() == '!';
    if (!matches_pattern(std::string_view(pattern).substr(negated ? 1 : 0), word)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

bool CuratorLine::names(std::string_view principal) const {
  return !principal.empty() && matches_patterns(principals, principal);
}

std::string CuratorLine::problem(std::string_view name_space, Time time) const {
  if (namespaces && !matches_patterns(*namespaces, name_space))
    return "the key is not allowed the namespace " + std::string(name_space);
  if (valid_after != 0 && time < valid_after) return "the key was not valid yet: from " + format_time(valid_after);
  if (valid_before != 0 && time > valid_before) return "the key has expired: " + format_time(valid_before);
  return "";
}

std::vector<const CuratorLine*> Curators::of_key(std::string_view key) const {
  std::vector<const CuratorLine*> found;
  for (const CuratorLine& line : lines)
    if (line.key == key) found.push_back(&line);
  return found;
}

std::string Curators::principal_of(std::string_view key, std::string_view preferred) const {
  std::string first;
  for (const CuratorLine* line : of_key(key)) {
    if (line->names(preferred)) return std::string(preferred);
    for (const std::string& pattern : split(line->principals, ','))
      if (first.empty() && pattern.find_first_of("*?!") == std::string::npos) first = pattern;
  }
  return first;
}

Curators parse_curators(std::string_view text, const std::string& name) {
  Curators curators;
  if (text.size() > kMaxBytes) fail_environment(sanitize_line(name) + ": the file is larger than 1 MiB");
  curators.text = std::string(text);
  int number = 0;
  for (const std::string& whole : split(text, '\n')) {
    const Place place{name, ++number};
    std::string_view line = whole;
    if (line.find('\0') != std::string_view::npos) place.refuse("a NUL character");
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    if (line.size() > kMaxLine) place.refuse("the line is too long");
    curators.lines.push_back(read_line(line, place));
  }
  return curators;
}

}  // namespace ga::trust
