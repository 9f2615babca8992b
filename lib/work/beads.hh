// Reading beads: the team's memory of decisions and outcomes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/bead.hh"
#include "work/project.hh"

namespace ga::work {

struct BeadFilter {
  std::string task;                ///< id; "" for all
  std::string kind;                ///< "" for all
  git::Oid commit;                 ///< the one it is noted on; zero for all
  std::vector<std::string> words;  ///< each occurs in its text, evidence, author or task, whatever the case
  bool superseded = false;         ///< also those that another one has taken the place of
};

/// A bead and what the index knows of it.
struct BeadView {
  model::Bead bead;
  std::string slug;           ///< of its task, "" without one
  std::string superseded_by;  ///< id, or ""
};
/// The bead object of product.md, with evidence, operation and superseded_by.
Json to_json(const BeadView& view);

/// Beads, newest first, until `visit` gives false.
void each_bead(Project& project, const BeadFilter& filter, const std::function<bool(const BeadView&)>& visit);

/// The bead that an id or the beginning of one names. Throws Error: not_found, usage (ambiguous).
BeadView find_bead(Project& project, const std::string& id);

}  // namespace ga::work
