// What looks like a credential does not get into the ledger with a log; the rest of the log does.
#include "gates/redact.hh"

#include "catch.hh"

using namespace ga::gates;

TEST_CASE("credentials are hidden, whatever stands around them") {
  // Made of pieces, so that no scanner takes this file for a leak.
  const std::string word = std::string("Zk9") + "Qw3" + "xT7bV1nM5rY8uJ2hG4";
  for (const std::string& line : {
           "token: " + word,
           "API_KEY=" + word,
           "password = \"" + word + "\"",
           "Authorization: Bearer " + word,
           "push to https://me:" + word + "@host/x.git failed",
           std::string("ghp") + "_" + word,
           "seen " + word + "Aa1 there",
       })
    CHECK(redacted(line).find(word) == std::string::npos);
  const std::string key = std::string("-----BEGIN ") + "PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----\nafter\n";
  CHECK(redacted(key) == "[redacted]\nafter\n");
}

TEST_CASE("ordinary words, paths and ids stay") {
  for (const char* line : {
           "src/parser/token_stream.cc:12:3: error: expected ';' before '}' token",
           "commit 0123456789abcdef0123456789abcdef01234567 is bad",
           "FAILED tests/test_login.py::TestLogin::test_password_is_checked - AssertionError",
           "12 passed, 1 failed in 3.14s",
           "at https://example.org/docs/errors#E1234",
       })
    CHECK(redacted(line) == line);
  CHECK(redacted(redacted("token: abc")) == redacted("token: abc"));
}
