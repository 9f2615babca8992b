#include "scan/pattern.hh"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <ctime>

#include <algorithm>
#include <array>
#include <bitset>
#include <mutex>

#include "util/error.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

// A search goes in windows of possible starts, so that the clock can be read between them. PCRE2's own limit bounds one
// start and not one call: steps allowed for each start, and how many starts in one call. A window that meets the limit is
// searched again with the next row, which changes how long a call can take and never what it finds.
struct Gear {
  std::uint32_t steps;
  std::size_t starts;
};
constexpr std::array<Gear, 3> kGears = {{{1'000, 4096}, {30'000, 64}, {5'000'000, 1}}};
// A window that took longer than this is followed by smaller ones, for one start may read the whole text without a step.
constexpr double kSlowWindow = 2e-3;
constexpr std::size_t kFirstWindow = 512;

double clock_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// What a thread needs to match; PCRE2's objects for it are not shared.
struct Workspace {
  pcre2_match_data* data = pcre2_match_data_create(64, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr);
  Workspace() {
    pcre2_jit_stack_assign(context, nullptr, stack);
    pcre2_set_depth_limit(context, 100'000);
    pcre2_set_heap_limit(context, 64 * 1024);  // KiB
  }
  ~Workspace() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
};

Workspace& workspace() {
  thread_local Workspace mine;
  return mine;
}

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

bool is_limit(int code) {
  return code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
         code == PCRE2_ERROR_JIT_STACKLIMIT;
}

std::bitset<256> first_bytes(const pcre2_code* code) {
  std::bitset<256> bytes;
  std::uint32_t kind = 0, unit = 0;
  const std::uint8_t* map = nullptr;
  pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &kind);
  pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
  pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, static_cast<void*>(&map));
  if (kind == 1 && unit < 0x80) {
    // It does not say whether the case counts.
    const bool letter = ((unit | 0x20) >= 'a' && (unit | 0x20) <= 'z');
    bytes[unit] = true;
    if (letter) bytes[unit ^ 0x20] = true;
  } else if (kind == 0 && map != nullptr) {
    for (std::size_t i = 0; i < 256; ++i) bytes[i] = (map[i / 8] >> (i % 8) & 1) != 0;
  } else {
    bytes.set();
  }
  return bytes;
}

}  // namespace

struct Once {
  std::once_flag flag;
};

struct Pattern::Compiled {
  pcre2_code* code = nullptr;
  std::bitset<256> members;  ///< what the beginning that was taken off is made of
  std::bitset<256> begins;   ///< bytes that a match can begin with
  bool walks_back = false;
  ~Compiled() { pcre2_code_free(code); }
};

bool Budget::spent_by_now_and_then() {
  constexpr int kEach = 32;
  if (++asked_ % kEach != 1) return spent_;
  return spent(clock_seconds(CLOCK_MONOTONIC));
}

// Most texts need no pattern: the clocks are read with the first.
void Budget::start(double now) {
  wall_ = now;
  if (limit_ > 0) cpu_ = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

bool Budget::spent(double now) {
  if (wall_ < 0) start(now);
  if (spent_ || limit_ <= 0 || now - wall_ < limit_) return spent_;
  // Others had the processor too: only our own time counts.
  const double used = clock_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_;
  if (used >= limit_) return spent_ = true;
  wall_ = now - used;
  return false;
}

bool has_jit() {
  static const bool known = [] {
    std::uint32_t configured = 0;
    if (pcre2_config(PCRE2_CONFIG_JIT, &configured) < 0 || configured == 0) return false;
    int error = 0;
    PCRE2_SIZE where = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>("a"), 1, 0, &error, &where, nullptr);
    const bool works = code != nullptr && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    pcre2_code_free(code);
    return works;
  }();
  return known;
}

Pattern::Pattern(std::string text, Dialect dialect)
    : text_(std::move(text)), dialect_(dialect), once_(std::make_unique<Once>()) {
  if (text_.find('\0') != std::string::npos) throw PatternError("a NUL character", text_.find('\0'));
  if (dialect == Dialect::re2) {
    stripped_ = strip_generic_prefix(text_);
    translated_ = translate_re2(stripped_.core);
    translate_re2(stripped_.members);  // it must be one too
  } else {
    stripped_.core = text_;
    translated_.text = text_;
    translated_.utf = true;
    translated_.groups = -1;
  }
}

Pattern::~Pattern() = default;

int Pattern::groups() const {
  if (translated_.groups >= 0) return translated_.groups;
  std::uint32_t count = 0;
  pcre2_pattern_info(compiled().code, PCRE2_INFO_CAPTURECOUNT, &count);
  return static_cast<int>(count);
}

std::unique_ptr<Pattern::Compiled> Pattern::compile(const std::string& text, bool utf) const {
  struct Context {
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
    ~Context() { pcre2_compile_context_free(context); }
  } holder;
  pcre2_set_newline(holder.context, PCRE2_NEWLINE_LF);
  pcre2_set_bsr(holder.context, PCRE2_BSR_ANYCRLF);
  std::uint32_t options =
      PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C | PCRE2_DUPNAMES | PCRE2_USE_OFFSET_LIMIT;
  if (dialect_ == Dialect::pcre2) options |= PCRE2_MULTILINE;
  if (utf) options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
  auto compiled = std::make_unique<Compiled>();
  int error = 0;
  PCRE2_SIZE where = 0;
  compiled->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &error, &where, holder.context);
  if (compiled->code == nullptr)
    throw PatternError(message_of(error), dialect_ == Dialect::pcre2 ? where : std::min(where, text_.size()));
  return compiled;
}

const Pattern::Compiled& Pattern::compiled() const {
  std::call_once(once_->flag, [&] {
    std::unique_ptr<Compiled> made;
    try {
      made = compile(translated_.text, translated_.utf);
    } catch (const PatternError& error) {
      // Almost all that is wrong with one was found when it was read.
      fail_environment("the pattern " + sanitize_line(fit(text_, 60)) +
                       " cannot be used: " + sanitize_line(error.what()));
    }
    std::uint32_t shortest = 0;
    pcre2_pattern_info(made->code, PCRE2_INFO_MINLENGTH, &shortest);
    if (!stripped_.members.empty() && shortest > 0) {
      const auto members = compile(translate_re2("^" + stripped_.members).text, false);
      Workspace& mine = workspace();
      pcre2_set_offset_limit(mine.context, PCRE2_UNSET);
      pcre2_set_match_limit(mine.context, 1000);
      for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        made->members[static_cast<std::size_t>(byte)] =
            pcre2_match(members->code, reinterpret_cast<PCRE2_SPTR>(&c), 1, 0, 0, mine.data, mine.context) > 0;
      }
      made->walks_back = true;
    } else if (!stripped_.members.empty()) {
      // What may be empty begins where the prefix does.
      const Translated whole = translate_re2(text_);
      made = compile(whole.text, whole.utf);
    }
    made->begins = first_bytes(made->code);
    if (has_jit()) pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    compiled_ = std::move(made);
  });
  return *compiled_;
}

void Pattern::check() const { compile(translated_.text, translated_.utf); }

Anchor Pattern::anchor() const {
  if (dialect_ != Dialect::re2 || translated_.utf) return {};
  return find_anchor(stripped_.core);
}

void Pattern::walk_back(std::string_view subject, std::size_t from, Span& match) const {
  const Compiled& compiled = *compiled_;
  if (!compiled.walks_back) return;
  for (std::size_t back = 0; back < stripped_.reach && match.begin > from; ++back, --match.begin)
    if (!compiled.members[static_cast<unsigned char>(subject[match.begin - 1])]) break;
}

// One call: matches that begin in [at, last].
int Pattern::search(std::string_view subject, std::size_t at, std::size_t last, std::size_t gear, Span& match) const {
  Workspace& mine = workspace();
  pcre2_set_match_limit(mine.context, kGears[gear].steps);
  pcre2_set_offset_limit(mine.context, last);
  const int code = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), at, 0,
                               mine.data, mine.context);
  if (code < 0) return code;
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(mine.data);
  // \K can put the begin of a match behind its end.
  match = {std::min(ends[0], ends[1]), ends[1]};
  return 1;
}

Search Pattern::find_within(std::string_view subject, std::size_t first, std::size_t last, std::size_t from,
                            Budget& budget, Span& match) const {
  const Compiled& mine = compiled();
  // Most places are given up at their first byte.
  while (first <= last && first < subject.size() && !mine.begins[static_cast<unsigned char>(subject[first])]) ++first;
  std::size_t gear = 0;
  while (first <= last) {
    if (budget.spent_by_now_and_then()) return Search::unfinished;
    const std::size_t end = std::min(first + kGears[gear].starts - 1, last);
    const int code = search(subject, first, end, gear, match);
    if (is_limit(code)) {
      if (++gear == kGears.size()) return Search::unfinished;
      continue;
    }
    if (code >= 0) {
      walk_back(subject, from, match);
      return Search::found;
    }
    if (code != PCRE2_ERROR_NOMATCH) return Search::unfinished;
    first = end + 1;
  }
  return Search::none;
}

Search Pattern::find(std::string_view subject, std::size_t from, Budget& budget, Span& match) const {
  compiled();
  std::size_t gear = 0, window = kFirstWindow;
  double now = clock_seconds(CLOCK_MONOTONIC);
  for (std::size_t at = from; at <= subject.size();) {
    const double began = now;
    if (budget.spent(began)) return Search::unfinished;
    // No match begins within a character.
    while (translated_.utf && at > from && at < subject.size() &&
           (static_cast<unsigned char>(subject[at]) & 0xC0) == 0x80)
      ++at;
    window = std::min(window, kGears[gear].starts);
    const std::size_t last = std::min(at + window - 1, subject.size());
    const int code = search(subject, at, last, gear, match);
    if (is_limit(code)) {
      if (++gear == kGears.size()) return Search::unfinished;
      now = clock_seconds(CLOCK_MONOTONIC);
      continue;
    }
    if (code >= 0) {
      walk_back(subject, from, match);
      return Search::found;
    }
    if (code != PCRE2_ERROR_NOMATCH) return Search::unfinished;
    at = last + 1;
    if (at > subject.size()) break;
    now = clock_seconds(CLOCK_MONOTONIC);
    window = now - began > kSlowWindow ? std::max<std::size_t>(1, window / 8) : window * 2;
  }
  return Search::none;
}

bool Pattern::matches(std::string_view subject, Budget& budget, bool otherwise) const {
  Span ignored;
  const Search result = find(subject, 0, budget, ignored);
  return result == Search::unfinished ? otherwise : result == Search::found;
}

std::vector<std::string_view> Pattern::captures(std::string_view subject, Budget& budget) const {
  std::vector<std::string_view> found;
  Span whole;
  if (find(subject, 0, budget, whole) != Search::found) return found;
  found.push_back(whole.of(subject));
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(workspace().data);
  const auto pairs = pcre2_get_ovector_count(workspace().data);
  for (int i = 1; i <= groups(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * 2;
    const bool took_part = static_cast<std::uint32_t>(i) < pairs && ends[at] != PCRE2_UNSET && ends[at] <= ends[at + 1];
    found.push_back(took_part ? subject.substr(ends[at], ends[at + 1] - ends[at]) : std::string_view());
  }
  return found;
}

}  // namespace ga::scan
