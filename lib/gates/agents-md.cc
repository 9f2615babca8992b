#include "gates/agents-md.hh"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "util/text.hh"

namespace ga::gates {
namespace {

using Kind = MarkdownLine::Kind;

std::string_view without_blanks(std::string_view text) {
  const std::size_t start = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(start);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// 3 for "### Title", 0 for no heading.
int heading_level(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  if (level == 0 || level > 6) return 0;
  return level == line.size() || line[level] == ' ' || line[level] == '\t' ? static_cast<int>(level) : 0;
}

std::string plain_title(std::string_view line) {
  std::string title;
  for (const char c : line)
    if (c != '#' && c != '*' && c != '`' && c != '_') title += c;
    else if (c == '_') title += '_';
  return trim(title);
}

// "-", "*", "+" or "12." before a blank; its length with the blank, 0 when there is none.
std::size_t bullet_size(std::string_view text) {
  if (text.size() > 1 && std::string_view("-*+").find(text[0]) != text.npos && text[1] == ' ') return 2;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const bool numbered = digits > 0 && digits < 5 && digits + 1 < text.size() &&
                        (text[digits] == '.' || text[digits] == ')') && text[digits + 1] == ' ';
  return numbered ? digits + 2 : 0;
}

/// <!-- BEGIN name -->, <!-- name:start -->, <!-- END name -->, <!-- name:end -->, in any case.
enum class Marker { none, begin, end };
Marker marker_of(std::string_view line) {
  line = without_blanks(line);
  if (!starts_with(line, "<!--") || !ends_with(line, "-->") || line.size() < 7) return Marker::none;
  const std::string inner = lower_ascii(trim(line.substr(4, line.size() - 7)));
  const auto first_is = [&](std::string_view word) {
    return inner == word || starts_with(inner, std::string(word) + " ") || starts_with(inner, std::string(word) + ":");
  };
  const auto last_is = [&](std::string_view word) {
    for (const char* separator : {" ", ":", "-", "_"})
      if (ends_with(inner, separator + std::string(word))) return true;
    return false;
  };
  if (first_is("begin") || first_is("start") || last_is("begin") || last_is("start")) return Marker::begin;
  return first_is("end") || first_is("stop") || last_is("end") || last_is("stop") ? Marker::end : Marker::none;
}

std::string_view cut_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  if (ends_with(line, "\r")) line.remove_suffix(1);
  return line;
}

class Parser {
 public:
  AgentsFile parse(std::string_view text) {
    while (!text.empty()) add(cut_line(text));
    // A block that never ends is its tool's down to the end of the file.
    for (const int line : open_) file_.open_blocks.push_back(line);
    return std::move(file_);
  }

 private:
  void add(std::string_view text) {
    MarkdownLine line{text};
    const std::string_view bare = without_blanks(text);
    const bool was_fence = !fence_.empty();
    line.kind = kind_of(text, bare);
    const Marker marker = was_fence ? Marker::none : marker_of(text);
    const int number = static_cast<int>(file_.lines.size()) + 1;
    if (marker == Marker::begin) open_.push_back(number);
    line.managed = !open_.empty();
    if (marker == Marker::end && !open_.empty()) open_.pop_back();
    if (line.kind == Kind::heading)
      file_.sections.push_back({plain_title(bare), heading_level(bare), number, line.managed});
    line.section = static_cast<int>(file_.sections.size()) - 1;
    file_.lines.push_back(line);
  }

  Kind kind_of(std::string_view text, std::string_view bare) {
    if (!fence_.empty()) {
      if (starts_with(bare, fence_) && bare.find_first_not_of(fence_[0]) == bare.npos) fence_.clear();
      return Kind::code;
    }
    if (comment_) {
      comment_ = bare.find("-->") == bare.npos;
      return Kind::comment;
    }
    if (bare.empty()) return Kind::blank;
    if (starts_with(bare, "```") || starts_with(bare, "~~~")) {
      fence_ = bare.substr(0, std::min(bare.find_first_not_of(bare[0]), bare.size()));
      return Kind::code;
    }
    if (starts_with(bare, "<!--")) {
      comment_ = bare.find("-->") == bare.npos;
      return Kind::comment;
    }
    if (heading_level(text) > 0) return Kind::heading;
    if (bare.front() == '|') return Kind::table;
    return bullet_size(bare) > 0 ? Kind::item : Kind::text;
  }

  AgentsFile file_;
  std::string fence_;
  bool comment_ = false;
  std::vector<int> open_;
};

// Letters and digits of a heading in lower case, words apart by one blank: "3. Code-Style!" is "code style".
std::string words_of(std::string_view text) {
  std::string words;
  for (const char c : lower_ascii(text)) {
    const bool letter = (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) >= 0x80);
    const bool digit = c >= '0' && c <= '9' && !words.empty();
    if (letter || digit) words += c;
    else if (!words.empty() && words.back() != ' ') words += ' ';
  }
  return trim(words);
}

struct Known {
  std::string_view section;
  std::initializer_list<std::string_view> names;
};
// What people call the four sections, the surest names first.
const std::array<Known, 4> kKnown = {{
    {"style",
     {"style", "code style", "coding style", "style guide", "coding standards", "coding conventions",
      "code conventions", "conventions", "implementation conventions", "code style guidelines", "style guidelines",
      "formatting"}},
    {"gotchas",
     {"gotchas", "pitfalls", "common pitfalls", "common mistakes", "caveats", "known issues", "traps",
      "things to watch out for"}},
    {"arch decisions",
     {"arch decisions", "architecture decisions", "architectural decisions", "design decisions", "decisions",
      "architecture decision records", "architecture"}},
    {"test strategy",
     {"test strategy", "testing strategy", "testing", "tests", "testing conventions", "testing guidelines",
      "testing instructions", "test guidelines"}},
}};

const Known* known_section(std::string_view words) {
  const auto found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& each) { return each.section == words; });
  return found == kKnown.end() ? nullptr : &*found;
}

// The section of a name, -1 when there is none: the first by its own name, else by the surest of its others.
int find_section(const AgentsFile& file, std::string_view name) {
  const std::string wanted = words_of(replace_all(std::string(name), "_", " "));
  const auto by_words = [&](std::string_view words) {
    for (std::size_t i = 0; i < file.sections.size(); ++i)
      if (!file.sections[i].managed && words_of(replace_all(file.sections[i].title, "_", " ")) == words)
        return static_cast<int>(i);
    return -1;
  };
  if (wanted.empty()) return -1;
  if (const int found = by_words(wanted); found >= 0) return found;
  if (const Known* known = known_section(wanted))
    for (const std::string_view other : known->names)
      if (const int found = by_words(other); found >= 0) return found;
  return -1;
}

/// Edits keep what is there: lines are put in between, at the beginning of a line of the old text.
class Editor {
 public:
  explicit Editor(std::string_view text) : text_(text), file_(parse_agents_md(text)) {
    const std::size_t newline = text.find('\n');
    end_ = newline != text.npos && newline > 0 && text[newline - 1] == '\r' ? "\r\n" : "\n";
    std::string_view rest = text;
    while (!rest.empty()) {
      starts_.push_back(text.size() - rest.size());
      cut_line(rest);
    }
    starts_.push_back(text.size());
  }

  std::string add(std::string_view section, std::string_view line) {
    while (bullet_size(line) > 0) line = without_blanks(line.substr(bullet_size(line)));
    const int found = find_section(file_, section);
    return found >= 0 ? into_section(found, line) : new_section(section, line);
  }

 private:
  // At the end of what stands directly below the heading, behind the last list of it.
  std::string into_section(int section, std::string_view line) {
    std::size_t last = static_cast<std::size_t>(file_.sections[static_cast<std::size_t>(section)].line) - 1;
    std::optional<std::size_t> last_item;
    for (std::size_t i = last + 1; i < file_.lines.size() && file_.lines[i].section == section; ++i) {
      if (file_.lines[i].kind != Kind::blank) last = i;
      if (file_.lines[i].kind == Kind::item && !file_.lines[i].managed) last_item = i;
    }
    // A block that begins in this section and reaches into others: nothing may stand in it.
    while (last > 0 && file_.lines[last].managed && in_open_block(last)) --last;
    while (last > 0 && file_.lines[last].kind == Kind::blank) --last;
    const bool after_list = last_item && is_list_tail(*last_item, last);
    if (!after_list) return put(last + 1, {"", "- " + std::string(line)});
    return put(last + 1, {bullet_like(file_.lines[*last_item].text) + std::string(line)});
  }

  // Whether a line that is not one of the last lines of its block: the next is managed too and no block ends here.
  bool in_open_block(std::size_t index) const {
    if (!file_.open_blocks.empty() && static_cast<int>(index) + 1 >= file_.open_blocks.front()) return true;
    return marker_of(file_.lines[index].text) != Marker::end && index + 1 < file_.lines.size() &&
           file_.lines[index + 1].managed;
  }

  // From an item to the end only what belongs to it: its own further lines, no paragraph, code or table of another.
  bool is_list_tail(std::size_t item, std::size_t last) const {
    for (std::size_t i = item + 1; i <= last; ++i) {
      const MarkdownLine& line = file_.lines[i];
      if (line.managed || line.kind == Kind::comment || line.kind == Kind::table || line.kind == Kind::code)
        return false;
      const bool indented = starts_with(line.text, " ") || starts_with(line.text, "\t");
      if (line.kind == Kind::text && !indented && file_.lines[i - 1].kind == Kind::blank) return false;
    }
    return true;
  }

  // The bullet of the list's own level: of an item that is indented, the bullet of an item that is not.
  std::string bullet_like(std::string_view item) const {
    const std::string_view bare = without_blanks(item);
    const std::size_t size = bullet_size(bare);
    const bool numbered = bare[0] >= '0' && bare[0] <= '9';
    if (starts_with(item, " ") || starts_with(item, "\t")) return "- ";
    if (!numbered) return std::string(bare.substr(0, size));
    int number = 0;
    for (const char c : bare.substr(0, size - 2)) number = number * 10 + (c - '0');
    return std::to_string(number + 1) + std::string(bare.substr(size - 2, 2));
  }

  std::string new_section(std::string_view section, std::string_view line) {
    std::size_t at = file_.lines.size();
    if (!file_.open_blocks.empty()) at = static_cast<std::size_t>(file_.open_blocks.front()) - 1;
    while (at > 0 && file_.lines[at - 1].kind == Kind::blank) --at;
    // Sections of most files are of the second level, below a title; where there is none, of the first that is used.
    int level = 2;
    for (const MarkdownSection& each : file_.sections)
      if (!each.managed) {
        level = each.level == 1 ? 2 : each.level;
        break;
      }
    std::vector<std::string> lines;
    if (at > 0) lines.emplace_back();
    lines.push_back(std::string(static_cast<std::size_t>(level), '#') + " " + std::string(without_blanks(section)));
    lines.emplace_back();
    lines.push_back("- " + std::string(line));
    return put(at, lines);
  }

  // New lines before the line of this index (from 0); the old text's missing last line end stays missing.
  std::string put(std::size_t index, const std::vector<std::string>& lines) const {
    const std::size_t at = starts_[std::min(index, starts_.size() - 1)];
    std::string block = join(lines, end_);
    const bool at_end = at == text_.size();
    const bool cut = at_end && !text_.empty() && text_.back() != '\n';
    block = cut ? end_ + block : block + end_;
    // Nothing follows a list item directly but another of its list.
    const bool followed = !at_end && index < file_.lines.size() && file_.lines[index].kind != Kind::blank;
    if (followed) block += end_;
    return std::string(text_.substr(0, at)) + block + std::string(text_.substr(at));
  }

  std::string_view text_;
  AgentsFile file_;
  std::string end_;
  std::vector<std::size_t> starts_;  ///< of each line, and the end of the text
};

}  // namespace

AgentsFile parse_agents_md(std::string_view text) { return Parser().parse(text); }

std::string add_line(std::string_view text, std::string_view section, std::string_view line) {
  return Editor(text).add(section, line);
}

}  // namespace ga::gates
