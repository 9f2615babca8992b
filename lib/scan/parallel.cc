#include "scan/parallel.hh"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ga::scan {

std::size_t processors() { return std::max(1u, std::thread::hardware_concurrency()); }

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

}  // namespace ga::scan
