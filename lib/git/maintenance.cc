#include "git/maintenance.hh"

#include <filesystem>

#include "git/cli.hh"

namespace ga::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManyLoose = 4000, kTooManyLoose = 16'000, kManyPacks = 8;

std::size_t packs(const fs::path& objects) {
  std::size_t count = 0;
  std::error_code none;
  for (fs::directory_iterator it(objects / "pack", none), end; !none && it != end; it.increment(none))
    if (it->path().extension() == ".pack") ++count;
  return count;
}

bool is_wanted(const Repository& repo) {
  const std::string maintenance = repo.setting("maintenance.auto");
  return repo.setting("gc.auto") != "0" && (maintenance.empty() || config_bool(maintenance, true));
}

bool is_at_work(const fs::path& common_dir) {
  std::error_code none;
  return fs::exists(common_dir / "gc.pid", none) || fs::exists(common_dir / "objects" / "maintenance.lock", none);
}

}  // namespace

std::size_t loose_objects(const Repository& repo) {
  std::size_t count = 0;
  std::error_code none;
  for (fs::directory_iterator it(repo.common_dir() / "objects" / "17", none), end; !none && it != end;
       it.increment(none))
    ++count;
  return count * 256;
}

void maintain_in_background(const Repository& repo) {
  const fs::path common_dir = repo.common_dir();
  const bool many_packs = packs(common_dir / "objects") > kManyPacks;
  const std::size_t loose = many_packs ? 0 : loose_objects(repo);
  if ((!many_packs && loose < kManyLoose) || !is_wanted(repo) || is_at_work(common_dir)) return;
  std::vector<std::string> command = {"repack", "-d", "-l", "-q"};
  if (many_packs) command.insert(command.end(), {"--geometric=2", "--no-write-bitmap-index"});
  // Packs that a partial clone was promised the rest of must stay by themselves; and objects that nothing refers to are
  // reduced by Git's own maintenance alone.
  if (loose > kTooManyLoose || !repo.setting("extensions.partialclone").empty())
    command = {"maintenance", "run", "--auto", "--quiet"};
  git_in_background(command, common_dir);
}

}  // namespace ga::git
