// Verdicts remembered by what was judged: <common>/agent/gate-cache/<lead|agent>/<key>. Passes and failures only.
//
// They save time, and are no evidence: whoever shares the account can write these files. An agent's run keeps its
// verdicts in its own namespace, and a merge reads none of them.
#pragma once

#include <optional>
#include <string>

#include "gates/environment.hh"
#include "gates/policy.hh"
#include "gates/runner.hh"

namespace ga::gates {

class VerdictCache {
 public:
  VerdictCache(std::filesystem::path common_dir, bool by_agent)
      : common_dir_(std::move(common_dir)), by_agent_(by_agent) {}

  std::optional<Verdict> find(const Gate& gate, const git::Oid& tree, const GateEnvironment& environment) const;
  void store(const Gate& gate, const GateEnvironment& environment, const Verdict& verdict) const;

 private:
  std::filesystem::path common_dir_;
  bool by_agent_;
};

/// What a verdict depends on: command, event-independent definition, tree, the tool found for it, its environment.
std::string cache_key(const Gate& gate, const git::Oid& tree, const GateEnvironment& environment);

}  // namespace ga::gates
