// What the tests of lib/util share: directories and environment variables that go away again, and
// chance that repeats itself.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "util/error.hh"
#include "util/fs.hh"

namespace ga::test {

/// A new directory, removed in the end.
class TempDir {
 public:
  TempDir() {
    std::string name = (fs::temp_directory_path() / "unit-test-XXXXXX").native();
    if (!mkdtemp(name.data())) fail_environment("no temporary directory");
    path_ = fs::canonical(name);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() { remove_tree(path_); }

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// An environment variable set (nullptr: unset) while this lives.
class EnvVar {
 public:
  EnvVar(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  EnvVar(const EnvVar&) = delete;
  EnvVar& operator=(const EnvVar&) = delete;
  ~EnvVar() { set(old_ ? old_->c_str() : nullptr); }

 private:
  void set(const char* value) { value ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* name_;
  std::optional<std::string> old_;
};

/// Equal seeds give equal numbers, so that a failed property can be looked at again.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return next() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

/// The kind of error a call ends with, and its text; `nullopt` when it does not fail.
struct Failure {
  Kind kind;
  std::string text;
};
template <typename Call>
std::optional<Failure> failure_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return Failure{error.kind(), error.what()};
  }
  return std::nullopt;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace ga::test
