// Findings of the scanner that a person lets stay: approvals of the kind "allow", with a reason and an end.
#pragma once

#include <string>
#include <vector>

#include "work/authority.hh"

namespace ga::work {

/// The statement's end is over.
bool has_expired(const trust::Statement& statement);

/// One finding that is let pass.
struct AllowedFinding {
  model::Approval approval;
  trust::Statement statement;
  std::string problem;  ///< why it does not count; ""
};
/// All of them, newest first, each signature tried.
std::vector<AllowedFinding> allowed_findings(Project& project);

/// Approves that findings stay; one approval each. `until` is a date (YYYY-MM-DD, its end), "" for a year from now.
/// The caller has made sure that a person asks for it. Throws Error(usage) for a fingerprint or a date that is none.
std::vector<model::Approval> allow_findings(Project& project, const Authority& rules,
                                            const std::vector<std::string>& fingerprints, const std::string& why,
                                            const std::string& until);

}  // namespace ga::work
