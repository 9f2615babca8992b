#include "git/durability.hh"

#include <utility>

#include "git/cli.hh"
#include "git/impl.hh"
#include "util/text.hh"

namespace ga::git {
namespace {

bool names_our_writes(std::string_view component) {
  for (const char* name : {"loose-object", "reference", "objects", "committed", "added", "all"})
    if (component == name) return true;
  return false;
}

}  // namespace

bool asks_for_durability(std::string_view core_fsync, std::string_view core_fsync_object_files) {
  if (core_fsync.empty()) return config_bool(core_fsync_object_files, false);
  // Without references an operation may be lost whose objects are there, and the other way round: either asks for both.
  bool objects = false, references = false;
  for (const std::string& word : split(core_fsync, ',')) {
    const std::string entry = lower_ascii(trim(word));
    const bool on = !starts_with(entry, "-");
    const std::string component = on ? entry : entry.substr(1);
    if (component == "none") objects = references = false;
    if (!names_our_writes(component)) continue;
    if (component != "reference") objects = on;
    if (component == "reference" || component == "all") references = on;
  }
  return objects || references;
}

void follow_durability_settings(const Repository& repo) {
  if (is_durable() || std::exchange(repo.impl().asked_durability, true)) return;
  const bool wanted = asks_for_durability(repo.setting("core.fsync"), repo.setting("core.fsyncobjectfiles"));
  if (wanted) set_durable(true);
}

}  // namespace ga::git
