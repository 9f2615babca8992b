#include "util/json.hh"

#include <algorithm>
#include <utility>

#include "util/error.hh"
#include "util/text.hh"

template class nlohmann::basic_json<>;

namespace ga {

namespace {

// Deeper documents are no data of ours, and writing or comparing them recurses.
constexpr int max_depth = 200;

// "NAME:LINE:COLUMN", both from 1; the column counts bytes.
std::string place(const std::string& what, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  return what + ":" + std::to_string(line) + ":" + std::to_string(column);
}

// Offset of the bracket that opens one level too many, or npos.
std::size_t too_deep_at(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"':
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
      break;
    case '[':
    case '{':
      if (++depth > max_depth) return i;
      break;
    case ']':
    case '}':
      --depth;
      break;
    default:
      break;
    }
  }
  return std::string_view::npos;
}

// The library's message without its own prefix: "[json.exception...] parse error at line 1, column 2: ".
std::string bare_message(std::string_view message) {
  const std::size_t column = message.find(", column ");
  const std::size_t start = column == std::string_view::npos ? message.find("] ") : message.find(": ", column);
  if (start != std::string_view::npos) message.remove_prefix(start + 2);
  return sanitize_line(message);
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

namespace {

std::string dumped(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// What dump() writes, several times as fast: most text is runs of characters that stand for themselves.
class CanonicalWriter {
 public:
  void write(const Json& value) {
    if (const auto* text = value.get_ptr<const Json::string_t*>()) return write(*text);
    if (!value.is_structured()) {
      out_ += dumped(value);
      return;
    }
    const bool object = value.is_object();
    out_ += object ? '{' : '[';
    for (auto member = value.begin(); member != value.end(); ++member) {
      if (member != value.begin()) out_ += ',';
      if (object) {
        write(member.key());
        out_ += ':';
      }
      write(*member);
    }
    out_ += object ? '}' : ']';
  }
  std::string take() { return std::move(out_); }

 private:
  void write(const std::string& text) {
    if (!is_valid_utf8(text)) {
      out_ += dumped(text);
      return;
    }
    out_ += '"';
    for (std::size_t start = 0; start < text.size();) {
      std::size_t end = start;
      while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x20 && text[end] != '"' &&
             text[end] != '\\')
        ++end;
      out_.append(text, start, end - start);
      if (end < text.size()) escape(text[end++]);
      start = end;
    }
    out_ += '"';
  }
  void escape(char c) {
    constexpr std::string_view kSpecial = "\b\t\n\f\r\"\\", kLetters = "btnfr\"\\", kDigits = "0123456789abcdef";
    out_ += '\\';
    if (const std::size_t at = kSpecial.find(c); at != kSpecial.npos) {
      out_ += kLetters[at];
      return;
    }
    out_ += "u00";
    out_ += kDigits[static_cast<unsigned char>(c) >> 4];
    out_ += kDigits[c & 15];
  }

  std::string out_;
};

}  // namespace

std::string canonical(const Json& value) {
  CanonicalWriter writer;
  writer.write(value);
  return writer.take();
}

Json parse_json(std::string_view text, const std::string& what) {
  const std::size_t deep = too_deep_at(text);
  if (deep != std::string_view::npos)
    fail_environment(place(what, text, deep) + ": nested deeper than " + std::to_string(max_depth) + " levels");
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    // `byte` counts from 1 and names the last byte read; 0 when the library does not know.
    fail_environment(place(what, text, error.byte == 0 ? 0 : error.byte - 1) + ": " + bare_message(error.what()));
  } catch (const Json::exception& error) {
    fail_environment(what + ": " + bare_message(error.what()));
  }
}

std::string get_string(const Json& object, const char* key, std::string fallback) {
  const Json* value = member(object, key);
  return value && value->is_string() ? value->get_ref<const std::string&>() : std::move(fallback);
}

std::int64_t get_int(const Json& object, const char* key, std::int64_t fallback) {
  const Json* value = member(object, key);
  if (!value || !value->is_number_integer()) return fallback;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return fallback;
  return value->get<std::int64_t>();
}

bool get_bool(const Json& object, const char* key, bool fallback) {
  const Json* value = member(object, key);
  return value && value->is_boolean() ? value->get<bool>() : fallback;
}

std::vector<std::string> get_strings(const Json& object, const char* key) {
  std::vector<std::string> strings;
  const Json* value = member(object, key);
  if (!value || !value->is_array()) return strings;
  for (const Json& element : *value)
    if (element.is_string()) strings.push_back(element.get<std::string>());
  return strings;
}

Json string_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace ga
