// What an agent could do against the guard on this machine, tried.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// How far something holds: it cannot be got around from here; it stops who does not mean to; or it only says what is wanted.
enum class Level { enforced, tripwire, advisory };
std::string_view level_name(Level level);

struct Trial {
  std::string attack;  ///< what was tried
  Level level = Level::advisory;
  std::string found;         ///< what came of it, safe to show
  std::string advice;        ///< what to do; "" when there is nothing
  bool preventable = false;  ///< the set-up could hold better, by that advice
};
Json to_json(const Trial& trial);

/// Tries the attacks: with the key and the agent of this account, and in a scratch repository outside of this one, which is
/// removed. Nothing here changes.
std::vector<Trial> try_attacks(Project& project, const std::function<void(const std::string&)>& progress);

}  // namespace ga::work
