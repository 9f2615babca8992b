// Gates lead process groups of their own, so Ctrl-C at the terminal does not reach them: while one of these exists,
// SIGINT, SIGTERM and SIGHUP end the gates that run and then us, as they would without it.
#pragma once

#include <sys/types.h>

namespace ga::gates {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// A group to end; and one that ended by itself: whatever it left behind is ended too.
  static void began(pid_t group);
  static void ended(pid_t group);
};

}  // namespace ga::gates
