// Path patterns: three lines are two patterns and a path.
#include "util/glob.hh"
#include "fuzz.hh"
#include "util/text.hh"

namespace ga::fuzz {
namespace {

// As Git gives paths; what a pattern says about others does not matter.
bool is_path(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos || path.ends_with('/')) return false;
  for (const std::string& part : split(path, '/'))
    if (part.empty() || part == "." || part == "..") return false;
  return path.find("//") == std::string_view::npos && !path.starts_with('/');
}

void check_match(std::string_view pattern, std::string_view path) {
  const bool matched = glob_match(pattern, path);
  HOLDS(matched == Glob(pattern).matches(path));
  if (!matched) return;
  // What a pattern matches it covers: a file below a matched directory too.
  HOLDS(glob_match(pattern, std::string(path) + "/x"));
  HOLDS(globs_overlap(pattern, "*"));
}

void check_pattern(std::string_view pattern) {
  const bool meets_itself = globs_overlap(pattern, pattern);
  HOLDS(meets_itself == globs_overlap(pattern, "*"));
  if (glob_error(pattern).empty()) HOLDS(meets_itself);
}

}  // namespace

void fuzz_one(std::string_view input) {
  const std::string_view a = take_part(input, '\n').substr(0, 200), b = take_part(input, '\n').substr(0, 200);
  const std::string_view path = take_part(input, '\n');
  check_pattern(a);
  const bool overlap = globs_overlap(a, b);
  HOLDS(overlap == globs_overlap(b, a));
  if (!is_path(path)) return;
  check_match(a, path);
  check_match(b, path);
  if (glob_match(a, path) && glob_match(b, path)) HOLDS(overlap);
}

}  // namespace ga::fuzz
