#include "scan/content.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr std::size_t kMaxFindings = 100;  // of one file: more say nothing more

// ---- Characters -----------------------------------------------------------------------------------------------------

struct Range {
  char32_t first, last;
};
template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& each) { return c >= each.first && c <= each.last; });
}

constexpr std::array<Range, 4> kBidi = {{{0x202a, 0x202e}, {0x2066, 0x2069}, {0x200e, 0x200f}, {0x061c, 0x061c}}};
// Joiners, zero-width blanks, invisible operators, a mark of byte order that is not at the start, deprecated formatting.
constexpr std::array<Range, 5> kZeroWidth = {
    {{0x200b, 0x200d}, {0x2060, 0x2064}, {0x206a, 0x206f}, {0x180b, 0x180f}, {0xfeff, 0xfeff}}};
// Letters that are drawn as nothing, the soft hyphen, the joiner of graphemes.
constexpr std::array<Range, 6> kFillers = {
    {{0x115f, 0x1160}, {0x3164, 0x3164}, {0xffa0, 0xffa0}, {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0xfff9, 0xfffb}}};
constexpr std::array<Range, 1> kVariation = {{{0xfe00, 0xfe0f}}};
// They carry hidden text: 128 tags, 240 further selectors.
constexpr std::array<Range, 2> kSmuggling = {{{0xe0000, 0xe007f}, {0xe0100, 0xe01ef}}};
constexpr std::array<Range, 1> kTags = {{{0xe0020, 0xe007f}}};

// What a selector or a joiner may follow: symbols, pictographs, flags, keycaps, skin tones.
constexpr std::array<Range, 12> kEmoji = {{{0x00a9, 0x00a9},
                                           {0x00ae, 0x00ae},
                                           {0x203c, 0x203c},
                                           {0x2049, 0x2049},
                                           {0x20e3, 0x20e3},
                                           {0x2100, 0x2bff},
                                           {0x3030, 0x303d},
                                           {0x3297, 0x3299},
                                           {0x1f000, 0x1faff},
                                           {U'0', U'9'},
                                           {U'#', U'#'},
                                           {U'*', U'*'}}};
// Scripts that are written with joiners: Arabic, Syriac, the Indic ones, Tibetan, Burmese, Khmer, Mongolian.
constexpr std::array<Range, 5> kJoining = {
    {{0x0600, 0x08ff}, {0x0900, 0x0fff}, {0x1000, 0x109f}, {0x1780, 0x18af}, {0xfb50, 0xfdff}}};
constexpr std::array<Range, 3> kHan = {{{0x3400, 0x9fff}, {0xf900, 0xfaff}, {0x20000, 0x3ffff}}};

/// One character of a line; `size` 1 and value 0xfffd for a byte that is no UTF-8.
struct Character {
  char32_t value = 0;
  std::size_t at = 0, size = 1;
};

Character decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return {lead, at, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (size == 0 || lead > 0xf4) return {0xfffd, at, 1};
  char32_t value = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {0xfffd, at, 1};
    value = value << 6 | (byte(at + i) & 0x3f);
  }
  return {value, at, size};
}

std::vector<Character> decode_all(std::string_view text) {
  std::vector<Character> all;
  for (std::size_t at = 0; at < text.size(); at += all.back().size) all.push_back(decode(text, at));
  return all;
}

std::string code_point(char32_t value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string digits;
  for (; value != 0 || digits.size() < 4; value >>= 4) digits.insert(digits.begin(), kDigits[value & 15]);
  return "U+" + digits;
}

/// What a character is taken for, in its place.
struct Oddity {
  const char* rule;
  const char* what;
  bool always = false;  ///< blocks in prose too
};

// England, Scotland, Wales: a black flag, tags, and the tag that ends them.
bool is_flag(const std::vector<Character>& line, std::size_t i) {
  while (i > 0 && in(kTags, line[i].value)) --i;
  if (line[i].value != 0x1f3f4) return false;
  std::size_t end = i + 1;
  while (end < line.size() && in(kTags, line[end].value) && line[end].value != 0xe007f) ++end;
  return end < line.size() && line[end].value == 0xe007f && end - i <= 7;
}

std::optional<Oddity> oddity_of(const std::vector<Character>& line, std::size_t i) {
  const char32_t c = line[i].value;
  const char32_t before = i > 0 ? line[i - 1].value : 0, after = i + 1 < line.size() ? line[i + 1].value : 0;
  if (c < 0xa0) return std::nullopt;
  if (in(kBidi, c)) return Oddity{"bidi-control", "changes the direction of what is shown"};
  if (in(kSmuggling, c)) {
    if (in(kTags, c) && is_flag(line, i)) return std::nullopt;
    if (c >= 0xe0100 && in(kHan, before)) return Oddity{"invisible-character", "selects a glyph"};
    return Oddity{"invisible-character", "shows nothing and can carry hidden text", true};
  }
  if (in(kVariation, c)) {
    if (c >= 0xfe0e && in(kEmoji, before)) return std::nullopt;
    return Oddity{"invisible-character", "shows nothing here", in(kVariation, before)};
  }
  if (in(kZeroWidth, c)) {
    const bool between_emoji = c == 0x200d && (in(kEmoji, before) || before == 0xfe0f) && in(kEmoji, after);
    const bool in_script = (c == 0x200c || c == 0x200d) && in(kJoining, before);
    if (between_emoji || in_script) return std::nullopt;
    return Oddity{"invisible-character", "shows nothing"};
  }
  if (in(kFillers, c)) return Oddity{"invisible-character", "is drawn as nothing"};
  return std::nullopt;
}

// ---- Identifiers of several scripts ---------------------------------------------------------------------------------

enum class Script { none, latin, cyrillic, greek, armenian, cherokee };

constexpr std::array<Range, 9> kLatin = {{{U'A', U'Z'},
                                          {U'a', U'z'},
                                          {0x00c0, 0x00d6},
                                          {0x00d8, 0x00f6},
                                          {0x00f8, 0x024f},
                                          {0x1e00, 0x1eff},
                                          {0x2c60, 0x2c7f},
                                          {0xa720, 0xa7ff},
                                          {0xff21, 0xff5a}}};
constexpr std::array<Range, 4> kCyrillic = {{{0x0400, 0x052f}, {0x1c80, 0x1c8f}, {0x2de0, 0x2dff}, {0xa640, 0xa69f}}};
// Of Greek only what looks like Latin: Delta-t and lambda-x are names that people give on purpose.
constexpr std::array<Range, 10> kGreekTwins = {{{0x0391, 0x0392},
                                                {0x0395, 0x0397},
                                                {0x0399, 0x039a},
                                                {0x039c, 0x039d},
                                                {0x039f, 0x039f},
                                                {0x03a1, 0x03a1},
                                                {0x03a4, 0x03a5},
                                                {0x03a7, 0x03a7},
                                                {0x03bf, 0x03bf},
                                                {0x03f2, 0x03f3}}};
constexpr std::array<Range, 1> kArmenian = {{{0x0531, 0x0587}}};
constexpr std::array<Range, 2> kCherokee = {{{0x13a0, 0x13ff}, {0xab70, 0xabbf}}};

Script script_of(char32_t c) {
  if (in(kLatin, c)) return Script::latin;
  if (c < 0x370) return Script::none;
  if (in(kCyrillic, c)) return Script::cyrillic;
  if (in(kGreekTwins, c)) return Script::greek;
  if (in(kArmenian, c)) return Script::armenian;
  return in(kCherokee, c) ? Script::cherokee : Script::none;
}

bool is_word(char32_t c) {
  return (c >= U'0' && c <= U'9') || c == U'_' || (c >= 0x370 && c < 0x2000) || script_of(c) != Script::none;
}

// ---- A file's lines -------------------------------------------------------------------------------------------------

/// Which lines of the new text stand oftener than in the old one.
class AddedLines {
 public:
  AddedLines(std::string_view before, bool existed) : all_(!existed) {
    for (std::string_view rest = before; !rest.empty();) ++seen_[take_line(rest)];
  }
  bool is_added(std::string_view line) {
    if (all_) return true;
    const auto found = seen_.find(line);
    if (found == seen_.end() || found->second == 0) return true;
    --found->second;
    return false;
  }
  static std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return ends_with(line, "\r") ? line.substr(0, line.size() - 1) : line;
  }

 private:
  bool all_;
  std::unordered_map<std::string_view, int> seen_;
};

bool is_plain(std::string_view line) {
  return std::none_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

class Check {
 public:
  Check(std::string_view path, TextClass text) : path_(path), text_(text) {}

  void line(std::string_view line, int number, bool added) {
    conflict(line, number, added);
    fence(line);
    if (!added || is_plain(line)) return;
    const std::vector<Character> characters = decode_all(line);
    oddities(characters, number);
    if (text_ != TextClass::prose) mixed_scripts(line, characters, number);
  }

  std::vector<Finding> take() { return std::move(findings_); }

  void add(const char* rule, std::string description, int line, std::size_t column, std::size_t size, bool blocks) {
    if (findings_.size() >= kMaxFindings) return;
    Finding finding;
    finding.rule = rule;
    finding.description = std::move(description);
    finding.file = path_;
    finding.line = line;
    if (line > 0) {
      finding.end_line = line;
      finding.column = static_cast<int>(column);
      finding.end_column = static_cast<int>(column + std::max<std::size_t>(size, 1) - 1);
    }
    finding.fingerprint = finding.file + ":" + rule + ":" + std::to_string(line);
    finding.blocks = blocks;
    findings_.push_back(std::move(finding));
  }

 private:
  // One finding for a run of the same kind: hidden text is hundreds of characters.
  void oddities(const std::vector<Character>& line, int number) {
    for (std::size_t i = 0; i < line.size();) {
      const auto odd = oddity_of(line, i);
      const bool order_mark = number == 1 && i == 0 && line[0].value == 0xfeff;
      if (!odd || order_mark) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      bool always = odd->always;
      for (; end < line.size(); ++end) {
        const auto next = oddity_of(line, end);
        if (!next || std::string_view(next->rule) != odd->rule) break;
        always = always || next->always;
      }
      const std::size_t size = line[end - 1].at + line[end - 1].size - line[i].at;
      std::string what = code_point(line[i].value) + " " + odd->what;
      if (end - i > 1) what += ", " + std::to_string(end - i) + " such characters";
      add(odd->rule, std::move(what), number, line[i].at + 1, size, always || text_ != TextClass::prose);
      i = end;
    }
  }

  void mixed_scripts(std::string_view text, const std::vector<Character>& line, int number) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!is_word(line[i].value)) continue;
      Script first = Script::none, other = Script::none;
      const std::size_t start = i;
      for (; i < line.size() && is_word(line[i].value); ++i) {
        const Script script = script_of(line[i].value);
        if (script == Script::none) continue;
        if (first == Script::none) first = script;
        if (script != first) other = script;
      }
      if (other == Script::none) continue;
      const std::size_t from = line[start].at, size = (i < line.size() ? line[i].at : text.size()) - from;
      add("mixed-script-identifier",
          "'" + std::string(utf8_prefix(text.substr(from, size), 60)) +
              "' has letters of several scripts that look alike",
          number, from + 1, size, false);
    }
  }

  // All three kinds in their order: a line of '=' alone underlines a heading.
  void conflict(std::string_view line, int number, bool added) {
    if (is_marker(line, '<')) {
      begin_ = {number, added, in_fence_};
      middle_ = false;
    } else if (begin_.line > 0 && line == "=======") {
      middle_ = true;
      begin_.added = begin_.added || added;
    } else if (middle_ && is_marker(line, '>')) {
      if (begin_.added || added)
        add("conflict-marker", "a conflict that is not resolved, down to line " + std::to_string(number), begin_.line,
            1, 7, text_ != TextClass::prose || !begin_.fenced);
      begin_ = {};
      middle_ = false;
    }
  }
  static bool is_marker(std::string_view line, char mark) {
    constexpr std::size_t kLength = 7;
    return line.size() >= kLength && line.find_first_not_of(mark) >= kLength &&
           line.substr(0, kLength).find_first_not_of(mark) == line.npos &&
           (line.size() == kLength || line[kLength] == ' ');
  }
  // Documents show conflicts as examples, in blocks of code.
  void fence(std::string_view line) {
    const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
    if (starts_with(line.substr(start), "```") || starts_with(line.substr(start), "~~~")) in_fence_ = !in_fence_;
  }

  struct Begin {
    int line = 0;
    bool added = false, fenced = false;
  };

  std::string_view path_;
  TextClass text_;
  std::vector<Finding> findings_;
  Begin begin_;
  bool middle_ = false, in_fence_ = false;
};

std::string size_text(std::int64_t bytes) {
  constexpr std::int64_t kKilo = 1024, kMega = kKilo * kKilo;
  if (bytes >= 10 * kMega) return std::to_string(bytes / kMega) + " MB";
  if (bytes >= kMega) return std::to_string(bytes / kMega) + "." + std::to_string(bytes % kMega * 10 / kMega) + " MB";
  return bytes >= kKilo ? std::to_string(bytes / kKilo) + " KB" : std::to_string(bytes) + " bytes";
}

void check_size(const ContentChange& change, const ContentLimits& limits, Check& check) {
  const auto before = static_cast<std::int64_t>(change.before.size());
  const auto after = static_cast<std::int64_t>(change.after.size());
  if (limits.max_bytes <= 0 || after <= limits.max_bytes) return;
  check.add("oversized-file",
            size_text(after) + ", more than the " + size_text(limits.max_bytes) +
                " that a file may have: in the history it stays for good",
            0, 0, 0, before <= limits.max_bytes);
}

std::string_view extension(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

bool is_one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_binary(std::string_view bytes) {
  constexpr std::size_t kLookedAt = 8000;
  return bytes.substr(0, kLookedAt).find('\0') != std::string_view::npos;
}

bool is_media(std::string_view path) {
  return is_one_of(lower_ascii(extension(path)),
                   {"png",  "jpg",  "jpeg", "gif",  "webp",  "avif", "ico",  "icns", "bmp", "tif",
                    "tiff", "svgz", "psd",  "woff", "woff2", "ttf",  "otf",  "eot",  "pdf", "mp3",
                    "mp4",  "ogg",  "oga",  "ogv",  "wav",   "flac", "webm", "mov",  "m4a", "docx",
                    "xlsx", "pptx", "odt",  "ods",  "odp",   "epub", "glb",  "hdr",  "ktx", "mo"});
}

TextClass text_class(std::string_view path) {
  const std::string low = lower_ascii(path);
  if (is_one_of(std::string(extension(low)),
                {"md",  "markdown", "txt", "rst",     "adoc",        "asciidoc", "org", "tex", "po",  "pot",
                 "xlf", "xliff",    "arb", "strings", "stringsdict", "ftl",      "srt", "vtt", "csv", "tsv"}))
    return TextClass::prose;
  const std::vector<std::string> parts = split(low, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (is_one_of(parts[i], {"locale", "locales", "i18n", "l10n", "lang", "langs", "translations", "translation"}) ||
        ends_with(parts[i], ".lproj") || starts_with(parts[i], "values-"))
      return TextClass::prose;
  return TextClass::code;
}

std::vector<Finding> check_content(const ContentChange& change, const ContentLimits& limits) {
  Check check(change.path, change.text);
  check_size(change, limits, check);
  if (is_binary(change.after)) {
    const bool was = change.existed && is_binary(change.before);
    if (limits.binary != Binaries::allow && !was && !is_media(change.path))
      check.add("binary-file", "a binary file of " + size_text(static_cast<std::int64_t>(change.after.size())), 0, 0, 0,
                limits.binary == Binaries::refuse);
    return check.take();
  }
  AddedLines lines(change.before, change.existed && !is_binary(change.before));
  int number = 0;
  for (std::string_view rest = change.after; !rest.empty();) {
    const std::string_view line = AddedLines::take_line(rest);
    check.line(line, ++number, lines.is_added(line));
  }
  return check.take();
}

std::vector<Finding> invisible_characters(std::string_view path, std::string_view text, TextClass text_class) {
  ContentChange change{path, "", text, false, false, text_class};
  std::vector<Finding> findings = check_content(change, {0, Binaries::allow});
  std::erase_if(findings,
                [](const Finding& each) { return each.rule != "bidi-control" && each.rule != "invisible-character"; });
  return findings;
}

}  // namespace ga::scan
