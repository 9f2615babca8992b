// main() of the unit tests when Catch2 is version 2, which brings none compiled.
#define CATCH_CONFIG_MAIN
#include "catch.hh"
