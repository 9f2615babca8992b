#include "scan/filter-expression.hh"

#include <charconv>
#include <cmath>
#include <utility>

#include "util/text.hh"

namespace ga::scan {
namespace {

constexpr std::size_t kMaxClauses = 64;
constexpr int kMaxDepth = 50;

/// Whatever this reader does not understand.
struct NotPlain {};

/// One alternative: everything in it must hold.
struct Clause {
  std::vector<std::string> paths, secrets, matches, lines, words;
  std::optional<double> max_entropy;
  bool has_paths = false, has_secrets = false, has_matches = false, has_lines = false, has_words = false;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // The outermost alternatives are read apart, so that one that is not plain costs only itself.
  void all(std::vector<Clause>& clauses, std::vector<std::string>& left_out) {
    std::string_view whole = unwrapped(trimmed(text_));
    for (const std::string_view part : alternatives(whole)) {
      try {
        Reader reader(part);
        std::vector<Clause> read = reader.either(0);
        reader.blanks();
        if (reader.at_ != part.size()) throw NotPlain{};
        for (Clause& clause : read) clauses.push_back(std::move(clause));
      } catch (const NotPlain&) {
        left_out.emplace_back(trimmed(part));
      }
    }
  }

 private:
  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::string_view(" \t\r\n;").find(text.front()) != std::string_view::npos)
      text.remove_prefix(1);
    while (!text.empty() && std::string_view(" \t\r\n;").find(text.back()) != std::string_view::npos)
      text.remove_suffix(1);
    return text;
  }

  // Calls visit(position, depth) for every character outside strings.
  template <typename Visit>
  static void outside_strings(std::string_view text, Visit visit) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '`' || c == '"' || c == '\'') {
        for (++i; i < text.size() && text[i] != c; ++i)
          if (text[i] == '\\' && c != '`') ++i;
        continue;
      }
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      if (!visit(i, depth)) return;
    }
  }

  static std::string_view unwrapped(std::string_view text) {
    while (!text.empty() && text.front() == '(') {
      std::size_t closes = std::string_view::npos;
      outside_strings(text, [&](std::size_t i, int depth) {
        if (depth == 0) closes = i;
        return depth != 0;
      });
      if (closes + 1 != text.size()) break;
      text = trimmed(text.substr(1, text.size() - 2));
    }
    return text;
  }

  static std::vector<std::string_view> alternatives(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool conditional = false;
    outside_strings(text, [&](std::size_t i, int depth) {
      if (depth == 0 && text[i] == '?') conditional = true;
      if (depth == 0 && i >= begin && text.substr(i, 2) == "||") {
        parts.push_back(text.substr(begin, i - begin));
        begin = i + 2;
      }
      return true;
    });
    if (conditional) return {text};
    parts.push_back(text.substr(begin));
    return parts;
  }

  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(std::string_view token) {
    blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) throw NotPlain{};
  }

  std::vector<Clause> either(int depth) {
    if (depth > kMaxDepth) throw NotPlain{};
    std::vector<Clause> clauses = both(depth);
    while (take("||"))
      for (Clause& clause : both(depth)) clauses.push_back(std::move(clause));
    if (clauses.size() > kMaxClauses) throw NotPlain{};
    return clauses;
  }

  std::vector<Clause> both(int depth) {
    std::vector<Clause> clauses = operand(depth);
    while (take("&&")) {
      const std::vector<Clause> more = operand(depth);
      std::vector<Clause> product;
      for (const Clause& a : clauses)
        for (const Clause& b : more) product.push_back(joined(a, b));
      if (product.size() > kMaxClauses) throw NotPlain{};
      clauses = std::move(product);
    }
    return clauses;
  }

  static Clause joined(Clause a, const Clause& b) {
    const auto merge = [](std::vector<std::string>& into, bool& there, const std::vector<std::string>& from,
                          bool given) {
      if (!given) return;
      if (there) throw NotPlain{};  // both lists would have to match
      into = from;
      there = true;
    };
    merge(a.paths, a.has_paths, b.paths, b.has_paths);
    merge(a.secrets, a.has_secrets, b.secrets, b.has_secrets);
    merge(a.matches, a.has_matches, b.matches, b.has_matches);
    merge(a.lines, a.has_lines, b.lines, b.has_lines);
    merge(a.words, a.has_words, b.words, b.has_words);
    if (b.max_entropy) a.max_entropy = a.max_entropy ? std::min(*a.max_entropy, *b.max_entropy) : *b.max_entropy;
    if (a.has_secrets + a.has_matches + a.has_lines > 1) throw NotPlain{};
    return a;
  }

  std::vector<Clause> operand(int depth) {
    if (take("(")) {
      auto clauses = either(depth + 1);
      need(")");
      return clauses;
    }
    take("filter.");
    if (take("entropy(")) return {entropy()};
    if (take("matchesAny(")) return {list_call(true)};
    if (take("containsAny(")) return {list_call(false)};
    throw NotPlain{};
  }

  enum class Subject { path, secret, match, line };
  Subject subject() {
    if (take("get(")) {
      need("attributes");
      need(",");
      if (string() != "path") throw NotPlain{};
      need(",");
      if (!string().empty()) throw NotPlain{};
      need(")");
      return Subject::path;
    }
    const bool attribute = take("attributes");
    if (!attribute) need("finding");
    need("[");
    const std::string name = string();
    need("]");
    if (attribute && name == "path") return Subject::path;
    if (!attribute && name == "secret") return Subject::secret;
    if (!attribute && name == "match") return Subject::match;
    if (!attribute && name == "line") return Subject::line;
    throw NotPlain{};
  }

  Clause entropy() {
    if (subject() != Subject::secret) throw NotPlain{};
    need(")");
    const bool with_equal = take("<=");
    if (!with_equal) need("<");
    blanks();
    double limit = 0;
    const char* const end = text_.data() + text_.size();
    const auto [behind, error] = std::from_chars(text_.data() + at_, end, limit);
    if (error != std::errc()) throw NotPlain{};
    at_ = static_cast<std::size_t>(behind - text_.data());
    Clause clause;
    clause.max_entropy = with_equal ? limit : std::nextafter(limit, -1.0);
    return clause;
  }

  Clause list_call(bool patterns) {
    const Subject of = subject();
    need(",");
    need("[");
    std::vector<std::string> items;
    while (!take("]")) {
      items.push_back(string());
      if (!take(",")) {
        need("]");
        break;
      }
    }
    need(")");
    if (items.empty()) throw NotPlain{};
    Clause clause;
    if (!patterns) {
      if (of != Subject::secret) throw NotPlain{};
      clause.words = std::move(items);
      clause.has_words = true;
    } else if (of == Subject::path) {
      clause.paths = std::move(items);
      clause.has_paths = true;
    } else if (of == Subject::secret) {
      clause.secrets = std::move(items);
      clause.has_secrets = true;
    } else if (of == Subject::match) {
      clause.matches = std::move(items);
      clause.has_matches = true;
    } else {
      clause.lines = std::move(items);
      clause.has_lines = true;
    }
    return clause;
  }

  std::string string() {
    blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '`' && quote != '"' && quote != '\'') throw NotPlain{};
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (quote == '`' || text_[at_] != '\\') {
        value += text_[at_];
        continue;
      }
      const char c = ++at_ < text_.size() ? text_[at_] : '\0';
      if (c == 'n') value += '\n';
      else if (c == 't') value += '\t';
      else if (c == 'r') value += '\r';
      else if (c == '\\' || c == '"' || c == '\'') value += c;
      else throw NotPlain{};
    }
    need(std::string_view(&quote, 1));
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Allowlist allowlist_of(const Clause& clause) {
  Allowlist list;
  list.all = true;
  const auto compile = [](const std::vector<std::string>& texts, std::vector<PatternPtr>& into) {
    for (const std::string& text : texts) into.push_back(std::make_shared<Pattern>(text));
  };
  compile(clause.paths, list.paths);
  compile(clause.secrets, list.regexes);
  compile(clause.matches, list.regexes);
  compile(clause.lines, list.regexes);
  if (clause.has_matches) list.target = Allowlist::Target::match;
  if (clause.has_lines) list.target = Allowlist::Target::line;
  list.stopwords = WordSet(clause.words);
  list.max_entropy = clause.max_entropy;
  return list;
}

}  // namespace

FilterReading read_filter(std::string_view expression) {
  FilterReading reading;
  std::vector<Clause> clauses;
  Reader(expression).all(clauses, reading.left_out);
  for (const Clause& clause : clauses) reading.allowlists.push_back(allowlist_of(clause));
  return reading;
}

}  // namespace ga::scan
