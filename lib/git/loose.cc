#include "git/loose.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "git/handle.hh"
#include "git/hash.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {
namespace {

// `git gc` may remove an empty objects/xx just before a file is put into it.
constexpr int kMoveAttempts = 5;

[[noreturn]] void fail_write(const fs::path& dir, int error) {
  fail_environment("cannot write an object into '" + sanitize_line(dir.native()) + "': " + std::strerror(error));
}

[[noreturn]] void fail_broken(const Oid& id) {
  fail_environment("object " + id.hex() + " is broken", {"see what 'git fsck' says about it"});
}

// Takes a whole loose file apart.
class Inflater {
 public:
  Inflater() {
    if (inflateInit(&stream_) != Z_OK) GA_BUG("zlib does not start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  void feed(std::string_view packed) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
  }
  /// Up to so many bytes more.
  std::string take(std::size_t size) {
    std::string bytes(size, '\0');
    stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_out = static_cast<uInt>(size);
    const int code = ::inflate(&stream_, Z_SYNC_FLUSH);
    good_ = code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
    bytes.resize(size - stream_.avail_out);
    return bytes;
  }
  bool good() const { return good_; }

 private:
  z_stream stream_{};
  bool good_ = true;
};

// "blob 12", NUL, and the beginning of the content.
struct LooseHead {
  ObjectType type;
  std::size_t size = 0;
  std::string content;
};

std::optional<LooseHead> parse_head(const std::string& text) {
  const auto space = text.find(' '), end = text.find('\0');
  if (space == std::string::npos || end == std::string::npos || space > end) return std::nullopt;
  LooseHead head{type_named(text.substr(0, space)), 0, text.substr(end + 1)};
  const auto number = std::from_chars(text.data() + space + 1, text.data() + end, head.size);
  if (number.ec != std::errc() || number.ptr != text.data() + end || head.size > UINT32_MAX / 2) return std::nullopt;
  return head;
}

}  // namespace

// Ids, of which trees consist, do not shrink, and short texts do with the fixed code as well as with one of their own.
// What is kept for long is packed anew by Git. Not stored plainly: libgit2 reads no such loose objects.
class LooseStore::Deflater {
 public:
  Deflater() {
    constexpr int kWindowBits = 12, kMemoryLevel = 5;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_FIXED) != Z_OK)
      GA_BUG("zlib does not start");
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  std::string_view deflate(std::string_view head, std::string_view body) {
    deflateReset(&stream_);
    buffer_.resize(deflateBound(&stream_, head.size() + body.size()) + 64);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    feed(head, Z_NO_FLUSH);
    feed(body, Z_FINISH);
    return std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out);
  }

 private:
  void feed(std::string_view part, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream_.avail_in = static_cast<uInt>(part.size());
    const int code = ::deflate(&stream_, flush);
    if (code != (flush == Z_FINISH ? Z_STREAM_END : Z_OK)) GA_BUG("zlib cannot compress");
  }

  z_stream stream_{};
  std::string buffer_;
};

LooseStore::LooseStore(fs::path objects_dir) : dir_(std::move(objects_dir)) {}
LooseStore::LooseStore(LooseStore&&) noexcept = default;
LooseStore& LooseStore::operator=(LooseStore&&) noexcept = default;
LooseStore::~LooseStore() = default;

fs::path LooseStore::place_of(const Oid& id) const {
  const std::string hex = id.hex();
  return dir_ / hex.substr(0, 2) / hex.substr(2);
}

std::optional<RawObject> LooseStore::read(const Oid& id) const {
  const auto packed = read_file(place_of(id));
  if (!packed) return std::nullopt;
  constexpr std::size_t kFirst = 4096;
  Inflater inflater;
  inflater.feed(*packed);
  auto head = parse_head(inflater.take(kFirst));
  if (!head || !inflater.good()) fail_broken(id);
  if (head->content.size() < head->size) head->content += inflater.take(head->size - head->content.size());
  if (head->content.size() != head->size || !inflater.good()) fail_broken(id);
  const auto bytes = std::make_shared<const std::string>(std::move(head->content));
  return RawObject{head->type, *bytes, bytes};
}

bool LooseStore::has(const Oid& id) const { return ::access(place_of(id).c_str(), F_OK) == 0; }

bool LooseStore::freshen(const Oid& id) const { return ::utimensat(AT_FDCWD, place_of(id).c_str(), nullptr, 0) == 0; }

void LooseStore::write(const Oid& id, ObjectType type, std::string_view bytes) {
  if (bytes.size() > UINT32_MAX / 2) fail_environment("an object of 2 GiB and more cannot be written");
  if (!deflater_) deflater_ = std::make_unique<Deflater>();
  std::string head(type_name(type));
  head += ' ' + std::to_string(bytes.size());
  head += '\0';
  const std::string_view packed = deflater_->deflate(head, bytes);

  const fs::path place = place_of(id), folder = place.parent_path();
  // Git's maintenance removes what is left under such a name.
  fs::path temporary;
  Fd fd;
  do {
    temporary = dir_ / ("tmp_obj_" + std::to_string(::getpid()) + "_" + std::to_string(number_++));
    fd = Fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  } while (!fd && errno == EEXIST);
  if (!fd) fail_write(dir_, errno);
  bool good = write_all(fd.get(), packed) && fd.close();
  for (int attempt = 0; good; ++attempt) {
    good = ::rename(temporary.c_str(), place.c_str()) == 0;
    if (good) break;
    good = errno == ENOENT && attempt < kMoveAttempts && (::mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST);
  }
  if (good) return;
  const int error = errno;
  ::unlink(temporary.c_str());
  fail_write(dir_, error);
}

}  // namespace ga::git
