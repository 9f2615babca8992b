// Moving a ref by the git program, for formats that libgit2 does not know.
#include "git/impl.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

// Fields end with NUL. Creating and deleting have words of their own, so that no id of zeros has to be of the right size.
std::string order(const RefMove& move) {
  const auto field = [](const std::string& text) { return text + '\0'; };
  if (!move.expected) return field("create " + move.name) + field(move.next.hex());
  if (!move.next) return field("delete " + move.name) + field(move.expected.hex());
  return field("update " + move.name) + field(move.next.hex()) + field(move.expected.hex());
}

bool says(const Result& result, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (result.err.find(word) != std::string::npos) return true;
  return false;
}

// Git has one exit code for all: whether somebody was faster is asked of the ref itself, whose value may have come back
// meanwhile, so that Git's words count too.
Cas judge_failure(RefStore& refs, const RefMove& move, const Result& result) {
  const RefValue now = refs.read(move.name);
  if (!now.target.empty() || now.id != move.expected ||
      says(result, {"but expected", "reference already exists", "unable to resolve reference", "reference is missing"}))
    return Cas::lost;
  if (says(result, {"exists; cannot create"}))
    fail_environment("cannot create ref '" + move.name + "': its name collides with another ref");
  if (says(result, {"File exists", "cannot lock references", "Another git process"})) return Cas::busy;
  fail_environment("cannot move ref '" + move.name + "': " + sanitize_line(last_words(result)));
}

}  // namespace

Cas move_by_git(Repository::Impl& impl, RefStore& refs, const RefMove& move) {
  const RefValue before = refs.read(move.name);
  if (before.broken) fail_environment("ref '" + move.name + "' is broken", {"see what 'git fsck' says about it"});
  if (!before.target.empty() || before.id != move.expected) return Cas::lost;
  if (move.next == move.expected) return Cas::committed;
  GitOptions options = impl.git_options();
  options.input = order(move);
  std::vector<std::string> args = {"-c", "core.hooksPath=/dev/null", "update-ref", "--no-deref", "-m", move.message};
  // As libgit2 does: only when asked to.
  args.insert(args.begin(), {"-c", is_durable() ? "core.fsync=reference" : "core.fsync=none"});
  if (move.keep_reflog) args.push_back("--create-reflog");
  args.insert(args.end(), {"-z", "--stdin"});
  const Result result = git(args, options);
  return result.ok() ? Cas::committed : judge_failure(refs, move, result);
}

}  // namespace ga::git
