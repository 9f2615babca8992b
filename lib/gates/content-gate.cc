#include "gates/content-gate.hh"

#include <map>
#include <set>

#include "scan/content.hh"
#include "util/glob.hh"

namespace ga::gates {
namespace {

constexpr unsigned kLink = 0120000, kSubmodule = 0160000;

scan::ContentLimits limits_of(const Policy& policy) {
  scan::ContentLimits limits;
  limits.max_bytes = policy.content.max_bytes;
  limits.binary = policy.content.binary == "refuse"  ? scan::Binaries::refuse
                  : policy.content.binary == "allow" ? scan::Binaries::allow
                                                     : scan::Binaries::warn;
  return limits;
}

class ContentGate {
 public:
  explicit ContentGate(const Subject& subject) : subject_(subject), limits_(limits_of(subject.policy)) {}

  BuiltinReport judge() {
    const auto changes = git::diff_trees(subject_.repo, subject_.base_tree, subject_.tree);
    std::map<git::Oid, std::string> left;  // where a content was that is there no longer
    for (const git::Change& change : changes)
      if (change.new_mode == 0) left.emplace(change.old_id, change.path);
    for (const git::Change& change : changes) {
      if (change.new_mode == 0 || change.new_mode == kSubmodule) continue;
      const auto moved = left.find(change.new_id);
      if (change.old_mode == 0 && moved != left.end() && text_class(moved->second) == text_class(change.path)) continue;
      judge_change(change);
    }
    for (const git::Oid& commit : subject_.commits) judge_commit(commit);
    report_.coverage = blobs_text(seen_.size(), bytes_);
    return std::move(report_);
  }

 private:
  scan::TextClass text_class(const std::string& path) const {
    return is_protected(subject_.policy, path) ? scan::TextClass::guarded : scan::text_class(path);
  }

  std::optional<std::string> read(const git::Oid& id, const std::string& path) {
    auto bytes = subject_.repo.read_blob(id);
    if (bytes) return bytes;
    report_.covered = false;
    scan::Finding finding{
        .rule = "unreadable", .description = "its content is missing from the repository", .file = path};
    finding.fingerprint = path + ":unreadable:0";
    report_.findings.push_back(finding);
    return std::nullopt;
  }

  void judge_change(const git::Change& change) {
    const auto after = read(change.new_id, change.path);
    const bool existed = change.old_mode != 0 && change.old_mode != kSubmodule;
    const auto before = existed ? read(change.old_id, change.path) : std::optional<std::string>("");
    if (!after || !before) return;
    seen_.emplace(change.path, change.new_id);
    bytes_ += after->size();
    if (glob_match_any(subject_.policy.content.allow, change.path)) return;
    add(scan::check_content({.path = change.path,
                             .before = *before,
                             .after = *after,
                             .existed = existed,
                             .is_link = change.new_mode == kLink,
                             .text = text_class(change.path)},
                            limits_),
        git::Oid());
  }

  // What a commit adds and a later one takes away again: only its size and kind matter then.
  void judge_commit(const git::Oid& id) {
    const auto commit = subject_.repo.read_commit(id);
    if (!commit) {
      report_.covered = false;
      return;
    }
    const git::Oid parent = commit->parents.empty() ? git::Oid() : git::tree_of(subject_.repo, commit->parents.front());
    git::each_change(subject_.repo, parent, commit->tree, [&](const git::Change& change) {
      if (change.new_mode == 0 || change.new_mode == kSubmodule || change.new_mode == kLink) return;
      if (glob_match_any(subject_.policy.content.allow, change.path)) return;
      if (!seen_.emplace(change.path, change.new_id).second) return;
      const auto after = read(change.new_id, change.path);
      if (!after) return;
      bytes_ += after->size();
      auto findings =
          scan::check_content({.path = change.path, .after = *after, .existed = change.old_mode != 0}, limits_);
      std::erase_if(findings, [](const scan::Finding& each) {
        return each.rule != "oversized-file" && each.rule != "binary-file";
      });
      add(std::move(findings), id);
    });
  }

  void add(std::vector<scan::Finding> findings, const git::Oid& commit) {
    for (scan::Finding& each : findings) {
      if (!commit.zero()) {
        each.commit = commit.hex();
        each.fingerprint = each.commit + ":" + each.fingerprint;
      }
      report_.findings.push_back(std::move(each));
    }
  }

  const Subject& subject_;
  scan::ContentLimits limits_;
  BuiltinReport report_;
  std::set<std::pair<std::string, git::Oid>> seen_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string blobs_text(std::size_t blobs, std::size_t bytes) {
  constexpr std::size_t kKilo = 1024;
  const std::string size =
      bytes < kKilo ? std::to_string(bytes) + " bytes" : std::to_string((bytes + kKilo / 2) / kKilo) + " KB";
  return std::to_string(blobs) + (blobs == 1 ? " blob, " : " blobs, ") + size;
}

BuiltinReport judge_content(const Subject& subject) { return ContentGate(subject).judge(); }

}  // namespace ga::gates
