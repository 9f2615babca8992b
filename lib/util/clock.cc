#include "util/clock.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "util/error.hh"
#include "util/text.hh"

namespace ga {

namespace {

constexpr Time last_time = 253402300799;  // 9999-12-31T23:59:59Z

// Days since 1970-01-01 of a date of the Gregorian calendar, and back, without the C library's time
// zone data. Years are counted from March, so that the leap day is a year's last.
std::int64_t days_from_date(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = year / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Date {
  std::int64_t year;
  unsigned month, day;
};

Date date_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = days / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {era * 400 + year_of_era + (month <= 2), month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

// A number of exactly `text.size()` digits; -1 when it is none.
int digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "TIME" or "TIME+N": N seconds later.
Time test_clock_start(std::string_view text) {
  const std::size_t plus = text.find('+');
  const Time start = parse_time(text.substr(0, plus));
  const std::int64_t offset = plus == std::string_view::npos ? 0 : parse_duration(text.substr(plus + 1));
  if (start < 0 || offset < 0) fail_environment("GIT_AGENT_TEST_CLOCK is no time: " + sanitize_line(text));
  return start + offset;
}

Time test_now(const char* text) {
  static std::mutex mutex;
  static std::string last_text;
  static std::int64_t readings = 0;
  const std::lock_guard guard(mutex);
  if (last_text != text) {
    last_text = text;
    readings = 0;
  }
  return test_clock_start(text) + readings++;
}

void fill_random(void* bytes, std::size_t size) {
  auto* at = static_cast<unsigned char*>(bytes);
  while (size > 0) {
    const ssize_t got = getrandom(at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail_environment(std::string("no random numbers: ") + std::strerror(errno));
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

// The number kept in the file, which is one more afterwards. The lock makes processes that run at
// the same time get different ones.
std::uint64_t next_of_file(const char* file) {
  const int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  std::array<char, 32> text{};
  bool fine = fd >= 0;
  while (fine && flock(fd, LOCK_EX) != 0) fine = errno == EINTR;
  fine = fine && pread(fd, text.data(), text.size() - 1, 0) >= 0;
  const std::uint64_t count = std::strtoull(text.data(), nullptr, 10);
  const std::string next = std::to_string(count + 1) + "\n";
  fine = fine && pwrite(fd, next.data(), next.size(), 0) == static_cast<ssize_t>(next.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!fine) fail_environment("cannot count in '" + std::string(file) + "': " + std::strerror(error));
  return count;
}

// 32 digits that depend on nothing but the seed, the stream's name and how often it was read.
std::string seeded_digits(const char* seed, const char* stream, std::uint64_t count) {
  return sha256_hex(std::string(seed) + ":" + stream + ":" + std::to_string(count)).substr(0, 32);
}

std::string seeded_id(const char* seed) {
  static std::mutex mutex;
  static std::string last_seed;
  static std::uint64_t count = 0;
  if (const char* file = std::getenv("GIT_AGENT_TEST_COUNTER"); file && *file)
    return seeded_digits(seed, "id", next_of_file(file));
  const std::lock_guard guard(mutex);
  if (last_seed != seed) {
    last_seed = seed;
    count = 0;
  }
  return seeded_digits(seed, "id", count++);
}

// How often a process waits at random depends on its neighbours, so this never touches the counter
// that ids come from.
std::uint32_t random_word() {
  if (const char* seed = std::getenv("GIT_AGENT_TEST_SEED")) {
    static std::mutex mutex;
    static std::uint64_t count = 0;
    const std::lock_guard guard(mutex);
    return static_cast<std::uint32_t>(
        std::strtoul(seeded_digits(seed, "random", count++).substr(0, 8).c_str(), nullptr, 16));
  }
  std::uint32_t word = 0;
  fill_random(&word, sizeof word);
  return word;
}

}  // namespace

Time now() {
  if (const char* text = std::getenv("GIT_AGENT_TEST_CLOCK")) return test_now(text);
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec;
}

double monotonic_seconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string format_time(Time time) {
  time = std::clamp<Time>(time, 0, last_time);
  const Date date = date_from_days(time / 86400);
  const auto second = static_cast<unsigned>(time % 86400);
  std::string text = "0000-00-00T00:00:00Z";
  const auto put = [&](std::size_t last, unsigned number) {
    for (std::size_t at = last; number > 0; --at, number /= 10) text[at] = static_cast<char>('0' + number % 10);
  };
  put(3, static_cast<unsigned>(date.year));
  put(6, date.month);
  put(9, date.day);
  put(12, second / 3600);
  put(15, second / 60 % 60);
  put(18, second % 60);
  return text;
}

Time parse_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return -1;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] != '0' && form[i] != text[i]) return -1;
  const int year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
  const int hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)), second = digits(text.substr(17, 2));
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  const std::int64_t days = days_from_date(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  // The 31st of a month of 30 days would come back as the first of the next.
  if (date_from_days(days).day != static_cast<unsigned>(day)) return -1;
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

std::int64_t parse_duration(std::string_view text) {
  constexpr std::string_view units = "dhms";
  constexpr std::array<std::int64_t, 4> seconds = {86400, 3600, 60, 1};
  constexpr std::int64_t limit = 1'000'000'000'000;  // beyond any use, and no sum overflows
  std::int64_t total = 0;
  std::size_t least_unit = 0;  // units come in order, each once
  if (text.empty()) return -1;
  for (bool first = true; !text.empty(); first = false) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || text.front() == '-' || number > limit) return -1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return first ? number : -1;
    const std::size_t unit = units.find(text.front());
    if (unit == std::string_view::npos || unit < least_unit) return -1;
    total += number * seconds[unit];
    least_unit = unit + 1;
    text.remove_prefix(1);
  }
  return total <= limit ? total : -1;
}

std::string format_age(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 86400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string new_id() {
  if (const char* seed = std::getenv("GIT_AGENT_TEST_SEED")) return seeded_id(seed);
  std::array<unsigned char, 16> bytes{};
  fill_random(bytes.data(), bytes.size());
  return hex_digits({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::uint32_t random_below(std::uint32_t bound) {
  if (bound <= 1) return 0;
  // The highest multiple of bound: what lies above would favour small results.
  const std::uint32_t rest = (UINT32_MAX % bound + 1) % bound;
  std::uint32_t word = random_word();
  while (word > UINT32_MAX - rest) word = random_word();
  return word % bound;
}

}  // namespace ga
