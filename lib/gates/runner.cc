#include "gates/runner.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "gates/cache.hh"
#include "gates/environment.hh"
#include "gates/interrupt.hh"
#include "gates/pool.hh"
#include "gates/trust.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/glob.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr std::size_t kExcerptBytes = 2048;

/// A gate that has to run, and what comes of it.
struct Job {
  const Gate* gate;
  std::size_t place;  ///< in the list of verdicts
  std::string log, home, tmp;
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

std::vector<Gate> select(const git::Repository& repo, const Policy& policy, const GateRequest& request) {
  std::vector<Gate> chosen;
  for (const std::string& name : request.only) gate_named(policy, name);
  for (Gate& gate : policy.gates_on(request.event)) {
    const bool wanted =
        request.only.empty() || std::find(request.only.begin(), request.only.end(), gate.name) != request.only.end();
    if (wanted && touches(repo, gate, request)) chosen.push_back(std::move(gate));
  }
  return chosen;
}

void require_trust(const git::Repository& repo, const Policy& policy) {
  if (is_trusted(repo.common_dir(), policy)) return;
  throw Error(
      Kind::not_trusted, "the commands in " + sanitize_line(policy.origin) + " are not trusted yet: nothing was run",
      {"look at them with 'git agent-gate list', then say so with 'git agent-gate trust " + policy.trust_hash() + "'"})
      .next({"git", "agent-gate", "trust", policy.trust_hash()});  // not the program
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

/// The last lines of a log, safe to show.
std::string excerpt_of(const std::string& log) {
  std::ifstream in(log, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
  const std::streamoff from = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kExcerptBytes));
  std::string text(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  bool cut = from > 0;
  text = sanitize(text);
  if (text.size() > kExcerptBytes) {
    text.erase(0, text.size() - kExcerptBytes);
    cut = true;
  }
  // Begin at a line's begin when something was cut off.
  if (const auto end = text.find('\n'); cut && end != std::string::npos && end + 1 < text.size())
    text.erase(0, end + 1);
  return text;
}

Outcome judge(const Result& result) {
  if (result.timed_out) return Outcome::timeout;
  if (result.exit_code == 0) return Outcome::pass;
  // The program is missing or cannot start, or somebody killed it: no word about the tree.
  for (const int code : {-1, 126, 127, 128 + SIGKILL, 128 + SIGTERM, 128 + SIGINT, 128 + SIGHUP})
    if (result.exit_code == code) return Outcome::broken;
  return Outcome::fail;
}

class Run {
 public:
  Run(git::Repository& repo, const GateRequest& request)
      : repo_(repo), request_(request), environment_(GateEnvironment::of(repo)),
        cache_(repo.common_dir(), request.by_agent) {}

  std::vector<Verdict> all(const std::vector<Gate>& gates) {
    verdicts_.resize(gates.size());
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      auto known = request_.use_cache ? cache_.find(gates[i], request_.tree, environment_) : std::nullopt;
      if (known) verdicts_[i] = *known;
      else jobs.push_back({&gates[i], i, {}, {}, {}});
    }
    if (!jobs.empty()) run_jobs(jobs);
    return std::move(verdicts_);
  }

 private:
  void run_jobs(std::vector<Job>& jobs) {
    Slot slot = Slot::acquire(repo_, request_.progress);
    if (request_.progress) request_.progress("checking out the tree to judge");
    slot.move_to(repo_, request_.tree);
    if (request_.prepare) request_.prepare(slot.tree());
    for (Job& job : jobs) {
      const fs::path scratch = slot.fresh_scratch(job.gate->name);
      job.home = (scratch / "home").string();
      job.tmp = (scratch / "tmp").string();
      job.log = new_log(repo_.common_dir(), *job.gate, request_.tree);
    }
    {
      const Interrupts guard;
      side_by_side(jobs, slot);
    }
    for (const Job& job : jobs) cache_.store(*job.gate, environment_, verdicts_[job.place]);
    for (const Job& job : jobs) remove_tree(fs::path(job.home).parent_path());
  }

  // Each thread takes the next gate; this one reports what is being waited for.
  void side_by_side(const std::vector<Job>& jobs, const Slot& slot) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<bool> done(jobs.size(), false);
    const auto work = [&] {
      for (std::size_t i = next++; i < jobs.size(); i = next++) {
        Verdict verdict = run_one(jobs[i], slot, mutex);
        const std::lock_guard<std::mutex> guard(mutex);
        verdicts_[jobs[i].place] = std::move(verdict);
        done[i] = true;
        changed.notify_one();
      }
    };
    std::vector<std::thread> threads;
    const std::size_t limit = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < std::min(limit, jobs.size()); ++i) threads.emplace_back(work);
    const double start = monotonic_seconds();
    std::unique_lock<std::mutex> guard(mutex);
    while (std::find(done.begin(), done.end(), false) != done.end()) {
      report(jobs, done, monotonic_seconds() - start);
      changed.wait_for(guard, std::chrono::milliseconds(500));
    }
    guard.unlock();
    for (std::thread& thread : threads) thread.join();
  }

  void report(const std::vector<Job>& jobs, const std::vector<bool>& done, double seconds) const {
    if (!request_.progress) return;
    std::vector<std::string> waiting;
    for (std::size_t i = 0; i < jobs.size(); ++i)
      if (!done[i]) waiting.push_back(jobs[i].gate->name);
    request_.progress("gates: " + join(waiting, ", ") + " (" + format_age(static_cast<std::int64_t>(seconds)) + ")");
  }

  Verdict run_one(const Job& job, const Slot& slot, std::mutex& mutex) const {
    const Gate& gate = *job.gate;
    Verdict verdict;
    verdict.gate = gate.name;
    verdict.tree = request_.tree;
    verdict.log = job.log;
    Command command;
    command.argv = gate.argv;
    if (command.argv.front().find('/') == std::string::npos)
      command.argv.front() = environment_.find(command.argv.front());
    if (command.argv.front().empty()) return missing(std::move(verdict), gate.argv.front());
    command.cwd = slot.tree().string();
    command.clean_env = environment_.variables(gate, request_.event, job.home, job.tmp);
    command.output_file = job.log;
    command.timeout_seconds = static_cast<double>(gate.timeout_seconds);
    command.own_group = true;
    pid_t group = 0;
    command.on_start = [&](pid_t pid) {
      Interrupts::began(group = pid);
      const std::lock_guard<std::mutex> guard(mutex);
      slot.note_running(pid);
    };
    const double start = monotonic_seconds();
    const Result result = run(command);
    Interrupts::ended(group);
    verdict.seconds = monotonic_seconds() - start;
    verdict.limit = gate.timeout_seconds;
    verdict.exit_code = result.exit_code;
    verdict.outcome = judge(result);
    verdict.excerpt = excerpt_of(job.log);
    return verdict;
  }

  Verdict missing(Verdict verdict, const std::string& program) const {
    verdict.exit_code = 127;
    verdict.excerpt = "no program '" + sanitize_line(program) +
                      "' on the gates' PATH: " + sanitize_line(environment_.path()) +
                      "\nthat PATH is the configuration agent.path; 'git config agent.path \"$PATH\"' changes it\n";
    append_file(verdict.log, verdict.excerpt);
    return verdict;
  }

  git::Repository& repo_;
  const GateRequest& request_;
  GateEnvironment environment_;
  VerdictCache cache_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::optional<Verdict> known_verdict(const git::Repository& repo, const Policy& policy, const std::string& gate,
                                     const git::Oid& tree, bool by_agent) {
  return VerdictCache(repo.common_dir(), by_agent).find(gate_named(policy, gate), tree, GateEnvironment::of(repo));
}

std::vector<Verdict> run_gates(git::Repository& repo, const Policy& policy, const GateRequest& request) {
  const std::vector<Gate> gates = select(repo, policy, request);
  if (gates.empty()) return {};
  require_trust(repo, policy);
  return Run(repo, request).all(gates);
}

}  // namespace ga::gates
