#include "git/packed-refs.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "util/error.hh"
#include "util/fd.hh"

namespace ga::git {

namespace {

// A record is "HEX NAME\n", perhaps followed by "^HEX\n".
struct Record {
  std::string_view hex, name;
  std::size_t end = 0;  // where the next record starts
};

std::size_t line_end(std::string_view bytes, std::size_t at) {
  const auto end = bytes.find('\n', at);
  return end == std::string_view::npos ? bytes.size() : end + 1;
}

Record record_at(std::string_view bytes, std::size_t at) {
  Record record;
  record.end = line_end(bytes, at);
  std::string_view line = bytes.substr(at, record.end - at);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto space = line.find(' ');
  if (space != std::string_view::npos && line.front() != '#') {
    record.hex = line.substr(0, space);
    record.name = line.substr(space + 1);
  }
  if (record.end < bytes.size() && bytes[record.end] == '^') record.end = line_end(bytes, record.end);
  return record;
}

// Start of the record that the byte at `at` belongs to.
std::size_t record_start(std::string_view bytes, std::size_t at) {
  const auto line_start = [&](std::size_t inside) {
    const auto before = inside == 0 ? std::string_view::npos : bytes.rfind('\n', inside - 1);
    return before == std::string_view::npos ? 0 : before + 1;
  };
  std::size_t start = line_start(at);
  if (start > 0 && bytes[start] == '^') start = line_start(start - 1);
  return start;
}

}  // namespace

PackedRefs::PackedRefs(const std::filesystem::path& common_dir) {
  const std::string path = common_dir / "packed-refs";
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return;
    fail_environment("cannot read '" + path + "': " + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && info.st_size > 0) {
    const auto size = static_cast<std::size_t>(info.st_size);
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped != MAP_FAILED) bytes_ = {static_cast<const char*>(mapped), size};
  }
  if (info.st_size > 0 && bytes_.empty()) fail_environment("cannot map '" + path + "'");
  const std::string_view header = bytes_.substr(0, bytes_.find('\n'));
  sorted_ = header.substr(0, 1) == "#" && (std::string(header) + " ").find(" sorted ") != std::string::npos;
}

PackedRefs::~PackedRefs() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

// Offset of the first record whose name is not less than this one.
std::size_t PackedRefs::lower_bound(std::string_view name) const {
  if (!sorted_) return 0;
  std::size_t low = line_end(bytes_, 0), high = bytes_.size();
  while (low < high) {
    const std::size_t middle = std::max(record_start(bytes_, low + (high - low) / 2), low);
    const Record record = record_at(bytes_, middle);
    if (record.name < name) {
      low = record.end;
    } else {
      high = middle;
    }
  }
  return low;
}

void PackedRefs::each(std::string_view prefix,
                      const std::function<void(std::string_view name, const Oid& id)>& call) const {
  for (std::size_t at = lower_bound(prefix); at < bytes_.size();) {
    const Record record = record_at(bytes_, at);
    at = record.end;
    if (record.name.substr(0, prefix.size()) == prefix && !record.name.empty()) {
      call(record.name, Oid::parse(record.hex));
    } else if (sorted_) {
      return;
    }
  }
}

std::string_view PackedRefs::lines_of(std::string_view name) const {
  for (std::size_t at = lower_bound(name); at < bytes_.size();) {
    const Record record = record_at(bytes_, at);
    if (record.name == name) return bytes_.substr(at, record.end - at);
    if (sorted_) break;
    at = record.end;
  }
  return {};
}

Oid PackedRefs::find(std::string_view name) const {
  const std::string_view lines = lines_of(name);
  return lines.empty() ? Oid() : Oid::parse(record_at(lines, 0).hex);
}

bool PackedRefs::any(std::string_view prefix) const {
  bool found = false;
  each(prefix, [&](std::string_view, const Oid&) { found = true; });
  return found;
}

}  // namespace ga::git
