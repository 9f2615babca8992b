#include "model/learning.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "model/members.hh"
#include "model/names.hh"
#include "util/text.hh"

namespace ga::model {
namespace {

constexpr const char* kDefaultSection = "GOTCHAS";
constexpr const char* kDefaultRole = "builder";

bool says_nothing(std::string_view answer) {
  std::string word = fold_case(trim(std::string(answer)));
  while (!word.empty() && (word.back() == '.' || word.back() == '!')) word.pop_back();
  static const std::set<std::string> nothing = {"", "-", "none", "nothing", "n/a", "na", "no", "nil"};
  return nothing.count(word) != 0;
}

}  // namespace

Json to_json(const Reflection& r) {
  Json out = {{"id", r.id}, {"task", r.task}, {"by", r.by}, {"time", format_time(r.time)}};
  put(out, "commit", r.commit);
  put(out, "surprise", r.surprise);
  put(out, "pattern", r.pattern);
  put(out, "improvement", r.improvement);
  return out;
}

Reflection reflection_from_json(const Json& j) {
  Reflection r;
  r.id = get_string(j, "id");
  r.task = get_string(j, "task");
  r.by = get_string(j, "by");
  r.commit = get_string(j, "commit");
  r.surprise = get_string(j, "surprise");
  r.pattern = get_string(j, "pattern");
  r.improvement = get_string(j, "improvement");
  r.time = time_member(j, "time");
  return r;
}

Json to_json(const Learning& l) {
  Json out = {{"id", l.id}, {"kind", l.kind}, {"text", l.text}, {"section", l.section}, {"state", l.state}};
  put(out, "task", l.task);
  put(out, "by", l.by);
  put(out, "reflection", l.reflection);
  put(out, "reason", l.reason);
  put(out, "decided_by", l.decided_by);
  put(out, "commit", l.commit);
  put(out, "approval", l.approval);
  out["time"] = format_time(l.time);
  if (l.decided != 0) out["decided"] = format_time(l.decided);
  return out;
}

Learning learning_from_json(const Json& j) {
  Learning l;
  l.id = get_string(j, "id");
  l.kind = get_string(j, "kind");
  l.text = get_string(j, "text");
  l.section = get_string(j, "section");
  l.task = get_string(j, "task");
  l.by = get_string(j, "by");
  l.reflection = get_string(j, "reflection");
  l.state = get_string(j, "state");
  l.reason = get_string(j, "reason");
  l.decided_by = get_string(j, "decided_by");
  l.commit = get_string(j, "commit");
  l.approval = get_string(j, "approval");
  l.time = time_member(j, "time");
  l.decided = time_member(j, "decided");
  return l;
}

// ---- the three answers ---------------------------------------------------------------------------

namespace {

constexpr std::array kQuestions = {"What surprised me?", "One pattern for AGENTS.md", "One prompt improvement"};
enum Question : int { kSurprise, kPattern, kImprovement, kNoQuestion };

// The question that a heading asks; kNoQuestion for other headings.
int question_of(const std::string& heading) {
  const std::string words = fold_case(heading);
  const auto has = [&](const char* part) { return words.find(part) != std::string::npos; };
  if (has("surpris")) return kSurprise;
  if (has("prompt")) return kImprovement;
  if (has("pattern") || has("agents.md") || has("rule")) return kPattern;
  return kNoQuestion;
}

// "## What surprised me" or "2. One pattern: ..." begins an answer: its question, and what follows on the same line.
struct Begin {
  int question = kNoQuestion;
  std::string rest;
};
std::optional<Begin> begin_of(const std::string& line) {
  if (starts_with(line, "#")) {
    const std::string heading = trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
    return Begin{question_of(heading), ""};
  }
  const bool numbered = line.size() > 2 && line[0] >= '1' && line[0] <= '3' && (line[1] == '.' || line[1] == ')');
  if (!numbered) return std::nullopt;
  std::string rest = trim(line.substr(2));
  // The question itself may stand before the answer.
  const auto colon = rest.find_first_of(":?");
  const std::string before = colon == std::string::npos ? rest : rest.substr(0, colon);
  if (before.size() < 60 && question_of(before) == line[0] - '1')
    rest = colon == std::string::npos ? "" : trim(rest.substr(colon + 1));
  return Begin{line[0] - '1', rest};
}

}  // namespace

ReadReflection read_reflection(std::string_view text) {
  std::array<std::string, 3> answers;
  std::array<bool, 3> asked{};
  int at = kNoQuestion;
  bool in_comment = false;
  for (const std::string& raw : split_lines(text)) {
    const std::string line = trim(raw);
    if (starts_with(line, "<!--")) in_comment = true;
    const bool skipped = in_comment;
    if (line.find("-->") != std::string::npos) in_comment = false;
    if (skipped) continue;
    std::string words = line;
    if (auto begin = begin_of(line)) {
      at = begin->question;
      words = begin->rest;
      if (at != kNoQuestion) asked[static_cast<std::size_t>(at)] = true;
    }
    if (at == kNoQuestion || words.empty()) continue;
    std::string& answer = answers[static_cast<std::size_t>(at)];
    answer += (answer.empty() ? "" : "\n") + words;
  }
  ReadReflection read;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!asked[i] && read.problem.empty()) read.problem = std::string("it does not answer \"") + kQuestions[i] + "\"";
    if (says_nothing(answers[i])) answers[i].clear();
  }
  if (read.problem.empty() && std::all_of(answers.begin(), answers.end(), [](const auto& a) { return a.empty(); }))
    read.problem = "all three answers say nothing";
  read.reflection.surprise = answers[kSurprise];
  read.reflection.pattern = answers[kPattern];
  read.reflection.improvement = answers[kImprovement];
  return read;
}

std::string reflection_template() {
  return "## What surprised me?\n\n\n"
         "## One pattern for AGENTS.md\n"
         "<!-- one line that would have helped, or: none. Begin with its section: GOTCHAS: ..., STYLE: ...,\n"
         "     ARCH_DECISIONS: ..., TEST_STRATEGY: ... -->\n\n\n"
         "## One prompt improvement\n"
         "<!-- one line for whoever plays the same role next, or: none. For another role: reviewer: ... -->\n";
}

namespace {

bool is_section_name(const std::string& word) {
  return word.size() >= 3 && word.size() <= 40 && std::isupper(static_cast<unsigned char>(word[0])) != 0 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-';
         });
}

}  // namespace

Learning proposal(std::string_view answer, std::string_view kind) {
  Learning learning;
  learning.kind = std::string(kind);
  std::string line;
  for (const std::string& part : split_lines(answer)) {
    std::string words = trim(part);
    if (line.empty() && words.size() > 2 && (words[0] == '-' || words[0] == '*') && words[1] == ' ')
      words = trim(words.substr(2));
    if (!words.empty()) line += (line.empty() ? "" : " ") + words;
  }
  const bool is_rule = kind == "rule";
  learning.section = is_rule ? kDefaultSection : kDefaultRole;
  if (const auto colon = line.find(": "); colon != std::string::npos) {
    const std::string before = line.substr(0, colon);
    if (is_rule ? is_section_name(before) : is_agent_name(before) && before.size() <= 30) {
      learning.section = before;
      line = trim(line.substr(colon + 2));
    }
  }
  learning.text = std::string(utf8_prefix(line, kMaxLearning));
  return learning;
}

// ---- likeness ------------------------------------------------------------------------------------

namespace {

using Words = std::set<std::string>;

bool is_word_byte(unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80 || c == '_' || c == '/' || c == '.'; }

// "uses", "used", "using" are "use"; good enough for a hint.
std::string stem(std::string word) {
  while (!word.empty() && (word.back() == '.' || word.back() == '/')) word.pop_back();
  for (const char* ending : {"ing", "ed", "s"})
    if (word.size() > std::string_view(ending).size() + 2 && ends_with(word, ending))
      return word.substr(0, word.size() - std::string_view(ending).size());
  return word;
}

struct Rule {
  Words words;
  bool forbids = false;
};

Rule rule_of(std::string_view text) {
  static const Words empty_words = {"a",      "an",     "the",  "to",     "of",   "in",    "on",     "for",
                                    "and",    "or",     "is",   "are",    "be",   "it",    "that",   "this",
                                    "we",     "you",    "with", "as",     "by",   "at",    "from",   "when",
                                    "always", "please", "all",  "should", "must", "use",   "run",    "us",
                                    "do",     "make",   "sure", "ensure", "any",  "every", "prefer", "only"};
  static const Words forbidding = {"never", "not", "avoid", "don't", "dont", "no", "without", "forbid", "forbidden"};
  Rule rule;
  const std::string folded = fold_case(text);
  for (std::size_t i = 0; i < folded.size();) {
    std::size_t end = i;
    while (end < folded.size() && (is_word_byte(static_cast<unsigned char>(folded[end])) || folded[end] == '\'')) ++end;
    if (end == i) {
      ++i;
      continue;
    }
    std::string word = folded.substr(i, end - i);
    i = end;
    if (forbidding.count(word) != 0) rule.forbids = true;
    else if (empty_words.count(word) != 0) continue;
    else if (word = stem(std::move(word)); !word.empty() && empty_words.count(word) == 0) rule.words.insert(word);
  }
  return rule;
}

// Words of which a rule can mean only one.
bool are_alternatives(const Words& a, const Words& b) {
  static const std::vector<Words> sets = {{"tab", "space"},        {"npm", "yarn", "pnpm", "bun"},
                                          {"single", "double"},    {"camelcase", "snake_case", "kebab-case"},
                                          {"sync", "async"},       {"rebase", "merge"},
                                          {"pip", "uv", "poetry"}, {"before", "after"}};
  if (a.size() != 1 || b.size() != 1) return false;
  return std::any_of(sets.begin(), sets.end(),
                     [&](const Words& set) { return set.count(*a.begin()) != 0 && set.count(*b.begin()) != 0; });
}

}  // namespace

Likeness compare_rules(std::string_view a, std::string_view b) {
  constexpr double kAlike = 0.7;
  const Rule one = rule_of(a), two = rule_of(b);
  if (one.words.empty() || two.words.empty()) return Likeness::none;
  Words only_one, only_two;
  std::set_difference(one.words.begin(), one.words.end(), two.words.begin(), two.words.end(),
                      std::inserter(only_one, only_one.end()));
  std::set_difference(two.words.begin(), two.words.end(), one.words.begin(), one.words.end(),
                      std::inserter(only_two, only_two.end()));
  const std::size_t shared = one.words.size() - only_one.size();
  if (one.forbids == two.forbids && are_alternatives(only_one, only_two)) return Likeness::opposite;
  const double likeness = static_cast<double>(shared) / static_cast<double>(shared + only_one.size() + only_two.size());
  if (likeness < kAlike) return Likeness::none;
  return one.forbids == two.forbids ? Likeness::same : Likeness::opposite;
}

}  // namespace ga::model
