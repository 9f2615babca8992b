#include "util/parallel.hh"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace ga {

namespace {

constexpr std::size_t kMostThreads = 4;

}  // namespace

std::size_t processors() { return std::max(1u, std::thread::hardware_concurrency()); }

std::vector<Stretch> stretches(std::size_t count, std::size_t least) {
  const std::size_t worth = std::max<std::size_t>(1, count / std::max<std::size_t>(1, least));
  const std::size_t parts = count == 0 ? 0 : std::min({processors(), kMostThreads, worth});
  std::vector<Stretch> list;
  for (std::size_t n = 0; n < parts; ++n) list.push_back({count * n / parts, count * (n + 1) / parts});
  return list;
}

void side_by_side(const std::vector<Stretch>& parts, const std::function<void(std::size_t, Stretch)>& work) {
  std::vector<std::exception_ptr> problems(parts.size());
  const auto guarded = [&](std::size_t n) {
    try {
      work(n, parts[n]);
    } catch (...) {
      problems[n] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t n = 1; n < parts.size(); ++n) threads.emplace_back(guarded, n);
    if (!parts.empty()) guarded(0);
  }
  for (const std::exception_ptr& problem : problems)
    if (problem) std::rethrow_exception(problem);
}

void side_by_side(const std::function<void()>& here, const std::function<void()>& there) {
  side_by_side({{0, 1}, {1, 2}}, [&](std::size_t n, Stretch) { n == 0 ? here() : there(); });
}

void on_threads(std::size_t workers, const std::function<void(std::size_t worker)>& work,
                const std::function<void()>& tick) {
  if (workers <= 1) return work(0);
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = workers;
  std::exception_ptr first_error;
  std::vector<std::thread> threads;
  const auto run = [&](std::size_t worker) {
    std::exception_ptr error;
    try {
      work(worker);
    } catch (...) {  // handed to the caller's thread
      error = std::current_exception();
    }
    const std::lock_guard<std::mutex> guard(mutex);
    if (error && !first_error) first_error = error;
    --running;
    ended.notify_one();
  };
  for (std::size_t i = 0; i < workers; ++i) threads.emplace_back(run, i);
  {
    std::unique_lock<std::mutex> guard(mutex);
    while (!ended.wait_for(guard, std::chrono::milliseconds(200), [&] { return running == 0; })) {
      guard.unlock();
      if (tick) tick();
      guard.lock();
    }
  }
  for (std::thread& thread : threads) thread.join();
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace ga
