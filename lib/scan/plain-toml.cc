#include "scan/plain-toml.hh"

#include <charconv>
#include <string>

#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr std::size_t kMaxSize = 1u << 20;

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Reads until something is not plain; every function says whether it was.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : text_(text) {}

  std::optional<Json> all() {
    table_ = &root_;
    while (skip_to_text()) {
      if (!(peek() == '[' ? header() : entry()) || !end_of_line()) return std::nullopt;
    }
    return std::move(root_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  void comment() {
    if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  /// Past blank lines and comments; false at the end.
  bool skip_to_text() {
    for (;;) {
      blanks();
      comment();
      if (at_ >= text_.size()) return false;
      if (peek() != '\n') return true;
      ++at_;
    }
  }
  bool end_of_line() {
    blanks();
    comment();
    if (at_ >= text_.size()) return true;
    return text_[at_++] == '\n';
  }
  std::string key() {
    const std::size_t begin = at_;
    while (is_key_character(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // "[a]", "[[a.b]]": all but the last name must be there.
  bool header() {
    const bool list = peek(1) == '[';
    at_ += list ? 2 : 1;
    Json* at = &root_;
    for (;;) {
      const std::string name = key();
      if (name.empty()) return false;
      if (peek() != '.') {
        if (peek() != ']' || (list && peek(1) != ']')) return false;
        at_ += list ? 2 : 1;
        return open(*at, name, list);
      }
      ++at_;
      const auto inner = at->find(name);
      if (inner == at->end()) return false;
      at = inner->is_array() && !inner->empty() ? &inner->back() : &*inner;
      if (!at->is_object()) return false;
    }
  }

  bool open(Json& parent, const std::string& name, bool list) {
    if (!list) {
      if (parent.contains(name)) return false;
      table_ = &(parent[name] = Json::object());
      return true;
    }
    Json& tables = parent.emplace(name, Json::array()).first.value();
    if (!tables.is_array() || (!tables.empty() && !tables.front().is_object())) return false;
    // An empty list that was written as a value takes no tables.
    if (tables.empty() && written_lists_) return false;
    tables.push_back(Json::object());
    table_ = &tables.back();
    return true;
  }

  bool entry() {
    const std::string name = key();
    blanks();
    if (name.empty() || peek() != '=' || table_->contains(name)) return false;
    ++at_;
    blanks();
    return value((*table_)[name], true);
  }

  bool value(Json& into, bool lists) {
    const char c = peek();
    if (c == '\'') return literal(into);
    if (c == '"') return basic(into);
    if (c == '[') return lists && list(into);
    if (c == 't' || c == 'f') return word(into);
    return number(into);
  }

  bool word(Json& into) {
    const std::string text = key();
    into = text == "true";
    return text == "true" || text == "false";
  }

  bool literal(Json& into) {
    const bool several_lines = text_.substr(at_, 3) == "'''";
    if (!several_lines && peek(1) == '\'') {
      at_ += 2;
      into = "";
      return true;
    }
    std::size_t begin = at_ + (several_lines ? 3 : 1);
    if (several_lines && begin < text_.size() && text_[begin] == '\n') ++begin;
    const std::size_t end = text_.find(several_lines ? "'''" : "'", begin);
    if (end == std::string_view::npos) return false;
    const std::string_view text = text_.substr(begin, end - begin);
    if (!several_lines && text.find('\n') != std::string_view::npos) return false;
    at_ = end + (several_lines ? 3 : 1);
    if (peek() == '\'') return false;  // a quote that belongs to the text
    into = std::string(text);
    return true;
  }

  bool basic(Json& into) {
    if (text_.substr(at_, 3) == "\"\"\"") return false;
    std::string text;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        into = std::move(text);
        return true;
      }
      if (c == '\n') return false;
      if (c != '\\') {
        text += c;
        continue;
      }
      const char escaped = peek(1);
      if (escaped == '\\' || escaped == '"') text += escaped;
      else if (escaped == 'n') text += '\n';
      else if (escaped == 't') text += '\t';
      else return false;
      ++at_;
    }
    return false;
  }

  bool number(Json& into) {
    const std::size_t begin = at_;
    bool fraction = false;
    std::size_t digits = 0;
    for (; (peek() >= '0' && peek() <= '9') || (peek() == '.' && !fraction && digits > 0); ++at_) {
      if (peek() == '.') fraction = true;
      else ++digits;
    }
    const std::string_view text = text_.substr(begin, at_ - begin);
    const bool led_by_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
    if (digits == 0 || digits > 15 || led_by_zero || text.back() == '.' || is_key_character(peek()) || peek() == '+')
      return false;
    double with_fraction = 0;
    std::int64_t whole = 0;
    if (fraction) std::from_chars(text.data(), text.data() + text.size(), with_fraction);
    else std::from_chars(text.data(), text.data() + text.size(), whole);
    into = fraction ? Json(with_fraction) : Json(whole);
    return true;
  }

  bool list(Json& into) {
    into = Json::array();
    for (++at_; skip_to_text() && peek() != ']';) {
      into.emplace_back();
      if (!value(into.back(), false) || !skip_to_text()) return false;
      if (peek() == ',') ++at_;
      else if (peek() != ']') return false;
    }
    written_lists_ |= into.empty();
    return at_++ < text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Json root_ = Json::object();
  Json* table_ = nullptr;
  bool written_lists_ = false;  ///< an empty list was written as a value
};

bool is_plain(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7F) return false;
  return is_valid_utf8(text);
}

}  // namespace

std::optional<Json> parse_plain_toml(std::string_view text) {
  if (text.size() > kMaxSize || !is_plain(text)) return std::nullopt;
  return PlainReader(text).all();
}

}  // namespace ga::scan
