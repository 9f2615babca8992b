#include <cstdio>
#include <cstring>

#include "util/version.hh"

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("git-agent %s\n", ga::version());
    return 0;
  }
  std::fputs("usage: git-agent --version\n", stderr);
  return 129;
}
