// A child process that answers questions for as long as we have some: starting one costs more than its answers.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "util/fd.hh"
#include "util/process.hh"

namespace ga {

/// A running program whose standard input and output are one socket to us. It never outlives us: however we end, the
/// socket closes, and reading its end tells the program to go. Neither can its end kill us (no SIGPIPE). Whoever asks one
/// question at a time and reads the whole answer cannot deadlock.
///
/// After a fork the child has no part in the dialogue: every call there says that the program is gone.
class Dialogue {
 public:
  /// Starts the program; of the command only the words, the environment and the directory count. Throws
  /// Error(environment) when it cannot be started.
  explicit Dialogue(const Command& command);
  ~Dialogue();
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  /// False when the program is gone.
  bool say(std::string_view text);
  /// One line without its end; nullopt when the program is gone.
  std::optional<std::string> line();
  /// Exactly so many bytes; nullopt when the program is gone.
  std::optional<std::string> bytes(std::size_t count);
  /// What the program has written to its standard error.
  std::string complaints() const;

 private:
  bool receive();

  Fd socket_, errors_;
  std::string received_;
  std::size_t used_ = 0;  // bytes of `received_` already given away
  pid_t pid_ = 0, owner_ = 0;
};

}  // namespace ga
