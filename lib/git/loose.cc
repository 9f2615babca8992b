#include "git/loose.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "git/handle.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {
namespace {

// `git gc` may remove an empty objects/xx just before a file is put into it.
constexpr int kMoveAttempts = 5;

std::string_view type_name(ObjectType type) {
  switch (type) {
  case ObjectType::blob:
    return "blob";
  case ObjectType::tree:
    return "tree";
  case ObjectType::commit:
    return "commit";
  case ObjectType::tag:
    return "tag";
  }
  GA_BUG("unknown object type");
}

[[noreturn]] void fail_write(const fs::path& dir, int error) {
  fail_environment("cannot write an object into '" + sanitize_line(dir.native()) + "': " + std::strerror(error));
}

bool flush_directory(const fs::path& dir) {
  const Fd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
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

void LooseStore::write(const Oid& id, ObjectType type, std::string_view bytes) {
  if (bytes.size() > UINT32_MAX / 2) fail_environment("an object of 2 GiB and more cannot be written");
  if (!deflater_) deflater_ = std::make_unique<Deflater>();
  std::string head(type_name(type));
  head += ' ' + std::to_string(bytes.size());
  head += '\0';
  const std::string_view packed = deflater_->deflate(head, bytes);

  const std::string hex = id.hex();
  const fs::path folder = dir_ / hex.substr(0, 2), place = folder / hex.substr(2);
  // Git's maintenance removes what is left under such a name.
  fs::path temporary;
  Fd fd;
  do {
    temporary = dir_ / ("tmp_obj_" + std::to_string(::getpid()) + "_" + std::to_string(number_++));
    fd = Fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  } while (!fd && errno == EEXIST);
  if (!fd) fail_write(dir_, errno);
  bool good = write_all(fd.get(), packed) && (!is_durable() || ::fsync(fd.get()) == 0) && fd.close();
  for (int attempt = 0; good; ++attempt) {
    good = ::rename(temporary.c_str(), place.c_str()) == 0;
    if (good) break;
    good = errno == ENOENT && attempt < kMoveAttempts && (::mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST);
  }
  if (good && is_durable()) good = flush_directory(folder) && flush_directory(dir_);
  if (good) return;
  const int error = errno;
  ::unlink(temporary.c_str());
  fail_write(dir_, error);
}

}  // namespace ga::git
