// The engine: which part of a match is the secret, what lets pass, where findings are, and what is not looked at.
#include "scan/engine.hh"

#include <algorithm>
#include <cmath>
#include <random>

#include "catch.hh"
#include "scan/allow.hh"
#include "scan/decode.hh"
#include "scan/format.hh"
#include "util/text.hh"

using namespace ga;
using namespace ga::scan;

namespace {

std::vector<Hit> scan_text(const std::string& toml, const std::string& text, const std::string& path = "f.txt",
                           ScanOptions options = {}, const std::string& commit = "") {
  static std::vector<std::unique_ptr<RuleSet>> kept;  // hits point into their rules
  kept.push_back(std::make_unique<RuleSet>(load_rules(toml, "r.toml")));
  Coverage coverage;
  return Scanner(*kept.back(), options).scan({path, commit, text}, coverage);
}

// "rule:line:secret" of every finding.
std::string found(const std::string& toml, const std::string& text, const std::string& path = "f.txt",
                  ScanOptions options = {}, const std::string& commit = "") {
  std::string all;
  for (const Hit& hit : scan_text(toml, text, path, options, commit))
    all += (all.empty() ? "" : " ") + hit.finding.rule + ":" + std::to_string(hit.finding.line) + ":" + hit.secret;
  return all;
}

std::string rule(const std::string& regex, const std::string& more = "", const std::string& id = "r") {
  return "[[rules]]\nid = '" + id + "'\nregex = '''" + regex + "'''\n" + more + "\n";
}

// Letters and digits as a generator of keys would give them.
std::string random_text(std::mt19937& random, std::size_t length, std::string_view letters) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += letters[random() % letters.size()];
  return text;
}

constexpr std::string_view kBase62 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

}  // namespace

TEST_CASE("the secret is a group of the match", "[scan]") {
  CHECK(found(rule("k=\\w+"), "k=abc") == "r:1:k=abc");
  CHECK(found(rule("(k)=(\\w+)"), "k=abc") == "r:1:k");
  CHECK(found(rule("(z)?k=(\\w+)"), "k=abc") == "r:1:abc");
  CHECK(found(rule("(k)=(\\w+)", "secretGroup = 2"), "k=abc") == "r:1:abc");
  // Groups are those of the match alone: the line end that ends it is cut off, '$' matches there.
  CHECK(found(rule("k=(\\w+)(?:\\n|$)"), "k=abc\nrest") == "r:1:abc");
}

TEST_CASE("keywords decide which rules look, whatever their case", "[scan]") {
  CHECK(found(rule("\\d{4}", "keywords = ['Pin']"), "my pIN is 1234") == "r:1:1234");
  CHECK(found(rule("\\d{4}", "keywords = ['pin']"), "it is 1234").empty());
  CHECK(found(rule("\\d{4}", "keywords = []"), "it is 1234") == "r:1:1234");
}

TEST_CASE("rules that begin with their keywords find what others find", "[scan]") {
  // The same pattern, tried where its keyword stands, and everywhere.
  std::mt19937 random(5);
  const std::vector<std::string> pieces = {"key", "KEY",    "api",   "=",      " ", "\n", "my.",
                                           "-x",  "abc123", "token", "keykey", "é", "\"", ":"};
  const std::string pattern = "(?i)[\\w.-]{0,5}?(?:key|api[_-]?x|token)[\\s]{0,2}[=:]\\s?(\\w{2,6})(?:\\s|$)";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += pieces[random() % pieces.size()];
    INFO(text);
    CHECK(found(rule(pattern, "keywords = ['key', 'api', 'token']"), text) == found(rule(pattern), text));
  }
}

TEST_CASE("a secret must have more entropy than the rule says", "[scan]") {
  CHECK(shannon_entropy("") == 0);
  CHECK(shannon_entropy("aaaa") == 0);
  CHECK(std::abs(shannon_entropy("abcd") - 2) < 1e-9);
  // Characters over bytes, as gitleaks counts: two of two bytes each.
  CHECK(std::abs(shannon_entropy("\xC3\xA9\xC3\xA8") - 1.0) < 1e-9);
  CHECK(std::abs(shannon_entropy("\xFF\xFE") - 0.0) < 1e-9);
  CHECK(found(rule("k=(\\w+)", "entropy = 2"), "k=abcd").empty());
  CHECK(found(rule("k=(\\w+)", "entropy = 1.99"), "k=abcd") == "r:1:abcd");
}

TEST_CASE("allowlists let pass by path, commit, pattern and stop word", "[scan]") {
  const auto with = [](const std::string& list) { return rule("k=(\\w+)") + "[[rules.allowlists]]\n" + list; };
  CHECK(found(with("paths = ['''\\.md$''']"), "k=a", "a.md").empty());
  CHECK(found(with("paths = ['''\\.md$''']"), "k=a", "a.c") == "r:1:a");
  CHECK(found(with("regexes = ['^a$']"), "k=a k=ab") == "r:1:ab");
  CHECK(found(with("regexTarget = 'match'\nregexes = ['^k=a$']"), "k=a k=ab") == "r:1:ab");
  CHECK(found(with("regexTarget = 'line'\nregexes = ['fine']"), "k=a\nfine k=b") == "r:1:a");
  // The line end before a line belongs to it, as in gitleaks.
  CHECK(found(with("regexTarget = 'line'\nregexes = ['^k']"), "k=a\nk=b") == "r:2:b");
  CHECK(found(with("stopwords = ['EXAMP']"), "k=myexample k=b") == "r:1:b");
  CHECK(found(with("commits = ['ABC']"), "k=a", "f", {}, "abc").empty());
  // AND: all that is given; paths alone pass the whole file.
  const std::string both = with("condition = 'AND'\npaths = ['x']\nregexes = ['^a$']");
  CHECK(found(both, "k=a", "x").empty());
  CHECK(found(both, "k=b", "x") == "r:1:b");
  CHECK(found(both, "k=a", "y") == "r:1:a");
  // For the whole file, in both forms, and for some rules alone.
  CHECK(found("[allowlist]\nregexes = ['a']\n" + rule("k=(\\w+)"), "k=a").empty());
  CHECK(found("[[allowlists]]\npaths = ['f.txt']\n" + rule("k=(\\w+)"), "k=a").empty());
  CHECK(found("[[allowlists]]\ntargetRules = ['r']\nregexes = ['a']\n" + rule("k=(\\w+)") + rule("=(\\w+)", "", "s"),
              "k=a") == "s:1:a");
  CHECK(found(rule("k=(\\w+)", "filter = 'entropy(finding[\"secret\"]) <= 1'"), "k=ab k=abcd") == "r:1:abcd");
}

TEST_CASE("rules of paths", "[scan]") {
  const std::string by_name = "[[rules]]\nid = 'p'\npath = '''\\.p12$'''\n";
  CHECK(found(by_name, "whatever", "a/b.p12") == "p:0:");
  CHECK(found(by_name, "", "a/b.p12") == "p:0:");
  CHECK(found(by_name, "whatever", "a.txt").empty());
  CHECK(found(rule("k", "path = 'x'"), "k", "y").empty());
  CHECK(found(rule("k", "path = 'x'"), "k", "x") == "r:1:k");
  // Programs are looked at by their names.
  CHECK(found(by_name + rule("k"),
              std::string("\x7F"
                          "ELF\0k",
                          6),
              "a.p12") == "p:0:");
}

TEST_CASE("composite rules want others near by", "[scan]") {
  const std::string other = rule("b=(\\w+)", "skipReport = true", "b");
  const auto with = [&](const std::string& within) {
    return rule("a=(\\w+)", "[[rules.required]]\nid = 'b'\n" + within) + other;
  };
  CHECK(found(with(""), "a=1\n\n\nb=2") == "r:1:1");
  CHECK(found(with(""), "a=1").empty());
  CHECK(found(with("withinLines = 2"), "a=1\n\n\nb=2").empty());
  CHECK(found(with("withinLines = 3"), "a=1\n\n\nb=2") == "r:1:1");
  CHECK(found(with("withinColumns = 1"), "a=1 b=2").empty());
  CHECK(found(other, "b=2").empty());
}

TEST_CASE("a generic finding gives way to a better one", "[scan]") {
  const std::string both = rule("key=(\\w+)", "", "generic-key") + rule("key=(ab\\w+)", "", "ab-key");
  CHECK(found(both, "key=abc") == "ab-key:1:abc");
  CHECK(found(both, "key=xyz") == "generic-key:1:xyz");
}

TEST_CASE("allow comments", "[scan]") {
  const std::string text = std::string("k=a # gitleaks") + ":allow\nk=b";
  CHECK(found(rule("k=(\\w+)"), text) == "r:2:b");
  const auto hits = scan_text(rule("k=(\\w+)"), text, "f", {.comments = AllowComments::reported});
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].finding.description.find("allow comment on this line is not approved") != std::string::npos);
  CHECK(hits[1].finding.description.empty());
}

TEST_CASE("where findings are", "[scan]") {
  const auto place = [](const std::string& regex, const std::string& text) {
    const auto hits = scan_text(rule(regex), text);
    if (hits.empty()) return std::string("none");
    const Finding& f = hits[0].finding;
    return std::to_string(f.line) + ":" + std::to_string(f.column) + "-" + std::to_string(f.end_line) + ":" +
           std::to_string(f.end_column);
  };
  CHECK(place("abc", "abc") == "1:1-1:3");
  CHECK(place("abc", "x\nabc\n") == "2:1-2:3");
  CHECK(place("abc", "x\n abc") == "2:2-2:4");
  CHECK(place("a\\nb", "xa\nb\n") == "1:2-2:1");
  CHECK(place("abc\\n", "abc\n\nx") == "1:1-1:3");
  CHECK(place("\\nabc", "x\nabc") == "2:1-2:2");  // gitleaks cuts the line end off and keeps the length
  const auto hits = scan_text(rule("abc"), "x\nabc", "d/f", {}, "c0ffee");
  CHECK(hits[0].finding.fingerprint == "c0ffee:d/f:r:2");
  CHECK(scan_text(rule("abc"), "abc", "d/f")[0].finding.fingerprint == "d/f:r:1");
}

TEST_CASE("long texts are cut where gitleaks cuts them", "[scan]") {
  CHECK(fragment_length(std::string(100'000, 'a')) == 100'000);
  CHECK(fragment_length(std::string(200'000, 'a')) == 125'000);
  CHECK(fragment_length(std::string(99'998, 'a') + "\n\n" + std::string(100, 'a')) == 100'000);
  CHECK(fragment_length(std::string(100'010, 'a') + "\n \n" + std::string(100, 'a')) == 100'013);
  // Lines go on counting behind a cut.
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line\n" + std::string(i % 10 == 9 ? "\n" : "");
  text += "k=last";
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(found(rule("k=(\\w+)"), text) == "r:" + std::to_string(lines + 1) + ":last");
}

TEST_CASE("what is not looked at is a finding", "[scan]") {
  const auto large = scan_text(rule("k"), "kkkk", "f", {.max_size = 3});
  REQUIRE(large.size() == 1);
  CHECK(large[0].finding.rule == kNotScanned);
  CHECK(large[0].finding.blocks);

  const RuleSet own = [] {
    RuleSet set;
    Rule slow;
    slow.id = "slow";
    slow.regex = std::make_shared<Pattern>("(a+)+\\d", Dialect::pcre2);
    set.rules.push_back(slow);
    return set;
  }();
  Coverage coverage;
  const auto stuck = Scanner(own, {.seconds = 0.1}).scan({"f", "", std::string(50'000, 'a')}, coverage);
  REQUIRE(stuck.size() == 1);
  CHECK(stuck[0].finding.rule == kNotScanned);
  CHECK(stuck[0].finding.description.find("slow") != std::string::npos);
  CHECK(coverage.unfinished == 1);
  CHECK(coverage_line(coverage, "blob").find("1 not scanned whole") != std::string::npos);
}

TEST_CASE("coverage in words", "[scan]") {
  Coverage coverage{.texts = 12, .bytes = 84'200, .rules = 222};
  CHECK(coverage_line(coverage, "blob").find("12 blobs, 84 KB, 222 rules") == 0);
  coverage += {.texts = 1, .bytes = 99'915'800, .passed_over = 2, .binary = 3, .rules = 222};
  CHECK(coverage_line(coverage, "file").find("13 files, 100 MB, 222 rules, 2 let pass by path, 3 binary") == 0);
}

TEST_CASE("secrets within encoded texts, when asked", "[scan]") {
  const std::string toml = rule("secret=(\\w{8})");
  const std::string hidden = "c2VjcmV0PWFiY2RlZmdo";  // base64 of what the rule looks for
  CHECK(found(toml, "x = " + hidden).empty());
  const ScanOptions deep{.decode_depth = 2};
  const auto hits = scan_text(toml, "a\nx = " + hidden + "\n", "f", deep);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].secret == "abcdefgh");
  CHECK(hits[0].finding.line == 2);
  CHECK(hits[0].finding.column == 5);
  CHECK(hits[0].tags == std::vector<std::string>{"decoded:base64", "decode-depth:1"});
  CHECK(found(toml, "secret%3Dabcdefgh", "f", deep) == "r:1:abcdefgh");
  CHECK(found(toml, "secret\\u003dabcdefgh", "f", deep) == "r:1:abcdefgh");
  CHECK(found(toml, hex_digits("--secret=abcdefgh--"), "f", deep) == "r:1:abcdefgh");
  // What the first pass finds the next ones do not find again.
  CHECK(found(toml, "secret=abcdefgh " + hidden, "f", deep) == "r:1:abcdefgh r:1:abcdefgh");
}

TEST_CASE("fingerprints, ignore files and baselines let pass one by one", "[scan]") {
  const std::string toml = rule("k=(\\w+)");
  const Hit first = scan_text(toml, "k=a\nk=b", "f")[0];
  const Hit in_commit = scan_text(toml, "k=a", "f", {}, "c1")[0];
  Allowed allowed;
  CHECK(allowed.empty());
  CHECK_FALSE(allowed.covers(first));
  allowed.add_ignore_file("# comment\n\n f:r:1 \nd\\g:r:2\n");
  CHECK(allowed.covers(first));
  CHECK(allowed.covers(in_commit));
  Allowed one;
  one.add("c2:f:r:1");
  CHECK_FALSE(one.covers(in_commit));
  one.add("c1:f:r:1");
  CHECK(one.covers(in_commit));
  CHECK_FALSE(one.covers(first));

  Allowed known;
  known.add_baseline(gitleaks_report({first}, [](const std::string&) { return std::nullopt; }).dump(), "old.json");
  CHECK(known.covers(first));
  CHECK_FALSE(known.covers(scan_text(toml, "k=a\nk=b", "f")[1]));
  Allowed ours;
  ours.add_baseline(Json({{"data", {{"findings", {to_json(first.finding)}}}}}).dump(), "old.json");
  CHECK(ours.covers(first));
  // Another secret of another look at the same place is new.
  CHECK_FALSE(ours.covers(scan_text(toml, "k=abcdefghijk", "f")[0]));
  CHECK_THROWS(known.add_baseline("{}", "x"));
}

TEST_CASE("reports hold no secret", "[scan]") {
  std::mt19937 random(7);
  const std::string secret = random_text(random, 40, kBase62);
  const auto hits = scan_text(rule("k=(\\w+)"), "one\nk=" + secret, "a b/f");
  const Json sarif = sarif_report(hits, "1");
  const Json& region = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
  CHECK(region["startLine"] == 2);
  CHECK(region["endColumn"] == 43);
  CHECK(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/f");
  const Json theirs = gitleaks_report(hits, [](const std::string&) { return std::nullopt; });
  CHECK(theirs[0]["StartColumn"] == 2);  // one more than it is, as gitleaks has it on later lines
  CHECK(theirs[0]["Fingerprint"] == "a b/f:r:2");
  const std::string all =
      sarif.dump() + theirs.dump() + to_json(hits[0].finding).dump() + finding_line(hits[0].finding);
  CHECK(all.find(secret.substr(0, 8)) == std::string::npos);
}

TEST_CASE("samples made by a generator: what is a key is found, what looks like one is not", "[scan]") {
  std::mt19937 random(20261121);
  const RuleSet rules = built_in_rules();
  const Scanner scanner(rules);
  const auto finds = [&](const std::string& text) {
    Coverage coverage;
    const auto hits = scanner.scan({"src/config.js", "", text}, coverage);
    return std::any_of(hits.begin(), hits.end(), [](const Hit& hit) { return hit.finding.blocks; });
  };
  for (int i = 0; i < 50; ++i) {
    const std::string token = std::string("gh") + "p_" + random_text(random, 36, kBase62);
    CHECK(finds("const token = \"" + token + "\";\n"));
    CHECK(finds("-H 'Authorization: token " + token + "'"));
    // One too short, and one cut by other letters.
    CHECK_FALSE(finds("x = gh"
                      "p_" +
                      random_text(random, 20, kBase62) + ";"));
    CHECK_FALSE(finds("see gh"
                      "p_" +
                      std::string(36, 'x')));
  }
}
