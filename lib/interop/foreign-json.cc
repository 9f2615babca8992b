#include "interop/foreign-json.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "model/names.hh"
#include "util/error.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

constexpr std::size_t kMaxTitle = 500;
constexpr std::size_t kMaxText = 256 * 1024;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The offset after a JSON string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

// "key": value of an object's member.
Piece split_key(Piece member) {
  if (member.text.empty() || member.text.front() != '"') return member;
  const std::size_t end = end_of_string(member.text, 0);
  const std::size_t colon = member.text.find(':', end);
  if (colon == std::string_view::npos) return member;
  member.key = member.text.substr(1, end >= 2 ? end - 2 : 0);
  std::size_t value = colon + 1;
  while (value < member.text.size() && is_space(member.text[value])) ++value;
  member.line +=
      static_cast<int>(std::count(member.text.begin(), member.text.begin() + static_cast<long>(value), '\n'));
  member.text.remove_prefix(value);
  return member;
}

bool is_conflict_marker(std::string_view line) {
  for (const char* marker : {"<<<<<<<", "=======", ">>>>>>>", "|||||||"})
    if (starts_with(line, marker)) return line.size() == 7 || is_space(line[7]);
  return false;
}

}  // namespace

Json to_json(const Remark& remark) {
  return {{"line", remark.line > 0 ? Json(remark.line) : Json()},
          {"id", string_or_null(remark.id)},
          {"reason", remark.reason}};
}

std::vector<Piece> pieces(const Piece& whole) {
  std::vector<Piece> list;
  std::string_view text = whole.text;
  if (text.empty() || (text.front() != '[' && text.front() != '{')) return list;
  const bool object = text.front() == '{';
  int depth = 0, line = whole.line;
  std::size_t start = std::string_view::npos;
  Piece piece;
  const auto finish = [&](std::size_t end) {
    if (start == std::string_view::npos) return;
    while (end > start && is_space(text[end - 1])) --end;
    piece.text = text.substr(start, end - start);
    list.push_back(object ? split_key(piece) : piece);
    start = std::string_view::npos;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (depth == 1 && start == std::string_view::npos && !is_space(c) && c != ',' && c != ']' && c != '}') {
      start = i;
      piece.line = line;
    }
    if (c == '"') {
      const std::size_t end = end_of_string(text, i);
      line += static_cast<int>(
          std::count(text.begin() + static_cast<long>(i), text.begin() + static_cast<long>(end), '\n'));
      i = end - 1;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (--depth == 0) {
        finish(i);
        return list;
      }
    } else if (c == ',' && depth == 1) {
      finish(i);
    }
  }
  finish(text.size());
  return list;
}

Piece root_of(std::string_view text) {
  text = without_bom(text);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  const auto lines = std::count(text.begin(), text.begin() + static_cast<long>(first), '\n');
  return {text.substr(first), 1 + static_cast<int>(lines), {}};
}

std::optional<Piece> piece(const Piece& object, std::string_view key) {
  if (!starts_with(object.text, "{")) return std::nullopt;
  for (const Piece& member : pieces(object))
    if (member.key == key) return member;
  return std::nullopt;
}

std::string_view without_bom(std::string_view text) {
  if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

std::optional<Json> parse_record(const Piece& piece, Reading& reading) {
  std::string repaired;
  std::string_view text = piece.text;
  if (!is_valid_utf8(text)) {
    repaired = replace_invalid_utf8(text);
    text = repaired;
    reading.warnings.push_back({piece.line, "", "bytes that are no UTF-8 are replaced"});
  }
  try {
    Json json = parse_json(text, "");
    if (json.is_object()) return json;
    reading.skipped.push_back({piece.line, "", "not a JSON object"});
  } catch (const Error& error) {
    std::string why = error.what();
    if (const std::size_t at = why.find(": "); at != std::string::npos) why.erase(0, at + 2);
    reading.skipped.push_back({piece.line, "", "not valid JSON: " + fit(why, 160)});
  }
  return std::nullopt;
}

namespace {

// The lines of JSON lines, without blanks; markers of merge conflicts are remarked on.
std::vector<Piece> lines_of(std::string_view text, Reading& reading) {
  std::vector<Piece> lines;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
    if (line.empty()) continue;
    if (is_conflict_marker(line))
      reading.warnings.push_back({number, "", "a merge conflict's marker: both sides are read"});
    else lines.push_back({line, number, {}});
  }
  return lines;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void each_object(std::string_view text, Reading& reading, void (*read)(Reading&, int, Json)) {
  constexpr std::size_t kWorthAThread = 200;
  const Piece root = root_of(text);
  if (root.text.empty()) {
    reading.readable = true;
    return;
  }
  const bool is_array = root.text.front() == '[';
  const std::vector<Piece> all = is_array ? pieces(root) : lines_of(without_bom(text), reading);
  if (is_array) reading.readable = all.empty() && trim(root.text).back() == ']';
  const auto parts = stretches(all.size(), kWorthAThread);
  std::vector<Reading> readings(parts.size());
  side_by_side(parts, [&](std::size_t n, Stretch part) {
    for (std::size_t i = part.begin; i < part.end; ++i)
      if (auto json = parse_record(all[i], readings[n])) {
        readings[n].readable = true;
        read(readings[n], all[i].line, *std::move(json));
      }
  });
  for (Reading& part : readings) {
    append(reading.records, part.records);
    append(reading.skipped, part.skipped);
    append(reading.warnings, part.warnings);
    reading.readable = reading.readable || part.readable;
  }
}

namespace {

// As many digits as asked for; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

struct Clock {
  int year = -1, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

std::string clock_text(const Clock& c) {
  std::array<char, 80> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                c.second);
  return out.data();
}

// The date's own forms; false when it is none of them.
bool take_date(std::string_view& text, Clock& c) {
  const bool day_first = text.size() >= 8 && (text[2] == '-' || text[2] == '/');
  if (day_first) {
    c.day = take_digits(text, 2);
    take(text, "-/");
    c.month = take_digits(text, 2);
    if (!take(text, "-/")) return false;
    const bool four = text.size() >= 4 && text.find_first_not_of("0123456789") >= 4;
    c.year = four ? take_digits(text, 4) : take_digits(text, 2);
    if (!four && c.year >= 0) c.year += 2000;
  } else {
    c.year = take_digits(text, 4);
    take(text, "-");
    c.month = take_digits(text, 2);
    take(text, "-");
    c.day = take_digits(text, 2);
  }
  return c.year >= 0 && c.month >= 1 && c.day >= 1;
}

// "Z", "+hh:mm", "-hhmm" in seconds; nullopt when it is no offset.
std::optional<int> take_offset(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return std::nullopt;
  const int hours = take_digits(text, 2);
  take(text, ":");
  const int minutes = text.empty() ? 0 : take_digits(text, 2);
  if (hours < 0 || minutes < 0 || !text.empty()) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
  Clock c;
  std::string fraction;
  if (!take_date(text, c)) return std::nullopt;
  if (take(text, "Tt ")) {
    c.hour = take_digits(text, 2);
    take(text, ":");
    c.minute = take_digits(text, 2);
    const bool seconds = take(text, ":") || (text.size() >= 2 && text[0] >= '0' && text[0] <= '9');
    c.second = seconds ? take_digits(text, 2) : 0;
    if (take(text, "."))
      while (!text.empty() && text.front() >= '0' && text.front() <= '9' && fraction.size() < 32) {
        fraction += text.front();
        text.remove_prefix(1);
      }
    if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  const auto offset = take_offset(text);
  if (!offset || c.hour < 0 || c.minute < 0 || c.second < 0) return std::nullopt;
  if (c.second == 60) c.second = 59;  // a leap second
  const Time local = parse_time(clock_text(c));
  if (local < 0) return std::nullopt;
  Moment moment{local - *offset, {}};
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  moment.text = format_time(std::max<Time>(moment.seconds, 0));
  moment.text.pop_back();
  if (!fraction.empty()) moment.text += "." + fraction;
  return moment;
}

void Filler::warn(const std::string& reason) { reading_.warnings.push_back({record_.line, record_.shown, reason}); }

std::string Filler::text(const char* key) { return trim(raw_text(key)); }

std::string Filler::raw_text(const char* key) {
  const auto found = record_.original.find(key);
  if (found == record_.original.end() || found->is_null()) return "";
  if (found->is_string()) return normalize_utf8(found->get_ref<const std::string&>());
  if (found->is_number() || found->is_boolean()) return found->dump();
  warn(std::string("'") + key + "' is no text");
  return "";
}

std::optional<Moment> Filler::moment(const char* key) {
  const auto found = record_.original.find(key);
  if (found == record_.original.end() || found->is_null()) return std::nullopt;
  const std::string text = found->is_string() ? trim(found->get<std::string>()) : "";
  if (found->is_string() && (text.empty() || starts_with(text, "0001-01-01"))) return std::nullopt;
  auto moment = parse_moment(text);
  if (!moment || moment->seconds < 0) {
    warn(std::string("'") + key + "' is no date: " + fit(found->is_string() ? text : canonical(*found), 40));
    return std::nullopt;
  }
  return moment;
}

std::vector<std::string> Filler::texts(const char* key) {
  std::vector<std::string> list;
  const auto found = record_.original.find(key);
  if (found == record_.original.end() || found->is_null()) return list;
  if (found->is_string()) return {normalize_utf8(trim(found->get<std::string>()))};
  bool odd = !found->is_array();
  if (!odd)
    for (const Json& element : *found) {
      if (!element.is_string()) odd = true;
      else if (std::string text = normalize_utf8(trim(element.get<std::string>())); !text.empty()) list.push_back(text);
    }
  if (odd) warn(std::string("'") + key + "' is no list of texts");
  return list;
}

bool Filler::title(const std::string& text) {
  if (text.empty()) {
    reading_.skipped.push_back({record_.line, record_.shown, "it has no title"});
    return false;
  }
  record_.task.title = std::string(utf8_prefix(text, kMaxTitle));
  if (record_.task.title.size() < text.size()) warn("the title is cut at " + std::to_string(kMaxTitle) + " bytes");
  return true;
}

void Filler::skip(const std::string& reason) { reading_.skipped.push_back({record_.line, record_.shown, reason}); }

int Filler::priority_word(const char* key) {
  const std::string word = lower_ascii(text(key));
  constexpr std::array kWords = {"critical", "high", "medium", "low"};
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (word == kWords[i]) return static_cast<int>(i);
  if (!word.empty()) warn("the priority '" + fit(word, 20) + "' is unknown here: 2");
  return 2;
}

void Filler::add_labels(const std::vector<std::string>& labels) {
  auto& list = record_.task.labels;
  for (const std::string& label : labels)
    if (!label.empty() && std::find(list.begin(), list.end(), label) == list.end()) list.push_back(label);
}

void Filler::description(const std::string& raw) {
  const std::string text = raw.find('\r') == std::string::npos ? raw : replace_all(raw, "\r\n", "\n");
  record_.task.description = std::string(utf8_prefix(text, kMaxText));
  if (record_.task.description.size() < text.size()) warn("the description is cut at 256 KiB");
}

void Filler::assignee(std::string name) {
  while (!name.empty() && name.front() == '@') name.erase(0, 1);
  if (model::is_assignee(name)) record_.task.assignee = name;
  else warn("'" + fit(name, 60) + "' is no name that a task can be assigned to");
}

void Filler::note(const Json& object, const char* author, const char* text, const char* time) {
  const std::string words = normalize_utf8(trim(get_string(object, text)));
  const auto when = parse_moment(get_string(object, time));
  if (words.empty()) return warn("a comment without text");
  if (!when || when->seconds < 0) warn("a comment's date is none: " + fit(get_string(object, time), 40));
  record_.task.notes.push_back({when ? std::max<Time>(when->seconds, 0) : 0, normalize_utf8(get_string(object, author)),
                                std::string(utf8_prefix(words, kMaxText))});
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return trim(value.get_ref<const std::string&>());
  return value.is_number() ? value.dump() : "";
}

std::vector<model::Criterion> criteria_of(std::string_view text) {
  std::vector<model::Criterion> list;
  bool in_list = false;
  for (const std::string& line : split_lines(text)) {
    std::string words = trim(line);
    const std::size_t digits = words.find_first_not_of("0123456789");
    const bool numbered = digits > 0 && digits != std::string::npos && digits + 1 < words.size() &&
                          (words[digits] == '.' || words[digits] == ')') && words[digits + 1] == ' ';
    const bool bullet = words.size() > 2 && (words[0] == '-' || words[0] == '*' || words[0] == '+') && words[1] == ' ';
    if (words.empty()) continue;
    if (!bullet && !numbered) {
      // What follows an item belongs to it; before the first, it is a heading of the list.
      if (!list.empty()) list.back().text += (in_list ? " " : "\n") + words;
      else list.push_back({words, false, "", "", ""});
      continue;
    }
    words = trim(words.substr(bullet ? 2 : digits + 2));
    const bool box = words.size() >= 3 && words[0] == '[' && words[2] == ']';
    const bool done = box && (words[1] == 'x' || words[1] == 'X');
    if (box) words = trim(words.substr(3));
    if (words.empty()) continue;
    if (!in_list) list.clear();
    in_list = true;
    list.push_back({words, done, "", "", ""});
  }
  return list;
}

void add_section(std::string& text, const std::string& heading, const std::string& section) {
  if (section.empty()) return;
  if (!text.empty()) text += "\n\n";
  text += "## " + heading + "\n\n" + section;
}

Reading read_records(const std::vector<InputFile>& files, void (*read)(Reading&, int, Json)) {
  Reading reading;
  for (const InputFile& file : files) each_object(file.text, reading, read);
  if (!reading.readable) reading.problem = "it is no JSON array and has no line that is a JSON object";
  return reading;
}

}  // namespace ga::interop
