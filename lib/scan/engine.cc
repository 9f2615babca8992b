#include "scan/engine.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <unordered_map>
#include <utility>

#include "scan/decode.hh"
#include "scan/finding.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr std::size_t kFragment = 100'000, kPeek = 25'000;  // gitleaks'
constexpr std::uint64_t kBytesPerBudget = 8u << 20;
constexpr std::size_t kMaxHits = 10'000;  // of one text: more help nobody
constexpr std::array<std::string_view, 2> kAllowComments = {"gitleaks:allow", "betterleaks:allow"};

/// The lines of a fragment, counted as gitleaks does.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      ends_.push_back(at);
  }

  struct Place {
    int line = 0, column = 1, end_line = 0, end_column = 1;  ///< lines from 0, columns from 1, the end included
    std::string_view text;                                   ///< of the lines, with the line end before them
  };

  Place place(Span match) const {
    Place place;
    // A match that begins with a line end belongs to the line behind it.
    const auto first = std::upper_bound(ends_.begin(), ends_.end(), match.begin);
    place.line = static_cast<int>(first - ends_.begin());
    const std::size_t begin = match.begin < text_.size() && text_[match.begin] == '\n' ? match.begin + 1 : match.begin;
    const std::size_t line_begin = first == ends_.begin() ? 0 : *(first - 1) + 1;
    place.column = static_cast<int>(begin - line_begin) + 1;
    const std::size_t last_byte = match.end > match.begin ? match.end - 1 : match.begin;
    const auto last = std::lower_bound(ends_.begin(), ends_.end(), last_byte);
    place.end_line = std::max(place.line, static_cast<int>(last - ends_.begin()));
    const std::size_t end_begin = place.end_line == 0 ? 0 : ends_[static_cast<std::size_t>(place.end_line) - 1] + 1;
    place.end_column = static_cast<int>(last_byte + 1 - std::min(end_begin, last_byte));
    const std::size_t text_begin = first == ends_.begin() ? 0 : *(first - 1);
    const auto behind = std::lower_bound(ends_.begin(), ends_.end(), match.end);
    const std::size_t text_end = behind == ends_.end() ? text_.size() : *behind;
    place.text = text_.substr(text_begin, text_end - text_begin);
    return place;
  }

  std::size_t count() const { return ends_.size(); }

 private:
  std::string_view text_;
  std::vector<std::size_t> ends_;
};

std::string_view without_line_ends(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool any_matches(const std::vector<PatternPtr>& patterns, std::string_view text, Budget& budget) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const PatternPtr& p) { return p->matches(text, budget); });
}

Keywords::Places& kept_places() {
  thread_local Keywords::Places mine;
  return mine;
}

bool is_generic(const Rule& rule) { return lower_ascii(rule.id).find("generic") != std::string::npos; }

}  // namespace

/// One fragment under all rules.
class FragmentScan {
 public:
  FragmentScan(const Scanner& scanner, const Source& source, std::string_view text, int first_line, bool first,
               Budget& budget)
      : scanner_(scanner), source_(source), text_(text), first_line_(first_line), first_(first), budget_(budget) {}

  std::vector<Hit> all() {
    std::string_view current = text_;
    std::string decoded;
    for (int depth = 0;; ++depth) {
      run_rules(current);
      if (depth >= scanner_.options_.decode_depth) break;
      decoded = segments_.decode(current);
      if (segments_.empty()) break;
      buffers_.push_back(std::move(decoded));
      current = buffers_.back();
    }
    return without_generic_doubles(std::move(hits_));
  }

  bool unfinished() const { return unfinished_; }
  const std::vector<std::string>& stuck() const { return stuck_; }

 private:
  void run_rules(std::string_view current) {
    scanner_.keywords_.find(current, scanner_.wanted_, places_);
    std::vector<std::uint32_t> chosen = scanner_.always_;
    for (const std::uint32_t word : places_.found)
      chosen.insert(chosen.end(), scanner_.rules_of_word_[word].begin(), scanner_.rules_of_word_[word].end());
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    for (const std::uint32_t index : chosen) {
      const Rule& rule = scanner_.rules_.rules[index];
      if (rule.skip_report) continue;
      std::vector<Hit> hits = detect(rule, current);
      if (!rule.required.empty() && !hits.empty()) hits = with_required(rule, std::move(hits), current);
      for (Hit& hit : hits) hits_.push_back(std::move(hit));
    }
  }

  std::vector<Hit> detect(const Rule& rule, std::string_view current) {
    std::vector<Hit> hits;
    const auto index = static_cast<std::size_t>(&rule - scanner_.rules_.rules.data());
    const Scanner::Starts& starts = scanner_.starts_[index];
    const auto is_there = [&](std::uint32_t word) { return places_.is_found[word] != 0; };
    if (!starts.words.empty() && std::none_of(starts.words.begin(), starts.words.end(), is_there)) return hits;
    const std::vector<Glob>& files = scanner_.files_[index];
    const auto is_about = [&](const Glob& glob) { return glob.matches(source_.path); };
    if (!files.empty() && std::none_of(files.begin(), files.end(), is_about)) return hits;
    if (path_is_allowed(rule.allowlists)) return hits;
    if (rule.path && !rule.path->matches(source_.path, budget_)) return hits;
    if (!rule.regex) {
      if (rule.path && segments_.empty() && first_) hits.push_back(file_hit(rule));
      return hits;
    }
    if (starts.words.empty()) search_all(rule, current, hits);
    else search_starts(rule, starts, current, hits);
    return hits;
  }

  void search_all(const Rule& rule, std::string_view current, std::vector<Hit>& hits) {
    for (std::size_t from = 0; from <= current.size();) {
      Span match;
      const Search result = rule.regex->find(current, from, budget_, match);
      if (result == Search::none) break;
      if (result == Search::unfinished) return note_stuck(rule);
      from = match.end > match.begin ? match.end : match.end + 1;
      if (auto hit = judge(rule, current, match)) hits.push_back(std::move(*hit));
      if (hits.size() >= kMaxHits) return note_stuck(rule);
    }
  }

  void search_starts(const Rule& rule, const Scanner::Starts& starts, std::string_view current,
                     std::vector<Hit>& hits) {
    std::vector<std::uint32_t> places;
    for (const std::uint32_t word : starts.words)
      places.insert(places.end(), places_.of[word].begin(), places_.of[word].end());
    if (starts.words.size() > 1) std::sort(places.begin(), places.end());
    // `next`: begins before it were tried. `from`: where the match before ends.
    std::size_t from = 0, next = 0;
    for (const std::size_t place : places) {
      if (place < starts.least) continue;
      const std::size_t last = place - starts.least;
      next = std::max(next, place - std::min(place, starts.most));
      while (next <= last) {
        Span match;
        const Search result = rule.regex->find_within(current, next, last, from, budget_, match);
        if (result == Search::unfinished) return note_stuck(rule);
        next = last + 1;
        if (result == Search::none) break;
        next = from = match.end;
        if (auto hit = judge(rule, current, match)) hits.push_back(std::move(*hit));
        if (hits.size() >= kMaxHits) return note_stuck(rule);
      }
    }
  }

  void note_stuck(const Rule& rule) {
    unfinished_ = true;
    if (std::find(stuck_.begin(), stuck_.end(), rule.id) == stuck_.end()) stuck_.push_back(rule.id);
  }

  Hit file_hit(const Rule& rule) const {
    Hit hit;
    hit.rule = &rule;
    hit.tags = rule.tags;
    hit.match = "file detected: " + source_.path;
    hit.finding = {.rule = rule.id,
                   .description = rule.description,
                   .file = source_.path,
                   .commit = source_.commit,
                   .blocks = rule.blocks};
    return hit;
  }

  std::optional<Hit> judge(const Rule& rule, std::string_view current, Span match) {
    Hit hit;
    hit.rule = &rule;
    hit.tags = rule.tags;
    hit.match = without_line_ends(match.of(current));
    std::string_view line;
    Span original = match;
    if (segments_.empty()) {
      original.end = original.begin + hit.match.size();
    } else {
      // What a pass that decoded nothing here finds was found before.
      const auto place = segments_.original(match);
      if (!place) return std::nullopt;
      original = *place;
      for (const std::string& tag : segments_.tags(match)) hit.tags.push_back(tag);
      line = segments_.line(current, match);
    }
    const Lines::Place place = lines().place(original);
    if (segments_.empty()) line = place.text;
    hit.commented = has_allow_comment(place.text);
    if (hit.commented && scanner_.options_.comments == AllowComments::honoured) return std::nullopt;
    hit.secret = hit.match;
    const auto captured = rule.regex->captures(hit.match, budget_);
    if (captured.size() >= 2 && rule.secret_group > 0) {
      hit.secret = captured[static_cast<std::size_t>(rule.secret_group)];
    } else if (captured.size() >= 2) {
      const auto first =
          std::find_if(captured.begin() + 1, captured.end(), [](std::string_view s) { return !s.empty(); });
      if (first != captured.end()) hit.secret = *first;
    }
    hit.entropy = shannon_entropy(hit.secret);
    if (rule.entropy != 0 && hit.entropy <= rule.entropy) return std::nullopt;
    if (is_allowed(hit, line, scanner_.rules_.allowlists) || is_allowed(hit, line, rule.allowlists))
      return std::nullopt;
    fill(hit, place);
    return hit;
  }

  void fill(Hit& hit, const Lines::Place& place) const {
    Finding& finding = hit.finding;
    finding.rule = hit.rule->id;
    finding.description = hit.rule->description;
    finding.file = source_.path;
    finding.commit = source_.commit;
    finding.line = first_line_ + place.line + 1;
    finding.column = place.column;
    finding.end_line = first_line_ + place.end_line + 1;
    finding.end_column = place.end_column;
    finding.redacted = redact(hit.secret);
    finding.blocks = hit.rule->blocks;
  }

  // Matches often share a line, and a line can be the whole text.
  bool has_allow_comment(std::string_view lines) {
    if (lines.data() == commented_lines_.data() && lines.size() == commented_lines_.size()) return commented_;
    commented_lines_ = lines;
    return commented_ = std::any_of(kAllowComments.begin(), kAllowComments.end(), [&](std::string_view comment) {
             return lines.find(comment) != std::string_view::npos;
           });
  }

  // Commits and paths alone; what else an allowlist wants is looked at with each finding.
  bool path_is_allowed(const std::vector<AllowlistPtr>& lists) {
    if (source_.path.empty() && source_.commit.empty()) return false;
    return std::any_of(lists.begin(), lists.end(), [&](const AllowlistPtr& list) {
      if (list->commits.empty() && list->paths.empty()) return false;
      if (list->all && (!list->regexes.empty() || !list->stopwords.empty() || list->max_entropy)) return false;
      const bool commit = commit_is_listed(*list), path = path_is_listed(*list);
      if (!list->all) return commit || path;
      return (list->commits.empty() || commit) && (list->paths.empty() || path);
    });
  }

  bool commit_is_listed(const Allowlist& list) const {
    return !source_.commit.empty() &&
           std::find(list.commits.begin(), list.commits.end(), source_.commit) != list.commits.end();
  }
  bool path_is_listed(const Allowlist& list) {
    return !list.paths.empty() && !source_.path.empty() && any_matches(list.paths, source_.path, budget_);
  }

  bool is_allowed(const Hit& hit, std::string_view line, const std::vector<AllowlistPtr>& lists) {
    return std::any_of(lists.begin(), lists.end(), [&](const AllowlistPtr& list) {
      const std::string_view target = list->target == Allowlist::Target::match  ? std::string_view(hit.match)
                                      : list->target == Allowlist::Target::line ? line
                                                                                : std::string_view(hit.secret);
      const auto commit = [&] { return commit_is_listed(*list); };
      const auto path = [&] { return path_is_listed(*list); };
      const auto regex = [&] { return any_matches(list->regexes, target, budget_); };
      const auto word = [&] { return list->stopwords.any_in(hit.secret); };
      const auto entropy = [&] { return list->max_entropy && hit.entropy <= *list->max_entropy; };
      if (!list->all) return commit() || path() || word() || entropy() || regex();
      return (list->commits.empty() || commit()) && (list->paths.empty() || path()) &&
             (list->stopwords.empty() || word()) && (!list->max_entropy || entropy()) &&
             (list->regexes.empty() || regex());
    });
  }

  // Of the findings those that have one of every required rule near by.
  std::vector<Hit> with_required(const Rule& rule, std::vector<Hit> hits, std::string_view current) {
    std::vector<std::vector<Hit>> others;
    for (const Required& required : rule.required) {
      const Rule* other = scanner_.rules_.find(required.id);
      if (other == nullptr) return {};
      others.push_back(detect(*other, current));
      if (others.back().empty()) return {};
    }
    std::erase_if(hits, [&](const Hit& hit) {
      for (std::size_t i = 0; i < others.size(); ++i) {
        const Required& required = rule.required[i];
        const bool near = std::any_of(others[i].begin(), others[i].end(), [&](const Hit& other) {
          if (required.within_lines && std::abs(hit.finding.line - other.finding.line) > *required.within_lines)
            return false;
          return !required.within_columns ||
                 std::abs(hit.finding.column - other.finding.column) <= *required.within_columns;
        });
        if (!near) return true;
      }
      return false;
    });
    return hits;
  }

  // A generic rule's finding says less than another one on the same line that holds it.
  static std::vector<Hit> without_generic_doubles(std::vector<Hit> hits) {
    std::unordered_map<int, std::vector<const Hit*>> exact;
    for (const Hit& hit : hits)
      if (!is_generic(*hit.rule)) exact[hit.finding.line].push_back(&hit);
    std::vector<char> doubled(hits.size(), 0);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      if (!is_generic(*hits[i].rule)) continue;
      const auto others = exact.find(hits[i].finding.line);
      doubled[i] =
          others != exact.end() && std::any_of(others->second.begin(), others->second.end(), [&](const Hit* other) {
            return other->secret.find(hits[i].secret) != std::string::npos;
          });
    }
    std::vector<Hit> kept;
    for (std::size_t i = 0; i < hits.size(); ++i)
      if (!doubled[i]) kept.push_back(std::move(hits[i]));
    return kept;
  }

  const Lines& lines() {
    if (!lines_) lines_.emplace(text_);
    return *lines_;
  }

  const Scanner& scanner_;
  const Source& source_;
  std::string_view text_;
  const int first_line_;  ///< lines before this fragment
  const bool first_;      ///< of the text
  Budget& budget_;
  std::optional<Lines> lines_;
  Segments segments_;
  std::deque<std::string> buffers_;           ///< what `current` looks into
  Keywords::Places& places_ = kept_places();  ///< of words in the text being searched
  std::string_view commented_lines_;          ///< the last that was looked at, and whether it has an allow comment
  bool commented_ = false;
  std::vector<Hit> hits_;
  std::vector<std::string> stuck_;
  bool unfinished_ = false;
};

namespace {

std::vector<Anchor> anchors_of(const RuleSet& set) {
  std::vector<Anchor> anchors;
  for (const Rule& rule : set.rules) {
    Anchor anchor = rule.regex ? rule.regex->anchor() : Anchor();
    // What stands everywhere is no help: the pattern itself searches faster.
    if (std::any_of(anchor.words.begin(), anchor.words.end(), [](const auto& word) { return word.size() < 3; }))
      anchor = {};
    anchors.push_back(std::move(anchor));
  }
  return anchors;
}

std::vector<std::string> words_of(const RuleSet& set, const std::vector<Anchor>& anchors) {
  std::vector<std::string> words;
  for (const Rule& rule : set.rules) words.insert(words.end(), rule.keywords.begin(), rule.keywords.end());
  for (const Anchor& anchor : anchors) words.insert(words.end(), anchor.words.begin(), anchor.words.end());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

Hit not_scanned(const Source& source, int line, const std::string& why) {
  Hit hit;
  hit.finding = {.rule = kNotScanned,
                 .description = why,
                 .file = source.path,
                 .line = line,
                 .commit = source.commit,
                 .blocks = true};
  return hit;
}

std::string fingerprint_of(const Finding& finding) {
  std::string text = finding.commit.empty() ? "" : finding.commit + ":";
  return text + finding.file + ":" + finding.rule + ":" + std::to_string(finding.line);
}

}  // namespace

Scanner::Scanner(const RuleSet& rules, ScanOptions options) : Scanner(rules, options, anchors_of(rules)) {}

Scanner::Scanner(const RuleSet& rules, ScanOptions options, const std::vector<Anchor>& anchors)
    : Scanner(rules, options, anchors, words_of(rules, anchors)) {}

Scanner::Scanner(const RuleSet& rules, ScanOptions options, const std::vector<Anchor>& anchors,
                 const std::vector<std::string>& words)
    : rules_(rules), options_(options), rules_of_word_(words.size()), wanted_(words.size(), 0), keywords_(words) {
  const auto place = [&](const std::string& word) {
    return static_cast<std::uint32_t>(std::lower_bound(words.begin(), words.end(), word) - words.begin());
  };
  for (std::uint32_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    files_.emplace_back(rule.files.begin(), rule.files.end());
    if (rule.keywords.empty()) always_.push_back(i);
    for (const std::string& word : rule.keywords) rules_of_word_[place(word)].push_back(i);
    Starts starts{{}, anchors[i].least, anchors[i].most};
    for (const std::string& word : anchors[i].words) {
      starts.words.push_back(place(word));
      wanted_[starts.words.back()] = 1;
    }
    std::sort(starts.words.begin(), starts.words.end());
    starts.words.erase(std::unique(starts.words.begin(), starts.words.end()), starts.words.end());
    starts_.push_back(std::move(starts));
  }
}

std::vector<Hit> Scanner::scan(const Source& source, Coverage& coverage) const {
  std::vector<Hit> hits;
  coverage.rules = rules_.rules.size();
  ++coverage.texts;
  if (options_.max_size > 0 && source.text.size() > options_.max_size) {
    ++coverage.unfinished;
    hits.push_back(not_scanned(source, 0,
                               "it has " + std::to_string(source.text.size()) +
                                   " bytes, more than are looked at: it was not scanned"));
    hits.back().finding.fingerprint = fingerprint_of(hits.back().finding);
    return hits;
  }
  Budget budget(options_.seconds * (1.0 + static_cast<double>(source.text.size() / kBytesPerBudget)));
  Budget unlimited(0);
  const bool whole_is_allowed = std::any_of(rules_.allowlists.begin(), rules_.allowlists.end(), [&](const auto& list) {
    if (source.path.empty() && source.commit.empty()) return false;
    if (list->all && (!list->regexes.empty() || !list->stopwords.empty() || list->max_entropy)) return false;
    const bool commit = std::find(list->commits.begin(), list->commits.end(), source.commit) != list->commits.end();
    const bool path = !source.path.empty() && any_matches(list->paths, source.path, unlimited);
    if (!list->all) return commit || path;
    if (list->commits.empty() && list->paths.empty()) return false;
    return (list->commits.empty() || commit) && (list->paths.empty() || path);
  });
  if (whole_is_allowed) {
    ++coverage.passed_over;
    return hits;
  }
  const bool binary = is_binary_format(source.text);
  coverage.binary += binary;
  std::string_view rest = binary ? std::string_view() : source.text;
  coverage.bytes += rest.size();
  int line = 0;
  bool first = true;
  do {
    const std::string_view text = rest.substr(0, fragment_length(rest));
    rest.remove_prefix(text.size());
    FragmentScan fragment(*this, source, text, line, std::exchange(first, false), budget);
    for (Hit& hit : fragment.all()) hits.push_back(std::move(hit));
    if (fragment.unfinished()) {
      ++coverage.unfinished;
      hits.push_back(
          not_scanned(source, line + 1,
                      "not scanned whole: it takes too long, or finds too much, for " + join(fragment.stuck(), ", ")));
      break;
    }
    if (!rest.empty()) line += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  } while (!rest.empty());
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return std::pair(a.finding.line, a.finding.column) < std::pair(b.finding.line, b.finding.column);
  });
  for (Hit& hit : hits) {
    hit.finding.fingerprint = fingerprint_of(hit.finding);
    if (hit.commented) hit.finding.description += " (the allow comment on this line is not approved)";
  }
  return hits;
}

Coverage& Coverage::operator+=(const Coverage& other) {
  texts += other.texts;
  bytes += other.bytes;
  passed_over += other.passed_over;
  binary += other.binary;
  unfinished += other.unfinished;
  rules = std::max(rules, other.rules);
  return *this;
}

namespace {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  if (bytes < 1'000'000) return std::to_string((bytes + 500) / 1000) + " KB";
  const std::uint64_t tenths = (bytes + 50'000) / 100'000;
  return std::to_string(tenths / 10) + (tenths < 1000 ? "." + std::to_string(tenths % 10) : "") + " MB";
}

}  // namespace

std::string coverage_line(const Coverage& coverage, const std::string& what) {
  std::string line = std::to_string(coverage.texts) + " " + what + (coverage.texts == 1 ? "" : "s") + ", " +
                     size_text(coverage.bytes) + ", " + std::to_string(coverage.rules) +
                     (coverage.rules == 1 ? " rule" : " rules");
  if (coverage.passed_over) line += ", " + std::to_string(coverage.passed_over) + " let pass by path";
  if (coverage.binary) line += ", " + std::to_string(coverage.binary) + " binary looked at by name only";
  if (coverage.unfinished) line += ", " + std::to_string(coverage.unfinished) + " not scanned whole";
  if (!has_jit()) line += ", slowly (patterns are interpreted: this system lets no program make machine code)";
  return line;
}

double shannon_entropy(std::string_view text) {
  if (text.empty()) return 0;
  std::unordered_map<std::uint32_t, int> wide;
  std::array<int, 128> narrow{};
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      ++narrow[c];
      ++i;
      continue;
    }
    const std::size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c >= 0xC2 && c <= 0xF4 && i + length <= text.size() && is_valid_utf8(text.substr(i, length))) {
      std::uint32_t key = 0;
      for (std::size_t k = 0; k < length; ++k) key = key << 8 | static_cast<unsigned char>(text[i + k]);
      ++wide[key];
      i += length;
    } else {
      ++wide[0];  // Go takes each such byte for U+FFFD
      ++i;
    }
  }
  double entropy = 0;
  const double scale = 1.0 / static_cast<double>(text.size());
  const auto add = [&](int count) {
    if (count > 0) entropy -= count * scale * std::log2(count * scale);
  };
  for (const int count : narrow) add(count);
  for (const auto& [character, count] : wide) add(count);
  return entropy;
}

bool is_binary_format(std::string_view text) {
  using namespace std::string_view_literals;
  // Nothing that a compiler or interpreter reads as source begins so.
  static constexpr std::array kBegins = {"\x7F"
                                         "ELF"sv,
                                         "PK\x03\x04"sv,
                                         "PK\x05\x06"sv,
                                         "\x1F\x8B\x08"sv,
                                         "BZh9"sv,
                                         "\xFD"
                                         "7zXZ\x00"sv,
                                         "\x28\xB5\x2F\xFD"sv,
                                         "7z\xBC\xAF\x27\x1C"sv,
                                         "Rar!\x1A\x07"sv,
                                         "\xCA\xFE\xBA\xBE"sv,
                                         "\x00"
                                         "asm\x01"sv,
                                         "SQLite format 3\x00"sv,
                                         "\xCF\xFA\xED\xFE"sv,
                                         "\xFE\xED\xFA"sv,
                                         "!<arch>\n"sv,
                                         "\x89PNG\r\n\x1A\n"sv,
                                         "\xFF\xD8\xFF"sv,
                                         "GIF87a"sv,
                                         "GIF89a"sv,
                                         "wOFF"sv,
                                         "wOF2"sv,
                                         "\x00\x01\x00\x00\x00"sv,
                                         "PACK\x00\x00\x00\x02"sv,
                                         "%PDF-"sv,
                                         "\xD0\xCF\x11\xE0"sv};
  const bool begins =
      std::any_of(kBegins.begin(), kBegins.end(), [&](std::string_view magic) { return text.starts_with(magic); });
  // Such a beginning alone is no reason: the rest could be a text all the same.
  return begins && text.substr(0, 8000).find('\0') != std::string_view::npos;
}

std::size_t fragment_length(std::string_view text) {
  if (text.size() <= kFragment) return text.size();
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  int line_ends = 0;
  for (std::size_t i = kFragment; i-- > 0;) {
    if (text[i] == '\n' && ++line_ends >= 2) return kFragment;
    if (text[i] != '\n' && !is_blank(text[i])) break;
  }
  line_ends = 0;
  for (std::size_t length = kFragment; length < text.size(); ++length) {
    const char last = text[length - 1];
    if (last == '\n') {
      if (++line_ends >= 2) return length;
    } else if (!is_blank(last)) {
      line_ends = 0;
    }
    if (length - kFragment >= kPeek) return length;
  }
  return text.size();
}

}  // namespace ga::scan
