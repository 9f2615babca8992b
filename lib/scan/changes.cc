#include "scan/changes.hh"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "util/parallel.hh"

namespace ga::scan {
namespace {

bool is_content(unsigned mode) { return mode == 0100644 || mode == 0100755 || mode == 0100664 || mode == 0120000; }

class Collector {
 public:
  explicit Collector(const git::Repository& repo) : repo_(repo) {}

  void commit(const git::Oid& id) {
    const auto info = repo_.read_commit(id);
    if (!info) return;
    std::vector<git::Oid> others;
    for (std::size_t i = 1; i < info->parents.size(); ++i) others.push_back(git::tree_of(repo_, info->parents[i]));
    const git::Oid before = info->parents.empty() ? git::Oid{} : git::tree_of(repo_, info->parents[0]);
    step(before, info->tree, id, others);
  }

  void step(const git::Oid& before, const git::Oid& after, const git::Oid& commit,
            const std::vector<git::Oid>& others) {
    git::each_change(repo_, before, after, [&](const git::Change& change) {
      if (!is_content(change.new_mode) || change.old_id == change.new_id) return;
      const bool taken_over = std::any_of(others.begin(), others.end(), [&](const git::Oid& tree) {
        const auto entry = repo_.entry_at(tree, change.path);
        return entry && entry->id == change.new_id;
      });
      if (!taken_over && seen_.insert({change.new_id.hex(), change.path}).second)
        blobs.push_back({change.new_id, commit, change.path});
    });
  }

  std::vector<NewBlob> blobs;

 private:
  const git::Repository& repo_;
  std::set<std::pair<std::string, std::string>> seen_;
};

/// What the base's version of a file holds.
class BaseSide {
 public:
  BaseSide(const Scanner& scanner, const git::Repository& repo, const git::Oid& tree)
      : scanner_(scanner), repo_(repo), tree_(tree) {}

  /// The same finding there; null when it is new.
  const Hit* find(const Hit& hit) {
    if (hit.rule == nullptr || tree_.zero()) return nullptr;
    const std::vector<Hit>& there = hits_of(hit.finding.file);
    const auto same = std::find_if(there.begin(), there.end(), [&](const Hit& other) {
      return other.rule == hit.rule && other.secret == hit.secret && other.match == hit.match;
    });
    return same == there.end() ? nullptr : &*same;
  }

 private:
  const std::vector<Hit>& hits_of(const std::string& path) {
    const auto [place, is_new] = known_.try_emplace(path);
    if (!is_new) return place->second;
    const auto entry = repo_.entry_at(tree_, path);
    const auto text = entry && !entry->is_tree() ? repo_.read_blob(entry->id) : std::nullopt;
    Coverage ignored;
    if (text) place->second = scanner_.scan({path, "", *text}, ignored);
    return place->second;
  }

  const Scanner& scanner_;
  const git::Repository& repo_;
  const git::Oid tree_;
  std::map<std::string, std::vector<Hit>> known_;
};

/// Blobs go from the one thread that may ask the repository to those that scan.
class Queue {
 public:
  void put(const NewBlob* blob, std::string text) {
    std::unique_lock<std::mutex> guard(mutex_);
    room_.wait(guard, [&] { return waiting_ < kRoom || abandoned_; });
    waiting_ += text.size() + 1;
    items_.emplace_back(blob, std::move(text));
    more_.notify_one();
  }
  void close() {
    const std::lock_guard<std::mutex> guard(mutex_);
    closed_ = true;
    more_.notify_all();
  }
  void abandon() {
    const std::lock_guard<std::mutex> guard(mutex_);
    abandoned_ = true;
    room_.notify_all();
  }
  std::optional<std::pair<const NewBlob*, std::string>> take() {
    std::unique_lock<std::mutex> guard(mutex_);
    more_.wait(guard, [&] { return !items_.empty() || closed_; });
    if (items_.empty()) return std::nullopt;
    auto item = std::move(items_.front());
    items_.pop_front();
    waiting_ -= item.second.size() + 1;
    room_.notify_one();
    return item;
  }

 private:
  static constexpr std::size_t kRoom = 32u << 20;
  std::mutex mutex_;
  std::condition_variable more_, room_;
  std::deque<std::pair<const NewBlob*, std::string>> items_;
  std::size_t waiting_ = 0;
  bool closed_ = false, abandoned_ = false;
};

std::string hex_or_nothing(const git::Oid& id) { return id.zero() ? "" : id.hex(); }

void scan_one(const Scanner& scanner, const NewBlob& blob, std::string_view text, Scan& into) {
  for (Hit& hit : scanner.scan({blob.path, hex_or_nothing(blob.commit), text}, into.coverage))
    into.hits.push_back(std::move(hit));
}

void note_missing(const NewBlob& blob, Scan& into) {
  Hit hit;
  hit.finding = {.rule = kNotScanned,
                 .description = "its content is missing from the repository, so it was not scanned",
                 .file = blob.path,
                 .commit = hex_or_nothing(blob.commit),
                 .fingerprint = blob.path + ":" + kNotScanned + ":0"};
  into.hits.push_back(std::move(hit));
  ++into.coverage.unfinished;
}

// Small ones are not worth threads, whose start costs more.
constexpr std::size_t kAlone = 24;

Scan scan_all(const Scanner& scanner, const git::Repository& repo, const std::vector<NewBlob>& blobs,
              const std::function<void(std::size_t, std::size_t)>& progress) {
  Scan whole;
  whole.coverage.rules = scanner.rules().rules.size();
  if (blobs.size() <= kAlone || processors() == 1) {
    for (const NewBlob& blob : blobs) {
      const auto text = repo.read_blob(blob.blob);
      if (text) scan_one(scanner, blob, *text, whole);
      else note_missing(blob, whole);
    }
    return whole;
  }
  Queue queue;
  // One more than there are processors: the first reads, and waits for the others most of the time.
  std::vector<Scan> parts(processors() + 1);
  const auto read = [&] {
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      if (auto text = repo.read_blob(blobs[i].blob)) queue.put(&blobs[i], std::move(*text));
      else note_missing(blobs[i], parts[0]);
      if (progress && i % 64 == 0) progress(i, blobs.size());
    }
  };
  on_threads(
      parts.size(),
      [&](std::size_t worker) {
        if (worker == 0) {
          try {
            read();
          } catch (...) {  // the others must not wait for ever
            queue.close();
            throw;
          }
          return queue.close();
        }
        try {
          while (const auto item = queue.take()) scan_one(scanner, *item->first, item->second, parts[worker]);
        } catch (...) {
          queue.abandon();
          throw;
        }
      },
      nullptr);
  for (Scan& part : parts) {
    whole.coverage += part.coverage;
    for (Hit& hit : part.hits) whole.hits.push_back(std::move(hit));
  }
  return whole;
}

}  // namespace

std::vector<NewBlob> new_blobs(const git::Repository& repo, const git::Oid& base_tree, const git::Oid& tree,
                               const std::vector<git::Oid>& commits) {
  Collector collector(repo);
  for (const git::Oid& commit : commits) collector.commit(commit);
  collector.step(base_tree, tree, {}, {});
  return std::move(collector.blobs);
}

Scan scan_changes(const Scanner& scanner, const git::Repository& repo, const ChangeScan& what) {
  const std::vector<NewBlob> blobs = new_blobs(repo, what.base_tree, what.tree, what.commits);
  Scan scan = scan_all(scanner, repo, blobs, what.progress);
  BaseSide base(scanner, repo, what.base_tree);
  std::erase_if(scan.hits, [&](Hit& hit) {
    if (what.allowed && what.allowed->covers(hit)) return true;
    const Hit* there = base.find(hit);
    if (there == nullptr) return false;
    hit.finding.blocks = false;
    hit.finding.description = hit.rule->description + " (it stands there already)";
    return there->commented;
  });
  sort_hits(scan.hits);
  return scan;
}

}  // namespace ga::scan
