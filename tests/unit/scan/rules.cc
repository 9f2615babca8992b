// Rule files: gitleaks' format as gitleaks reads it, and what is refused.
#include "scan/rules.hh"

#include <filesystem>

#include "catch.hh"
#include "git/sandbox.hh"
#include "scan/filter-expression.hh"
#include "scan/plain-toml.hh"
#include "util/fs.hh"
#include "util/toml.hh"

using namespace ga;
using namespace ga::scan;
using ga::git::test::message_of;

namespace {

std::string why_refused(const std::string& toml) {
  return message_of([&] { load_rules(toml, "r.toml", {.check = true}); });
}

bool warns(const RuleSet& set, const std::string& part) {
  for (const std::string& warning : set.warnings)
    if (warning.find(part) != std::string::npos) return true;
  return false;
}

const std::string kRule = "[[rules]]\nid = 'a'\nregex = 'x'\n";

}  // namespace

TEST_CASE("keys of rule files count without their case", "[scan]") {
  const RuleSet set = load_rules(
      "[[Rules]]\nID = 'a'\nRegex = '(x)(y)'\nSecretGroup = 2\nENTROPY = 3\nKeyWords = ['KEY', 'b']\nTags = 't'\n"
      "SkipReport = true\n[[Rules.AllowLists]]\nStopWords = ['Z']\nRegexTarget = 'line'\nregexes = ['q']\n",
      "r.toml");
  REQUIRE(set.rules.size() == 1);
  const Rule& rule = set.rules[0];
  CHECK(rule.secret_group == 2);
  CHECK(rule.entropy == 3);
  CHECK(rule.keywords == std::vector<std::string>{"key", "b"});
  CHECK(rule.tags == std::vector<std::string>{"t"});
  CHECK(rule.skip_report);
  REQUIRE(rule.allowlists.size() == 1);
  CHECK(rule.allowlists[0]->target == Allowlist::Target::line);
  CHECK(rule.allowlists[0]->stopwords.any_in("z"));
  CHECK(set.warnings.empty());
}

TEST_CASE("what gitleaks refuses in a rule file is refused with file, line and rule", "[scan]") {
  CHECK(why_refused("[[rules]]\nregex = 'x'\n") == "r.toml:1: a rule has no 'id'");
  CHECK(why_refused("\n[[rules]]\nid = 'a'\n") ==
        "r.toml:2: rule a: it has neither 'regex' nor 'path', so it would find nothing");
  CHECK(why_refused("[[rules]]\nid = 'a'\nregex = '(x)'\nsecretGroup = 2\n").find("captures 1 groups") !=
        std::string::npos);
  CHECK(why_refused("[[rules]]\nid = 'a'\nregex = '(?=x)'\n")
            .find("r.toml:3: rule a: the pattern (?=x) cannot be used") == 0);
  CHECK(why_refused("[[rules]]\nid = 'a'\nregex = 5\n") == "r.toml:3: rule a: 'regex' must be a text");
  CHECK(why_refused("[[rules]]\nid = 'a'\nregex = '[z-a]'\n").find("r.toml:3: ") == 0);
  CHECK(why_refused("[[rules]]\nid = 'a'\nregex = 'x'\nentropy = 'high'\n") ==
        "r.toml:4: rule a: 'entropy' must be a number");
  CHECK(why_refused(kRule + "[[rules.allowlists]]\ndescription = 'empty'\n").find("an allowlist needs one of") !=
        std::string::npos);
  CHECK(why_refused(kRule + "[[rules.allowlists]]\nregexes = ['[']\n").find("r.toml:5: rule a: ") == 0);
  CHECK(why_refused(kRule + "[[rules.allowlists]]\npaths = ['a']\ncondition = 'XOR'\n").find("AND or OR") !=
        std::string::npos);
  CHECK(why_refused(kRule + "[[rules.allowlists]]\nregexes = ['a']\nregexTarget = 'file'\n")
            .find("secret, match or line") != std::string::npos);
  CHECK(why_refused("[allowlist]\npaths=['a']\n[[allowlists]]\npaths=['b']\n" + kRule).find("exclude each other") !=
        std::string::npos);
  CHECK(why_refused("[[allowlists]]\ntargetRules = ['b']\npaths = ['x']\n" + kRule).find("'b', which is no rule") !=
        std::string::npos);
  CHECK(why_refused("title = 'nothing'\n").find("holds no rule") != std::string::npos);
  CHECK(why_refused("[[rules]\n").find("r.toml:1") == 0);
  CHECK(why_refused("[extend]\npath = 'x'\n" + kRule).find("which cannot be read") != std::string::npos);
  CHECK(why_refused("[extend]\npath = 'x'\nuseDefault = true\n" + kRule).find("not both") != std::string::npos);
}

TEST_CASE("what a rule file extends, field by field", "[scan]") {
  const auto built_in = [] {
    return std::string_view(
        "[[rules]]\nid = 'a'\ndescription = 'theirs'\nregex = 'aa'\nkeywords = ['k1']\nentropy = 2\n"
        "[[rules]]\nid = 'b'\nregex = 'bb'\n[allowlist]\npaths = ['p']\n");
  };
  const RuleSet set =
      load_rules("[extend]\nuseDefault = true\ndisabledRules = ['b', 'no-such']\nurl = 'x'\n"
                 "[[rules]]\nid = 'a'\nentropy = 4.5\nkeywords = ['k2']\n[[rules.allowlists]]\nstopwords = ['s']\n"
                 "[[rules]]\nid = 'c'\npath = 'c'\n[[allowlists]]\ntargetRules = ['a']\nregexes = ['t']\n",
                 "r.toml", {.built_in = built_in});
  REQUIRE(set.rules.size() == 2);
  const Rule& a = *set.find("a");
  CHECK(a.description == "theirs");
  CHECK(a.regex->text() == "aa");
  CHECK(a.entropy == 4.5);
  CHECK(a.keywords == std::vector<std::string>{"k1", "k2"});
  CHECK(a.allowlists.size() == 2);
  CHECK(set.find("b") == nullptr);
  CHECK(set.find("c")->path != nullptr);
  CHECK(set.allowlists.size() == 1);
  CHECK(warns(set, "no rule 'no-such' to disable"));
  CHECK(warns(set, "url does nothing"));

  // Two levels, as in gitleaks; what would be deeper is named.
  const auto read = [](const std::string& path) -> std::optional<std::string> {
    return "[extend]\npath = '" + path + "x'\n[[rules]]\nid = '" + path + "'\nregex = 'x'\n";
  };
  const RuleSet deep = load_rules("[extend]\npath = 'f'\n" + kRule, "r.toml", {.read = read});
  CHECK(deep.rules.size() == 3);
  CHECK(warns(deep, "too deep"));
}

TEST_CASE("what a rule file wants and is not done is named", "[scan]") {
  const RuleSet set =
      load_rules("minVersion = 'v9.1.0'\nfancy = 1\n" + kRule + "validate = 'http'\nnew = 2\n" + kRule, "r.toml");
  CHECK(warns(set, "wants gitleaks v9.1.0"));
  CHECK(warns(set, "nothing reads 'fancy'"));
  CHECK(warns(set, "nothing reads 'new'"));
  CHECK(warns(set, "'validate' of 1 rule"));
  CHECK(warns(set, "stands twice"));
  CHECK(set.rules.size() == 1);
  CHECK(load_rules("minVersion = 'v8.25.0'\n" + kRule, "r.toml").warnings.empty());
}

TEST_CASE("betterleaks' filters that are plain comparisons", "[scan]") {
  const FilterReading entropy = read_filter("entropy(finding[\"secret\"]) <= 3.8");
  REQUIRE(entropy.allowlists.size() == 1);
  CHECK(entropy.allowlists[0].max_entropy == 3.8);
  CHECK(*read_filter("filter.entropy(finding[\"secret\"]) < 3").allowlists[0].max_entropy < 3);

  const FilterReading both = read_filter("(matchesAny(finding[\"match\"], [\n  `a\\d`,\n  \"b\\\\n\"\n]) || "
                                         "containsAny(finding['secret'], [\"x\", \"y\"]))");
  CHECK(both.left_out.empty());
  REQUIRE(both.allowlists.size() == 2);
  CHECK(both.allowlists[0].target == Allowlist::Target::match);
  CHECK(both.allowlists[0].regexes.size() == 2);
  CHECK(both.allowlists[1].stopwords.any_in("ay"));

  const FilterReading mixed =
      read_filter("failsTokenEfficiency(finding[\"secret\"]) || matchesAny(get(attributes, \"path\", \"\"), [`p`]) && "
                  "matchesAny(finding[\"line\"], [`l`])");
  REQUIRE(mixed.allowlists.size() == 1);
  CHECK(mixed.allowlists[0].all);
  CHECK(mixed.allowlists[0].paths.size() == 1);
  CHECK(mixed.allowlists[0].target == Allowlist::Target::line);
  CHECK(mixed.left_out == std::vector<std::string>{"failsTokenEfficiency(finding[\"secret\"])"});

  for (const char* other : {"!entropy(finding[\"secret\"]) <= 3", "entropy(finding[\"match\"]) <= 3", "let x = 1; x",
                            "", "matchesAny(finding[\"secret\"], [`a`]) && matchesAny(finding[\"secret\"], [`b`])",
                            "entropy(finding[\"secret\"]) <= 3 ? true : false", "((((", "`"}) {
    INFO(other);
    CHECK(read_filter(other).allowlists.empty());
    CHECK(read_filter(other).left_out.size() == 1);
  }
  const RuleSet set = load_rules(kRule + "filter = 'unknown(1) || entropy(finding[\"secret\"]) <= 2'\n", "r.toml");
  CHECK(set.rules[0].allowlists.size() == 1);
  CHECK(warns(set, "not applied, which finds more: unknown(1)"));
}

TEST_CASE("plain TOML is read as TOML is", "[scan]") {
  const auto same = [](const std::string& text) {
    const auto plain = parse_plain_toml(text);
    INFO(text);
    REQUIRE(plain);
    CHECK(*plain == parse_toml(text, "t"));
  };
  same("");
  same("# c\n\ta = 'x' # c\nb=\"q\\\"\\\\\\n\"\nc = 3.5\nd = 12\ne = true\nf = false\ng=''\n");
  same("a = '''\nx'y\n''z'''\nl = [ # c\n 'a', \"b\",\n\n '''c''',\n]\nm = []\nn = [1, 2]\n");
  same("[[r]]\nid = 'a'\n[[r.l]]\np = ['x']\n[[r.l]]\np = ['y']\n[[r]]\nid = 'b'\n[r.o]\nx = 1\n[s]\ny = 0.5\n");
  same(std::string(built_in_text()));
  // Left to the whole parser, which refuses most of it.
  for (const char* odd : {"a = 1\na = 2",
                          "[a]\n[a]",
                          "a.b = 1",
                          "a = \"\"\"x\"\"\"",
                          "a = \"\\u0041\"",
                          "a = 1_0",
                          "a = 01",
                          "a = -1",
                          "a = 1e3",
                          "a = {}",
                          "a = [[1]]",
                          "a = '''x''''",
                          "a = 'x",
                          "[[a]\n",
                          "[a.b]",
                          "'a' = 1",
                          "a = 1 b = 2",
                          "a =",
                          "a",
                          "a = [1",
                          "a = [1 2]",
                          "a = []\n[[a]]",
                          "a = ['x']\n[[a]]",
                          "a = 'x'\r\n",
                          "a = '\x01'",
                          "a = '\xFF'",
                          "a = .5",
                          "a = 5.",
                          "a = truex",
                          "[ a ]",
                          "a = 2020-01-01"}) {
    INFO(odd);
    CHECK_FALSE(parse_plain_toml(odd));
  }
}

TEST_CASE("the built-in rules are in order", "[scan]") {
  const RuleSet set = load_rules(built_in_text(), kBuiltInName, {.check = true});
  CHECK_FALSE(set.rules.empty());
  CHECK(set.warnings.empty());
  for (const Rule& rule : set.rules) {
    INFO(rule.id);
    CHECK_FALSE(rule.description.empty());
  }
}
