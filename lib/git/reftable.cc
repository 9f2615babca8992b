#include "git/reftable.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "git/tree-text.hh"
#include "util/error.hh"
#include "util/fd.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

constexpr std::size_t kHeadSize[] = {24, 28};   // of versions 1 and 2, the latter with the name of the hash
constexpr std::size_t kFooterRest = 5 * 8 + 4;  // behind the copy of the head
constexpr int kMaxIndexSteps = 100;             // more than any number of refs takes

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

// Takes what the format is made of from the front; going beyond the end is an error of the table.
class Reftable::Reader {
 public:
  Reader(const Reftable& table, std::string_view bytes) : table_(table), rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) table_.fail();
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::uint64_t number(std::size_t size) { return big_endian(take(size)); }
  // Seven bits a byte; each further one begins where the shorter numbers end.
  std::uint64_t varint() {
    std::uint64_t byte = number(1), value = byte & 127;
    while (byte & 128) {
      if (value >> 56) table_.fail();
      byte = number(1);
      value = (value + 1) << 7 | (byte & 127);
    }
    return value;
  }
  // A key shares its beginning with the one before. Gives the three bits beside the length of its end.
  unsigned key(std::string& key) {
    const std::uint64_t shared = varint(), length = varint();
    if (shared > key.size()) table_.fail();
    key.resize(shared);
    key += take(length >> 3);
    return length & 7;
  }
  Value ref_value(unsigned type) {
    varint();  // when it was written: the order of the tables says as much
    RefValue value;
    switch (type) {
    case 0:
      return std::nullopt;
    case 1:
      value.id = raw_oid(take(table_.id_size_));
      return value;
    case 2:  // a tag, with what it is of
      value.id = raw_oid(take(table_.id_size_));
      take(table_.id_size_);
      return value;
    case 3:
      value.target = take(varint());
      return value;
    default:
      table_.fail();
    }
  }

 private:
  const Reftable& table_;
  std::string_view rest_;
};

struct Reftable::Block {
  char type = '\0';
  std::string_view records;
  std::uint64_t next = 0;  // where the one after it begins
};

Reftable::Reftable(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  if (bytes.size() < 5 || bytes.substr(0, 4) != "REFT" || bytes[4] < 1 || bytes[4] > 2) fail();
  header_size_ = kHeadSize[bytes[4] - 1];
  const std::size_t footer_size = header_size_ + kFooterRest;
  if (bytes.size() < header_size_ + footer_size) fail();
  const std::string_view footer = bytes.substr(bytes.size() - footer_size);
  bytes_.remove_suffix(footer_size);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(footer.data()), static_cast<uInt>(footer_size - 4));
  if (footer.substr(0, header_size_) != bytes.substr(0, header_size_) ||
      sum != big_endian(footer.substr(footer_size - 4)))
    fail();
  const std::string_view hash = bytes[4] == 1 ? "sha1" : bytes.substr(24, 4);
  if (hash != "sha1" && hash != "s256") fail();
  id_size_ = hash == "sha1" ? 20 : 32;
  block_size_ = big_endian(bytes.substr(5, 3));
  index_ = big_endian(footer.substr(header_size_, 8));
}

void Reftable::fail() const {
  fail_environment("the table of refs '" + sanitize_line(name_) + "' is broken", {"see what 'git fsck' says about it"});
}

// Type and length, records, three bytes for each place where a key stands whole, their number. The first block counts the
// file's head as its own.
Reftable::Block Reftable::block_at(std::uint64_t offset) const {
  Block block;
  if (offset >= bytes_.size()) return block;
  const std::string_view bytes = bytes_.substr(offset);
  const std::size_t head = offset == 0 ? header_size_ : 0;
  if (bytes.size() < head + 4) return block;
  block.type = bytes[head];
  if (block.type != 'r' && block.type != 'i') return block;
  const std::uint64_t size = big_endian(bytes.substr(head + 1, 3));
  if (size > bytes.size() || size < head + 4 + 2) fail();
  const std::uint64_t restarts = 3 * big_endian(bytes.substr(size - 2, 2));
  if (head + 4 + restarts + 2 > size) fail();
  block.records = bytes.substr(head + 4, size - head - 4 - restarts - 2);
  // Zeros fill a block up, unless they were left out.
  const bool unfilled = block_size_ <= size || (size < bytes.size() && bytes[size] != '\0');
  block.next = offset + (unfilled ? size : block_size_);
  return block;
}

// The block of refs in which a name is, if it is anywhere; beyond the end when it is behind all. An entry of the index
// names the last ref of what it leads to; its uppermost level may be a few blocks.
std::uint64_t Reftable::block_of(std::string_view name) const {
  std::uint64_t offset = index_;
  for (int steps = 0; offset != 0; ++steps) {
    const Block block = block_at(offset);
    if (block.type == 'r') return offset;
    if (block.type != 'i') return bytes_.size();
    if (steps > kMaxIndexSteps) fail();
    offset = block.next;
    std::string last;
    for (Reader reader(*this, block.records); !reader.empty();) {
      reader.key(last);
      const std::uint64_t below = reader.varint();
      if (last < name) continue;
      offset = below;
      break;
    }
  }
  return 0;
}

void Reftable::walk(std::string_view from,
                    const std::function<bool(const std::string& name, Value value)>& visit) const {
  for (std::uint64_t offset = block_of(from);;) {
    const Block block = block_at(offset);
    if (block.type != 'r') return;
    std::string name;
    for (Reader reader(*this, block.records); !reader.empty();) {
      const unsigned type = reader.key(name);
      Value value = reader.ref_value(type);
      if (name >= from && !visit(name, std::move(value))) return;
    }
    offset = block.next;
  }
}

bool Reftable::find(std::string_view name, Value& value) const {
  bool found = false;
  walk(name, [&](const std::string& at, Value there) {
    found = at == name;
    if (found) value = std::move(there);
    return false;
  });
  return found;
}

void Reftable::each(std::string_view prefix,
                    const std::function<void(const std::string& name, Value value)>& call) const {
  walk(prefix, [&](const std::string& at, Value there) {
    if (!starts_with(at, prefix)) return false;
    call(at, std::move(there));
    return true;
  });
}

// A table in memory, as long as anybody reads it.
struct ReftableStack::Mapped {
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  Mapped(std::string file, void* at, std::size_t length)
      : name(std::move(file)), address(at), size(length), table({static_cast<const char*>(at), length}, name) {}
  ~Mapped() { ::munmap(address, size); }

  std::string name;
  void* address;
  std::size_t size;
  Reftable table;
};

ReftableStack::ReftableStack(std::filesystem::path dir) : dir_(std::move(dir)) {}
ReftableStack::~ReftableStack() = default;

// False when a table has gone meanwhile: there is another list then.
bool ReftableStack::open_all(const std::vector<std::string>& names) {
  std::vector<std::shared_ptr<const Mapped>> tables;
  for (const std::string& name : names) {
    const auto known =
        std::find_if(tables_.begin(), tables_.end(), [&](const auto& table) { return table->name == name; });
    if (known != tables_.end()) {
      tables.push_back(*known);
      continue;
    }
    const std::string path = dir_ / name;
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) return false;
    struct stat info {};
    void* mapped = MAP_FAILED;
    if (fd && ::fstat(fd.get(), &info) == 0 && info.st_size > 0)
      mapped = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED) fail_environment("cannot read '" + path + "': " + std::strerror(errno));
    tables.push_back(std::make_shared<const Mapped>(name, mapped, static_cast<std::size_t>(info.st_size)));
  }
  tables_ = std::move(tables);
  return true;
}

void ReftableStack::follow() {
  constexpr int kAttempts = 100;  // each one that fails is a compaction between two system calls
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // A worktree that has never had a ref of its own has no list.
    std::string list = read_file(dir_ / "tables.list").value_or("");
    if (list == listed_) return;
    if (!open_all(split_lines(list))) continue;
    listed_ = std::move(list);
    return;
  }
  fail_environment("the tables of refs in '" + dir_.string() + "' change all the time, or one is missing",
                   {"see what 'git fsck' says about it"});
}

RefValue ReftableStack::find(std::string_view name) {
  follow();
  Reftable::Value value;
  for (auto table = tables_.rbegin(); table != tables_.rend(); ++table)
    if ((*table)->table.find(name, value)) break;
  return value.value_or(RefValue{});
}

std::map<std::string, RefValue> ReftableStack::list(std::string_view prefix) {
  follow();
  std::map<std::string, RefValue> refs;
  for (const auto& table : tables_) {
    table->table.each(prefix, [&](const std::string& name, Reftable::Value value) {
      if (value) refs.insert_or_assign(name, *std::move(value));
      else refs.erase(name);
    });
  }
  return refs;
}

}  // namespace ga::git
