// Catch2, version 3 or 2. Stay in what both have: TEST_CASE, SECTION, REQUIRE, CHECK, GENERATE.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
