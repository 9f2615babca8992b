#include "gates/trust.hh"

#include <unistd.h>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// The directory of this repository's trusted texts. The real common directory names it, so that neither a link nor a
/// forged `commondir` file borrows another repository's trust by name alone.
fs::path store_of(const fs::path& common_dir) {
  std::error_code error;
  fs::path real = fs::canonical(common_dir, error);
  if (error) real = common_dir;
  return user_config_dir() / "trust" / sha256_hex(real.string());
}

}  // namespace

bool is_trusted(const fs::path& common_dir, const Policy& policy) {
  const std::string text = policy.executable_text();
  if (text.empty()) return true;
  const auto stored = read_file(store_of(common_dir) / sha256_hex(text));
  return stored && *stored == text;
}

void trust(const fs::path& common_dir, const Policy& policy) {
  const std::string text = policy.executable_text();
  if (text.empty()) return;
  const fs::path store = store_of(common_dir);
  make_directories(store);
  fs::permissions(user_config_dir() / "trust", fs::perms::owner_all);
  fs::permissions(store, fs::perms::owner_all);
  write_file_atomic(store / sha256_hex(text), text, 0600);
}

std::string last_trusted_text(const fs::path& common_dir) {
  std::error_code error;
  fs::path newest;
  fs::file_time_type when{};
  for (const auto& entry : fs::directory_iterator(store_of(common_dir), error)) {
    if (entry.path().filename().string().size() != 64) continue;
    const auto time = entry.last_write_time(error);
    if (error) continue;
    if (newest.empty() || time > when) {
      newest = entry.path();
      when = time;
    }
  }
  return newest.empty() ? "" : read_file(newest).value_or("");
}

}  // namespace ga::gates
