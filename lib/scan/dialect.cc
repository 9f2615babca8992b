#include "scan/dialect.hh"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr unsigned kMaxCount = 1000;  // Go's
constexpr std::array<std::string_view, 14> kClassNames = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                                          "digit", "graph", "lower", "print", "punct",
                                                          "space", "upper", "word",  "xdigit"};
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
      value_ = static_cast<unsigned char>(c);
      if (value_ < 0x80) return is_alnum(c) ? std::string(1, c) : std::string("\\") + c;
      out_.utf = true;
      std::string whole(1, c);
      value_ &= value_ >= 0xF0 ? 0x07 : value_ >= 0xE0 ? 0x0F : 0x1F;
      while (more() && (static_cast<unsigned char>(peek()) & 0xC0) == 0x80)
        whole += text_[at_], value_ = value_ << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3F);
      if (!is_valid_utf8(whole)) fail("it is no UTF-8", at_);
      return whole;
    }
    if (!more(1)) fail("a backslash at the end", at_);
    const char c = peek(1);
    if (c == 'x') return hexadecimal();
    if (is_digit(c)) return octal();
    value_ = static_cast<unsigned char>(c);
    if (c == 'v') return value_ = 11, at_ += 2, "\\x0b";
    if (const std::size_t at = std::string_view("abtn?fr").find(c);
        at != std::string_view::npos && c != 'b' && c != '?')
      value_ = static_cast<std::uint32_t>(7 + at);
    if (c == 'a' || c == 'f' || c == 'n' || c == 'r' || c == 't') return at_ += 2, std::string("\\") + c;
    if (is_alnum(c) || static_cast<unsigned char>(c) >= 0x80)
      fail(std::string("RE2 does not know the escape '\\") + (is_alnum(c) ? c : '?') + "'", at_);
    at_ += 2;
    return std::string("\\") + c;
  }

  std::string code_point(unsigned value, std::size_t where) {
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) fail("no such character", where);
    if (value >= 0x80) out_.utf = true;
    value_ = value;
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
      if (end != std::string_view::npos) {
        std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
        if (name.starts_with('^')) name.remove_prefix(1);
        if (std::find(kClassNames.begin(), kClassNames.end(), name) == kClassNames.end()) fail("no such class", at_);
        return replace(end + 2 - at_, text_.substr(at_, end + 2 - at_));
      }
    }
    if (peek() == '\\') {
      const char c = peek(1);
      if (c == 's') return replace(2, kSpace);
      // PCRE2's \S leaves out the vertical tab, which is no space in Go.
      if (c == 'S') return replace(2, "\\S\\x0b");
      if (c == 'd' || c == 'D' || c == 'w' || c == 'W') return replace(2, text_.substr(at_, 2));
      if (c == 'p' || c == 'P') return property();
    }
    const std::size_t where = at_;
    put(character());
    const std::uint32_t low = value_;
    if (peek() != '-' || !more(1) || peek(1) == ']') return;
    put("-");
    ++at_;
    if (peek() == '\\' && std::string_view("sSdDwWpP").find(peek(1)) != std::string_view::npos)
      fail("a range that ends in a class", at_);
    put(character());
    if (value_ < low) fail("a range whose end lies before its begin", where);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool can_repeat_ = false, repeated_ = false;
  std::uint32_t value_ = 0;  ///< of the last character(), for the order of ranges
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

/// Where every match of a pattern holds one of some words. The pattern must be one that translate_re2() takes.
class AnchorReader {
 public:
  explicit AnchorReader(std::string_view pattern) : text_(pattern) {}

  /// The best of what every match holds.
  Anchor anchor() {
    Node node = whole();
    return std::move(node.best);
  }

 private:
  static constexpr std::size_t kMost = 192, kLongest = 8, kFar = 160;
  static constexpr std::size_t kEndless = 1'000'000;
  struct Words {
    std::vector<std::string> texts;
    bool open = true;  ///< what follows can be put behind
  };
  /// A part of the pattern: what it begins with, how many bytes it matches, and the best that it always holds.
  struct Node {
    Words words{{""}, false};
    std::size_t least = 1, most = 1;
    Anchor best;
  };

  static bool is_known(const std::vector<std::string>& texts) {
    return std::none_of(texts.begin(), texts.end(), [](const auto& t) { return t.empty(); });
  }

  // How seldom a word stands where no match is: the longer the better; words at one place are looked for at that place only.
  static std::size_t worth(const Anchor& anchor) {
    constexpr std::size_t kLongEnough = 5, kFew = 12;
    if (anchor.words.empty()) return 0;
    std::size_t shortest = kLongEnough;
    for (const std::string& word : anchor.words) shortest = std::min(shortest, word.size());
    const bool few = anchor.words.size() <= kFew;
    return shortest * 4 + (anchor.least == anchor.most) * 2U + (anchor.most == 0 ? 1U : 0U) + few * 3U;
  }
  static void take_better(Anchor& best, Anchor other) {
    if (other.most <= kFar && worth(other) > worth(best)) best = std::move(other);
  }

  Node whole() {
    Node node = alternatives(0);
    if (unknown_ || at_ != text_.size()) return {};
    return node;
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Node alternatives(int depth) {
    Node all = sequence(depth);
    while (peek() == '|' && at_ < text_.size()) {
      ++at_;
      Node more = sequence(depth);
      all.words.open &= more.words.open;
      for (std::string& text : more.words.texts) all.words.texts.push_back(std::move(text));
      all.least = std::min(all.least, more.least);
      all.most = std::max(all.most, more.most);
      if (all.best.words.empty() || more.best.words.empty()) {
        all.best = {};
        continue;
      }
      all.best.least = std::min(all.best.least, more.best.least);
      all.best.most = std::max(all.best.most, more.best.most);
      for (std::string& text : more.best.words) all.best.words.push_back(std::move(text));
    }
    if (all.words.texts.size() > kMost) all.words = {{""}, false};
    if (all.best.words.size() > kMost) all.best = {};
    return all;
  }

  Node sequence(int depth) {
    if (depth > 50) unknown_ = true;
    std::vector<Node> parts;
    while (!unknown_ && at_ < text_.size() && peek() != '|' && peek() != ')') parts.push_back(atom(depth));
    Node all{{{""}, true}, 0, 0, {}};
    for (const Node& part : parts) append(all.words, part.words);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (all.most <= kFar) {
        Anchor inner = parts[i].best;
        inner.least += all.least;
        inner.most += all.most;
        take_better(all.best, std::move(inner));
        // Where the part before is a word of its own, what begins here is only a shorter one.
        Words joined{{""}, i == 0 || !parts[i - 1].words.open || parts[i - 1].words.texts.size() > 1};
        for (std::size_t k = i; k < parts.size() && joined.open; ++k) append(joined, parts[k].words);
        if (is_known(joined.texts)) take_better(all.best, {std::move(joined.texts), all.least, all.most});
      }
      all.least = std::min(kEndless, all.least + parts[i].least);
      all.most = std::min(kEndless, all.most + parts[i].most);
    }
    return all;
  }

  // One atom and its quantifier; closed when only a part of it is known.
  Node atom(int depth) {
    Node one;
    const char c = peek();
    if (c == '(') one = group(depth);
    else if (c == '[') one.words = char_class();
    else if (c == '\\') one = escape();
    else if (c == '^') one = nothing(), ++at_;
    else if (c == '$') one.least = one.most = 0, ++at_;
    else if (c == '.' || static_cast<unsigned char>(c) >= 0x80) ++at_;
    else one = literals();
    return quantified(std::move(one));
  }
  // Characters up to one that says something else, or that is counted.
  Node literals() {
    constexpr std::string_view kSaying = "()[]|\\^$.*+?{";
    const auto is_plain = [&](std::size_t at) {
      return at < text_.size() && static_cast<unsigned char>(text_[at]) < 0x80 &&
             kSaying.find(text_[at]) == std::string_view::npos;
    };
    std::size_t end = at_ + 1;
    while (is_plain(end)) ++end;
    const bool counted = end < text_.size() && std::string_view("*+?{").find(text_[end]) != std::string_view::npos;
    if (counted && end > at_ + 1) --end;
    Node one;
    one.least = one.most = end - at_;
    one.words = {{lower_ascii(text_.substr(at_, std::min(end - at_, kLongest)))}, end - at_ <= kLongest};
    at_ = end;
    return one;
  }
  static Node nothing() { return {{{""}, true}, 0, 0, {}}; }

  Node quantified(Node one) {
    const char c = peek();
    std::size_t least = 1, most = 1;
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      least = c == '+';
      most = c == '?' ? 1 : kEndless;
    } else if (c == '{' && is_digit(peek(1))) {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos) return one;
      const std::string_view counts = text_.substr(at_ + 1, end - at_ - 1);
      const std::size_t comma = counts.find(',');
      least = number(counts.substr(0, comma));
      most = comma == std::string_view::npos ? least
             : comma + 1 == counts.size()    ? kEndless
                                             : number(counts.substr(comma + 1));
      at_ = end + 1;
    } else {
      return one;
    }
    if (peek() == '?') ++at_;
    if (least == 0) one.best = {};
    if (c == '?') one.words.texts.emplace_back();
    else if (least == 0) one.words = {{""}, false};
    else if (least != 1 || most != 1) one.words.open = false;
    one.least = std::min(kEndless, one.least * least);
    one.most = most >= kEndless && one.most > 0 ? kEndless : std::min(kEndless, one.most * most);
    return one;
  }
  static std::size_t number(std::string_view digits) {
    std::size_t value = 0;
    for (const char c : digits)
      value = is_digit(c) ? std::min<std::size_t>(value * 10 + static_cast<std::size_t>(c - '0'), 1000) : 1000;
    return value;
  }

  Node group(int depth) {
    std::size_t behind = at_ + 1;
    if (peek(1) == '?') {
      behind = at_ + 2;
      if (peek(2) == 'P' || peek(2) == '<') behind = std::min(text_.find('>', at_), text_.size() - 1) + 1;
      else
        behind = text_.find_first_of(":)", at_) == std::string_view::npos ? text_.size()
                                                                          : text_.find_first_of(":)", at_) + 1;
      if (text_[behind - 1] == ')') {  // flags for what follows
        at_ = behind;
        return nothing();
      }
    }
    at_ = behind;
    Node node = alternatives(depth + 1);
    if (peek() != ')') unknown_ = true;
    ++at_;
    return node;
  }

  Words char_class() {
    const std::size_t begin = at_, end = end_of_class(text_, at_);
    if (end == std::string_view::npos) {
      unknown_ = true;
      return {};
    }
    at_ = end;
    std::vector<std::string> letters;
    const std::string_view inside = text_.substr(begin + 1, end - begin - 2);
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (inside[i] == '\\' || inside[i] == '[' || inside[i] == '^' || static_cast<unsigned char>(inside[i]) >= 0x80)
        return {{""}, false};
      auto first = static_cast<unsigned char>(inside[i]), last = first;
      if (i + 2 < inside.size() && inside[i + 1] == '-') {
        i += 2;
        last = static_cast<unsigned char>(inside[i]);
        if (last < first || last - first > 25 || last == '\\') return {{""}, false};
      }
      for (unsigned c = first; c <= last; ++c) {
        const std::string letter = lower_ascii(std::string(1, static_cast<char>(c)));
        if (std::find(letters.begin(), letters.end(), letter) == letters.end()) letters.push_back(letter);
      }
    }
    if (letters.empty() || letters.size() > 16) return {{""}, false};
    return {letters, true};
  }

  Node escape() {
    const char c = peek(1);
    if (c == 'Q' || c == 'x' || c == 'p' || c == 'P' || is_digit(c)) unknown_ = true;  // of other lengths
    at_ += 2;
    Node one;
    if (c == 'b' || c == 'B' || c == 'A') return nothing();
    if (c == 'z') one.least = one.most = 0;
    else if (c == 'n' || c == 't') one.words = {{c == 'n' ? "\n" : "\t"}, true};
    else if (!is_alnum(c)) one.words = {{std::string(1, c)}, true};
    return one;
  }

  // Many letters are only worth their number while the words are short.
  static void append(Words& words, const Words& more) {
    constexpr std::size_t kFew = 4, kLongEnough = 3;
    if (!words.open) return;
    const bool long_enough = std::all_of(words.texts.begin(), words.texts.end(),
                                         [](const std::string& text) { return text.size() >= kLongEnough; });
    const bool grows = more.texts.size() > 1 && (more.texts.size() > kFew ? long_enough : false);
    if (grows || words.texts.size() * more.texts.size() > kMost) {
      words.open = false;
      return;
    }
    if (more.texts.size() == 1 && more.texts[0].empty()) {
      words.open = more.open;
      return;
    }
    std::vector<std::string> product;
    product.reserve(words.texts.size() * more.texts.size());
    bool full = false;
    for (const std::string& first : words.texts)
      for (const std::string& second : more.texts) {
        product.push_back(first + second);
        if (product.back().size() < kLongest) continue;
        product.back().resize(kLongest);
        full = true;
      }
    words.texts = std::move(product);
    words.open = more.open && !full;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool unknown_ = false;
};

}  // namespace

Anchor find_anchor(std::string_view pattern) { return AnchorReader(pattern).anchor(); }

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
