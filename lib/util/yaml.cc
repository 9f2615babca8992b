#include "util/yaml.hh"

#include <yaml.h>

#include <algorithm>

#include "util/error.hh"
#include "util/text.hh"

namespace ga {
namespace {

constexpr std::size_t kMaxText = 1 << 20;
constexpr int kMaxDepth = 32;

// libyaml gives events; the parser and each event must be given back to it.
class Events {
 public:
  Events(std::string_view text, const std::string& name) : name_(name) {
    if (yaml_parser_initialize(&parser_) == 0) GA_BUG("no memory for a YAML parser");
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  /// The next one, which is there until the one after it.
  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    event_ = {};
    if (yaml_parser_parse(&parser_, &event_) != 0) return event_;
    event_.start_mark = parser_.problem_mark;
    fail(parser_.problem != nullptr ? parser_.problem : "not valid YAML");
  }
  [[noreturn]] void fail(const std::string& what) const {
    fail_environment(name_ + ":" + std::to_string(event_.start_mark.line + 1) + ":" +
                     std::to_string(event_.start_mark.column + 1) + ": " + sanitize_line(what));
  }

 private:
  const std::string& name_;
  yaml_parser_t parser_ = {};
  yaml_event_t event_ = {};
};

Json scalar(const yaml_event_t& event) {
  const auto& data = event.data.scalar;
  std::string text(reinterpret_cast<const char*>(data.value), data.length);
  if (data.style != YAML_PLAIN_SCALAR_STYLE) return text;
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  const std::string_view digits = std::string_view(text).substr(text.front() == '-' ? 1 : 0);
  const bool whole = !digits.empty() && digits.size() <= 15 && digits.find_first_not_of("0123456789") == digits.npos &&
                     (digits.front() != '0' || text == "0");
  if (whole) return std::stoll(text);
  return text;
}

Json value(Events& events, const yaml_event_t& event, int depth) {
  if (depth > kMaxDepth) events.fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
  switch (event.type) {
  case YAML_SCALAR_EVENT:
    return scalar(event);
  case YAML_SEQUENCE_START_EVENT: {
    Json list = Json::array();
    for (const yaml_event_t* each = &events.next(); each->type != YAML_SEQUENCE_END_EVENT; each = &events.next())
      list.push_back(value(events, *each, depth + 1));
    return list;
  }
  case YAML_MAPPING_START_EVENT: {
    Json map = Json::object();
    for (const yaml_event_t* each = &events.next(); each->type != YAML_MAPPING_END_EVENT; each = &events.next()) {
      if (each->type != YAML_SCALAR_EVENT) events.fail("a key that is no scalar");
      const std::string key(reinterpret_cast<const char*>(each->data.scalar.value), each->data.scalar.length);
      map[key] = value(events, events.next(), depth + 1);
    }
    return map;
  }
  default:
    events.fail("an alias, which is not followed");
  }
}

}  // namespace

Json parse_yaml(std::string_view text, const std::string& name) {
  if (text.size() > kMaxText) fail_environment(name + ": larger than 1 MiB");
  Events events(text, name);
  for (;;) {
    const yaml_event_t& event = events.next();
    if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT) continue;
    if (event.type == YAML_STREAM_END_EVENT) return nullptr;
    return value(events, event, 0);
  }
}

}  // namespace ga
