#include "scan/dialect.hh"

#include <cstdint>
#include <cstdio>
#include <optional>

namespace ga::scan {
namespace {

constexpr unsigned kMaxCount = 1000;  // Go's
constexpr std::string_view kSpace = "\\t\\n\\f\\r ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : text_(pattern) {}

  Translated all() {
    while (at_ < text_.size()) step();
    if (depth_ > 0) fail("a '(' is not closed", text_.size());
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::size_t where) const { throw PatternError(what, where); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool more(std::size_t ahead = 0) const { return at_ + ahead < text_.size(); }
  void put(std::string_view text) { out_.text += text; }

  void step() {
    const char c = text_[at_];
    if (c == '\\') return escape();
    if (c == '[') return char_class();
    if (c == '(') return group();
    if (c == ')') return close();
    if (c == '*' || c == '+' || c == '?') return quantifier(1);
    if (c == '{') return braces();
    if (static_cast<unsigned char>(c) >= 0x80) out_.utf = true;
    put(text_.substr(at_++, 1));
    can_repeat_ = c != '|';
    repeated_ = false;
    // '^' and '$' may be repeated in Go; they match nothing, so once is as good.
  }

  void close() {
    if (depth_-- == 0) fail("')' without '('", at_);
    put(")");
    ++at_;
    can_repeat_ = true;
    repeated_ = false;
  }

  void quantifier(std::size_t length) {
    if (!can_repeat_) fail("nothing to repeat", at_);
    if (repeated_) fail("a quantifier on a quantifier", at_);
    put(text_.substr(at_, length));
    at_ += length;
    if (peek() == '?') {
      put("?");
      ++at_;
    }
    repeated_ = true;
  }

  // "{n}", "{n,}" and "{n,m}" are quantifiers, all else is a brace: "{,n}" too, which newer PCRE2 reads otherwise.
  void braces() {
    std::size_t end = at_ + 1;
    const auto number = [&]() -> std::optional<unsigned> {
      const std::size_t begin = end;
      unsigned value = 0;
      while (end < text_.size() && is_digit(text_[end]))
        value = value > kMaxCount ? value : value * 10 + (text_[end] - '0'), ++end;
      return end == begin ? std::nullopt : std::optional<unsigned>(value);
    };
    const auto low = number();
    std::optional<unsigned> high = low;
    if (low && end < text_.size() && text_[end] == ',') ++end, high = number();
    if (!low || end >= text_.size() || text_[end] != '}') {
      put("\\{");
      ++at_;
      can_repeat_ = true;
      repeated_ = false;
      return;
    }
    if (*low > kMaxCount || high.value_or(0) > kMaxCount) fail("a count over 1000", at_);
    if (high && *high < *low) fail("a count whose end lies before its begin", at_);
    quantifier(end + 1 - at_);
  }

  void group() {
    if (++depth_ > 200) fail("nested deeper than 200 levels", at_);
    can_repeat_ = false;
    repeated_ = false;
    if (peek(1) == '*') fail("verbs as '(*...)' are PCRE's alone", at_);
    if (peek(1) != '?') {
      ++out_.groups;
      put("(");
      ++at_;
      return;
    }
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("(?P<") || (rest.starts_with("(?<") && peek(3) != '=' && peek(3) != '!')) return named_group();
    flags();
  }

  // Nobody asks for groups by name here, and PCRE2 limits their length.
  void named_group() {
    const std::size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) fail("the name of a group is not closed", at_);
    ++out_.groups;
    put("(");
    at_ = end + 1;
  }

  // "(?i)", "(?i-s:...)"
  void flags() {
    std::size_t end = at_ + 2;
    bool negated = false, any = false;
    for (; end < text_.size() && text_[end] != ')' && text_[end] != ':'; ++end) {
      const char c = text_[end];
      if (c == '-' && !negated) {
        negated = true;
        any = false;
      } else if (c == 'i' || c == 'm' || c == 's' || c == 'U') {
        any = true;
      } else {
        fail("look-around, back-references, conditions and the like are not part of RE2", at_);
      }
    }
    if (end >= text_.size() || (negated && !any) || (text_[end] == ')' && !any)) fail("a malformed group", at_);
    put(text_.substr(at_, end + 1 - at_));
    if (text_[end] == ')') --depth_;
    at_ = end + 1;
  }

  void escape() {
    can_repeat_ = true;
    repeated_ = false;
    const char c = peek(1);
    if (c == 's') return replace(2, "[" + std::string(kSpace) + "]");
    if (c == 'S') return replace(2, "[^" + std::string(kSpace) + "]");
    if (c == 'Q') return quoted();
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B' || c == 'd' || c == 'D' || c == 'w' || c == 'W')
      return replace(2, text_.substr(at_, 2));
    if (c == 'p' || c == 'P') return property();
    put(character());
  }

  void replace(std::size_t length, std::string_view text) {
    put(text);
    at_ += length;
  }

  void quoted() {
    const std::size_t begin = at_ + 2, end = std::min(text_.find("\\E", begin), text_.size());
    for (const char c : text_.substr(begin, end - begin)) put_literal(c);
    at_ = std::min(end + 2, text_.size());
  }

  void put_literal(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) out_.utf = true;
    else if (!is_alnum(c)) put("\\");
    put({&c, 1});
  }

  void property() {
    out_.utf = true;
    std::size_t end = at_ + 3;
    if (peek(2) == '{') {
      end = text_.find('}', at_);
      if (end == std::string_view::npos) fail("a '\\p{' is not closed", at_);
      ++end;
    }
    if (end > text_.size()) fail("a class '\\p' without a name", at_);
    replace(end - at_, text_.substr(at_, end - at_));
  }

  // One character, escaped or not, as it may stand anywhere; leaves at_ behind it.
  std::string character() {
    if (peek() != '\\') {
      const char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x80) return is_alnum(c) ? std::string(1, c) : std::string("\\") + c;
      out_.utf = true;
      std::string whole(1, c);
      while (more() && (static_cast<unsigned char>(peek()) & 0xC0) == 0x80) whole += text_[at_++];
      return whole;
    }
    if (!more(1)) fail("a backslash at the end", at_);
    const char c = peek(1);
    if (c == 'x') return hexadecimal();
    if (is_digit(c)) return octal();
    if (c == 'v') return at_ += 2, "\\x0b";
    if (c == 'a' || c == 'f' || c == 'n' || c == 'r' || c == 't') return at_ += 2, std::string("\\") + c;
    if (is_alnum(c) || static_cast<unsigned char>(c) >= 0x80)
      fail(std::string("RE2 does not know the escape '\\") + (is_alnum(c) ? c : '?') + "'", at_);
    at_ += 2;
    return std::string("\\") + c;
  }

  std::string code_point(unsigned value, std::size_t where) {
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) fail("no such character", where);
    if (value >= 0x80) out_.utf = true;
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%x}", value);
    return text;
  }

  std::string hexadecimal() {
    const std::size_t where = at_;
    unsigned value = 0;
    if (peek(2) == '{') {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos || end == at_ + 3 || end > at_ + 11) fail("a malformed '\\x{...}'", where);
      for (std::size_t i = at_ + 3; i < end; ++i) {
        if (hex_value(text_[i]) < 0) fail("a malformed '\\x{...}'", where);
        value = value * 16 + static_cast<unsigned>(hex_value(text_[i]));
      }
      at_ = end + 1;
      return code_point(value, where);
    }
    if (hex_value(peek(2)) < 0 || hex_value(peek(3)) < 0) fail("'\\x' needs two hexadecimal digits", where);
    value = static_cast<unsigned>(hex_value(peek(2)) * 16 + hex_value(peek(3)));
    at_ += 4;
    return code_point(value, where);
  }

  // "\0", "\12", "\123"; a single digit but 0 would refer to a group.
  std::string octal() {
    const std::size_t where = at_;
    if (peek(1) != '0' && !(is_octal(peek(1)) && is_octal(peek(2)))) fail("back-references are not part of RE2", where);
    unsigned value = 0;
    std::size_t digits = 0;
    for (++at_; digits < 3 && is_octal(peek()); ++digits) value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
    return code_point(value, where);
  }

  void char_class() {
    const std::size_t begin = at_;
    can_repeat_ = true;
    repeated_ = false;
    put("[");
    ++at_;
    if (peek() == '^') put("^"), ++at_;
    for (bool first = true; first || peek() != ']'; first = false) {
      if (!more()) fail("a '[' is not closed", begin);
      member();
    }
    put("]");
    ++at_;
  }

  void member() {
    if (peek() == '[' && peek(1) == ':') {
      const std::size_t end = text_.find(":]", at_ + 2);
      if (end != std::string_view::npos) return replace(end + 2 - at_, text_.substr(at_, end + 2 - at_));
    }
    if (peek() == '\\') {
      const char c = peek(1);
      if (c == 's') return replace(2, kSpace);
      // PCRE2's \S leaves out the vertical tab, which is no space in Go.
      if (c == 'S') return replace(2, "\\S\\x0b");
      if (c == 'd' || c == 'D' || c == 'w' || c == 'W') return replace(2, text_.substr(at_, 2));
      if (c == 'p' || c == 'P') return property();
    }
    put(character());
    if (peek() != '-' || !more(1) || peek(1) == ']') return;
    put("-");
    ++at_;
    if (peek() == '\\' && std::string_view("sSdDwWpP").find(peek(1)) != std::string_view::npos)
      fail("a range that ends in a class", at_);
    put(character());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool can_repeat_ = false, repeated_ = false;
  Translated out_;
};

// The end of a class that begins at `at`; npos when it has none.
std::size_t end_of_class(std::string_view text, std::size_t at) {
  std::size_t i = at + 1;
  if (i < text.size() && text[i] == '^') ++i;
  for (bool first = true; i < text.size(); first = false, ++i) {
    if (text[i] == ']' && !first) return i + 1;
    if (text[i] == '\\') ++i;
    else if (text.substr(i, 2) == "[:") i = std::min(text.find(":]", i), text.size() - 1) + 1;
  }
  return std::string_view::npos;
}

// Whether '|' stands at the outermost level of the text, which may end with the ')' of the group it begins in.
// `end`: where that ')' is, or the text's end.
bool has_alternatives(std::string_view text, std::size_t& end) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (text.substr(i, 2) == "\\Q") return true;  // seldom: not looked into
      ++i;
    } else if (c == '[') {
      i = end_of_class(text, i);
      if (i == std::string_view::npos) return true;
      --i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (depth-- == 0) {
        end = i;
        return false;
      }
    } else if (c == '|' && depth == 0) {
      return true;
    }
  }
  end = text.size();
  return false;
}

// "[...]{0,N}?" at the beginning: its class and N, and what is behind it.
struct Prefix {
  std::string members;
  std::size_t reach = 0;
  std::string_view rest;
};
std::optional<Prefix> generic_prefix(std::string_view text) {
  if (text.empty() || text[0] != '[') return std::nullopt;
  const std::size_t end = end_of_class(text, 0);
  if (end == std::string_view::npos || text.substr(end, 3) != "{0,") return std::nullopt;
  std::size_t i = end + 3;
  Prefix prefix;
  for (; i < text.size() && is_digit(text[i]) && prefix.reach <= kMaxCount; ++i)
    prefix.reach = prefix.reach * 10 + static_cast<std::size_t>(text[i] - '0');
  if (i == end + 3 || prefix.reach > kMaxCount || text.substr(i, 2) != "}?") return std::nullopt;
  prefix.members = text.substr(0, end);
  prefix.rest = text.substr(i + 2);
  return prefix;
}

}  // namespace

Translated translate_re2(std::string_view pattern) { return Translator(pattern).all(); }

Stripped strip_generic_prefix(std::string_view pattern) {
  const Stripped whole{std::string(pattern), "", 0};
  std::string_view text = pattern;
  std::string head;
  if (text.starts_with("(?i)")) {
    head = "(?i)";
    text.remove_prefix(4);
  }
  const auto outer = generic_prefix(text);
  std::size_t end = 0;
  if (!outer || has_alternatives(outer->rest, end) || end != outer->rest.size()) return whole;
  // A class of characters beyond ASCII is not walked back over by bytes.
  for (const char c : outer->members)
    if (static_cast<unsigned char>(c) >= 0x80) return whole;
  if (outer->members.find("\\p") != std::string::npos || outer->members.find("\\x") != std::string::npos ||
      outer->members.find("\\P") != std::string::npos || outer->members[1] == '^')
    return whole;
  // Case matters for what the class holds unless it has both.
  Stripped stripped{head + std::string(outer->rest), head + outer->members, outer->reach};
  for (const std::string_view opening : {"(?i:", "(?:"}) {
    if (!outer->rest.starts_with(opening)) continue;
    const std::string_view body = outer->rest.substr(opening.size());
    const auto inner = generic_prefix(body);
    if (!inner || inner->members != outer->members || inner->members != "[\\w.-]") break;
    if (has_alternatives(inner->rest, end) || end >= inner->rest.size()) break;
    const char next = end + 1 < inner->rest.size() ? inner->rest[end + 1] : '\0';
    if (next == '*' || next == '+' || next == '?' || next == '{') break;
    stripped.core = head + std::string(opening) + std::string(inner->rest);
    stripped.reach += inner->reach;
  }
  return stripped;
}

}  // namespace ga::scan
