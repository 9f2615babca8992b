#include "git/pack-file.hh"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "git/handle.hh"
#include "git/tree-text.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"

namespace ga::git {

namespace {

// Deflating a record of a few hundred bytes saves a quarter of it and takes five times as long as all
// the rest, one of a kilobyte still twice as long; ids, of which trees consist, do not shrink at all.
constexpr std::size_t worth_deflating = 2048;

void append_number(std::string& text, std::uint64_t value, int bytes = 4) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
}

int type_number(ObjectType type) {
  switch (type) {
  case ObjectType::commit:
    return 1;
  case ObjectType::tree:
    return 2;
  case ObjectType::blob:
    return 3;
  case ObjectType::tag:
    return 4;
  }
  GA_BUG("unknown object type");
}

// Type and size: four bits of the size in the first byte, seven in each further one.
void append_header(std::string& bytes, ObjectType type, std::size_t size) {
  unsigned byte = static_cast<unsigned>(type_number(type)) << 4 | (size & 15);
  for (size >>= 4; size; size >>= 7) {
    bytes += static_cast<char>(byte | 128);
    byte = size & 127;
  }
  bytes += static_cast<char>(byte);
}

// A zlib stream of one stored block.
void append_stored(std::string& bytes, std::string_view data) {
  const auto size = static_cast<std::uint16_t>(data.size());
  const auto inverse = static_cast<std::uint16_t>(~size);
  bytes += "\x78\x01\x01";
  for (const std::uint16_t number : {size, inverse}) {
    bytes += static_cast<char>(number & 255);
    bytes += static_cast<char>(number >> 8);
  }
  bytes += data;
  append_number(bytes, adler32(1, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
}

// `git gc` removes what is called tmp_*, should we be killed in between.
void place_file(const fs::path& path, std::string_view bytes) {
  std::string temporary = path.parent_path() / "tmp_pack_XXXXXX";
  Fd fd(::mkstemp(temporary.data()));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const bool good = fd && write_all(fd.get(), bytes) && ::fchmod(fd.get(), 0444 & ~mask) == 0 &&
                    (!is_durable() || ::fsync(fd.get()) == 0) && fd.close() &&
                    ::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return;
  const int error = errno;
  ::unlink(temporary.c_str());
  fail_environment("cannot write '" + path.string() + "': " + std::strerror(error));
}

}  // namespace

// One stream for all objects: making one costs more than deflating a record.
class PackFile::Deflater {
 public:
  // Git's maintenance packs it again, and has the time to do it well.
  Deflater() {
    if (deflateInit(&stream_, Z_BEST_SPEED) != Z_OK) GA_BUG("zlib cannot compress");
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void append(std::string& bytes, std::string_view data) {
    deflateReset(&stream_);
    const std::size_t start = bytes.size(), bound = deflateBound(&stream_, data.size());
    bytes.resize(start + bound);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(data.size());
    stream_.next_out = reinterpret_cast<Bytef*>(bytes.data() + start);
    stream_.avail_out = static_cast<uInt>(bound);
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) GA_BUG("zlib cannot compress");
    bytes.resize(start + stream_.total_out);
  }

 private:
  z_stream stream_ = {};
};

PackFile::~PackFile() = default;

PackFile::PackFile(Hash hash, std::size_t objects)
    : hash_(hash), bytes_("PACK"), deflater_(std::make_unique<Deflater>()) {
  append_number(bytes_, 2);
  append_number(bytes_, objects);
  entries_.reserve(objects);
}

void PackFile::add(ObjectType type, const Oid& id, std::string_view data) {
  const std::size_t start = bytes_.size();
  append_header(bytes_, type, data.size());
  if (data.size() < worth_deflating) {
    append_stored(bytes_, data);
  } else {
    deflater_->append(bytes_, data);
  }
  const auto* packed = reinterpret_cast<const Bytef*>(bytes_.data() + start);
  const auto crc = static_cast<std::uint32_t>(crc32(0, packed, static_cast<uInt>(bytes_.size() - start)));
  entries_.push_back({id, crc, start});
}

// Version 2: fan-out, sorted ids, checksums, offsets; offsets of 2 GiB and more in a table of their own.
std::string PackFile::index(const std::string& pack_checksum) const {
  std::vector<Entry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  std::string text("\377tOc");
  append_number(text, 2);
  std::size_t count = 0;
  for (unsigned first = 0; first < 256; ++first) {
    while (count < sorted.size() && sorted[count].id.bytes[0] <= first) ++count;
    append_number(text, count);
  }
  for (const Entry& entry : sorted) text.append(reinterpret_cast<const char*>(entry.id.bytes.data()), entry.id.size);
  for (const Entry& entry : sorted) append_number(text, entry.crc);
  std::string large;
  for (const Entry& entry : sorted) {
    if (entry.offset < 0x80000000) {
      append_number(text, entry.offset);
    } else {
      append_number(text, 0x80000000 | large.size() / 8);
      append_number(large, entry.offset, 8);
    }
  }
  text += large;
  text += pack_checksum;
  return text + digest(hash_, text);
}

void PackFile::write(const fs::path& objects_dir) {
  const std::string checksum = digest(hash_, bytes_);
  bytes_ += checksum;
  const fs::path directory = objects_dir / "pack";
  make_directories(directory);
  const std::string stem = directory / ("pack-" + raw_oid(checksum).hex());
  // The index last: a pack without one does not exist for Git.
  place_file(stem + ".pack", bytes_);
  place_file(stem + ".idx", index(checksum));
}

}  // namespace ga::git
