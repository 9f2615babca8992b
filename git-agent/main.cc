#include "cli/run-main.hh"

int main(int argc, char** argv) { return ga::cli::run_main(argc, argv); }
