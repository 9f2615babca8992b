#include "scan/test-erosion.hh"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "scan/erosion-words.hh"
#include "util/text.hh"

namespace ga::scan {
namespace {

using detail::Language;
using detail::Mark;

constexpr std::size_t kMaxText = 4 << 20;  // a larger file holds no tests that people wrote
constexpr std::size_t kMaxFindings = 200;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool any_part(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return text.find(part) != text.npos; });
}

std::string without_blanks(std::string_view line) {
  std::string out;
  for (const char c : line)
    if (c != ' ' && c != '\t') out += c;
  return out;
}

struct Test {
  std::string name;
  int line = 0;
};
struct MarkedLine {
  Mark mark;
  std::string text;  ///< without blanks: what is compared
  int line = 0;
  std::size_t column = 0, size = 0;
};
struct Bounded {
  detail::Threshold threshold;
  int line = 0;
};

/// What one version of a file holds.
struct Inventory {
  std::vector<Test> tests;
  std::vector<MarkedLine> marks, ignored;
  std::vector<Bounded> thresholds;
  int assertions = 0;
};

Inventory inventory_of(const std::string& path, std::string_view text, bool is_test, bool is_setup) {
  Inventory all;
  if (text.size() > kMaxText) return all;
  Language language = detail::language_of(path);
  if (language == Language::perl && (starts_with(text, "#!/bin/sh") || starts_with(text, "#!/bin/bash") ||
                                     starts_with(text, "#!/usr/bin/env bash") || text.find("\nfi\n") != text.npos))
    language = Language::shell;
  // Rust's tests stand beside what they test.
  const bool tests = language != Language::none && (is_test || language == Language::rust);
  bool pending = false;
  std::string before;
  int number = 0;
  for (const std::string& line : split_lines(text)) {
    ++number;
    if (tests) {
      if (std::string name = detail::test_name(language, line, pending); !name.empty())
        all.tests.push_back({std::move(name), number});
      const Mark mark = detail::mark_of(language, line, before);
      if (mark.kind != Mark::Kind::none)
        all.marks.push_back({mark, without_blanks(line), number, mark.at + 1, mark.word.size()});
      all.assertions += detail::assertions_in(language, line);
    }
    if (is_setup) {
      const std::string_view word = detail::ignored_failure(path, line);
      if (!word.empty()) all.ignored.push_back({{}, without_blanks(line), number, line.find(word) + 1, word.size()});
      for (detail::Threshold& each : detail::thresholds_in(path, line))
        all.thresholds.push_back({std::move(each), number});
    }
    if (!trim(line).empty()) before = line;
  }
  return all;
}

/// A file's two versions.
struct Pair {
  const ErosionChange* change;
  Inventory before, after;
};

class Erosion {
 public:
  explicit Erosion(const std::vector<ErosionChange>& changes) {
    for (const ErosionChange& each : changes) {
      const bool setup = is_test_setup(each.path);
      pairs_.push_back({&each, inventory_of(each.path, each.before, each.is_test, setup),
                        inventory_of(each.path, each.after, each.is_test, setup)});
    }
  }

  std::vector<Finding> judge() {
    deletions();
    marks();
    assertions();
    ignored_failures();
    thresholds();
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return a.file != b.file ? a.file < b.file : a.line < b.line;
    });
    return std::move(findings_);
  }

 private:
  void add(const Pair& pair, const char* rule, std::string what, int line = 0, std::size_t column = 0,
           std::size_t size = 0, bool blocks = true) {
    if (findings_.size() >= kMaxFindings) return;
    Finding finding;
    finding.rule = rule;
    finding.description = std::move(what);
    finding.file = pair.change->path;
    finding.line = line;
    if (line > 0 && column > 0) {
      finding.column = static_cast<int>(column);
      finding.end_line = line;
      finding.end_column = static_cast<int>(column + size - 1);
    }
    finding.fingerprint = finding.file + ":" + rule + ":" + std::to_string(line);
    finding.blocks = blocks;
    findings_.push_back(std::move(finding));
  }

  // Names that stand in one version oftener than in the other.
  static std::vector<Test> missing(const std::vector<Test>& from, const std::vector<Test>& in) {
    std::map<std::string, int> there;
    for (const Test& each : in) ++there[each.name];
    std::vector<Test> gone;
    for (const Test& each : from)
      if (--there[each.name] < 0) gone.push_back(each);
    return gone;
  }

  void deletions() {
    std::map<std::string, int> added;  // over the whole change: where a test may have moved to
    std::vector<std::size_t> fresh(pairs_.size());
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      for (const Test& each : missing(pairs_[i].after.tests, pairs_[i].before.tests)) {
        ++added[each.name];
        ++fresh[i];
      }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      std::vector<Test> gone;
      for (Test& each : missing(pairs_[i].before.tests, pairs_[i].after.tests))
        if (--added[each.name] < 0) gone.push_back(std::move(each));
      if (pairs_[i].change->exists) lost_tests(pairs_[i], std::move(gone), fresh[i]);
      else if (pairs_[i].change->is_test) lost_file(pairs_[i], gone);
    }
  }

  // As many new ones in the same file: they got other names, or others took their place.
  void lost_tests(const Pair& pair, std::vector<Test> gone, std::size_t fresh) {
    if (gone.size() <= fresh) return;
    // Those whose names are most alike among the new ones count as renamed.
    const std::vector<Test> added = missing(pair.after.tests, pair.before.tests);
    for (const Test& each : added) {
      const auto nearest = std::min_element(gone.begin(), gone.end(), [&](const Test& a, const Test& b) {
        return distance(a.name, each.name) < distance(b.name, each.name);
      });
      if (nearest != gone.end()) gone.erase(nearest);
    }
    for (const Test& each : gone)
      add(pair, "test-deleted",
          "the test '" + shown(each.name) + "' is gone (it was in line " + std::to_string(each.line) +
              ") and nothing took its place");
  }
  static std::size_t distance(const std::string& a, const std::string& b) {
    constexpr std::size_t kCompared = 80;
    return edit_distance(std::string_view(a).substr(0, kCompared), std::string_view(b).substr(0, kCompared));
  }
  static std::string shown(const std::string& name) { return sanitize_line(utf8_prefix(name, 80)); }

  void lost_file(const Pair& pair, const std::vector<Test>& gone) {
    if (pair.before.tests.empty() ? !is_source(pair) || moved(pair) : gone.empty()) return;
    std::string what = "a test file is deleted";
    if (!gone.empty())
      what += ": " + std::to_string(gone.size()) + (gone.size() == 1 ? " test" : " tests") +
              " without another in place, '" + shown(gone.front().name) + "'" + (gone.size() > 1 ? " and others" : "");
    add(pair, "test-file-deleted", std::move(what));
  }
  // Of test files in which no test is recognised, those that are named as tests, and no fixtures.
  static bool is_source(const Pair& pair) {
    return detail::language_of(pair.change->path) != Language::none && pair.before.assertions > 0;
  }
  // The same name elsewhere, or the same content.
  bool moved(const Pair& pair) const {
    const std::string_view path = pair.change->path;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& other) {
      const std::string_view there = other.change->path;
      return other.change->exists && !other.change->existed &&
             (there.substr(there.rfind('/') + 1) == name || other.change->after == pair.change->before);
    });
  }

  // What stands in the new version oftener, over all files: a mark that moved with its test is none.
  template <typename Select, typename Report>
  void fresh_lines(Select select, Report report) {
    std::map<std::string, int> gone;
    for (const Pair& pair : pairs_) {
      for (const MarkedLine& each : select(pair.before)) ++gone[each.text];
      for (const MarkedLine& each : select(pair.after)) --gone[each.text];
    }
    for (const Pair& pair : pairs_) {
      std::map<std::string, int> here;
      for (const MarkedLine& each : select(pair.before)) ++here[each.text];
      int surplus = static_cast<int>(select(pair.after).size()) - static_cast<int>(select(pair.before).size());
      for (const MarkedLine& each : select(pair.after)) {
        if (--here[each.text] >= 0 || gone[each.text] >= 0) continue;
        // A marked line that only reads otherwise now stays one.
        if (pair.change->existed && --surplus < 0) continue;
        ++gone[each.text];
        report(pair, each);
      }
    }
  }

  void marks() {
    fresh_lines([](const Inventory& all) -> const std::vector<MarkedLine>& { return all.marks; },
                [&](const Pair& pair, const MarkedLine& each) {
                  const std::string word = std::string(each.mark.word);
                  if (each.mark.kind == Mark::Kind::only)
                    return add(pair, "test-only", "'" + word + "' keeps all other tests from running", each.line,
                               each.column, each.size);
                  const bool conditional = each.mark.kind == Mark::Kind::conditional;
                  add(pair, "test-skipped",
                      conditional ? "'" + word + "' skips a test under a condition" : "'" + word + "' skips a test",
                      each.line, each.column, each.size, !conditional);
                });
  }

  void assertions() {
    int total = 0;
    for (const Pair& pair : pairs_) total += pair.after.assertions - pair.before.assertions;
    if (total >= 0) return;
    for (const Pair& pair : pairs_) {
      const int before = pair.before.assertions, after = pair.after.assertions;
      const bool fewer_tests = pair.after.tests.size() < pair.before.tests.size();
      if (!pair.change->exists || !pair.change->is_test || after >= before || (fewer_tests && after > 0)) continue;
      add(pair, "assertions-removed",
          std::to_string(after) + (after == 1 ? " assertion" : " assertions") + ", " + std::to_string(before) +
              " before",
          0, 0, 0, false);
    }
  }

  void ignored_failures() {
    fresh_lines([](const Inventory& all) -> const std::vector<MarkedLine>& { return all.ignored; },
                [&](const Pair& pair, const MarkedLine& each) {
                  add(pair, "failure-ignored", "a failure of a test command goes unnoticed from here on", each.line,
                      each.column, each.size);
                });
  }

  void thresholds() {
    std::map<std::string, int> elsewhere;  // a bound may move from one file to another
    for (const Pair& pair : pairs_)
      for (const Bounded& each : pair.after.thresholds) ++elsewhere[each.threshold.key];
    for (const Pair& pair : pairs_) {
      std::map<std::string, std::vector<Bounded>> now;
      for (const Bounded& each : pair.after.thresholds) now[each.threshold.key].push_back(each);
      std::map<std::string, std::size_t> next;
      for (const Bounded& each : pair.before.thresholds) {
        const auto& list = now[each.threshold.key];
        const std::size_t index = next[each.threshold.key]++;
        if (index < list.size()) compare(pair, each, list[index]);
        else if (list.empty() && elsewhere[each.threshold.key] == 0 && pair.change->exists)
          add(pair, "threshold-lowered", "'" + each.threshold.key + "' (" + number(each.threshold.value) + ") is gone");
      }
    }
  }
  void compare(const Pair& pair, const Bounded& before, const Bounded& after) {
    const double change = after.threshold.value - before.threshold.value;
    if (before.threshold.higher_is_stricter ? change >= 0 : change <= 0) return;
    add(pair, "threshold-lowered",
        "'" + before.threshold.key + "' is " + number(after.threshold.value) + ", was " +
            number(before.threshold.value),
        after.line);
  }
  static std::string number(double value) {
    std::string text = std::to_string(value);
    while (ends_with(text, "0")) text.pop_back();
    if (ends_with(text, ".")) text.pop_back();
    return text;
  }

  std::vector<Pair> pairs_;
  std::vector<Finding> findings_;
};

}  // namespace

bool is_test_path(std::string_view path) {
  const std::string name(path.substr(path.rfind('/') + 1)), low = lower_ascii(name);
  const std::vector<std::string> parts = split(lower_ascii(path), '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (is_one_of(parts[i], {"test", "tests", "__tests__", "spec", "specs", "e2e", "testing", "unittests",
                             "androidtest", "integration-tests", "integration_tests"}) ||
        ends_with(parts[i], ".tests") || ends_with(parts[i], ".test"))
      return true;
  const std::size_t dot = low.rfind('.');
  const std::string stem = low.substr(0, dot), extension = dot == low.npos ? "" : low.substr(dot + 1);
  if (is_one_of(extension, {"bats"})) return true;
  if (extension == "t") return true;
  if (detail::language_of(path) == Language::none) return false;
  if (starts_with(stem, "test_") || starts_with(stem, "test-") || ends_with(stem, "_test") ||
      ends_with(stem, "-test") || ends_with(stem, ".test") || ends_with(stem, ".spec") || ends_with(stem, "_spec") ||
      ends_with(stem, "_tests") || ends_with(stem, "-tests") || ends_with(stem, ".cy") ||
      ends_with(stem, "_unittest") || stem == "tests" || stem == "conftest")
    return true;
  // XTest.java, XTests.cs, XIT.java, XSpec.scala: by their capital letter, so that "latest" is none.
  const std::string camel = name.substr(0, name.rfind('.'));
  return ends_with(camel, "Test") || ends_with(camel, "Tests") || ends_with(camel, "TestCase") ||
         (ends_with(camel, "IT") && camel.size() > 2 && camel[camel.size() - 3] >= 'a') || ends_with(camel, "Spec");
}

bool is_test_setup(std::string_view path) {
  const std::string low = lower_ascii(path), name = low.substr(low.rfind('/') + 1);
  if (starts_with(low, ".github/workflows/") || starts_with(low, ".circleci/") || starts_with(low, ".buildkite/") ||
      starts_with(low, ".gitea/workflows/") || starts_with(low, ".forgejo/workflows/") ||
      starts_with(low, ".woodpecker") || low.find(".github/actions/") != low.npos)
    return true;
  if (is_one_of(name, {"package.json",
                       "makefile",
                       "gnumakefile",
                       "justfile",
                       "tox.ini",
                       "noxfile.py",
                       "setup.cfg",
                       "pyproject.toml",
                       "pytest.ini",
                       ".coveragerc",
                       "jenkinsfile",
                       "taskfile.yml",
                       "taskfile.yaml",
                       "pom.xml",
                       "composer.json",
                       "mix.exs",
                       "rakefile",
                       "cargo.toml",
                       ".testcoverage.yml",
                       "build.sbt",
                       "sonar-project.properties",
                       ".lintstagedrc",
                       ".simplecov",
                       "spec_helper.rb",
                       ".pre-commit-config.yaml",
                       "lefthook.yml",
                       ".travis.yml",
                       "appveyor.yml",
                       "turbo.json",
                       "nx.json",
                       "deno.json"}))
    return true;
  return ends_with(name, ".mk") ||
         any_part(name, {"gitlab-ci", "azure-pipelines", "bitbucket-pipelines", "jest.config", "vitest.config",
                         "vite.config", "karma.conf", ".nycrc", "nyc.config", ".c8rc", "codecov.y", "build.gradle",
                         "jest.setup", ".mocharc", "playwright.config", "cypress.config"});
}

bool may_erode(std::string_view path) { return is_test_path(path) || is_test_setup(path) || ends_with(path, ".rs"); }

std::vector<Finding> check_erosion(const std::vector<ErosionChange>& changes) { return Erosion(changes).judge(); }

}  // namespace ga::scan
