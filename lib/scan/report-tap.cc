// The Test Anything Protocol, versions 13 and 14, as a program writes it or as `prove -v` passes it on.
//
// A plan that is missing or not fulfilled is a failure: a test program that dies in the middle looks the same up to there.
// Indented lines are a subtest of the test point that follows them; they count in its place where they have a plan.
#include <algorithm>
#include <utility>
#include <vector>

#include "scan/report-parts.hh"
#include "util/text.hh"

namespace ga::scan::detail {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxNesting = 16;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// "ok 3 - name # SKIP why"
struct Point {
  bool ok = false, skip = false, todo = false;
  int number = 0;  ///< 0: none given
  std::string name;
};

// Where a directive begins: an unescaped '#' after a blank, followed by SKIP or TODO in any case.
std::size_t directive_at(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    if (at > 0 && !is_blank(text[at - 1])) continue;
    const std::string_view rest = trimmed(text.substr(at + 1));
    if (lower_ascii(rest.substr(0, word.size())) == word) return at;
  }
  return std::string_view::npos;
}

std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '#' || text[i + 1] == '\\')) ++i;
    out += text[i];
  }
  return out;
}

// Takes a word off the front when it stands there alone.
bool take(std::string_view& text, std::string_view word) {
  if (!starts_with(text, word)) return false;
  if (text.size() > word.size() && !is_blank(text[word.size()])) return false;
  text = trimmed(text.substr(word.size()));
  return true;
}

std::optional<Point> point_of(std::string_view line) {
  Point point;
  if (take(line, "ok")) point.ok = true;
  else if (!take(line, "not") || !take(line, "ok")) return std::nullopt;
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  if (digits > 0 && (digits == line.size() || is_blank(line[digits]))) {
    point.number = number_of(line.substr(0, digits));
    line = trimmed(line.substr(digits));
  }
  take(line, "-");
  const std::size_t skip = directive_at(line, "skip"), todo = directive_at(line, "todo");
  point.skip = skip != std::string_view::npos;
  point.todo = todo != std::string_view::npos;
  line = trimmed(line.substr(0, std::min(skip, todo)));
  if (ends_with(line, "{")) line = trimmed(line.substr(0, line.size() - 1));  // a subtest in braces
  point.name = without_escapes(line);
  return point;
}

/// One document: the program's own lines, or those of a subtest.
struct Document {
  std::size_t indent = 0;
  int points = 0, plan = -1;
  bool plan_skips = false, plan_first = false, plan_last = false;
  std::vector<bool> seen;
  Report counts;
};

class Tap {
 public:
  explicit Tap(std::string_view root) : root_(root) { open_.emplace_back(); }

  void line(std::string_view raw) {
    raw = raw.substr(0, std::min(raw.size(), kMaxLine));
    const std::size_t indent = std::min(raw.find_first_not_of(' '), raw.size());
    const std::string_view text = trimmed(raw);
    if (in_block_) return block_line(text);
    if (text.empty()) return;
    if (text == "---" && after_point_) return begin_block();
    after_point_ = false;
    if (text.front() == '#') return comment(text);
    if (starts_with(text, "Bail out!")) return problem(std::string(text));
    if (indent == 0 && starts_with(text, "TAP version")) return new_document(false);
    if (indent == 0 && is_prove_header(text)) return new_document(true);
    if (prove_ && indent == 0 && prove_line(text)) return;
    if (plan(indent, text)) return;
    if (const auto point = point_of(text)) test_point(indent, *point);
  }

  Report finish() {
    in_block_ = false;
    close_document();
    if (report_.executed + report_.skipped + report_.failed == 0 && !skipped_all_)
      set_problem(report_, "there is no test in it");
    return std::move(report_);
  }

 private:
  void problem(const std::string& what) { set_problem(report_, what); }

  // "t/a.t .. " and what the harness says after a file, which is no test point ("ok" alone).
  static bool is_prove_header(std::string_view text) {
    const std::size_t dots = text.find(" ..");
    return dots != std::string_view::npos && dots > 0 &&
           trimmed(text.substr(dots)).find_first_not_of('.') == text.npos &&
           text.substr(0, dots).find(' ') == std::string_view::npos;
  }
  bool prove_line(std::string_view text) {
    if (text == "Result: FAIL" || starts_with(text, "Dubious,")) problem("the harness says: " + std::string(text));
    return text == "ok" || starts_with(text, "All tests successful") || starts_with(text, "Files=") ||
           starts_with(text, "Result: ");
  }

  void new_document(bool by_prove) {
    if (by_prove || open_.front().points > 0 || open_.front().plan >= 0) close_document();
    prove_ = prove_ || by_prove;
  }

  void close_document() {
    while (open_.size() > 1) drop_subtest();
    Document& document = open_.front();
    const bool used = document.points > 0 || document.plan >= 0;
    if (used) check_plan(document, "");
    merge(document.counts);
    skipped_all_ = skipped_all_ || (document.plan == 0 && document.plan_skips);
    if (document.plan == 0 && document.plan_skips) ++report_.skipped;
    open_.assign(1, {});
    last_ = false;
  }

  void merge(Report& counts) {
    report_.executed += counts.executed;
    report_.skipped += counts.skipped;
    report_.failed += counts.failed;
    for (Finding& finding : counts.findings) add(report_, std::move(finding));
    report_.dropped += counts.dropped;
  }

  void check_plan(const Document& document, const std::string& where) {
    if (document.plan < 0) return problem("there is no plan" + where + ": it may have ended early");
    if (document.points != document.plan)
      problem(std::to_string(document.plan) + " tests were planned" + where + " and " +
              std::to_string(document.points) + " ran");
  }

  // An indented document without a test point after it: what a test printed, or one that was cut off.
  void drop_subtest() {
    Document& document = open_.back();
    if (document.plan >= 0 && document.points != document.plan) check_plan(document, " in a subtest");
    open_.pop_back();
  }

  bool plan(std::size_t indent, std::string_view text) {
    if (!starts_with(text, "1..")) return false;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789", 3), text.size()) - 3;
    const std::string_view rest = trimmed(text.substr(3 + digits));
    if (digits == 0 || (!rest.empty() && rest.front() != '#')) return false;
    Document& document = at(indent);
    if (document.plan >= 0) {
      if (indent == 0) problem("there are two plans");
      return true;
    }
    document.plan = number_of(text.substr(3, digits));
    if (document.plan == 0 && text.substr(3, digits).find_first_not_of('0') != std::string_view::npos)
      problem("a plan of " + std::string(text.substr(3, std::min<std::size_t>(digits, 20))) + " tests");
    document.plan_skips = directive_at(rest, "skip") == 0;
    last_ = false;
    return true;
  }

  // The document of an indentation, which is opened when it is deeper, or those deeper are given up.
  Document& at(std::size_t indent) {
    while (open_.size() > 1 && open_.back().indent > indent) drop_subtest();
    if (indent > open_.back().indent && open_.size() < kMaxNesting) open_.emplace_back().indent = indent;
    return open_.back();
  }

  void test_point(std::size_t indent, const Point& point) {
    Document child;
    bool has_child = false;
    while (open_.size() > 1 && open_.back().indent > indent) {
      if (!has_child) child = std::move(open_.back());
      has_child = true;
      open_.pop_back();
    }
    Document& document = at(indent);
    ++document.points;
    number(document, point);
    const bool fails = !point.ok && !point.todo && !point.skip;
    if (has_child && child.plan >= 0 && child.points > 0) {
      if (child.points != child.plan && fails) check_plan(child, " in the subtest " + point.name);
      take_child(document, child, point, fails);
    } else {
      count(document.counts, point, fails);
    }
    after_point_ = true;
    last_ = fails && !document.counts.findings.empty();
    last_document_ = open_.size() - 1;
  }

  // TAP 14 says that the numbers are those of the order; one that comes twice or lies beyond the plan is a lost test.
  void number(Document& document, const Point& point) {
    const auto number = static_cast<std::size_t>(point.number > 0 ? point.number : document.points);
    constexpr std::size_t kMost = 1'000'000;
    if (number > kMost) return problem("a test point with the number " + std::to_string(number));
    if (document.seen.size() < number) document.seen.resize(number);
    if (document.seen[number - 1]) problem("the test point " + std::to_string(number) + " comes twice");
    document.seen[number - 1] = true;
  }

  void count(Report& counts, const Point& point, bool fails) {
    const bool left_out = point.skip || (point.todo && !point.ok);
    ++(left_out ? counts.skipped : counts.executed);
    if (!fails) return;
    ++counts.failed;
    Finding finding;
    finding.rule = point.name.empty() ? "test " + std::to_string(point.number) : point.name;
    finding.description = "not ok";
    add(counts, finished(std::move(finding), "test"));
  }

  // A subtest's points count for their parent; where it fails and none of them did, it is the failure itself.
  void take_child(Document& document, Document& child, const Point& point, bool fails) {
    document.counts.executed += child.counts.executed;
    document.counts.skipped += child.counts.skipped;
    if (!fails) return;
    document.counts.failed += std::max(child.counts.failed, 1);
    for (Finding& finding : child.counts.findings) {
      finding.rule = point.name + ": " + finding.rule;
      finding.fingerprint.clear();
      add(document.counts, finished(std::move(finding), "test"));
    }
    if (!child.counts.findings.empty()) return;
    Finding finding;
    finding.rule = point.name;
    finding.description = "not ok";
    add(document.counts, finished(std::move(finding), "test"));
  }

  Finding* last_finding() {
    if (!last_ || last_document_ >= open_.size()) return nullptr;
    auto& findings = open_[last_document_].counts.findings;
    return findings.empty() ? nullptr : &findings.back();
  }

  void set_place(Finding& finding, std::string_view path, std::string_view line, std::string_view column) {
    const Place place = place_of(path, root_);
    if (place.file.empty() || finding.line > 0) return;
    finding.file = place.file;
    finding.line = number_of(line);
    finding.column = number_of(column);
    finding.fingerprint.clear();
    finding = finished(std::move(finding), "test");
  }

  // "#   at t/a.t line 12." and "#   Failed test 'x'" of Test::More; its standard error is often in the same file.
  void comment(std::string_view text) {
    Finding* finding = last_finding();
    if (finding == nullptr) return;
    text = trimmed(text.substr(1));
    const std::size_t line = text.rfind(" line ");
    if (starts_with(text, "at ") && line != std::string_view::npos && line > 3) {
      std::string_view number = text.substr(line + 6);
      if (ends_with(number, ".")) number.remove_suffix(1);
      set_place(*finding, text.substr(3, line - 3), number, "");
    } else if (finding->description == "not ok" && !text.empty() && !starts_with(text, "Failed test") &&
               !starts_with(text, "Subtest")) {
      finding->description = first_line(text);
    }
  }

  void begin_block() {
    in_block_ = true;
    block_ = {};
  }

  // The YAML block below a test point: its few members that name a place or a reason, at whatever depth.
  void block_line(std::string_view text) {
    if (text == "...") return end_block();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = text.substr(0, colon);
    std::string_view value = trimmed(text.substr(colon + 1));
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    const auto keep = [&](std::string& field) {
      if (field.empty()) field = value;
    };
    if (key == "file" || key == "fileName" || key == "filename") keep(block_.file);
    if (key == "line" || key == "lineNumber") keep(block_.line);
    if (key == "column" || key == "columnNumber") keep(block_.column);
    if (key == "message" || key == "error") keep(block_.message);
    if (key == "location" || key == "at") keep(block_.at);
  }

  void end_block() {
    in_block_ = false;
    Finding* finding = last_finding();
    if (finding == nullptr) return;
    if (!block_.message.empty() && block_.message != "|-" && block_.message != "|" && block_.message != ">-")
      finding->description = first_line(block_.message);
    if (!block_.file.empty()) return set_place(*finding, block_.file, block_.line, block_.column);
    const TextPlace place = place_in_text(block_.at, "", root_);
    if (place.line > 0) set_place(*finding, place.file, std::to_string(place.line), std::to_string(place.column));
  }

  struct Block {
    std::string file, line, column, message, at;
  };

  std::string_view root_;
  Report report_;
  std::vector<Document> open_;  ///< the program's, then its subtests'
  Block block_;
  std::size_t last_document_ = 0;
  bool last_ = false;         ///< the line before was a test point that failed, or a comment on it
  bool after_point_ = false;  ///< the line before was a test point: a YAML block may follow
  bool in_block_ = false, prove_ = false, skipped_all_ = false;
};

}  // namespace

Report read_tap(std::string_view bytes, std::string_view root) {
  Tap tap(root);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    tap.line(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return tap.finish();
}

}  // namespace ga::scan::detail
