// How tests look in the languages and runners there are. For scan/test-erosion.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ga::scan::detail {

enum class Language { none, python, script, jvm, go, rust, cpp, dotnet, ruby, php, elixir, swift, shell, perl };
Language language_of(std::string_view path);

/// A mark in a line that keeps a test from running, or all others ("only").
struct Mark {
  enum class Kind { none, skip, conditional, only } kind = Kind::none;
  std::string_view word;
  std::size_t at = 0;
};
/// The first mark of a line; `before` is the line above, which may hold the condition.
Mark mark_of(Language language, std::string_view line, std::string_view before);

/// A test that begins in a line, "" when none does. `pending` is kept by the caller from line to line: an annotation or
/// attribute that makes the next function a test.
std::string test_name(Language language, std::string_view line, bool& pending);

/// Assertions in a line.
int assertions_in(Language language, std::string_view line);

/// Without blanks at its ends; "" for a line that is only a comment.
std::string_view code_of(Language language, std::string_view line);

/// A line that says that a test command's failure does not matter; "" or the words that say so.
std::string_view ignored_failure(std::string_view path, std::string_view line);

/// A bound that tests or linters are held to: its name and number.
struct Threshold {
  std::string key;
  double value = 0;
  bool higher_is_stricter = true;
};
/// Those in a line of a file that holds such ones.
std::vector<Threshold> thresholds_in(std::string_view path, std::string_view line);

}  // namespace ga::scan::detail
