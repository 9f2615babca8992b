#include "scan/history.hh"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "git/cli.hh"
#include "util/error.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

struct Blob {
  git::Oid id;
  std::string path;
};

git::GitOptions options_for(const git::Repository& repo) {
  git::GitOptions options;
  options.git_dir = repo.git_dir();
  return options;
}

[[noreturn]] void fail_git(const std::string& complaints) {
  Result said;
  said.err = complaints;
  fail_environment("cannot read the history: " + sanitize_line(git::last_words(said)), {"run 'git fsck'"});
}

/// Every line that git prints.
void each_line(const git::Repository& repo, const std::vector<std::string>& args,
               const std::function<void(std::string_view)>& visit) {
  const auto git = git::start_git(args, options_for(repo));
  while (const auto line = git->line()) visit(*line);
  if (const std::string complaints = git->complaints(); !complaints.empty()) fail_git(complaints);
}

using Paths = std::unordered_map<git::Oid, std::string, git::OidHash>;

/// The blobs of all refs, with the path each is first met under.
Paths reachable_blobs(const git::Repository& repo) {
  Paths paths;
  const std::size_t digits = repo.zero_id().size();
  each_line(repo, {"rev-list", "--objects", "--all", "--filter=object:type=blob", "--filter-provided-objects"},
            [&](std::string_view line) {
              if (line.size() < digits) return;
              const std::string_view path = line.size() > digits ? line.substr(digits + 1) : std::string_view();
              paths.emplace(git::Oid::parse(line.substr(0, digits)), path);
            });
  return paths;
}

/// Every object there is, in the order of packs.
std::vector<git::Oid> stored_order(const git::Repository& repo) {
  std::vector<git::Oid> order;
  each_line(repo, {"cat-file", "--batch-check=%(objectname)", "--batch-all-objects", "--unordered"},
            [&](std::string_view line) { order.push_back(git::Oid::parse(line)); });
  return order;
}

std::vector<Blob> blobs_in_stored_order(const git::Repository& repo) {
  Paths paths;
  std::vector<git::Oid> order;
  on_threads(
      2, [&](std::size_t i) { i == 0 ? void(paths = reachable_blobs(repo)) : void(order = stored_order(repo)); },
      nullptr);
  std::vector<Blob> blobs;
  blobs.reserve(paths.size());
  for (const git::Oid& id : order) {
    const auto known = paths.find(id);
    if (known == paths.end()) continue;
    blobs.push_back({id, std::move(known->second)});
    paths.erase(known);
  }
  // A partial clone's: git fetches what it is asked for.
  for (auto& [id, path] : paths) blobs.push_back({id, std::move(path)});
  return blobs;
}

/// One `git cat-file` that always has the next questions while its answers are read.
class Reader {
 public:
  explicit Reader(const git::Repository& repo)
      : git_(git::start_git({"--no-replace-objects", "cat-file", "--batch-command", "--buffer"}, options_for(repo))) {}

  void ask(const Blob* begin, const Blob* end) {
    std::string questions;
    for (const Blob* blob = begin; blob != end; ++blob) questions += "contents " + blob->id.hex() + "\n";
    if (!git_->say(questions + "flush\n")) fail_git(git_->complaints());
  }

  /// The answer to the next question; nullopt when the object is missing.
  std::optional<std::string> answer() {
    const auto line = git_->line();
    if (!line) fail_git(git_->complaints());
    const std::size_t last = line->rfind(' ');
    if (ends_with(*line, " missing") || last == std::string::npos) return std::nullopt;
    std::size_t size = 0;
    std::from_chars(line->data() + last + 1, line->data() + line->size(), size);
    auto bytes = git_->bytes(size + 1);
    if (!bytes) fail_git(git_->complaints());
    bytes->pop_back();
    return bytes;
  }

 private:
  std::unique_ptr<Dialogue> git_;
};

constexpr std::size_t kSlice = 512;  // neighbours in a pack are deltas of each other: one reader takes them together
constexpr std::size_t kAsked = 64;   // questions at once; their text must fit into what a socket holds

struct Found {
  Hit hit;
  git::Oid blob;
};

struct Part {
  std::vector<Found> found;
  Coverage coverage;
};

void scan_slice(const Scanner& scanner, Reader& reader, const Blob* begin, const Blob* end, Part& into) {
  const auto group_end = [&](const Blob* at) { return std::min(at + kAsked, end); };
  reader.ask(begin, group_end(begin));
  for (const Blob* group = begin; group != end; group = group_end(group)) {
    const Blob* const next = group_end(group);
    if (next != end) reader.ask(next, group_end(next));
    for (const Blob* blob = group; blob != next; ++blob) {
      const auto text = reader.answer();
      if (!text) {
        Hit hit;
        hit.finding = {.rule = kNotScanned,
                       .description = "its content is missing from the repository, so it was not scanned",
                       .file = blob->path};
        into.found.push_back({std::move(hit), blob->id});
        ++into.coverage.unfinished;
        continue;
      }
      for (Hit& hit : scanner.scan({blob->path, "", *text}, into.coverage))
        into.found.push_back({std::move(hit), blob->id});
    }
  }
}

/// The first commit that brought each of these blobs, and how old it is among them (smaller: older).
using Bringers = std::unordered_map<git::Oid, std::pair<git::Oid, std::size_t>, git::OidHash>;

Bringers bringers_of(const git::Repository& repo, const std::set<std::string>& blobs) {
  Bringers bringers;
  constexpr std::size_t kAtOnce = 500;  // what one command line holds
  for (auto at = blobs.begin(); at != blobs.end();) {
    std::vector<std::string> args = {"log",         "--all",        "--reverse", "--topo-order", "--raw",
                                     "--no-abbrev", "--no-renames", "-m",        "--root",       "--no-show-signature",
                                     "--no-notes",  "--format=%H"};
    for (std::size_t i = 0; i < kAtOnce && at != blobs.end(); ++i, ++at) args.push_back("--find-object=" + *at);
    git::Oid commit;
    std::size_t age = 0;
    each_line(repo, args, [&](std::string_view line) {
      if (line.empty()) return;
      if (line[0] != ':') {
        commit = git::Oid::parse(line);
        ++age;
        return;
      }
      const auto words = split(line.substr(0, line.find('\t')), ' ');
      if (words.size() >= 4 && blobs.contains(words[3])) bringers.try_emplace(git::Oid::parse(words[3]), commit, age);
    });
  }
  return bringers;
}

/// Names commits, and keeps of the same secret in the same file the oldest.
std::vector<Hit> first_appearances(const git::Repository& repo, std::vector<Found> found) {
  if (found.empty()) return {};
  std::set<std::string> blobs;
  for (const Found& each : found) blobs.insert(each.blob.hex());
  const Bringers bringers = bringers_of(repo, blobs);
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<std::size_t, std::size_t>> oldest;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Hit& hit = found[i].hit;
    const auto bringer = bringers.find(found[i].blob);
    const std::size_t age = bringer == bringers.end() ? static_cast<std::size_t>(-1) : bringer->second.second;
    if (bringer != bringers.end()) hit.finding.commit = bringer->second.first.hex();
    hit.finding.fingerprint = (hit.finding.commit.empty() ? "" : hit.finding.commit + ":") + hit.finding.file + ":" +
                              hit.finding.rule + ":" + std::to_string(hit.finding.line);
    const auto key =
        std::tuple(hit.finding.rule, hit.finding.file, hit.rule ? hit.secret + hit.match : found[i].blob.hex());
    const auto [place, is_new] = oldest.try_emplace(key, age, i);
    if (!is_new && age < place->second.first) place->second = {age, i};
  }
  std::vector<Hit> hits;
  for (const auto& [key, place] : oldest) hits.push_back(std::move(found[place.second].hit));
  return hits;
}

}  // namespace

Scan scan_history(const Scanner& scanner, const git::Repository& repo, const HistoryScan& what) {
  const std::vector<Blob> blobs = blobs_in_stored_order(repo);
  const std::size_t workers = blobs.size() < kSlice ? 1 : processors();
  std::vector<std::unique_ptr<Reader>> readers;
  for (std::size_t i = 0; i < workers; ++i) readers.push_back(std::make_unique<Reader>(repo));
  std::vector<Part> parts(workers);
  std::atomic<std::size_t> next{0};
  on_threads(
      workers,
      [&](std::size_t worker) {
        for (std::size_t at = next.fetch_add(kSlice); at < blobs.size(); at = next.fetch_add(kSlice))
          scan_slice(scanner, *readers[worker], blobs.data() + at, blobs.data() + std::min(at + kSlice, blobs.size()),
                     parts[worker]);
      },
      [&] {
        if (what.progress) what.progress(std::min(next.load(), blobs.size()), blobs.size());
      });
  Scan whole;
  whole.coverage.rules = scanner.rules().rules.size();
  std::vector<Found> found;
  for (Part& part : parts) {
    whole.coverage += part.coverage;
    for (Found& each : part.found) found.push_back(std::move(each));
  }
  whole.hits = first_appearances(repo, std::move(found));
  std::erase_if(whole.hits, [&](const Hit& hit) { return what.allowed && what.allowed->covers(hit); });
  sort_hits(whole.hits);
  return whole;
}

}  // namespace ga::scan
