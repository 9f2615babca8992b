// Scanning a whole history.
#pragma once

#include <functional>

#include "git/repository.hh"
#include "scan/allow.hh"
#include "scan/files.hh"

namespace ga::scan {

struct HistoryScan {
  const Allowed* allowed = nullptr;
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Every blob that a ref reaches, each once and under one of its paths, on all processors. A finding names the first commit
/// that brought its blob, and of one secret in many versions of a file only the oldest is there. Read by git in the order in
/// which packs hold objects: looking them up one by one costs several times as much.
Scan scan_history(const Scanner& scanner, const git::Repository& repo, const HistoryScan& what = {});

}  // namespace ga::scan
