#include "gates/interrupt.hh"

#include <signal.h>

#include <array>
#include <atomic>

namespace ga::gates {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
// More gates than this at a time do not exist: they are limited by the number of cores.
std::array<std::atomic<pid_t>, 1024> groups;
std::array<struct sigaction, kSignals.size()> former;

// Only what a signal handler may do.
void on_signal(int number) {
  for (const auto& group : groups)
    if (const pid_t pid = group.load(); pid > 1) ::kill(-pid, SIGKILL);
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    if (kSignals[i] == number) ::sigaction(number, &former[i], nullptr);
  ::raise(number);
}

void replace(pid_t from, pid_t to) {
  for (auto& group : groups) {
    pid_t expected = from;
    if (group.compare_exchange_strong(expected, to)) return;
  }
}

}  // namespace

Interrupts::Interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &former[i]);
    if (former[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

Interrupts::~Interrupts() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &former[i], nullptr);
}

void Interrupts::began(pid_t group) { replace(0, group); }

void Interrupts::ended(pid_t group) {
  if (group <= 1) return;
  ::kill(-group, SIGKILL);
  replace(group, 0);
}

}  // namespace ga::gates
