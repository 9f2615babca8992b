// A regular expression that no input can stall: PCRE2, compiled when first asked, searched in pieces with a clock beside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scan/dialect.hh"

namespace ga::scan {

/// In whose words a pattern is: re2 as gitleaks' rules (exactly what Go would match); pcre2 as the repository's own rules
/// (all of PCRE2; '^' and '$' also match at line ends, characters are UTF-8 where the text is).
enum class Dialect { re2, pcre2 };

/// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
  std::string_view of(std::string_view text) const { return text.substr(begin, size()); }
  bool operator==(const Span&) const = default;
};

/// Processor time that one thread may use on something; waiting for a processor does not count.
class Budget {
 public:
  /// `seconds` from the first question on; 0: as long as it takes.
  explicit Budget(double seconds) : limit_(seconds) {}
  /// `now`: the monotonic clock.
  bool spent(double now);
  /// For what takes some microseconds at most: the clock is read only every so many times.
  bool spent_by_now_and_then();

 private:
  void start(double now);
  double limit_, wall_ = -1, cpu_ = 0;
  unsigned asked_ = 0;
  bool spent_ = false;
};

/// What a search came to. `unfinished`: the budget was spent, or one place alone took more steps than any sane pattern;
/// what was not looked at is not known to be clean.
enum class Search { found, none, unfinished };

/// Immutable once made and safe to use from several threads; each thread has its own working memory.
class Pattern {
 public:
  /// Reads the pattern, which for `re2` finds most of what is wrong with it; check() finds the rest. Throws PatternError.
  explicit Pattern(std::string text, Dialect dialect = Dialect::re2);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  const std::string& text() const { return text_; }
  int groups() const;
  /// Throws PatternError for what does not compile.
  void check() const;

  /// The leftmost match that begins at or after `from`. Throws Error(environment) for a pattern that does not compile.
  Search find(std::string_view subject, std::size_t from, Budget& budget, Span& match) const;
  /// The leftmost match that begins in [first, last] by the pattern without its generic beginning, which then is walked back
  /// over, at most to `from`. Whoever tries all places that anchor() leaves, in order, finds what find() does.
  Search find_within(std::string_view subject, std::size_t first, std::size_t last, std::size_t from, Budget& budget,
                     Span& match) const;
  /// find_anchor() of the pattern without its generic beginning; none also for patterns that count characters.
  Anchor anchor() const;
  /// Whether it matches anywhere; a search that is not finished counts as `otherwise`.
  bool matches(std::string_view subject, Budget& budget, bool otherwise = false) const;
  /// What the groups of the first match captured, [0] the whole; those that took no part are empty. None: no match.
  std::vector<std::string_view> captures(std::string_view subject, Budget& budget) const;

 private:
  struct Compiled;
  const Compiled& compiled() const;
  void walk_back(std::string_view subject, std::size_t from, Span& match) const;
  int search(std::string_view subject, std::size_t at, std::size_t last, std::size_t gear, Span& match) const;
  std::unique_ptr<Compiled> compile(const std::string& text, bool utf) const;

  std::string text_;
  Dialect dialect_;
  Translated translated_;  ///< of the core
  Stripped stripped_;
  mutable std::unique_ptr<Compiled> compiled_;
  mutable std::unique_ptr<struct Once> once_;
};

/// Whether patterns run as machine code here. Without (a hardened kernel, a build without it) all is the same but slower.
bool has_jit();

}  // namespace ga::scan
