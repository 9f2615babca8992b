// Runs a command without its output and prints the most memory it held at once, in KiB; exits as the
// command did.
//
//   peak-memory COMMAND [ARGUMENT...]
//
// A process inherits the peak of the one it was forked from, through exec too. So what measures must be
// smaller than anything it measures: this program, not an interpreter of 10 MB. The figure is that of the
// largest single process of the command and the children it waited for.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: peak-memory COMMAND [ARGUMENT...]\n", stderr);
    return 129;
  }
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    return 128;
  }
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) _exit(126);
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(127);
  }
  int status = 0;
  struct rusage used = {};
  if (wait4(child, &status, 0, &used) != child) {
    std::perror("wait4");
    return 128;
  }
  std::printf("%ld\n", used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
