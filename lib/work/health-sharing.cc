// What remotes and people who do not use git-agent have to do with the ledger, and what is kept of removed work.
#include <algorithm>

#include "util/text.hh"
#include "work/health.hh"

namespace ga::work {
namespace {

constexpr const char* kOurRefs[] = {ledger::kLedgerRef, "refs/notes/agent"};

// One side of a refspec (git-fetch(1)): a ref, or a pattern with one '*'.
bool side_names(std::string_view side, std::string_view ref) {
  const auto star = side.find('*');
  if (star == std::string_view::npos) return side == ref;
  const std::string_view head = side.substr(0, star), tail = side.substr(star + 1);
  return ref.size() >= head.size() + tail.size() && starts_with(ref, head) && ends_with(ref, tail);
}

// Where it writes; "" when nowhere: what is fetched without a ':' goes to FETCH_HEAD alone.
std::string destination(std::string_view refspec, bool fetches) {
  if (starts_with(refspec, "^")) return "";
  if (starts_with(refspec, "+")) refspec.remove_prefix(1);
  const auto colon = refspec.find(':');
  if (colon == std::string_view::npos) return fetches ? "" : std::string(refspec);
  return std::string(refspec.substr(colon + 1));
}

const char* ours(const std::string& refspec, bool fetches) {
  for (const char* ref : kOurRefs)
    if (side_names(destination(refspec, fetches), ref)) return ref;
  return nullptr;
}

void check_refspecs(Examination& e, const std::string& remote, const char* direction, const char* damage) {
  const std::string key = "remote." + remote + "." + direction;
  for (const std::string& refspec : e.project.config().get_all(key)) {
    const char* ref = ours(refspec, std::string_view(direction) == "fetch");
    if (ref == nullptr) continue;
    e.report("sharing", Severity::warning,
             "plain 'git " + std::string(direction) + "' " + damage + " " + ref + ": " + sanitize_line(key) + " is '" +
                 sanitize_line(refspec) + "'",
             "git config --fixed-value --unset " + sanitize_line(key) + " '" + sanitize_line(refspec) +
                 "'; the ledger goes by git agent-sync");
  }
}

void check_mirror(Examination& e, const std::string& remote) {
  const std::string key = "remote." + remote + ".mirror";
  if (!e.project.config().get_bool(key, false)) return;
  e.report("sharing", Severity::warning,
           "plain 'git push " + sanitize_line(remote) + "' overwrites the ledger there: " + sanitize_line(key) +
               " is true",
           "git config --unset " + sanitize_line(key));
}

void check_quarantine(Examination& e) {
  const std::string folder = "refs/agent-local/quarantine/";
  for (const auto& [name, tip] : e.project.repo().refs(folder)) {
    if (e.project.repo().is_ancestor(tip, e.project.ledger().tip())) continue;  // followed since
    e.report("sharing", Severity::warning,
             "a ledger that could not be followed is kept in " + sanitize_line(name) + " (" + tip.brief() + ")",
             "look at it: git log -p " + sanitize_line(name) + "; then git update-ref -d " + sanitize_line(name));
  }
}

}  // namespace

void check_sharing(Examination& e) {
  for (const std::string& remote : e.project.repo().remotes()) {
    check_refspecs(e, remote, "fetch", "overwrites");
    check_refspecs(e, remote, "push", "pushes unjudged");
    check_mirror(e, remote);
  }
  if (!e.project.repo().ref("refs/heads/git-agent-ledger").zero() && !e.project.repo().is_bare())
    e.report("sharing", Severity::warning,
             "the ledger is checked out as a branch, git-agent-ledger: committing there would forge it",
             "git branch -D git-agent-ledger; the ledger itself is " + std::string(ledger::kLedgerRef));
  check_quarantine(e);
}

void check_backups(Examination& e) {
  std::size_t count = 0;
  for (const char* folder : {"refs/agent-local/backup/", "refs/agent-local/merged/"})
    for (const auto& [name, id] : e.project.repo().refs(folder)) {
      ++count;
      const auto commit = e.project.repo().read_commit(id);
      if (commit && e.project.repo().has_object(commit->tree)) continue;
      e.report("backups", Severity::error,
               "the work kept in " + sanitize_line(name) + " cannot be read: object " + id.brief() + " is missing",
               "bring the object back from another clone or a copy of .git/objects: git fsck");
    }
  e.health.facts["backups"] = count;
}

}  // namespace ga::work
