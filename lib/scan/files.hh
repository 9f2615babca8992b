// Scanning files and directories.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scan/engine.hh"

namespace ga::scan {

/// What a scan of many texts came to.
struct Scan {
  std::vector<Hit> hits;
  Coverage coverage;
};

struct FileScan {
  std::vector<std::string> paths;  ///< files, and directories with everything below but `.git`
  std::string skip;                ///< a file that is not looked at: the configuration, a baseline
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Regular files, on all processors; symbolic links are not followed. Findings are in the order of paths. A file that
/// cannot be read is a finding "not-scanned". Throws Error(environment) for a path that does not exist.
Scan scan_files(const Scanner& scanner, const FileScan& what);

/// Sorts by file, place and rule, so that the same input gives the same output.
void sort_hits(std::vector<Hit>& hits);

}  // namespace ga::scan
