#include "work/sync.hh"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "ledger/foreign.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fault.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::work {

namespace fs = std::filesystem;

namespace {

constexpr const char* kBranchRef = "refs/heads/git-agent-ledger";
constexpr double kGlance = 0.03;      // so often somebody who waits looks whether there is need to
constexpr double kLockSeconds = 300;  // another process's exchange over a slow line
constexpr int kRounds = 30;
constexpr int kSameRefusals = 3;  // of a remote that has not moved: it will not take it
constexpr unsigned kPauseSeconds = 1;
constexpr double kYieldSeconds = 0.02, kLongestTurn = 0.5, kTurn = 1.2;
constexpr double kSmoothing = 0.3;
constexpr int kAlone = 4;               // so many exchanges that met nobody
constexpr double kConfirmSeconds = 60;  // to say yes or no to a claim

// A remote's name as one part of a ref's name.
std::string encoded(const std::string& name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : name) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) text += c;
    else text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

// One exchange.
struct Exchange {
  Project& project;
  double seconds;
  std::function<void(const std::string&)> progress;
  SyncResult result;

  git::Oid raced_at{};  ///< what the remote had when it last did not take a push
  int raced = 0;        ///< how often since it had that
  std::string said;     ///< its words

  std::string own_ref(const char* what) const {
    return std::string("refs/agent-local/") + what + "/" + encoded(result.remote);
  }
  void say(const std::string& text) const {
    if (progress) progress(text);
  }
};

git::GitOptions quiet(Project& project, double seconds = 60) {
  git::GitOptions options;
  // Paths of remotes are relative to the main worktree, wherever this runs.
  const fs::path main_dir = project.repo().main_work_dir();
  options.cwd = main_dir.empty() ? project.repo().common_dir() : main_dir;
  options.git_dir = project.repo().common_dir();
  options.keep_config = true;  // credentials come that way
  options.env["GIT_AGENT_INTERNAL"] = "1";
  options.env["LC_ALL"] = "C";  // what the server says is read
  options.timeout_seconds = seconds;
  return options;
}

std::string choose_remote(Project& project, const std::string& wanted) {
  const std::vector<std::string> all = project.repo().remotes();
  const auto known = [&](const std::string& name) { return std::find(all.begin(), all.end(), name) != all.end(); };
  if (all.empty()) fail_environment("this repository has no remote", {"add one: git remote add origin URL"});
  const std::string name = !wanted.empty() ? wanted : project.repo().setting("agent.remote");
  if (!name.empty()) {
    if (known(name)) return name;
    throw Error(Kind::not_found, "no remote '" + sanitize_line(name) + "'", {"there is: " + join(all, ", ")});
  }
  if (known("origin")) return "origin";
  if (all.size() == 1) return all.front();
  fail_usage("there are several remotes: " + join(all, ", "),
             {"say which one, or set it: git config agent.remote NAME"});
}

void set_ref(Project& project, const std::string& name, const git::Oid& next) {
  for (int attempt = 0; attempt < kRounds; ++attempt) {
    const git::Oid now = project.repo().ref(name);
    if (now == next || project.repo().cas_ref(name, now, next, "agent-sync") == git::Cas::committed) return;
  }
  throw Error(Kind::timeout, name + " stays locked by another program", {"try again"});
}

// Git has no common words for it.
bool is_other_hash(const Result& said) {
  for (const char* words : {"mismatched algorithms", "capabilities^{}", "hash algorithm", "object format"})
    if (said.err.find(words) != std::string::npos) return true;
  return false;
}

[[noreturn]] void fail_unreachable(const Exchange& exchange, const Result& said) {
  if (is_other_hash(said))
    throw Error(Kind::environment,
                "'" + sanitize_line(exchange.result.remote) +
                    "' names its objects by another hash than this repository (" +
                    (exchange.project.repo().uses_sha256() ? "SHA-256" : "SHA-1") +
                    "): " + sanitize_line(git::last_words(said)),
                {"Git cannot exchange between the two yet; everything stays in the local ledger",
                 "a new remote of the right kind: git init --bare --object-format=" +
                     std::string(exchange.project.repo().uses_sha256() ? "sha256" : "sha1") + " DIR"});
  throw Error(Kind::environment,
              "cannot reach '" + exchange.result.remote + "': " + sanitize_line(git::last_words(said)),
              {"everything stays in the local ledger; run 'git agent-sync' again when the remote is there"});
}

// What the remote has under one name; zero when it has nothing there.
git::Oid fetch_one(Exchange& exchange, const std::string& ref) {
  const std::string to = exchange.own_ref("incoming");
  const Result said = git::git({"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
                                "--no-auto-maintenance", "--no-filter", "--no-prune", "--", exchange.result.remote,
                                "+" + ref + ":" + to},
                               quiet(exchange.project, exchange.seconds));
  if (said.ok()) return exchange.project.repo().ref(to);
  if (said.err.find("couldn't find remote ref") != std::string::npos) return {};
  fail_unreachable(exchange, said);
}

// Where the remote kept the ledger last time.
std::string known_ref(const Exchange& exchange) {
  return exchange.project.repo().ref(exchange.own_ref("branch")).zero() ? ledger::kLedgerRef : kBranchRef;
}

git::Oid fetch(Exchange& exchange) {
  const std::string first = known_ref(exchange),
                    second = first == kBranchRef ? ledger::kLedgerRef : std::string(kBranchRef);
  exchange.result.ref = first;
  git::Oid found = fetch_one(exchange, first);
  if (!found.zero()) return found;
  found = fetch_one(exchange, second);
  if (!found.zero()) exchange.result.ref = second;
  return found;
}

[[noreturn]] void quarantine(Exchange& exchange, const git::Oid& incoming, const std::string& problem) {
  const std::string kept = exchange.own_ref("quarantine");
  set_ref(exchange.project, kept, incoming);
  throw Error(Kind::environment,
              "the ledger of '" + sanitize_line(exchange.result.remote) + "' cannot be followed: " + problem,
              {"nothing has changed here; what came is kept in " + kept + ": git log -p " + kept,
               "when a person has rewritten it there by mistake, this clone can restore it: git push --force " +
                   exchange.result.remote + " " + std::string(ledger::kLedgerRef) + ":" + exchange.result.ref})
      .with_data({{"quarantine", kept}});
}

// Makes the local ledger hold everything that came.
void follow(Exchange& exchange, const git::Oid& incoming) {
  ledger::Ledger& ledger = exchange.project.ledger();
  const git::Oid local = ledger.tip();
  if (incoming.zero() || local == incoming) return;
  exchange.say("following what came from " + exchange.result.remote);
  for (const auto& [op, refusal] : ledger.follow(incoming).refused)
    exchange.result.refused.emplace_back(op, refusal.message);
}

enum class Push { done, raced, refused };

Push push_one(Exchange& exchange, const git::Oid& expected, const git::Oid& tip) {
  const std::string& ref = exchange.result.ref;
  const Result said = git::git({"-c", "remote." + exchange.result.remote + ".mirror=false", "push", "--porcelain",
                                "--no-verify", "--no-recurse-submodules", "--no-signed",
                                "--force-with-lease=" + ref + ":" + (expected.zero() ? "" : expected.hex()), "--",
                                exchange.result.remote, tip.hex() + ":" + ref},
                               quiet(exchange.project, exchange.seconds));
  if (said.ok()) return Push::done;
  exchange.said = sanitize_line(fit(trim(said.err.empty() ? said.out : git::last_words(said)), 300));
  // "!<tab>from:to<tab>[rejected] (stale info)": somebody was faster; the same when the server's own lock was taken.
  for (const char* race : {"stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref",
                           "incorrect old value", "reference already exists"})
    if (said.out.find(race) != std::string::npos || said.err.find(race) != std::string::npos) return Push::raced;
  if (said.out.find("[remote rejected]") != std::string::npos) return Push::refused;
  fail_unreachable(exchange, said);
}

// True when the remote has this tip now; false: it moved meanwhile.
bool push(Exchange& exchange, const git::Oid& incoming, const git::Oid& tip) {
  if (tip.zero() || tip == incoming) return true;
  // The lease alone would let an older or another history take the place of what is there.
  if (!incoming.zero() && !exchange.project.repo().is_ancestor(incoming, tip)) return false;
  Push done = push_one(exchange, incoming, tip);
  if (done == Push::refused && exchange.result.ref == ledger::kLedgerRef && incoming.zero()) {
    exchange.result.ref = kBranchRef;
    exchange.result.fell_back = true;
    done = push_one(exchange, incoming, tip);
    if (done == Push::done) set_ref(exchange.project, exchange.own_ref("branch"), tip);
  }
  // A race that nobody has won is none.
  exchange.raced = done == Push::raced && incoming == exchange.raced_at ? exchange.raced + 1 : 1;
  exchange.raced_at = incoming;
  if (done == Push::refused || exchange.raced > kSameRefusals)
    throw Error(Kind::environment,
                "'" + sanitize_line(exchange.result.remote) + "' refuses the ledger (" + exchange.result.ref +
                    "): " + exchange.said,
                {"ask who runs it to allow " + std::string(ledger::kLedgerRef) + " or the branch git-agent-ledger"});
  return done == Push::done;
}

// Operations that the remote has not.
std::size_t count_after(const ledger::Ledger& ledger, const git::Oid& base, const git::Oid& tip) {
  std::size_t count = 0;
  if (tip.zero() || tip == base) return 0;
  ledger.walk([&](const ledger::Entry& entry) { return entry.commit != base && ++count > 0; }, tip);
  return count;
}

// Looks at what came before anything follows it.
void receive(Exchange& exchange, const git::Oid& incoming) {
  const git::Oid before = exchange.project.repo().ref(exchange.own_ref("synced"));
  if (incoming.zero() || incoming == before) return;
  const ledger::Foreign foreign = ledger::examine(exchange.project.repo(), before, incoming);
  if (!foreign.problem.empty()) quarantine(exchange, incoming, foreign.problem);
  exchange.result.received += foreign.operations;
}

bool is_held(const std::optional<model::Task>& task, const ClaimName& claim) {
  return task && task->claim && task->claim->fence == claim.fence;
}

bool stands_at(const git::Repository& repo, const git::Oid& tip, const ClaimName& claim) {
  const git::Oid tree = git::tree_of(repo, tip);
  const auto entry = tree.zero() ? std::nullopt : repo.entry_at(tree, model::object_path("tasks", claim.task));
  const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
  return blob && is_held(model::task_from_json(parse_toml(*blob, "task")), claim);
}

// Whether the remote has accepted a claim, as far as is known here, or another exchange has lost it already.
bool is_decided(Exchange& exchange, const ClaimName& claim) {
  const git::Repository& repo = exchange.project.repo();
  return !claim.task.empty() && (stands_at(repo, repo.ref(exchange.own_ref("synced")), claim) ||
                                 !stands_at(repo, repo.ref(ledger::kLedgerRef), claim));
}

// One remote is the common line: two would decide the same conflict differently, and each exchange turn the other's
// decision around. Others may lag behind or be ahead, not apart.
void require_same_line(Exchange& exchange, const git::Oid& incoming) {
  const git::Repository& repo = exchange.project.repo();
  const git::Oid local = exchange.project.ledger().tip();
  const std::string line = trim(read_file(exchange.project.agent_dir() / "sync.line").value_or(""));
  const auto remotes = repo.remotes();
  if (line.empty() || line == exchange.result.remote ||
      std::find(remotes.begin(), remotes.end(), line) == remotes.end())
    return;
  if (incoming.zero() || local.zero() || repo.is_ancestor(incoming, local) || repo.is_ancestor(local, incoming)) return;
  throw Error(Kind::environment,
              "the ledger of '" + sanitize_line(exchange.result.remote) + "' has gone another way than that of '" +
                  sanitize_line(line) + "', with which this clone exchanges",
              {"exchange with '" + sanitize_line(line) + "', and bring the other one there first",
               "to change the line: remove " + (exchange.project.agent_dir() / "sync.line").string()});
}

// What a clone remembers of exchanges that confirm claims, in <common>/agent/sync.turns, whose time is that of the last one.
struct Rhythm {
  int alone = 0;         ///< how many in a row have brought nothing from others
  double seconds = 0.1;  ///< what one of them takes that fetches, follows and pushes: so long others need to come in
};

fs::path rhythm_file(Project& project) { return project.agent_dir() / "sync.turns"; }

Rhythm read_rhythm(Project& project) {
  Rhythm rhythm;
  const std::string text = read_file(rhythm_file(project)).value_or("");
  if (std::sscanf(text.c_str(), "%d %lf", &rhythm.alone, &rhythm.seconds) < 1) return {};
  rhythm.seconds = std::clamp(rhythm.seconds, kYieldSeconds, kLongestTurn);
  return rhythm;
}

void write_rhythm(Project& project, const Rhythm& rhythm) {
  write_file_atomic(rhythm_file(project), std::to_string(rhythm.alone) + " " + std::to_string(rhythm.seconds) + "\n");
}

// Writers of several clones take turns. Who has just been accepted waits as long as another clone needs to fetch, to judge
// and to push; pushing at once it would win again and again, and each time throw away what the other has done. Meanwhile
// more claims gather, which go together. Without others a short wait gathers, with a long one now and then, so that
// somebody new comes in.
void wait_for_turn(Project& project, const Rhythm& rhythm) {
  struct stat info {};
  timespec now{};
  if (::stat(rhythm_file(project).c_str(), &info) != 0) return;
  ::clock_gettime(CLOCK_REALTIME, &now);
  const double since = static_cast<double>(now.tv_sec - info.st_mtim.tv_sec) +
                       static_cast<double>(now.tv_nsec - info.st_mtim.tv_nsec) * 1e-9;
  const bool others = rhythm.alone < kAlone || rhythm.alone % kAlone == 0;
  const double wanted = others ? kTurn * rhythm.seconds : kYieldSeconds;
  if (since >= 0 && since < wanted) ::usleep(static_cast<unsigned>((wanted - since) * 1e6));
}

// Pushes what the remote has not; false when it moved meanwhile.
bool push_from(Exchange& exchange, const git::Oid& incoming) {
  const git::Oid tip = exchange.project.ledger().tip();
  const std::size_t fresh = count_after(exchange.project.ledger(), incoming, tip);
  if (fresh > 0) exchange.say("pushing " + std::to_string(fresh) + " operations to " + exchange.result.remote);
  fault_point("sync.before-push");
  if (!push(exchange, incoming, tip)) return false;
  fault_point("sync.after-push");
  if (!tip.zero()) set_ref(exchange.project, exchange.own_ref("synced"), tip);
  exchange.result.sent += fresh;
  exchange.result.tip = tip;
  return true;
}

// The fetch left out: a push that is accepted says that nobody has come since, and one that is not costs no more than a
// fetch. False when there is nothing to push, for then only a fetch tells.
bool push_unseen(Exchange& exchange) {
  const git::Oid synced = exchange.project.repo().ref(exchange.own_ref("synced"));
  exchange.result.ref = known_ref(exchange);
  return !synced.zero() && synced != exchange.project.ledger().tip() && push_from(exchange, synced);
}

// One round; true when both sides agree.
bool round(Exchange& exchange, bool only_if_there) {
  exchange.say("fetching from " + exchange.result.remote);
  const git::Oid incoming = fetch(exchange);
  if (incoming.zero() && only_if_there) return true;
  receive(exchange, incoming);
  require_same_line(exchange, incoming);
  follow(exchange, incoming);
  // Only now both have it: what was examined and not followed is looked at again.
  if (!incoming.zero()) set_ref(exchange.project, exchange.own_ref("synced"), incoming);
  return push_from(exchange, incoming);
}

// None when the claim has been decided meanwhile: whoever has the lock takes all claims along, and to stand in line only to
// hear of it would be to wait for others' exchanges too.
std::optional<FileLock> wait_for_lock(Exchange& exchange, const ClaimName& confirm) {
  const fs::path file = exchange.project.agent_dir() / "sync.lock";
  const std::string what = "another exchange with a remote";
  if (confirm.task.empty()) return FileLock::acquire(file, kLockSeconds, what);
  const double deadline = monotonic_seconds() + kLockSeconds;
  while (!is_decided(exchange, confirm)) {
    try {
      return FileLock::acquire(file, kGlance, what);
    } catch (const Error& error) {
      if (error.kind() != Kind::timeout || monotonic_seconds() > deadline) throw;
    }
  }
  return std::nullopt;
}

}  // namespace

SyncResult sync_ledger(Project& project, const SyncRequest& request) {
  Exchange exchange{project, request.seconds, request.progress, {}};
  exchange.result.remote = choose_remote(project, request.remote);
  make_directories(project.agent_dir());
  const auto lock = wait_for_lock(exchange, request.confirm);
  if (!lock || is_decided(exchange, request.confirm)) return exchange.result;
  const bool confirms = !request.confirm.task.empty();
  Rhythm rhythm = read_rhythm(project);
  if (confirms) wait_for_turn(project, rhythm);
  // Writers of several clones who wait for each other's claims would find the door closed most of the time.
  const bool unseen = !confirms || rhythm.alone >= kAlone;
  for (int n = 0; n < kRounds; ++n) {
    const double begin = monotonic_seconds();
    const bool pushed = n == 0 && unseen && push_unseen(exchange);
    if (pushed || round(exchange, request.only_if_there)) {
      if (const fs::path line = project.agent_dir() / "sync.line"; !exchange.result.tip.zero() && !read_file(line))
        write_file_atomic(line, exchange.result.remote + "\n");
      rhythm.alone = exchange.result.received > 0 ? 0 : rhythm.alone + 1;
      if (!pushed) rhythm.seconds += kSmoothing * (monotonic_seconds() - begin - rhythm.seconds);
      write_rhythm(project, rhythm);
      return exchange.result;
    }
    // Who lost is next: the winner waits (wait_for_turn).
    ::usleep(random_below(2000u << std::min(n, 5)));
  }
  throw Error(Kind::target_moved, "'" + exchange.result.remote + "' moves faster than this clone can follow",
              {"try again: git agent-sync"})
      .next({"git", "agent-sync", exchange.result.remote});
}

Json to_json(const SyncResult& result) {
  Json refused = Json::array();
  for (const auto& [op, why] : result.refused)
    refused.push_back({{"op", op.id},
                       {"kind", op.kind},
                       {"actor", op.actor.name},
                       {"task", string_or_null(get_string(op.args, "task"))},
                       {"reason", why}});
  return {{"remote", result.remote},     {"ref", result.ref},
          {"received", result.received}, {"sent", result.sent},
          {"refused", refused},          {"tip", string_or_null(result.tip.zero() ? "" : result.tip.hex())}};
}

bool claims_are_remote(Project& project) {
  return !project.repo().remotes().empty() && project.policy().claims == "remote";
}

model::Task confirm_claim(Project& project, const ClaimName& claim, bool made_now) {
  if (claims_are_remote(project)) {
    try {
      sync_ledger(project, {.remote = "", .progress = {}, .confirm = claim, .seconds = kConfirmSeconds});
    } catch (const Error& error) {
      if (!made_now) throw;
      project.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
        if (!is_held(state.task(claim.task), claim)) return std::nullopt;
        return project.operation("task.release",
                                 {{"task", claim.task}, {"fence", claim.fence}, {"why", "the remote did not answer"}});
      });
      throw Error(error.kind(), std::string("the claim is not confirmed, and given back: ") + error.what(),
                  error.hints());
    }
  }
  // Also without a remote's word: another process of this clone may have exchanged meanwhile, and the claim been refused.
  auto now = project.ledger().state().task(claim.task);
  if (is_held(now, claim)) return *std::move(now);
  const std::string holder =
      now && now->claim ? "it went to " + sanitize_line(now->claim->agent) : "it is not there any more";
  throw Error(Kind::claim_lost,
              "another clone was faster with '" + (now ? now->slug : claim.task.substr(0, 8)) + "': " + holder,
              {"take other work with 'git agent-task next'"})
      .next({"git", "agent-task", "next"});
}

namespace {

fs::path pause_lock(Project& project) { return project.agent_dir() / "sync.later"; }
fs::path trouble_file(Project& project) { return project.agent_dir() / "sync.trouble"; }

}  // namespace

namespace {

void start_exchange(Project& project, bool with_claims) noexcept {
  try {
    const bool wanted = project.policy().sync_auto || (with_claims && claims_are_remote(project));
    if (!wanted || project.repo().remotes().empty()) return;
    if (!FileLock::try_acquire(pause_lock(project))) return;
    Command command;
    command.argv = {self_path(), "sync", "--later"};
    command.cwd = project.repo().common_dir().string();
    command.unset_env = git::local_env_vars();
    spawn_detached(command);
  } catch (...) {
    // What was written stays written; the next exchange takes it along.
  }
}

}  // namespace

void exchange_later(Project& project) noexcept { start_exchange(project, false); }
void exchange_lease_later(Project& project) noexcept { start_exchange(project, true); }

Json exchange_after_pause(Project& project, const SyncRequest& request) {
  make_directories(project.agent_dir());
  auto waiting = FileLock::try_acquire(pause_lock(project));
  if (!waiting) return nullptr;
  ::sleep(kPauseSeconds);
  waiting->release();
  try {
    const SyncResult result = sync_ledger(project, request);
    std::error_code ignored;
    fs::remove(trouble_file(project), ignored);
    return to_json(result);
  } catch (const Error& error) {
    write_file_atomic(trouble_file(project), sanitize_line(error.what()) + "\n");
    throw;
  }
}

std::string background_trouble(Project& project) { return trim(read_file(trouble_file(project)).value_or("")); }

bool install_fetch(Project& project, const SyncResult& synced) {
  if (synced.tip.zero())
    fail_environment("'" + sanitize_line(synced.remote) +
                         "' has no ledger yet, and 'git fetch' would fail for want of it",
                     {"once there is one: git agent-sync --install"});
  std::error_code error;
  if (fs::exists(project.repo().common_dir() / "shallow", error))
    fail_environment("this clone is shallow, and 'git fetch --depth' would cut the ledger's history off",
                     {"use 'git agent-sync'"});
  const std::string key = "remote." + synced.remote + ".fetch";
  const std::string spec = "+" + synced.ref + ":refs/agent-local/incoming/" + encoded(synced.remote);
  const auto present = split(git::git({"config", "-z", "--get-all", key}, quiet(project)).out, '\0');
  if (std::find(present.begin(), present.end(), spec) != present.end()) return false;
  git::git_or_fail({"config", "--add", key, spec}, quiet(project));
  return true;
}

}  // namespace ga::work
