#include "util/glob-compile.hh"

#include <optional>

namespace ga {

namespace {

using Bytes = std::bitset<256>;

Bytes only(char c) {
  Bytes bytes;
  bytes.set(static_cast<unsigned char>(c));
  return bytes;
}

Bytes all() { return Bytes().set(); }

Bytes all_but_slash() { return all().reset('/'); }

Bytes range(unsigned first, unsigned last) {
  Bytes bytes;
  for (unsigned c = first; c <= last; ++c) bytes.set(c);
  return bytes;
}

// "[:NAME:]" in ASCII, whatever the locale; nullopt for a name that is none.
std::optional<Bytes> named_class(std::string_view name) {
  const Bytes upper = range('A', 'Z'), lower = range('a', 'z'), digit = range('0', '9');
  const Bytes graph = range('!', '~'), control = range(0, 31) | range(127, 127);
  if (name == "alnum") return upper | lower | digit;
  if (name == "alpha") return upper | lower;
  if (name == "blank") return only(' ') | only('\t');
  if (name == "cntrl") return control;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph | only(' ');
  if (name == "punct") return graph & ~(upper | lower | digit);
  if (name == "space") return only(' ') | range('\t', '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit | range('a', 'f') | range('A', 'F');
  return std::nullopt;
}

// What follows a '[', up to the ']'.
class ClassParser {
 public:
  explicit ClassParser(std::string_view text) : text_(text) {}

  std::optional<Bytes> parse() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    // A ']' that comes first is an ordinary character.
    for (bool first = true; first || peek() != ']'; first = false)
      if (at_ >= text_.size() || !take_item()) return std::nullopt;
    ++at_;
    // No class matches '/': it would hide that a path goes into a directory.
    return (negated ? ~bytes_ : bytes_) & all_but_slash();
  }

  std::size_t size() const { return at_; }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  bool take_item() {
    if (peek() == '-' && before_ && at_ + 1 < text_.size() && peek(1) != ']') return take_range();
    if (peek() == '[' && peek(1) == ':') return take_named();
    const std::optional<char> c = take_character();
    if (c) bytes_ |= only(*c);
    before_ = c;
    return c.has_value();
  }

  std::optional<char> take_character() {
    if (peek() == '\\') ++at_;
    if (at_ >= text_.size()) return std::nullopt;
    return text_[at_++];
  }

  bool take_range() {
    ++at_;
    const std::optional<char> last = take_character();
    if (!last) return false;
    bytes_ |= range(static_cast<unsigned char>(*before_), static_cast<unsigned char>(*last));
    before_.reset();
    return true;
  }

  bool take_named() {
    const std::size_t end = text_.find(']', at_ + 2);
    if (end == std::string_view::npos) return false;
    if (end == at_ + 2 || text_[end - 1] != ':') {  // not ":]", so the '[' is one of the characters
      bytes_ |= only('[');
      before_ = text_[at_++];
      return true;
    }
    const std::optional<Bytes> named = named_class(text_.substr(at_ + 2, end - at_ - 3));
    if (named) bytes_ |= *named;
    before_.reset();
    at_ = end + 1;
    return named.has_value();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Bytes bytes_;
  std::optional<char> before_;  // where a range may begin
};

class Compiler {
 public:
  explicit Compiler(std::string_view pattern) : pattern_(pattern) {}

  std::vector<Glob::State> compile() {
    const bool directory_only = pattern_.ends_with('/');
    if (directory_only) pattern_.remove_suffix(1);
    if (pattern_.find('/') == std::string_view::npos) add_directories();
    if (pattern_.starts_with('/')) pattern_.remove_prefix(1);
    for (at_ = 0; at_ < pattern_.size();)
      if (!take()) return {};
    add_end(directory_only);
    return std::move(states_);
  }

 private:
  void add(const Bytes& bytes, const Bytes& loop = {}, unsigned skip = 0, bool accepts = false) {
    states_.push_back({bytes, loop, skip, accepts});
  }

  // Nothing, or whole directories: "a/", "a/b/".
  void add_directories() {
    add(all_but_slash(), {}, 2);
    add(only('/'), all());
  }

  // The match itself unless it has to be a directory, and everything below it.
  void add_end(bool directory_only) {
    add(only('/'), {}, 0, !directory_only);
    add(all_but_slash());
    add({}, all(), 0, true);
  }

  bool take() {
    const char c = pattern_[at_];
    if (c == '*') {
      take_stars();
      return true;
    }
    if (c == '[') return take_class();
    if (c == '\\' && ++at_ == pattern_.size()) return false;
    add(c == '?' ? all_but_slash() : only(pattern_[at_]));
    ++at_;
    return true;
  }

  void take_stars() {
    const std::size_t start = at_;
    while (at_ < pattern_.size() && pattern_[at_] == '*') ++at_;
    const std::string_view rest = pattern_.substr(at_);
    const bool whole_component =
        (start == 0 || pattern_[start - 1] == '/') && (rest.empty() || rest.front() == '/' || rest.starts_with("\\/"));
    if (at_ - start < 2 || !whole_component) {
      add({}, all_but_slash(), 1);
    } else if (rest.empty()) {
      add(all_but_slash());
      add({}, all(), 1);
    } else {
      add_directories();
      at_ += rest.front() == '/' ? 1 : 2;
    }
  }

  bool take_class() {
    ClassParser parser(pattern_.substr(at_ + 1));
    const std::optional<Bytes> bytes = parser.parse();
    if (!bytes) return false;
    add(*bytes);
    at_ += 1 + parser.size();
    return true;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<Glob::State> states_;
};

}  // namespace

std::vector<Glob::State> compile_glob(std::string_view pattern) { return Compiler(pattern).compile(); }

}  // namespace ga
