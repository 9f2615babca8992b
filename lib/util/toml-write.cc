// The canonical writer: the definition of the format of ledger objects.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "util/error.hh"
#include "util/text.hh"
#include "util/toml-canonical.hh"
#include "util/toml.hh"

namespace ga {

namespace {

constexpr std::size_t longest_line = 100;  // of an array; longer ones have one element a line

bool is_bare_key(std::string_view key) {
  for (const char c : key)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
      return false;
  return !key.empty();
}

void append_code(std::string& out, unsigned code) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04X", code);
  out += text.data();
}

void append_control(std::string& out, char c) {
  switch (c) {
  case '\b':
    out += "\\b";
    break;
  case '\t':
    out += "\\t";
    break;
  case '\n':
    out += "\\n";
    break;
  case '\f':
    out += "\\f";
    break;
  case '\r':
    out += "\\r";
    break;
  default:
    append_code(out, static_cast<unsigned char>(c));
    break;
  }
}

// Code points beyond ASCII that must not reach a terminal through `git log -p`: C1 controls, and what
// changes the direction of text. 0 when the text begins with none; all of these take 2 or 3 bytes.
unsigned treacherous_code(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  unsigned code = 0;
  if (byte(0) >= 0xc2 && byte(0) < 0xe0) code = (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
  if (byte(0) >= 0xe0 && byte(0) < 0xf0) code = (byte(0) & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  const bool bad = (code >= 0x80 && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
                   (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
  return bad ? code : 0;
}

// The text with escapes, without quotes. `multi_line` keeps newlines, tabs and lone quotes as they are.
void append_escaped(std::string& out, std::string_view text, bool multi_line) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '\\' && c != '"'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t start = i;
    while (i < text.size() && is_plain(text[i])) ++i;
    out.append(text, start, i - start);
    if (i == text.size()) break;
    const char c = text[i];
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '"') {
      // A third quote in a row would end the string, and so would one at its end.
      const bool third = i >= 2 && text[i - 1] == '"' && text[i - 2] == '"';
      out += !multi_line || third || i + 1 == text.size() ? "\\\"" : "\"";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      if (multi_line && (c == '\n' || c == '\t')) out += c;
      else append_control(out, c);
    } else if (const unsigned code = treacherous_code(text.substr(i)); code != 0) {
      append_code(out, code);
      i += code < 0x800 ? 1 : 2;
    } else {
      out += c;
    }
  }
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  append_escaped(out, text, false);
  return out + '"';
}

std::string key_text(const std::string& key) { return is_bare_key(key) ? key : quote(replace_invalid_utf8(key)); }

// The shortest text that reads back as the same number.
std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 40> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string integer_text(const Json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)
    fail_environment("the number " + value.dump() + " is too large to be kept");
  return std::to_string(value.get<std::int64_t>());
}

// What is left out of tables: null, and arrays of nothing but nulls.
bool is_nothing(const Json& value) {
  if (!value.is_array()) return value.is_null();
  for (const Json& element : value)
    if (!element.is_null()) return false;
  return true;
}

bool is_array_of_tables(const Json& value) {
  if (!value.is_array() || is_nothing(value)) return false;
  for (const Json& element : value)
    if (!element.is_object() && !element.is_null()) return false;
  return true;
}

void check_depth(int depth) {
  if (depth > max_toml_depth)
    fail_environment("data nested deeper than " + std::to_string(max_toml_depth) + " levels cannot be kept");
}

std::string inline_value(const Json& value, int depth);

std::string inline_table(const Json& table, int depth) {
  std::string out;
  for (const auto& [key, value] : table.items()) {
    if (is_nothing(value)) continue;
    out += (out.empty() ? "{ " : ", ") + key_text(key) + " = " + inline_value(value, depth + 1);
  }
  return out.empty() ? "{}" : out + " }";
}

std::string inline_array(const Json& array, int depth) {
  std::string out;
  for (const Json& element : array) {
    if (element.is_null()) continue;
    out += (out.empty() ? "[" : ", ") + inline_value(element, depth + 1);
  }
  return out.empty() ? "[]" : out + "]";
}

std::string inline_value(const Json& value, int depth) {
  if (value.is_structured()) check_depth(depth);
  switch (value.type()) {
  case Json::value_t::string:
    return quote(replace_invalid_utf8(value.get_ref<const std::string&>()));
  case Json::value_t::boolean:
    return value.get<bool>() ? "true" : "false";
  case Json::value_t::number_integer:
  case Json::value_t::number_unsigned:
    return integer_text(value);
  case Json::value_t::number_float:
    return float_text(value.get<double>());
  case Json::value_t::array:
    return inline_array(value, depth);
  case Json::value_t::object:
    return inline_table(value, depth);
  default:
    GA_BUG("a value of a kind that TOML has not");
  }
}

class TomlWriter {
 public:
  // The table's members, then what needs headers. `path` is the table's own header text.
  void write(const Json& table, const std::string& path, int depth) {
    check_depth(depth);
    for (const auto& [key, value] : table.items())
      if (is_plain(value)) write_member(key, value, depth);
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& [key, value] : table.items())
      if (value.is_object()) write_table(value, prefix + key_text(key), depth + 1);
    for (const auto& [key, value] : table.items())
      if (is_array_of_tables(value)) write_elements(value, prefix + key_text(key), depth + 1);
  }

  std::string take() { return std::move(out_); }

 private:
  static bool is_plain(const Json& value) {
    return !value.is_object() && !is_nothing(value) && !is_array_of_tables(value);
  }

  // A table that holds only tables is implied by theirs.
  static bool needs_header(const Json& table) {
    bool has_tables = false;
    for (const Json& value : table) {
      if (is_plain(value)) return true;
      has_tables = has_tables || !is_nothing(value);
    }
    return !has_tables;
  }

  void write_header(const std::string& text) {
    if (!out_.empty()) out_ += '\n';
    out_ += text + "\n";
  }

  void write_table(const Json& table, const std::string& path, int depth) {
    if (needs_header(table)) write_header("[" + path + "]");
    write(table, path, depth);
  }

  void write_elements(const Json& tables, const std::string& path, int depth) {
    for (const Json& table : tables) {
      if (table.is_null()) continue;
      write_header("[[" + path + "]]");
      write(table, path, depth + 1);
    }
  }

  void write_member(const std::string& key, const Json& value, int depth) {
    const std::size_t start = out_.size();
    out_ += key_text(key) + " = ";
    if (value.is_string() && value.get_ref<const std::string&>().find('\n') != std::string::npos) {
      out_ += "\"\"\"\n";
      append_escaped(out_, replace_invalid_utf8(value.get_ref<const std::string&>()), true);
      out_ += "\"\"\"";
    } else {
      const std::string text = inline_value(value, depth + 1);
      if (value.is_array() && out_.size() - start + text.size() > longest_line) write_long_array(value, depth + 1);
      else out_ += text;
    }
    out_ += '\n';
  }

  void write_long_array(const Json& array, int depth) {
    out_ += "[\n";
    for (const Json& element : array)
      if (!element.is_null()) out_ += "  " + inline_value(element, depth + 1) + ",\n";
    out_ += ']';
  }

  std::string out_;
};

}  // namespace

std::string write_toml(const Json& object) {
  if (!object.is_object()) GA_BUG("only an object can be written as TOML");
  TomlWriter writer;
  writer.write(object, "", 0);
  return writer.take();
}

}  // namespace ga
