#include "git/notes.hh"

namespace ga::git {

namespace {

constexpr unsigned file_mode = 0100644;

// Git reads any fan-out and mixes of them: "abcd...", "ab/cd...", "ab/cd/ef...". Every place where an
// object's note may stand, from the shallowest on.
std::vector<std::string> places(const Repository& repo, const Oid& notes_tree, const Oid& object) {
  std::vector<std::string> found;
  const std::string hex = object.hex();
  std::string directory;
  for (std::size_t used = 0; used + 2 < hex.size(); used += 2) {
    const std::string path = directory + hex.substr(used);
    const auto note = repo.entry_at(notes_tree, path);
    if (note && !note->is_tree()) found.push_back(path);
    directory += hex.substr(used, 2);
    const auto below = repo.entry_at(notes_tree, directory);
    if (!below || !below->is_tree()) break;
    directory += '/';
  }
  return found;
}

}  // namespace

std::string read_note(const Repository& repo, const Oid& notes_tree, const Oid& object) {
  if (!notes_tree) return "";
  for (const std::string& path : places(repo, notes_tree, object)) {
    const auto entry = repo.entry_at(notes_tree, path);
    return repo.read_blob(entry->id).value_or("");
  }
  return "";
}

Oid write_notes(Repository& repo, const Oid& notes_tree, const std::vector<std::pair<Oid, std::string>>& notes) {
  std::vector<TreeEntry> changes;
  for (const auto& [object, text] : notes) {
    if (notes_tree) {
      for (std::string& path : places(repo, notes_tree, object)) changes.push_back({std::move(path), 0, {}});
    }
    const std::string hex = object.hex();
    const std::string path = hex.substr(0, 2) + "/" + hex.substr(2);
    changes.push_back({path, file_mode, text.empty() ? Oid() : repo.write_blob(text)});
  }
  return repo.update_tree(notes_tree, changes);
}

}  // namespace ga::git
