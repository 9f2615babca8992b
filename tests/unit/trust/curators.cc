// The curators file, as ssh-keygen reads it.
#include "trust/curators.hh"

#include "catch.hh"
#include "trust/ssh-wire.hh"
#include "util/error.hh"

using namespace ga;
using namespace ga::trust;

namespace {

std::string wire(const std::string& text) {
  std::string out(4, '\0');
  out[2] = static_cast<char>(text.size() >> 8);
  out[3] = static_cast<char>(text.size() & 0xFF);
  return out + text;
}

std::string key_blob(char fill) { return wire("ssh-ed25519") + wire(std::string(32, fill)); }
std::string key_text(char fill) { return "ssh-ed25519 " + encode_base64(key_blob(fill)); }

const CuratorLine& only(const Curators& curators) {
  REQUIRE(curators.lines.size() == 1);
  return curators.lines.front();
}

}  // namespace

TEST_CASE("base64 has one text for each sequence of bytes") {
  for (const std::string bytes :
       {std::string(), std::string("a"), std::string("ab"), std::string("abc"), std::string("abcd")})
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
  CHECK(encode_base64("ab") == "YWI=");
  for (const char* bad : {"YWI", "YWJ=", "Y=I=", "YW I=", "=", "====", "YWI=YWI="}) CHECK_FALSE(decode_base64(bad));
}

TEST_CASE("a line names principals, options and a key") {
  const auto curators =
      parse_curators("# people\n\n  lead@example.org,ops-* namespaces=\"git-agent,x\",valid-after=20260101,"
                     "valid-before=\"20270101120000Z\" " +
                         key_text('k') + " the lead's\n",
                     "curators");
  const CuratorLine& line = only(curators);
  CHECK(line.line == 3);
  CHECK(line.key == key_blob('k'));
  CHECK(line.comment == "the lead's");
  CHECK(line.valid_after == parse_time("2026-01-01T00:00:00Z"));
  CHECK(line.valid_before == parse_time("2027-01-01T12:00:00Z"));
  CHECK(line.names("lead@example.org"));
  CHECK(line.names("ops-7"));
  CHECK_FALSE(line.names("eve"));
  CHECK_FALSE(line.names(""));
  CHECK(line.problem("git-agent", line.valid_after).empty());
  CHECK_FALSE(line.problem("git", line.valid_after).empty());
  CHECK_FALSE(line.problem("git-agent", line.valid_after - 1).empty());
  CHECK_FALSE(line.problem("git-agent", line.valid_before + 1).empty());
  CHECK(curators.principal_of(key_blob('k'), "nobody") == "lead@example.org");
  CHECK(curators.principal_of(key_blob('k'), "ops-3") == "ops-3");
  CHECK(curators.principal_of(key_blob('z'), "ops-3").empty());
}

TEST_CASE("what ssh-keygen would not take is refused with its line") {
  const std::vector<std::string> all = {std::string("lead\n"),
                                        "lead " + std::string("ssh-ed25519\n"),
                                        "lead ssh-ed25519 AAAA\n",
                                        "lead frobnicate " + key_text('k'),
                                        "lead valid-after=2026 " + key_text('k'),
                                        "lead valid-after=20261301 " + key_text('k'),
                                        "\"lead " + key_text('k'),
                                        "lead namespaces= " + key_text('k'),
                                        "lead valid-after=20270101,valid-before=20260101 " + key_text('k'),
                                        "lead ssh-rsa " + encode_base64(key_blob('k'))};
  for (const std::string& bad : all) {
    INFO(bad);
    try {
      parse_curators("# one\n" + bad, "curators");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("curators:2: ") == 0);
    }
  }
}

TEST_CASE("patterns are OpenSSH's") {
  CHECK(matches_patterns("*", "x"));
  CHECK(matches_patterns("a?c,b", "abc"));
  CHECK_FALSE(matches_patterns("a?c", "ac"));
  CHECK(matches_patterns("*@example.org", "a@example.org"));
  CHECK_FALSE(matches_patterns("*,!eve", "eve"));
  CHECK_FALSE(matches_patterns("!eve", "ada"));
  CHECK(matches_patterns("a*b*c", "aXbYbc"));
  CHECK_FALSE(matches_patterns("", "a"));
}
