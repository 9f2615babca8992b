#include "util/version.hh"

#include <algorithm>
#include <string>

#include "catch.hh"

TEST_CASE("the version is three numbers") {
  const std::string version = ga::version();
  CHECK(version.find_first_not_of("0123456789.") == std::string::npos);
  CHECK(std::count(version.begin(), version.end(), '.') == 2);
}
