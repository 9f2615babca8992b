#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include "cli/complete.hh"
#include "cli/run-main.hh"

int main(int argc, char** argv) {
  // Large operations free text of every size between small nodes: glibc's bins of freed chunks that are never joined are
  // then joined over and over, an eighth of an import of 6,000 tasks.
#ifdef M_MXFAST
  mallopt(M_MXFAST, 0);
#endif
  ga::cli::dynamic_candidates = ga::cli::repository_candidates;
  return ga::cli::run_main(argc, argv);
}
