#include "gates/trust.hh"

#include <unistd.h>

#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::gates {
fs::path trust_store(const fs::path& common_dir) {
  std::error_code error;
  fs::path real = fs::canonical(common_dir, error);
  if (error) real = common_dir;
  return user_config_dir() / "trust" / sha256_hex(real.string());
}

bool is_trusted(const fs::path& common_dir, const Policy& policy) {
  const std::string text = policy.executable_text();
  if (text.empty()) return true;
  const auto stored = read_file(trust_store(common_dir) / sha256_hex(text));
  return stored && *stored == text;
}

void trust(const fs::path& common_dir, const Policy& policy) {
  const std::string text = policy.executable_text();
  if (text.empty()) return;
  const fs::path store = trust_store(common_dir);
  make_directories(store);
  fs::permissions(user_config_dir() / "trust", fs::perms::owner_all);
  fs::permissions(store, fs::perms::owner_all);
  write_file_atomic(store / sha256_hex(text), text, 0600);
}

std::string last_trusted_text(const fs::path& common_dir) {
  std::error_code error;
  fs::path newest;
  fs::file_time_type when{};
  for (const auto& entry : fs::directory_iterator(trust_store(common_dir), error)) {
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
