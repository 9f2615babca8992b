// Scanning: findings lie within the text, their secrets in no report, and the text is looked at whole.
#include <algorithm>

#include "fuzz.hh"
#include "scan/engine.hh"
#include "scan/format.hh"

namespace ga::fuzz {
namespace {

const scan::RuleSet& rules() {
  static const scan::RuleSet set =
      scan::load_rules(std::string(scan::built_in_text()) +
                           "\n[[rules]]\nid = 'generic-any'\nregex = '''(?i)[\\w.-]{0,50}?(?:key|token)(?:[ "
                           "\\t\\w.-]{0,20})[\\s'\"]{0,3}(?:=|:)"
                           "[\\s'\"]{0,5}([\\w.=-]{6,40})(?:[\\s'\";]|$)'''\nentropy = 1\nkeywords = ['key', 'token']\n"
                           "[[rules]]\nid = 'lines'\nregex = '''(?m)^a+\\n*b$'''\n",
                       "fuzz");
  return set;
}

}  // namespace

void fuzz_one(std::string_view input) {
  // Fragments make up the whole text.
  std::size_t length = 0;
  for (std::string_view rest = input; !rest.empty();) {
    const std::size_t part = scan::fragment_length(rest);
    HOLDS(part > 0 && part <= rest.size() && part <= 125'000);
    length += part;
    rest.remove_prefix(part);
  }
  HOLDS(length == input.size());

  const int lines = static_cast<int>(std::count(input.begin(), input.end(), '\n')) + 1;
  for (const int depth : {0, 2}) {
    scan::Coverage coverage;
    const auto hits = scan::Scanner(rules(), {.comments = scan::AllowComments::reported, .decode_depth = depth})
                          .scan({"f", "", input}, coverage);
    HOLDS(coverage.texts == 1);
    HOLDS(coverage.unfinished == 0);
    for (const scan::Hit& hit : hits) {
      HOLDS(hit.finding.line >= 1 && hit.finding.line <= lines);
      HOLDS(hit.finding.end_line >= hit.finding.line && hit.finding.end_line <= lines);
      HOLDS(hit.finding.column >= 1 && hit.finding.end_column >= 0);
      HOLDS(depth > 0 || input.find(hit.match) != std::string_view::npos);
      HOLDS(hit.match.find(hit.secret) != std::string::npos);
      HOLDS(hit.secret.size() < 20 || hit.finding.redacted.find(hit.secret) == std::string::npos);
    }
    scan::sarif_report(hits, "1").dump();
  }
}

}  // namespace ga::fuzz
