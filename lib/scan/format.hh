// Reports of findings in the words of other tools. The secrets themselves are in none of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.hh"
#include "scan/engine.hh"

namespace ga::scan {

/// SARIF 2.1.0, one run; every rule that found something is described.
Json sarif_report(const std::vector<Hit>& hits, const std::string& version);

/// gitleaks' JSON report as `--redact` gives it. `commit` tells what is known of a commit's id.
Json gitleaks_report(const std::vector<Hit>& hits,
                     const std::function<std::optional<git::CommitInfo>(const std::string& id)>& commit);

}  // namespace ga::scan
