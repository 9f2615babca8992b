// Work of many pieces on all processors: stretches of pure work for what one command does to thousands of objects, and
// workers that take pieces by themselves, with somebody who tells how far they are.
//
//   side_by_side(stretches(list.size(), 256), [&](std::size_t n, Stretch part) {
//     for (std::size_t i = part.begin; i < part.end; ++i) out[i] = pure(list[i]);
//   });
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace ga {

/// As many as there are processors.
std::size_t processors();

struct Stretch {
  std::size_t begin = 0, end = 0;
};
/// [0, count) in as many parts of at least `least` as there are processors, at most four; one part when it is not worth a
/// thread, and none when count is 0.
std::vector<Stretch> stretches(std::size_t count, std::size_t least);

/// Calls work(n, part n) for every part, each in a thread of its own but the first, which is done here. Returns when all
/// have ended; throws the first exception of the lowest part then. The work must not touch what another part's does, nor
/// fork, nor anything that is not safe in threads (git::Repository is not).
void side_by_side(const std::vector<Stretch>& parts, const std::function<void(std::size_t, Stretch)>& work);
/// Two different things, the second in a thread of its own.
void side_by_side(const std::function<void()>& here, const std::function<void()>& there);

/// Calls work(worker) on `workers` threads, this one waiting and calling tick() a few times a second. When one throws, the
/// others are waited for and the first error is thrown on. With one worker everything runs on this thread, without ticks.
void on_threads(std::size_t workers, const std::function<void(std::size_t worker)>& work,
                const std::function<void()>& tick);

/// Keeps a large value until the process ends. To give back a hundred thousand small pieces of memory one by one, right
/// before the system takes them all at once, costs as much as to write them to the disk.
template <class T>
void keep_until_exit(T&& value) {
  static auto* kept = new std::vector<std::decay_t<T>*>;  // reachable, so that no leak checker calls it lost
  kept->push_back(new std::decay_t<T>(std::forward<T>(value)));
}

}  // namespace ga
