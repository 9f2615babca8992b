#include "scan/files.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <tuple>

#include "util/error.hh"
#include "util/fd.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

namespace fs = std::filesystem;

struct Entry {
  std::string shown, path;
};

// "./a/b" and "a//b" are "a/b", as they are in a tree.
std::string shown_path(const fs::path& path) {
  std::string text = path.lexically_normal().generic_string();
  return text;
}

void collect(const std::string& given, std::vector<Entry>& entries) {
  std::error_code error;
  const fs::file_status status = fs::status(given, error);
  if (error || status.type() == fs::file_type::not_found)
    fail_environment("cannot look at '" + sanitize_line(given) +
                     "': " + (error ? error.message() : std::string("there is no such file")));
  if (status.type() != fs::file_type::directory) {
    entries.push_back({shown_path(given), given});
    return;
  }
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(given, options, error), end; at != end; at.increment(error)) {
    if (error) fail_environment("cannot read the directory '" + sanitize_line(given) + "': " + error.message());
    const fs::file_type type = at->symlink_status(error).type();
    if (at->path().filename() == ".git") {
      if (type == fs::file_type::directory) at.disable_recursion_pending();
      continue;
    }
    if (type == fs::file_type::directory && ::access(at->path().c_str(), R_OK | X_OK) != 0)
      entries.push_back({shown_path(at->path()), at->path().string()});
    if (type == fs::file_type::regular) entries.push_back({shown_path(at->path()), at->path().string()});
  }
  if (error) fail_environment("cannot read the directory '" + sanitize_line(given) + "': " + error.message());
}

// The bytes of a file into the beginning of `text`, and how many; "" or why not.
std::string read_into(const std::string& path, std::string& text, std::size_t& length) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return std::strerror(errno);
  if (S_ISDIR(facts.st_mode)) return "the directory cannot be entered";
  std::size_t done = 0;
  // It only grows: making room anew would write over it each time.
  text.resize(
      std::max<std::size_t>(text.size(), S_ISREG(facts.st_mode) ? static_cast<std::size_t>(facts.st_size) + 1 : 65536));
  for (;;) {
    if (done == text.size()) text.resize(text.size() * 2);
    const ssize_t got = ::read(file.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::strerror(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  length = done;
  return "";
}

Hit unreadable(const Entry& entry, const std::string& why) {
  Hit hit;
  hit.finding = {.rule = kNotScanned,
                 .description = "it cannot be read, so it was not scanned: " + why,
                 .file = entry.shown,
                 .fingerprint = entry.shown + ":" + kNotScanned + ":0"};
  return hit;
}

}  // namespace

void sort_hits(std::vector<Hit>& hits) {
  const auto key = [](const Hit& hit) {
    const Finding& f = hit.finding;
    return std::tie(f.file, f.line, f.column, f.rule, f.commit);
  };
  std::stable_sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) { return key(a) < key(b); });
}

Scan scan_files(const Scanner& scanner, const FileScan& what) {
  std::vector<Entry> entries;
  for (const std::string& path : what.paths) collect(path, entries);
  std::error_code ignored;
  if (!what.skip.empty())
    std::erase_if(entries, [&](const Entry& entry) { return fs::equivalent(entry.path, what.skip, ignored); });
  std::atomic<std::size_t> next{0};
  const std::size_t workers = entries.size() < 8 ? 1 : processors();
  std::vector<Scan> parts(workers);
  on_threads(
      workers,
      [&](std::size_t worker) {
        std::string text;
        std::size_t length = 0;
        for (std::size_t i = next++; i < entries.size(); i = next++) {
          if (const std::string why = read_into(entries[i].path, text, length); !why.empty()) {
            parts[worker].hits.push_back(unreadable(entries[i], why));
            ++parts[worker].coverage.unfinished;
            continue;
          }
          for (Hit& hit :
               scanner.scan({entries[i].shown, "", std::string_view(text).substr(0, length)}, parts[worker].coverage))
            parts[worker].hits.push_back(std::move(hit));
          if (text.size() > (8u << 20)) std::string().swap(text);
        }
      },
      [&] {
        if (what.progress) what.progress(std::min(next.load(), entries.size()), entries.size());
      });
  Scan whole;
  whole.coverage.rules = scanner.rules().rules.size();
  for (Scan& part : parts) {
    whole.coverage += part.coverage;
    for (Hit& hit : part.hits) whole.hits.push_back(std::move(hit));
  }
  sort_hits(whole.hits);
  return whole;
}

}  // namespace ga::scan
