#include "cli/complete.hh"
#include "cli/run-main.hh"

int main(int argc, char** argv) {
  ga::cli::dynamic_candidates = ga::cli::repository_candidates;
  return ga::cli::run_main(argc, argv);
}
