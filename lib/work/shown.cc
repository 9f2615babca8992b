#include "work/shown.hh"

#include "util/fs.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

constexpr std::size_t kShortest = 4, kMaxBytes = 4096;

// Names may hold anything; their hash does not.
fs::path shown_file(Project& project, const std::string& what, const std::string& name) {
  const model::Actor& actor = project.actor();
  const std::string who = actor.name + (actor.person ? "" : "\nagent");
  return project.agent_dir() / "shown" / (what + "-" + sha256_hex(who + '\0' + name).substr(0, 24));
}

}  // namespace

std::string last_shown(Project& project, const std::string& what, const std::string& name) {
  return trim(read_file(shown_file(project, what, name), kMaxBytes).value_or(""));
}

void mark_shown(Project& project, const std::string& what, const std::string& name, const std::string& version) {
  const fs::path file = shown_file(project, what, name);
  try {
    make_directories(file.parent_path());
    write_file_atomic(file, version + "\n");
  } catch (const Error&) {
    // Looking must work where nothing can be written.
  }
}

void require_shown(Project& project, const Shown& thing) {
  if (!thing.at.empty()) {
    if (thing.at.size() >= kShortest && starts_with(thing.version, thing.at)) return;
    throw Error(Kind::target_moved,
                "'" + sanitize_line(fit(thing.at, 64)) + "' is not how it stands now: that is " +
                    sanitize_line(thing.version.substr(0, 12)),
                {"look at it, then say it again with --at " + sanitize_line(thing.version.substr(0, 12))})
        .with_data({{"version", thing.version}});
  }
  const std::string last = last_shown(project, thing.what, thing.name);
  if (last.empty() || last == thing.version) return;
  if (thing.show) thing.show();
  mark_shown(project, thing.what, thing.name, thing.version);
  throw Error(Kind::target_moved, "it has changed since it was last shown to you; nothing is done",
              {"this is how it stands now; say the same again to act on it",
               "or name it exactly: --at " + sanitize_line(thing.version.substr(0, 12))})
      .with_data({{"version", thing.version}, {"shown", last}});
}

}  // namespace ga::work
