#include "trust/statement.hh"

#include <algorithm>
#include <charconv>
#include <vector>

#include "util/text.hh"

namespace ga::trust {
namespace {

constexpr std::string_view kFirstLine = "git-agent approval v1";
constexpr std::size_t kMaxText = 64 * 1024;

bool is_plain(unsigned char c) { return c > 0x20 && c < 0x7F && c != '%'; }

std::string encoded(std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const char each : value) {
    const auto c = static_cast<unsigned char>(each);
    if (is_plain(c)) text += each;
    else text += {'%', kHex[c >> 4], kHex[c & 0xF]};
  }
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Only what encoded() writes.
std::optional<std::string> decoded(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      value += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    value += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return encoded(value) == text ? std::optional(value) : std::nullopt;
}

bool is_object_id(std::string_view text) {
  const auto digit = [](char c) { return hex_value(c) >= 0; };
  return (text.size() == 40 || text.size() == 64) && std::all_of(text.begin(), text.end(), digit);
}

std::string octal(unsigned mode) {
  std::string digits;
  for (; mode != 0; mode /= 8) digits.insert(digits.begin(), static_cast<char>('0' + mode % 8));
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

std::string state_text(const FileState& state) { return state.id + " " + octal(state.mode); }

std::optional<FileState> parse_state(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos || text.size() - space != 7) return std::nullopt;
  FileState state{std::string(text.substr(0, space)), 0};
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data() + space + 1, end, state.mode, 8);
  if (error != std::errc() || at != end || !is_object_id(state.id)) return std::nullopt;
  return state;
}

// Reads the lines one after the other; the first that is not as it must be ends it.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::string_view line() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) {
      good_ = false;
      return {};
    }
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  std::string_view raw(std::string_view name) {
    const std::string_view text = line();
    if (good_ && text.size() > name.size() && starts_with(text, name) && text[name.size()] == ' ')
      return text.substr(name.size() + 1);
    good_ = false;
    return {};
  }
  std::string value(std::string_view name) {
    const auto found = decoded(raw(name));
    if (!found) good_ = false;
    return found.value_or("");
  }
  FileState state(std::string_view name) {
    const auto found = parse_state(raw(name));
    if (!found) good_ = false;
    return found.value_or(FileState{});
  }
  void require(bool condition) { good_ = good_ && condition; }
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

bool is_of_file(const std::string& kind) { return kind == "guard" || kind == "learning"; }

}  // namespace

std::string statement_text(const Statement& s) {
  std::string text(kFirstLine);
  text += '\n';
  const auto line = [&](const char* name, const std::string& value) { text += std::string(name) + " " + value + "\n"; };
  line("kind", encoded(s.kind));
  line("repository", encoded(s.repository));
  if (is_of_file(s.kind)) {
    line("path", encoded(s.path));
    line("old", state_text(s.before));
    line("new", state_text(s.after));
  } else if (s.kind == "plan") {
    line("task", encoded(s.task));
    line("content", encoded(s.content));
  } else {
    line("fingerprint", encoded(s.fingerprint));
    line("reason", encoded(s.reason));
    line("expires", encoded(s.expires));
  }
  line("policy", encoded(s.policy));
  line("curator", encoded(s.curator));
  line("time", format_time(s.time));
  return text;
}

std::optional<Statement> parse_statement(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  Lines lines(text);
  lines.require(lines.line() == kFirstLine);
  Statement s;
  s.kind = lines.value("kind");
  s.repository = lines.value("repository");
  lines.require(is_object_id(s.repository));
  if (is_of_file(s.kind)) {
    s.path = lines.value("path");
    s.before = lines.state("old");
    s.after = lines.state("new");
    lines.require(!s.path.empty());
  } else if (s.kind == "plan") {
    s.task = lines.value("task");
    s.content = lines.value("content");
    lines.require(!s.task.empty() && !s.content.empty());
  } else if (s.kind == "allow") {
    s.fingerprint = lines.value("fingerprint");
    s.reason = lines.value("reason");
    s.expires = lines.value("expires");
    lines.require(!s.fingerprint.empty());
  } else {
    return std::nullopt;
  }
  s.policy = lines.value("policy");
  s.curator = lines.value("curator");
  s.time = parse_time(lines.raw("time"));
  lines.require(is_object_id(s.policy) && s.time >= 0);
  if (!lines.at_end() || statement_text(s) != text) return std::nullopt;
  return s;
}

}  // namespace ga::trust
