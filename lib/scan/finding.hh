// A finding: one place that a rule, a check or a tool's report points at. The one shape for all of them.
#pragma once

#include <string>
#include <vector>

#include "util/json.hh"

namespace ga::scan {

struct Finding {
  std::string rule;                                        ///< id of the rule, test or check: "aws-access-token"
  std::string description;                                 ///< one sentence for people
  std::string file;                                        ///< path in the tree; "" when it is about none
  int line = 0, column = 0, end_line = 0, end_column = 0;  ///< from 1; 0: not known. Columns count bytes
  std::string commit;                                      ///< full id, "" when it is about no commit
  std::string redacted;     ///< what may be shown of the matched text; never the secret itself
  std::string fingerprint;  ///< names the finding across runs: "file:rule:line", "commit:file:rule:line"
  bool blocks = true;       ///< false: worth a look, stops nothing

  bool operator==(const Finding&) const = default;
};

/// `{"rule","description","file","line","column","end_line","end_column","commit","redacted","fingerprint"}` plus
/// "level" (error or warning); what is not known is null.
Json to_json(const Finding& finding);
/// "src/a.js:12:3: aws-access-token: a key of ...": one line, safe to show.
std::string finding_line(const Finding& finding);
/// What may be shown of a secret: its first characters (at most 4 and a fifth of it), "...", its length.
std::string redact(std::string_view secret);

}  // namespace ga::scan
