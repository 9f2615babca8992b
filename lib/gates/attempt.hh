// One gate, run once in a checkout: shared by the files of lib/gates that run gates; not for others.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "gates/environment.hh"
#include "gates/pool.hh"
#include "gates/runner.hh"

namespace ga::gates {

/// Where one gate runs.
struct Place {
  const Slot& slot;
  std::mutex& slot_mutex;  ///< of the slot's list of processes
  std::string log, home, tmp;
};

/// Runs the gate once and judges: by exit code, by its report where it names one. Leaves `cached`, `flaky` and
/// `attempts` alone.
Verdict attempt(const Gate& gate, const GateEnvironment& environment, const git::Oid& tree, const std::string& event,
                const Place& place);

/// Takes a report away that stands in the tree or was left by an attempt before: only a fresh one counts.
void remove_report(const Gate& gate, const fs::path& tree);

}  // namespace ga::gates
