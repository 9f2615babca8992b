// What a person has seen: <common>/agent/shown/. What acts by name acts on the version that was last shown to this person;
// of a newer one nothing is done.
//
//   require_shown(project, {"plan", task.id, plan.content, at, [&] { show the plan }});
#pragma once

#include <functional>
#include <string>

#include "work/project.hh"

namespace ga::work {

/// One thing as it stands now.
struct Shown {
  std::string what;              ///< "plan", "review", "guard", "learning"
  std::string name;              ///< which one: an id, a branch
  std::string version;           ///< its content: a hash, a commit
  std::string at = {};           ///< what the person names by --at, "" when by name
  std::function<void()> show{};  ///< shows it, and how it differs from what was shown before
};

/// The version last shown to this person, "" when there was none.
std::string last_shown(Project& project, const std::string& what, const std::string& name);
/// Remembers it; where nothing can be written, nothing is remembered.
void mark_shown(Project& project, const std::string& what, const std::string& name, const std::string& version);

/// Goes on when the version is the one last shown, when `at` is the beginning of it (at least 4 characters), or when nothing
/// of it was shown before. Else `show` is called, the version counts as shown, and Error(target_moved) ends the command; an `at`
/// that names another version is refused the same way, showing nothing.
void require_shown(Project& project, const Shown& thing);

}  // namespace ga::work
