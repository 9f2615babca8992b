#include "work/seen.hh"

#include "util/fs.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

// A person's name may hold anything; its hash does not.
fs::path seen_file(Project& project) {
  const model::Actor& actor = project.actor();
  const std::string name =
      slug_from_title(actor.name) + "-" + sha256_hex(actor.name + (actor.person ? "" : "\nagent")).substr(0, 8);
  return project.agent_dir() / "seen" / name;
}

}  // namespace

git::Oid last_seen(Project& project) {
  const auto text = read_file(seen_file(project), 1024);
  return text ? git::Oid::parse(trim(*text)) : git::Oid{};
}

void mark_seen(Project& project) {
  const git::Oid tip = project.ledger().tip();
  if (tip.zero() || tip == last_seen(project)) return;
  const fs::path file = seen_file(project);
  try {
    make_directories(file.parent_path());
    write_file_atomic(file, tip.hex() + "\n");
  } catch (const Error&) {
    // Where nothing can be written, looking must work all the same; what was seen is not remembered then.
  }
}

}  // namespace ga::work
