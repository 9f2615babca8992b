// What the readers of the formats share. For scan/report-*.cc only.
#pragma once

#include <string>
#include <string_view>

#include "scan/reports.hh"

namespace ga::scan::detail {

Report read_sarif(std::string_view bytes, std::string_view root);
Report read_junit(std::string_view bytes, std::string_view root);
Report read_tap(std::string_view bytes, std::string_view root);
Report read_checkstyle(std::string_view bytes, std::string_view root);

/// "a%20b" as "a b"; what is no such code stays.
std::string percent_decoded(std::string_view text);
/// A place as a tool writes it: the path in the tree, or "" and the name of a file outside.
struct Place {
  std::string file, outside;
};
/// Any of "src/a.c", "./src/a.c", "/root/src/a.c", "src\a.c", "file:///root/src/a%20b.c", "%SRCROOT%/a.c".
Place place_of(std::string_view path, std::string_view root);

/// "path:12:5" somewhere in a text, as tracebacks and panics have it; line 0 when there is none. With `file`, the first
/// place in that file; else the first in any file of the tree that is nobody's library.
struct TextPlace {
  std::string file;
  int line = 0, column = 0;
};
TextPlace place_in_text(std::string_view text, std::string_view file, std::string_view root);

/// Adds a finding and counts it as dropped when there are too many.
void add(Report& report, Finding finding);
/// The first problem counts.
void set_problem(Report& report, const std::string& what);
/// The first line that says something, at most 300 bytes of UTF-8.
std::string first_line(std::string_view text);
/// A number from a text: digits only, 0 for anything else and for what no line number is.
int number_of(std::string_view digits);
/// Sets the fingerprint "file:rule:line" and a rule's name where none was given.
Finding finished(Finding finding, std::string_view fallback_rule);

}  // namespace ga::scan::detail
