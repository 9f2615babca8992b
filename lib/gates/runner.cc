#include "gates/runner.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "gates/attempt.hh"
#include "gates/builtin.hh"
#include "gates/cache.hh"
#include "gates/interrupt.hh"
#include "gates/pool.hh"
#include "gates/quarantine.hh"
#include "gates/trust.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// A gate that has to run.
struct Job {
  const Gate* gate;
  std::size_t place;  ///< in the list of verdicts
};

bool touches(const git::Repository& repo, const Gate& gate, const GateRequest& request) {
  if (gate.files.empty()) return true;
  const auto changes = git::diff_trees(repo, request.base_tree, request.tree);
  return std::any_of(changes.begin(), changes.end(),
                     [&](const git::Change& c) { return glob_match_any(gate.files, c.path); });
}

const Gate& gate_named(const Policy& policy, const std::string& name) {
  const auto found =
      std::find_if(policy.gates.begin(), policy.gates.end(), [&](const Gate& g) { return g.name == name; });
  if (found != policy.gates.end()) return *found;
  throw Error(Kind::not_found, "no gate '" + sanitize_line(fit(name, 80)) + "' in " + sanitize_line(policy.origin),
              {"see the gates with 'git agent-gate list'"});
}

bool is_wanted(const GateRequest& request, const std::string& name) {
  return request.only.empty() || std::find(request.only.begin(), request.only.end(), name) != request.only.end();
}

std::vector<const Builtin*> select_builtins(const Policy& policy, const GateRequest& request) {
  std::vector<const Builtin*> chosen;
  for (const Builtin& builtin : builtins())
    if (is_wanted(request, shown_name(builtin, policy))) chosen.push_back(&builtin);
  return chosen;
}

void require_known(const Policy& policy, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto is_it = [&](const Builtin& builtin) { return shown_name(builtin, policy) == name; };
    if (std::none_of(builtins().begin(), builtins().end(), is_it)) gate_named(policy, name);
  }
}

std::vector<Gate> select(const git::Repository& repo, const Policy& policy, const GateRequest& request) {
  std::vector<Gate> chosen;
  if (!request.commands) return chosen;
  for (Gate& gate : policy.gates_on(request.event)) {
    if (is_wanted(request, gate.name) && touches(repo, gate, request)) chosen.push_back(std::move(gate));
  }
  return chosen;
}

Json list_of(const std::vector<Verdict>& verdicts) {
  Json list = Json::array();
  for (const Verdict& verdict : verdicts) list.push_back(to_json(verdict));
  return list;
}

[[noreturn]] void fail_untrusted(const Policy& policy, const std::vector<Verdict>& builtin) {
  throw Error(
      Kind::not_trusted, "the commands in " + sanitize_line(policy.origin) + " are not trusted yet: none was run",
      {"look at them with 'git agent-gate list', then say so with 'git agent-gate trust " + policy.trust_hash() + "'"})
      .next({"git", "agent-gate", "trust", policy.trust_hash()})  // not the program
      .with_data({{"gates", list_of(builtin)}});
}

/// A new file for a log, so that two runs never share one.
std::string new_log(const fs::path& common_dir, const Gate& gate, const git::Oid& tree) {
  const fs::path dir = common_dir / "agent" / "logs" / "gates";
  make_directories(dir);
  for (int n = 1;; ++n) {
    const std::string file = (dir / (gate.name + "-" + tree.hex() + "-" + std::to_string(n) + ".log")).string();
    const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0) {
      ::close(fd);
      return file;
    }
    if (errno != EEXIST) fail_environment("cannot write " + file + ": " + std::strerror(errno));
  }
}

std::vector<std::string> changed_paths(const git::Repository& repo, const GateRequest& request) {
  std::vector<std::string> paths;
  git::each_change(repo, request.base_tree, request.tree,
                   [&](const git::Change& change) { paths.push_back(change.path); });
  return paths;
}

// ---- built-in gates -----------------------------------------------------------------------------

Verdict judge_builtin(const git::Repository& repo, const Policy& policy, const GateRequest& request,
                      const Builtin& builtin) {
  Verdict verdict;
  verdict.gate = shown_name(builtin, policy);
  verdict.tree = request.tree;
  verdict.builtin = true;
  const double start = monotonic_seconds();
  try {
    BuiltinReport report = builtin.judge({.repo = repo,
                                          .policy = policy,
                                          .base_tree = request.base_tree,
                                          .tree = request.tree,
                                          .commits = request.commits,
                                          .event = request.event,
                                          .by_agent = request.by_agent,
                                          .allowed = request.allowed});
    verdict.findings = std::move(report.findings);
    verdict.coverage = report.coverage;
    const bool blocks = std::any_of(verdict.findings.begin(), verdict.findings.end(),
                                    [](const scan::Finding& finding) { return finding.blocks; });
    verdict.outcome = blocks || !report.covered ? Outcome::fail : Outcome::pass;
    if (!report.covered) verdict.excerpt = "not everything that changed was looked at: " + report.coverage + "\n";
  } catch (const Error& error) {
    verdict.outcome = Outcome::broken;
    verdict.excerpt = sanitize(error.what()) + "\n";
  }
  verdict.exit_code = verdict.passed() ? 0 : 1;
  verdict.seconds = monotonic_seconds() - start;
  return verdict;
}

bool all_passed(const std::vector<Verdict>& verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.passed(); });
}

std::vector<Verdict> judge_builtins(const git::Repository& repo, const Policy& policy, const GateRequest& request) {
  std::vector<Verdict> verdicts;
  for (const Builtin* builtin : select_builtins(policy, request))
    verdicts.push_back(judge_builtin(repo, policy, request, *builtin));
  return verdicts;
}

// ---- commands -----------------------------------------------------------------------------------

std::vector<std::string> failing_tests(const Verdict& verdict) {
  std::vector<std::string> tests;
  for (const scan::Finding& finding : verdict.findings)
    if (finding.blocks) tests.push_back(finding.rule);
  if (tests.empty()) tests.emplace_back();
  return tests;
}

class Run {
 public:
  Run(git::Repository& repo, const Policy& policy, const GateRequest& request)
      : repo_(repo), policy_(policy), request_(request), environment_(GateEnvironment::of(repo)),
        cache_(repo.common_dir(), request.by_agent) {}

  std::vector<Verdict> all(const std::vector<Gate>& gates) {
    verdicts_.resize(gates.size());
    std::vector<Job> reading, writing;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      auto known = request_.use_cache ? cache_.find(gates[i], request_.tree, environment_) : std::nullopt;
      if (known) verdicts_[i] = *known;
      else (gates[i].writes ? writing : reading).push_back({&gates[i], i});
    }
    if (!reading.empty() || !writing.empty()) run_jobs(reading, writing);
    return std::move(verdicts_);
  }

 private:
  /// A checkout of the tree, ready for gates.
  Slot prepared(git::Repository& repo) const {
    Slot slot = Slot::acquire(repo, request_.progress);
    refresh(repo, slot);
    return slot;
  }
  void refresh(git::Repository& repo, Slot& slot) const {
    slot.move_to(repo, request_.tree);
    if (request_.prepare) request_.prepare(slot.tree());
  }

  void run_jobs(const std::vector<Job>& reading, const std::vector<Job>& writing) {
    if (request_.progress) request_.progress("checking out the tree to judge");
    std::optional<Slot> shared;
    if (!reading.empty()) shared = prepared(repo_);
    for (const Job& job : reading) remove_report(*job.gate, shared->tree());
    {
      const Interrupts guard;
      side_by_side(reading, writing, shared ? &*shared : nullptr);
    }
    for (const auto* jobs : {&reading, &writing})
      for (const Job& job : *jobs) cache_.store(*job.gate, environment_, verdicts_[job.place]);
  }

  // Each thread takes the next gate that reads; one more does those that write, one after the other. This one reports
  // what is being waited for.
  void side_by_side(const std::vector<Job>& reading, const std::vector<Job>& writing, Slot* shared) {
    std::atomic<std::size_t> next{0};
    std::condition_variable changed;
    std::vector<const Job*> waiting;
    for (const auto* jobs : {&reading, &writing})
      for (const Job& job : *jobs) waiting.push_back(&job);
    const auto finished = [&](const Job& job, Verdict verdict) {
      const std::lock_guard<std::mutex> guard(mutex_);
      verdicts_[job.place] = std::move(verdict);
      std::erase(waiting, &job);
      changed.notify_one();
    };
    const auto read = [&] {
      for (std::size_t i = next++; i < reading.size(); i = next++) finished(reading[i], read_one(reading[i], *shared));
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::min(limit(), reading.size()); ++i) threads.emplace_back(read);
    if (!writing.empty())
      threads.emplace_back([&] {
        for (const Job& job : writing) finished(job, write_one(job));
      });
    const double start = monotonic_seconds();
    std::unique_lock<std::mutex> guard(mutex_);
    while (!waiting.empty()) {
      report(waiting, monotonic_seconds() - start);
      changed.wait_for(guard, std::chrono::milliseconds(500));
    }
    guard.unlock();
    for (std::thread& thread : threads) thread.join();
  }

  std::size_t limit() const {
    if (policy_.gate_jobs > 0) return static_cast<std::size_t>(policy_.gate_jobs);
    return std::max(1u, std::thread::hardware_concurrency());
  }

  void report(const std::vector<const Job*>& waiting, double seconds) const {
    if (!request_.progress) return;
    std::vector<std::string> names;
    for (const Job* job : waiting) names.push_back(job->gate->name);
    request_.progress("gates: " + join(names, ", ") + " (" + format_age(static_cast<std::int64_t>(seconds)) + ")");
  }

  // A thread must not throw: what went wrong with the checkout is a verdict that says nothing about the tree.
  template <typename Judge>
  Verdict guarded(const Gate& gate, const Judge& judge) const {
    try {
      return judge();
    } catch (const std::exception& error) {
      Verdict verdict;
      verdict.gate = gate.name;
      verdict.tree = request_.tree;
      verdict.exit_code = 126;
      verdict.limit = gate.timeout_seconds;
      verdict.excerpt = sanitize(error.what()) + "\n";
      return verdict;
    }
  }

  Verdict read_one(const Job& job, Slot& shared) {
    return guarded(*job.gate, [&] { return with_retries(*job.gate, shared, [&] {}); });
  }

  // Alone in its clone: what such a gate changes outside of its checkout (a database, a port) is there once.
  Verdict write_one(const Job& job) {
    return guarded(*job.gate, [&] {
      const fs::path locks = repo_.common_dir() / "agent" / "locks";
      make_directories(locks);
      constexpr double kWaitSeconds = 2 * 3600;
      const FileLock alone = FileLock::acquire(locks / "gates.write", kWaitSeconds, "another gate that writes");
      git::Repository repo = git::Repository::discover(repo_.common_dir());  // a thread of its own: one of its own
      Slot slot = prepared(repo);
      remove_report(*job.gate, slot.tree());
      return with_retries(*job.gate, slot, [&] { refresh(repo, slot); });
    });
  }

  // A pass after a failure on the same tree is a pass, and evidence that the failure comes and goes.
  template <typename Again>
  Verdict with_retries(const Gate& gate, Slot& slot, const Again& again) {
    std::set<std::string> failed_before;
    for (int n = 1;; ++n) {
      Verdict verdict = once(gate, slot);
      verdict.attempts = n;
      if (verdict.outcome == Outcome::fail && n <= gate.retries) {
        for (std::string& test : failing_tests(verdict)) failed_before.insert(std::move(test));
        again();
        remove_report(gate, slot.tree());
        continue;
      }
      if (verdict.outcome == Outcome::fail)
        for (const std::string& test : failing_tests(verdict)) failed_before.erase(test);
      const bool judged = verdict.outcome == Outcome::pass || verdict.outcome == Outcome::fail;
      if (judged) verdict.flaky_tests.insert(verdict.flaky_tests.end(), failed_before.begin(), failed_before.end());
      verdict.flaky = !verdict.flaky_tests.empty();
      return verdict;
    }
  }

  Verdict once(const Gate& gate, Slot& slot) {
    const fs::path scratch = slot.fresh_scratch(gate.name);
    const Place place{slot, mutex_, new_log(repo_.common_dir(), gate, request_.tree), (scratch / "home").string(),
                      (scratch / "tmp").string()};
    Verdict verdict = attempt(gate, environment_, request_.tree, request_.event, place);
    remove_tree(scratch);
    return verdict;
  }

  git::Repository& repo_;
  const Policy& policy_;
  const GateRequest& request_;
  GateEnvironment environment_;
  VerdictCache cache_;
  std::mutex mutex_;
  std::vector<Verdict> verdicts_;
};

std::vector<Verdict> excused(const git::Repository& repo, const Policy& policy, const GateRequest& request,
                             std::vector<Verdict> verdicts) {
  if (policy.quarantine.empty() || all_passed(verdicts)) return verdicts;
  const auto changed = changed_paths(repo, request);
  for (Verdict& verdict : verdicts) excuse(verdict, policy, request, changed, now());
  return verdicts;
}

}  // namespace

std::optional<Verdict> known_verdict(const git::Repository& repo, const Policy& policy, const std::string& gate,
                                     const git::Oid& tree, bool by_agent) {
  return VerdictCache(repo.common_dir(), by_agent).find(gate_named(policy, gate), tree, GateEnvironment::of(repo));
}

std::vector<Verdict> run_gates(git::Repository& repo, const Policy& policy, const GateRequest& request) {
  require_known(policy, request.only);
  const std::vector<Gate> gates = select(repo, policy, request);
  const bool trusted = gates.empty() || is_trusted(repo.common_dir(), policy);
  // The repository's own come first: they are what most people look for.
  const auto together = [&](std::vector<Verdict> commands, std::vector<Verdict> builtin) {
    for (Verdict& verdict : builtin) commands.push_back(std::move(verdict));
    return excused(repo, policy, request, std::move(commands));
  };
  // Nobody waits for a test that cannot save the commit; whoever hands work in wants to hear everything at once.
  const bool one_by_one = request.event == "pre-commit" || gates.empty() || !trusted;
  if (one_by_one) {
    std::vector<Verdict> verdicts = judge_builtins(repo, policy, request);
    if (gates.empty() || !all_passed(verdicts)) return verdicts;
    if (!trusted) fail_untrusted(policy, verdicts);
    return together(Run(repo, policy, request).all(gates), std::move(verdicts));
  }
  auto builtin = std::async(std::launch::async, [&] {
    const git::Repository own = git::Repository::discover(repo.common_dir());
    return judge_builtins(own, policy, request);
  });
  std::vector<Verdict> commands = Run(repo, policy, request).all(gates);
  return together(std::move(commands), builtin.get());
}

}  // namespace ga::gates
