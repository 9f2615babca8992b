#include "util/toml-canonical.hh"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "util/text.hh"

namespace ga {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_bare_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
}

// Needs an escape, or ends the string.
bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code >= 0x10000) {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
  } else if (code >= 0x800) {
    out += static_cast<char>(0xe0 | code >> 12);
  }
  out += static_cast<char>(code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6);
  out += static_cast<char>(0x80 | (code & 0x3f));
}

// Every function gives false for what it does not know; nothing is ever reported from here.
class CanonicalParser {
 public:
  explicit CanonicalParser(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool parse() {
    table_ = root_.get_ptr<Json::object_t*>();
    while (at_ < end_) {
      if (*at_ == '\n') ++at_;
      else if (!(*at_ == '[' ? parse_header() : parse_member()) || !skip('\n')) return false;
    }
    return true;
  }

  Json take() { return std::move(root_); }

 private:
  bool skip(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool skip(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size() || std::string_view(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }

  bool parse_key(std::string& key) {
    if (skip('"')) return parse_basic_string(key);
    const char* start = at_;
    while (at_ < end_ && is_bare_key_character(*at_)) ++at_;
    key.assign(start, at_);
    return at_ > start;
  }

  bool parse_member() {
    std::string key;
    if (!parse_key(key) || !skip(" = ")) return false;
    // Keys come in order, so the end is where the new one belongs.
    const std::size_t size = table_->size();
    const auto member = table_->try_emplace(table_->end(), std::move(key));
    return table_->size() > size && parse_value(member->second);
  }

  // "[a.b]" or "[[a.b]]".
  bool parse_header() {
    ++at_;
    const bool element = skip('[');
    table_ = root_.get_ptr<Json::object_t*>();
    depth_ = 0;
    std::string key;
    for (;;) {
      if (!parse_key(key)) return false;
      if (!skip('.')) break;
      if (!enter(std::move(key))) return false;
    }
    if (!skip(element ? "]]" : "]")) return false;
    return element ? open_element(std::move(key)) : open_table(std::move(key));
  }

  // Into the table of that name, made when there is none, or into the last of an array of tables.
  bool enter(std::string key) {
    Json& value = (*table_)[std::move(key)];
    if (value.is_null()) value = Json::object();
    return into_last(value) || into(value);
  }

  bool into(Json& value) {
    table_ = value.get_ptr<Json::object_t*>();
    return table_ != nullptr && ++depth_ <= max_toml_depth;
  }

  bool into_last(Json& value) {
    if (!value.is_array() || value.empty() || !value.back().is_object()) return false;
    ++depth_;  // the array itself
    return into(value.back());
  }

  bool open_table(std::string key) {
    const auto [member, is_new] = table_->try_emplace(std::move(key), Json::value_t::object);
    return is_new && into(member->second);
  }

  bool open_element(std::string key) {
    Json& value = (*table_)[std::move(key)];
    // Arrays written as values hold no tables here, so one that does came from such headers.
    const bool known = value.is_array() && !value.empty() && value.front().is_object();
    if (!value.is_null() && !known) return false;
    value.push_back(Json::object());
    return into_last(value);
  }

  bool parse_value(Json& value) {
    if (at_ == end_) return false;
    switch (*at_) {
    case '"':
      return parse_string(value);
    case '[':
      return parse_array(value);
    case 't':
      value = true;
      return skip("true");
    case 'f':
      value = false;
      return skip("false");
    default:
      return parse_number(value);
    }
  }

  bool parse_string(Json& value) {
    ++at_;
    value = Json::value_t::string;
    std::string& text = *value.get_ptr<std::string*>();
    if (skip("\"\"\n")) return parse_multi_line_string(text);
    return parse_basic_string(text);
  }

  // The rest after the first quote.
  bool parse_basic_string(std::string& text) {
    text.clear();
    for (;;) {
      append_plain(text);
      if (skip('"')) return true;
      if (!parse_escape(text)) return false;
    }
  }

  bool parse_multi_line_string(std::string& text) {
    for (;;) {
      append_plain(text);
      if (skip("\"\"\"")) return true;
      if (at_ < end_ && (*at_ == '\n' || *at_ == '\t' || *at_ == '"')) text += *at_++;
      else if (!parse_escape(text)) return false;
    }
  }

  void append_plain(std::string& text) {
    const char* start = at_;
    while (at_ < end_ && !is_special(*at_)) ++at_;
    text.append(start, at_);
  }

  bool parse_escape(std::string& text) {
    if (!skip('\\') || at_ == end_) return false;
    switch (*at_++) {
    case 'n':
      text += '\n';
      return true;
    case 't':
      text += '\t';
      return true;
    case 'r':
      text += '\r';
      return true;
    case 'b':
      text += '\b';
      return true;
    case 'f':
      text += '\f';
      return true;
    case '"':
      text += '"';
      return true;
    case '\\':
      text += '\\';
      return true;
    case 'u':
      return parse_code(text, 4);
    case 'U':
      return parse_code(text, 8);
    default:
      return false;
    }
  }

  bool parse_code(std::string& text, std::ptrdiff_t digits) {
    std::uint32_t code = 0;
    if (end_ - at_ < digits) return false;
    const auto [stop, error] = std::from_chars(at_, at_ + digits, code, 16);
    if (error != std::errc() || stop != at_ + digits) return false;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    at_ = stop;
    append_utf8(text, code);
    return true;
  }

  // Scalars only, on one line or one a line.
  bool parse_array(Json& value) {
    ++at_;
    if (depth_ == max_toml_depth) return false;
    value = Json::array();
    const bool by_line = skip('\n');
    while (!skip(']')) {
      if (by_line && !skip("  ")) return false;
      if (at_ == end_ || *at_ == '[') return false;
      if (!parse_value(value.emplace_back())) return false;
      if (by_line ? !skip(",\n") : !skip(", ") && (at_ == end_ || *at_ != ']')) return false;
    }
    return true;
  }

  bool parse_number(Json& value) {
    const char* start = at_;
    skip('-');
    const char* first = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    if (at_ == first || (*first == '0' && at_ - first > 1)) return false;
    if (at_ < end_ && (*at_ == '.' || *at_ == 'e')) return parse_fraction(start, value);
    std::int64_t number = 0;
    if (std::from_chars(start, at_, number).ec != std::errc()) return false;
    value = number;
    return true;
  }

  bool parse_fraction(const char* start, Json& value) {
    if (skip('.') && !skip_digits()) return false;
    if (skip('e')) {
      if (!skip('-')) skip('+');
      if (!skip_digits()) return false;
    }
    double number = 0;
    if (std::from_chars(start, at_, number).ec != std::errc()) return false;
    value = number;
    return true;
  }

  bool skip_digits() {
    const char* start = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ > start;
  }

  const char* at_;
  const char* end_;
  Json root_ = Json::object();
  Json::object_t* table_ = nullptr;  // where members go
  int depth_ = 0;                    // of that table
};

}  // namespace

std::optional<Json> parse_canonical_toml(std::string_view text) {
  if (!is_valid_utf8(text)) return std::nullopt;
  CanonicalParser parser(text);
  if (!parser.parse()) return std::nullopt;
  return parser.take();
}

}  // namespace ga
