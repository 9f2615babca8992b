// The one translation unit that compiles toml++.
//
// Some malformed texts ("a = [1}]", "[[[a]]]") break what toml++ assumes, which it only asserts. Its
// assertions stay on here whatever the build, and end in an exception instead of the process.
#undef NDEBUG
#define TOML_ASSERT(expr) (static_cast<bool>(expr) ? static_cast<void>(0) : ::ga::assumption_failed())
namespace ga {
[[noreturn]] void assumption_failed();
}

#ifndef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#endif
#define TOML_ENABLE_FORMATTERS 0
// Arrays and inline tables within each other, and the innermost value; more are refused while they
// are parsed. One more than our own limit.
#define TOML_MAX_NESTED_VALUES 33
// What its character classes hold for unreachable is reached by a letter such as U+00E9 where a value should end;
// there it means "not of this class".
#include <toml++/impl/forward_declarations.h>
#pragma push_macro("TOML_UNREACHABLE")
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#pragma pop_macro("TOML_UNREACHABLE")
#include <toml++/toml.h>

#include "util/toml.hh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "util/error.hh"
#include "util/text.hh"
#include "util/toml-canonical.hh"

namespace ga {

namespace {

constexpr std::size_t max_size = 1u << 20;

struct AssumptionFailed {};

[[noreturn]] void fail_at(const std::string& name, std::size_t line, std::size_t column, std::string_view what) {
  fail_environment(name + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + sanitize_line(what));
}

[[noreturn]] void fail_too_deep(const std::string& name) {
  fail_environment(name + ": nested deeper than " + std::to_string(max_toml_depth) + " levels");
}

// Finds keys of very many dotted parts, for which toml++ would make as many tables within each other
// and overflow the stack when it destroys them. Strings and comments are passed over as TOML reads them.
class DottedKeyCheck {
 public:
  explicit DottedKeyCheck(std::string_view text) : text_(text) {}

  bool too_deep() {
    int dots = 0;
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') skip_string(c);
      else if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      else if (c == '.') ++dots;
      else if (c == '\n' || c == '=' || c == ',') dots = 0;
      if (dots > max_toml_depth) return true;
    }
    return false;
  }

 private:
  // Ends on the last quote, or on the newline that breaks off a string of one line.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multi_line = text_.substr(at_, 3) == three;
    for (at_ += multi_line ? 3 : 1; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && quote == '"') ++at_;
      else if (multi_line ? text_.substr(at_, 3) == three : c == quote || c == '\n') break;
    }
    if (!multi_line) return;
    // Up to two more quotes before the last three belong to the string.
    at_ += 2;
    for (int more = 0; more < 2 && at_ + 1 < text_.size() && text_[at_ + 1] == quote; ++more) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string date_text(const toml::date& date) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04u-%02u-%02u", unsigned{date.year}, unsigned{date.month},
                unsigned{date.day});
  return text.data();
}

std::string time_text(const toml::time& time) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%02u:%02u:%02u", unsigned{time.hour}, unsigned{time.minute},
                unsigned{time.second});
  std::string result = text.data();
  if (time.nanosecond == 0) return result;
  std::snprintf(text.data(), text.size(), ".%09u", unsigned{time.nanosecond});
  result += text.data();
  return result.erase(result.find_last_not_of('0') + 1);
}

std::string date_time_text(const toml::date_time& value) {
  std::string text = date_text(value.date) + "T" + time_text(value.time);
  if (!value.offset) return text;
  const int minutes = value.offset->minutes;
  if (minutes == 0) return text + "Z";
  std::array<char, 24> offset{};
  std::snprintf(offset.data(), offset.size(), "%c%02d:%02d", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                std::abs(minutes) % 60);
  return text + offset.data();
}

// Takes the strings out of the library's tree rather than copying them.
Json to_json(toml::node& node, int depth, const std::string& name) {
  if (depth > max_toml_depth && (node.is_table() || node.is_array())) fail_too_deep(name);
  switch (node.type()) {
  case toml::node_type::table: {
    Json object = Json::object();
    for (auto&& [key, value] : *node.as_table()) object[std::string(key.str())] = to_json(value, depth + 1, name);
    return object;
  }
  case toml::node_type::array: {
    Json array = Json::array();
    for (toml::node& element : *node.as_array()) array.push_back(to_json(element, depth + 1, name));
    return array;
  }
  case toml::node_type::string:
    return std::move(node.as_string()->get());
  case toml::node_type::integer:
    return node.as_integer()->get();
  case toml::node_type::floating_point:
    return node.as_floating_point()->get();
  case toml::node_type::boolean:
    return node.as_boolean()->get();
  case toml::node_type::date:
    return date_text(node.as_date()->get());
  case toml::node_type::time:
    return time_text(node.as_time()->get());
  case toml::node_type::date_time:
    return date_time_text(node.as_date_time()->get());
  case toml::node_type::none:
    break;
  }
  GA_BUG("a TOML value of an unknown kind");
}

bool breaks_assumption(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const AssumptionFailed&) {
    return true;
  } catch (const toml::parse_error&) {}
  return false;
}

// The line up to which a text has to be read for an assumption to fail: all longer parts fail alike.
std::size_t line_that_breaks(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    ends.push_back(at + 1);
  const auto found = std::partition_point(ends.begin(), ends.end(),
                                          [&](std::size_t end) { return !breaks_assumption(text.substr(0, end)); });
  return static_cast<std::size_t>(found - ends.begin()) + 1;
}

}  // namespace

void assumption_failed() { throw AssumptionFailed(); }

Json parse_any_toml(std::string_view text, const std::string& name) {
  if (DottedKeyCheck(text).too_deep()) fail_too_deep(name);
  try {
    toml::table table = toml::parse(text);
    return to_json(table, 0, name);
  } catch (const toml::parse_error& error) {
    const toml::source_position& at = error.source().begin;
    fail_at(name, at.line, at.column, error.description());
  } catch (const AssumptionFailed&) {
    fail_at(name, line_that_breaks(text), 1, "this line is no TOML");
  }
}

Json parse_toml(std::string_view text, const std::string& name) {
  if (text.size() > max_size) fail_environment(name + ": larger than " + std::to_string(max_size) + " bytes");
  if (std::optional<Json> canonical = parse_canonical_toml(text)) return std::move(*canonical);
  return parse_any_toml(text, name);
}

namespace {

toml::node* child_of(toml::node& node, const std::string& key) {
  if (toml::table* table = node.as_table()) return table->get(key);
  if (toml::array* array = node.as_array()) return array->get(std::strtoul(key.c_str(), nullptr, 10));
  return nullptr;
}

}  // namespace

int toml_line(std::string_view text, const std::vector<std::string>& path) {
  if (DottedKeyCheck(text).too_deep()) return 0;
  try {
    toml::table root = toml::parse(text);
    toml::node* node = &root;
    int line = 0;
    for (const std::string& key : path) {
      node = child_of(*node, key);
      if (node == nullptr) break;
      if (node->source().begin.line > 0) line = static_cast<int>(node->source().begin.line);
    }
    return line;
  } catch (const toml::parse_error&) {
    return 0;
  } catch (const AssumptionFailed&) {
    return 0;
  }
}

}  // namespace ga
