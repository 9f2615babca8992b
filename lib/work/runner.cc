#include "work/runner.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "git/cli.hh"
#include "util/fault.hh"
#include "util/fd.hh"
#include "util/log.hh"
#include "util/text.hh"
#include "work/backup.hh"
#include "work/launch.hh"
#include "work/reviews.hh"
#include "work/sync.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

constexpr std::int64_t kRenewSeconds = 5 * 60;
constexpr double kGraceSeconds = 5;

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

struct Ending {
  int exit_code = -1;
  std::string reason;
};

Ending ending_of(int status) {
  if (WIFEXITED(status))
    return {WEXITSTATUS(status), WEXITSTATUS(status) == 0 ? "" : "exit code " + std::to_string(WEXITSTATUS(status))};
  const int signal = WTERMSIG(status);
  const char* name = ::sigabbrev_np(signal);
  return {128 + signal, "killed by signal " + std::to_string(signal) + (name ? " (SIG" + std::string(name) + ")" : "")};
}

/// The words the client is started with: "{prompt}" becomes the briefing.
std::vector<std::string> final_argv(Project& project, const RunRecord& run) {
  const std::string prompt = prompt_text(project, run);
  std::vector<std::string> words;
  for (const std::string& word : run.argv) words.push_back(replace_all(word, "{prompt}", prompt));
  return words;
}

/// The child's part: waits until the parent lets it go on, then becomes the client.
[[noreturn]] void become_client(const RunRecord& run, const std::vector<std::string>& argv, int go, int failed) {
  ::setpgid(0, 0);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open(run.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  char byte = 0;
  if (null < 0 || log < 0 || ::read(go, &byte, 1) != 1) ::_exit(126);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGHUP, SIGPIPE, SIGTERM, SIGINT, SIGCHLD}) ::signal(number, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (::chdir(run.worktree.c_str()) == 0) ::execvp(words[0], words.data());
  const int why = errno;
  [[maybe_unused]] const auto told = ::write(failed, &why, sizeof why);
  ::_exit(127);
}

/// One run under supervision.
class Runner {
 public:
  Runner(Project& project, RunRecord run) : project_(project), run_(std::move(run)) {}

  int start_and_wait();
  int adopt_and_wait();

 private:
  void block_signals();
  void begin_log();
  pid_t fork_client(Fd& go, Fd& failed);
  bool let_go(Fd& go, Fd& failed);
  void announce();
  void wait_for_end(int pidfd);
  void renew();
  void end_client(double grace);
  bool client_gone() const { return !is_alive(run_); }
  void finish(const Ending& ending);

  Project& project_;
  RunRecord run_;
  Fd signals_;
  std::optional<std::string> stop_reason_;
};

void Runner::block_signals() {
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&wanted, number);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  signals_ = Fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

void Runner::begin_log() {
  make_directories(fs::path(run_.log).parent_path());
  append_file(run_.log, "");
  struct stat info {};
  run_.log_offset = ::stat(run_.log.c_str(), &info) == 0 ? static_cast<std::int64_t>(info.st_size) : 0;
}

pid_t Runner::fork_client(Fd& go, Fd& failed) {
  int gate[2], report[2];
  if (::pipe2(gate, O_CLOEXEC) != 0) fail_environment(std::string("no pipe: ") + std::strerror(errno));
  Fd child_gate(gate[0]);
  go = Fd(gate[1]);
  if (::pipe2(report, O_CLOEXEC) != 0) fail_environment(std::string("no pipe: ") + std::strerror(errno));
  failed = Fd(report[0]);
  Fd child_report(report[1]);
  const auto argv = final_argv(project_, run_);
  const pid_t pid = ::fork();
  if (pid < 0) fail_environment(std::string("no process for the client: ") + std::strerror(errno));
  if (pid == 0) {
    go.close();  // so that our death lets nobody wait for ever
    become_client(run_, argv, child_gate.get(), child_report.get());
  }
  ::setpgid(pid, pid);
  return pid;
}

/// False when the client could not be started.
bool Runner::let_go(Fd& go, Fd& failed) {
  if (::write(go.get(), "g", 1) != 1) return false;
  int why = 0;
  const auto got = ::read(failed.get(), &why, sizeof why);
  if (got == 0) return true;  // closed by exec
  run_.reason = "'" + run_.argv.front() + "' cannot be started: " + std::strerror(why);
  return false;
}

/// Tells the team that the run begins; the claim is the runner's from here on.
void Runner::announce() {
  model::Run run;
  run.id = run_.id;
  run.task = run_.task;
  run.agent = run_.agent;
  run.profile = run_.profile;
  run.client = run_.client;
  run.host = host_name();
  run.branch = run_.branch;
  run.base = run_.base;
  run.state = "running";
  run.started = run_.started;
  if (is_review_run(run_)) run.extra["role"] = run_.role;  // whose verdicts count
  project_.ledger().transact([&](model::State&) {
    return project_.operation("run.start", {{"run", model::to_json(run)},
                                            {"fence", run_.fence},
                                            {"host", host_name()},
                                            {"pid", run_.runner.pid},
                                            {"start", run_.runner.start},
                                            {"boot", run_.runner.boot},
                                            {"lease", kLeaseSeconds}});
  });
  exchange_lease_later(project_);
}

int Runner::start_and_wait() {
  block_signals();
  begin_log();
  Fd go, failed;
  const pid_t pid = fork_client(go, failed);
  run_.runner = this_process();
  run_.process = process_identity(pid);
  run_.session = ::getsid(0);
  run_.started = now();
  save_run(project_, run_);
  fault_point("run.after-fork");
  announce();
  fault_point("run.after-announce");
  const Fd pidfd(open_pidfd(pid));
  if (!let_go(go, failed)) {
    const std::string why = run_.reason;
    ::waitpid(pid, nullptr, 0);
    record_end(project_, run_, "not_started", 127, why);
    return 1;
  }
  run_.state = "running";
  save_run(project_, run_);
  lock_worktree(worktree_git_dir(project_, run_.worktree), run_.slug, run_.process);
  wait_for_end(pidfd.get());
  ::kill(-pid, SIGTERM);  // what it left running in its group; its own number is still taken, we have not waited
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  finish(ending_of(status));
  return 0;
}

int Runner::adopt_and_wait() {
  block_signals();
  run_.runner = this_process();
  run_.state = "running";
  save_run(project_, run_);
  const Fd pidfd(open_pidfd(run_.process.pid));
  if (pidfd.get() < 0 || client_gone()) {
    end_remains(run_);
    finish({-1, "it ended while it had no runner"});
    return 0;
  }
  renew();
  wait_for_end(pidfd.get());
  end_remains(run_);  // not our child: its number is free, so its group is not simply signalled
  finish({-1, "its first runner had died; the exit code is not known"});
  return 0;
}

/// Sleeps until the client ends; wakes for the lease and for signals only.
void Runner::wait_for_end(int pidfd) {
  double next_renewal = monotonic_seconds() + kRenewSeconds;
  for (;;) {
    const double left = std::max(0.0, next_renewal - monotonic_seconds());
    pollfd watched[] = {{pidfd, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    const int ready = ::poll(watched, 2, static_cast<int>(left * 1000) + 1);
    if (ready < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) {
      signalfd_siginfo info;
      [[maybe_unused]] const auto got = ::read(signals_.get(), &info, sizeof info);
      stop_reason_ = "its runner was asked to end";
      end_client(kGraceSeconds);
    }
    if (monotonic_seconds() >= next_renewal) {
      renew();
      next_renewal = monotonic_seconds() + kRenewSeconds;
    }
  }
}

/// Renews the lease. Whoever has lost the task works no longer.
void Runner::renew() {
  try {
    project_.ledger().transact_if([&](model::State& state) -> std::optional<model::Operation> {
      const auto task = state.task(run_.task);
      if (!task || !task->claim || task->claim->fence != run_.fence) {
        const bool handed_in =
            task && (task->status == model::Status::in_review || task->status == model::Status::completed);
        if (!handed_in)
          stop_reason_ =
              task && task->claim ? "its task was taken over by " + task->claim->agent : "its claim has ended";
        return std::nullopt;
      }
      return project_.operation("task.renew", {{"task", run_.task},
                                               {"fence", run_.fence},
                                               {"lease", kLeaseSeconds},
                                               {"host", host_name()},
                                               {"pid", run_.runner.pid},
                                               {"start", run_.runner.start},
                                               {"boot", run_.runner.boot}});
    });
  } catch (const Error& error) {
    log_warning("the lease was not renewed: " + std::string(error.what()));
  }
  if (!stop_reason_) return exchange_lease_later(project_);
  log_warning("ending the client: " + *stop_reason_);
  end_client(kGraceSeconds);
}

void Runner::end_client(double grace) {
  ::kill(-run_.process.pid, SIGTERM);
  const Fd pidfd(open_pidfd(run_.process.pid));
  pollfd watched = {pidfd.get(), POLLIN, 0};
  if (pidfd.get() >= 0 && ::poll(&watched, 1, static_cast<int>(grace * 1000)) == 0) ::kill(-run_.process.pid, SIGKILL);
}

void Runner::finish(const Ending& ending) {
  project_.index().refresh(project_.ledger().tip());
  const auto task = project_.index().task(run_.task);
  if (const std::string asked = trim(read_file(stop_file(project_, run_.slug)).value_or("")); !asked.empty())
    stop_reason_ = asked;
  std::string state = "exited";
  if (task && (task->status == model::Status::in_review || task->status == model::Status::completed)) state = "done";
  if (task && task->status == model::Status::failed) state = "failed";
  const bool reviewer = is_review_run(run_);
  if (reviewer) state = has_verdict(project_, run_) ? "done" : "exited";
  std::string reason = ending.reason;
  if (state == "failed") reason = task->reason;
  if (state == "exited" && stop_reason_) {
    state = "stopped";
    reason = *stop_reason_;
  }
  if (state == "exited") {
    const std::string last = last_lines(run_, 3, 600);
    reason = (reason.empty() ? reviewer ? "it ended without a verdict" : "it ended without 'task done' or 'task fail'"
                             : reason) +
             (last.empty() ? "" : "\n" + last);
  }
  record_end(project_, run_, state, ending.exit_code, trim(reason));
  remove_tree(stop_file(project_, run_.slug));
  exchange_lease_later(project_);
}

/// What a runner and its client see: who they are, and nothing of the caller's repository.
void set_environment(Project& project, const RunRecord& run) {
  for (const std::string& name : git::local_env_vars()) ::unsetenv(name.c_str());
  for (const auto& [name, value] : agent_environment(project, run)) {
    if (value.empty()) ::unsetenv(name.c_str());
    else ::setenv(name.c_str(), value.c_str(), 1);
  }
}

int supervise_run(const std::string& slug, bool adopt) {
  Project first;
  open_log(first.agent_dir() / "logs" / "runners.log");
  FileLock life = FileLock::acquire(runner_lock(first, slug), 10, "the runner of '" + slug + "'");
  const auto run = load_run(first, slug);
  if (!run || (run->state != "starting" && !(adopt && run->state == "running"))) return 0;  // taken back meanwhile
  set_environment(first, *run);
  Project project;  // acts as the agent
  Runner runner(project, *run);
  try {
    return adopt ? runner.adopt_and_wait() : runner.start_and_wait();
  } catch (const std::exception& error) {
    log_error(slug + ": " + error.what());
    throw;
  }
}

}  // namespace

pid_t start_runner(Project& project, const std::string& slug, bool adopt) {
  Command command;
  command.argv = {self_path(), "run", adopt ? "adopt" : "supervise", slug};
  const fs::path main_dir = project.repo().main_work_dir();
  command.cwd = (main_dir.empty() ? project.repo().common_dir() : main_dir).string();
  make_directories(project.agent_dir() / "logs");
  command.output_file = (project.agent_dir() / "logs" / "runners.err").string();
  command.unset_env = git::local_env_vars();
  for (const char* name : {"GIT_AGENT_NAME", "GIT_AGENT_ROLE", "GIT_AGENT_TASK", "GIT_AGENT_FENCE"})
    command.unset_env.push_back(name);
  return spawn_detached(command);
}

int supervise(const std::string& slug) { return supervise_run(slug, false); }
int supervise_adopted(const std::string& slug) { return supervise_run(slug, true); }

}  // namespace ga::work
