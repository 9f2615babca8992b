// Work of many pieces on all processors.
#pragma once

#include <cstddef>
#include <functional>

namespace ga::scan {

/// As many as there are processors.
std::size_t processors();

/// Calls work(worker) on `workers` threads, this one waiting and calling tick() a few times a second. When one throws, the
/// others are waited for and the first error is thrown on. With one worker everything runs on this thread, without ticks.
void on_threads(std::size_t workers, const std::function<void(std::size_t worker)>& work,
                const std::function<void()>& tick);

}  // namespace ga::scan
