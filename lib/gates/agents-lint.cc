// What is wrong in an AGENTS.md, as far as it is certain.
#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "gates/agents-md.hh"
#include "scan/content.hh"
#include "util/json.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

using Kind = MarkdownLine::Kind;

constexpr std::size_t kCutOff = 32 << 10;  // where clients stop reading
constexpr std::size_t kMaxFindings = 200;
constexpr std::size_t kMaxManifests = 300;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// A piece of a line in backticks, or the target of a link.
struct Span {
  std::string text;
  int line = 0;
  std::size_t column = 0;  ///< from 1
  bool link = false;
};

void spans_of(std::string_view line, int number, std::vector<Span>& spans) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '`') {
      const std::size_t ticks = std::min(line.find_first_not_of('`', i), line.size()) - i;
      const std::size_t end = line.find(std::string(ticks, '`'), i + ticks);
      if (end == line.npos) return;
      spans.push_back({trim(line.substr(i + ticks, end - i - ticks)), number, i + ticks + 1, false});
      i = end + ticks - 1;
    } else if (line[i] == ']' && i + 1 < line.size() && line[i + 1] == '(') {
      const std::size_t end = line.find(')', i);
      if (end == line.npos) return;
      spans.push_back({trim(line.substr(i + 2, end - i - 2)), number, i + 3, true});
      i = end;
    }
  }
}

// ---- Paths ----------------------------------------------------------------------------------------------------------

// What is written as a path of files and holds no placeholder or pattern; "" for anything else.
std::string path_in(const Span& span) {
  std::string text = span.text.substr(0, span.text.find('#'));
  if (starts_with(text, "./")) text.erase(0, 2);
  while (ends_with(text, "/")) text.pop_back();
  if (text.size() < 3 || text.size() > 200 || text.find('/') == text.npos) return "";
  if (text.find("//") != text.npos || text.find("...") != text.npos || text.find("..") != text.npos) return "";
  for (const char c : text)
    if (!is_word_byte(c) && std::string_view("/.-+").find(c) == std::string_view::npos) return "";
  // "/usr/bin" is none of the repository, "and/or" and "CI/CD" are words, "@scope/name" a package.
  if (text.front() == '/' || text.front() == '-' || starts_with(text, "~")) return "";
  return text;
}

// ---- Commands -------------------------------------------------------------------------------------------------------

struct Scripts {
  bool known = false;  ///< false: no file says it, or one that includes what is not read
  std::set<std::string> names;
};

Scripts package_scripts(const AgentsWorld& world) {
  Scripts scripts;
  const std::vector<std::string> files = world.named("package.json");
  scripts.known = !files.empty() && files.size() <= kMaxManifests;
  for (std::size_t i = 0; scripts.known && i < files.size(); ++i) {
    const Json manifest = Json::parse(world.read(files[i]), nullptr, false);
    if (!manifest.is_object()) scripts.known = false;
    else if (const auto found = manifest.find("scripts"); found != manifest.end() && found->is_object())
      for (const auto& item : found->items()) scripts.names.insert(item.key());
  }
  return scripts;
}

// Targets of a Makefile, recipes of a justfile: names before the first ':' of a line that is not indented.
Scripts recipes(const AgentsWorld& world, std::initializer_list<const char*> names, bool is_just) {
  Scripts scripts;
  for (const char* name : names)
    for (const std::string& file : world.named(name)) {
      scripts.known = true;
      for (const std::string& line : split_lines(world.read(file))) {
        const bool other = starts_with(line, "include") || starts_with(line, "-include") ||
                           starts_with(line, "sinclude") || starts_with(line, "import") || starts_with(line, "mod ") ||
                           line.find("$(eval") != line.npos || starts_with(line, "%") ||
                           starts_with(line, "set fallback");
        if (other) return {};
        if (is_just && starts_with(line, "alias ")) scripts.names.insert(trim(line.substr(6, line.find(":=") - 6)));
        if (line.empty() || line[0] == '\t' || line[0] == ' ' || line[0] == '#') continue;
        const std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        for (const std::string& word : split(replace_all(line.substr(0, colon), "\t", " "), ' ')) {
          if (word.find('$') != word.npos) return {};  // a computed name can be any
          scripts.names.insert(word.substr(word.find_first_not_of('@') == word.npos ? 0 : word.find_first_not_of('@')));
        }
      }
    }
  return scripts;
}

bool is_plain_name(std::string_view word) {
  return !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [](char c) {
    return is_word_byte(c) || c == '-' || c == ':' || c == '.';
  });
}

// ---- Sentences ------------------------------------------------------------------------------------------------------

// In lower case, without bullet, emphasis and the marks at its end: what is compared.
std::string normal(std::string_view line) {
  std::string text;
  for (const char c : lower_ascii(trim(line)))
    if (c != '*' && c != '_') text += c;
  text = trim(text);
  while (!text.empty() && std::string_view("-+ ").find(text.front()) != std::string_view::npos) text.erase(0, 1);
  while (!text.empty() && std::string_view(".!;:, ").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

struct Directive {
  std::string what;
  bool positive = false;
  int line = 0;
};

// "always use tabs" and "never use tabs" are directives about "use tabs". Only what stands at the beginning of a sentence.
bool directive_of(const std::string& sentence, Directive& directive) {
  for (const std::string_view word : {"always ", "you must ", "must ", "please always "})
    if (starts_with(sentence, word)) {
      directive = {sentence.substr(word.size()), true, 0};
      return directive.what.size() >= 5 && !starts_with(directive.what, "not ");
    }
  for (const std::string_view word : {"never ", "do not ", "don't ", "you must not ", "must not ", "please never "})
    if (starts_with(sentence, word)) {
      directive = {sentence.substr(word.size()), false, 0};
      return directive.what.size() >= 5;
    }
  return false;
}

// What the text says indentation is made of, "" when it says none or for some files only.
std::string indentation_of(const std::string& text) {
  for (const std::string_view scope :
       {" in ", " for ", "except", "unless", "makefile", " not ", "never", "avoid", "instead of", "don't"})
    if (text.find(scope) != text.npos) return "";
  if (text.find("indent") == text.npos && !starts_with(text, "use tabs") && !starts_with(text, "use spaces") &&
      !(starts_with(text, "use ") && text.find(" spaces") != text.npos && text.size() < 40))
    return "";
  const bool tabs = text.find("tab") != text.npos, spaces = text.find("space") != text.npos;
  return tabs == spaces ? "" : tabs ? "tabs" : "spaces";
}

class Lint {
 public:
  Lint(std::string_view path, std::string_view text, const AgentsWorld& world)
      : path_(path), text_(text), world_(world), file_(parse_agents_md(text)) {}

  AgentsLint run() {
    result_.bytes = text_.size();
    result_.tokens = (text_.size() + 3) / 4;
    length();
    for (const int line : file_.open_blocks)
      add("open-block", "a block of another tool begins here and never ends", line, 0, 0);
    characters();
    collect_spans();
    if (world_.path) paths();
    if (world_.named && world_.read) commands();
    sentences();
    sections();
    std::stable_sort(result_.findings.begin(), result_.findings.end(), [](const auto& a, const auto& b) {
      return a.line != b.line ? a.line < b.line : a.column < b.column;
    });
    return std::move(result_);
  }

 private:
  void add(const char* rule, std::string what, int line, std::size_t column, std::size_t size) {
    if (result_.findings.size() >= kMaxFindings) return;
    scan::Finding finding;
    finding.rule = rule;
    finding.description = std::move(what);
    finding.file = path_;
    finding.line = line;
    if (column > 0) {
      finding.column = static_cast<int>(column);
      finding.end_line = line;
      finding.end_column = static_cast<int>(column + std::max<std::size_t>(size, 1) - 1);
    }
    finding.fingerprint = finding.file + ":" + rule + ":" + std::to_string(line);
    finding.blocks = false;
    result_.findings.push_back(std::move(finding));
  }

  void length() {
    if (text_.size() <= kCutOff) return;
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(kCutOff), '\n') + 1;
    add("too-long",
        "the file has " + std::to_string((text_.size() + 1023) / 1024) +
            " KB: clients stop reading after 32, which is in this line",
        static_cast<int>(line), 0, 0);
  }

  void characters() {
    for (scan::Finding& each : scan::invisible_characters(path_, text_, scan::TextClass::guarded))
      result_.findings.push_back(std::move(each));
    if (!world_.secrets) return;
    for (scan::Finding& each : world_.secrets(text_)) {
      each.file = path_;
      result_.findings.push_back(std::move(each));
    }
  }

  void collect_spans() {
    for (std::size_t i = 0; i < file_.lines.size(); ++i) {
      const MarkdownLine& line = file_.lines[i];
      if (line.managed) continue;
      const int number = static_cast<int>(i) + 1;
      if (line.kind == Kind::code) {
        // Lines of a block are commands where they look like it; '$ ' is a prompt.
        const std::string command = trim(line.text);
        const std::size_t start = std::min(line.text.find_first_not_of(" \t"), line.text.size());
        code_.push_back({starts_with(command, "$ ") ? trim(command.substr(2)) : command, number, start + 1, false});
      } else if (line.kind != Kind::comment) {
        spans_of(line.text, number, spans_);
      }
    }
  }

  bool is_there(const std::string& path) const { return world_.path(path) == AgentsWorld::Path::there; }

  void paths() {
    const std::size_t slash = path_.rfind('/');
    const std::string folder(slash == path_.npos ? "" : path_.substr(0, slash + 1));
    std::set<std::pair<std::string, int>> seen;
    for (const Span& span : spans_) {
      const std::string path = path_in(span);
      if (path.empty() || !seen.emplace(path, span.line).second) continue;
      if (is_there(folder + path) || (!folder.empty() && is_there(path))) continue;
      const bool gone =
          world_.path(folder + path) == AgentsWorld::Path::gone || world_.path(path) == AgentsWorld::Path::gone;
      if (gone) add("stale-path", "'" + path + "' is not there any more", span.line, span.column, span.text.size());
      else if (span.link && is_there(folder + path.substr(0, path.find('/'))))
        add("stale-path", "the link to '" + path + "' leads nowhere", span.line, span.column, span.text.size());
    }
  }

  void commands() {
    std::vector<Span> all = code_;
    for (const Span& span : spans_)
      if (!span.link) all.push_back(span);
    for (const Span& span : all) {
      std::vector<std::string> words;
      for (std::string& word : split(span.text, ' '))
        if (!word.empty()) words.push_back(std::move(word));
      if (words.size() < 2) continue;
      const std::string& tool = words[0];
      if (is_one_of(tool, {"npm", "pnpm", "yarn", "bun"}) && words.size() >= 3 && words[1] == "run")
        command(
            scripts_, words[2], span, [&] { return package_scripts(world_); }, "script of package.json");
      else if (tool == "make" || tool == "gmake")
        command(
            targets_, words[1], span,
            [&] {
              return recipes(world_, {"Makefile", "makefile", "GNUmakefile"}, false);
            },
            "target of the Makefile");
      else if (tool == "just")
        command(
            recipes_, words[1], span,
            [&] {
              return recipes(world_, {"justfile", "Justfile", ".justfile"}, true);
            },
            "recipe of the justfile");
    }
  }

  struct Cached {
    bool read = false;
    Scripts scripts;
  };
  template <typename Read>
  void command(Cached& cached, const std::string& name, const Span& span, Read read, const char* what) {
    if (!is_plain_name(name)) return;
    if (!cached.read) cached = {true, read()};
    if (!cached.scripts.known || cached.scripts.names.count(name) > 0) return;
    add("stale-command", "'" + name + "' is no " + what, span.line, span.column, span.text.size());
  }

  void sentences() {
    std::map<std::string, int> lines;
    std::vector<Directive> directives;
    std::map<std::string, std::pair<std::string, int>> instructions;
    std::string indentation;
    for (std::size_t i = 0; i < file_.lines.size(); ++i) {
      const MarkdownLine& line = file_.lines[i];
      const bool prose = line.kind == Kind::item || line.kind == Kind::text;
      if (line.managed || !prose) continue;
      const int number = static_cast<int>(i) + 1;
      const std::string sentence = normal(line.text);
      // A sentence that goes on in the next line says something else than what stands here.
      const bool goes_on = i + 1 < file_.lines.size() && file_.lines[i + 1].kind == Kind::text;
      if (goes_on || (line.kind == Kind::text && i > 0 &&
                      (file_.lines[i - 1].kind == Kind::text || file_.lines[i - 1].kind == Kind::item)))
        continue;
      duplicate(sentence, line, number, lines);
      if (Directive directive; directive_of(sentence, directive)) {
        directive.line = number;
        contradiction(directive, directives);
      }
      instruction(sentence, number, instructions);
      const std::string made_of = indentation_of(sentence);
      if (!made_of.empty() && !indentation.empty() && made_of != indentation)
        add("contradiction", "indentation is said to be " + made_of + " here and " + indentation + " above", number, 0,
            0);
      if (indentation.empty()) indentation = made_of;
    }
  }

  void duplicate(const std::string& sentence, const MarkdownLine& line, int number, std::map<std::string, int>& lines) {
    constexpr std::size_t kLeast = 25;
    if (line.kind != Kind::item || sentence.size() < kLeast || sentence.back() == ':') return;
    const auto [found, added] = lines.emplace(sentence, number);
    if (!added) add("duplicate", "line " + std::to_string(found->second) + " says the same", number, 0, 0);
  }

  void contradiction(const Directive& directive, std::vector<Directive>& directives) {
    for (const Directive& other : directives)
      if (other.what == directive.what && other.positive != directive.positive) {
        add("contradiction", "line " + std::to_string(other.line) + " says the opposite", directive.line, 0, 0);
        break;
      }
    directives.push_back(directive);
  }

  // "run tests with `a`" and "run tests with `b`": the same words around another command.
  void instruction(const std::string& sentence, int number, std::map<std::string, std::pair<std::string, int>>& seen) {
    const std::size_t start = sentence.find('`'), end = start == sentence.npos ? start : sentence.find('`', start + 1);
    if (end == sentence.npos || sentence.find('`', end + 1) != sentence.npos) return;
    const std::string around = trim(sentence.substr(0, start)) + "|" + trim(sentence.substr(end + 1));
    const std::string verb = around.substr(0, around.find(' '));
    constexpr std::size_t kLeast = 8;
    if (around.size() < kLeast || around.back() != '|' || verb == around) return;
    if (!is_one_of(verb, {"run", "build", "test", "lint", "format", "install", "start", "execute"})) return;
    const std::string command = sentence.substr(start + 1, end - start - 1);
    const auto [found, added] = seen.emplace(around, std::make_pair(command, number));
    if (!added && found->second.first != command)
      add("contradiction",
          "line " + std::to_string(found->second.second) + " names another command for this: '" + found->second.first +
              "'",
          number, 0, 0);
  }

  void sections() {
    static const std::vector<std::pair<const char*, const char*>> wanted = {
        {"test", "how the tests are run"}, {"build", "how it is built"}, {"style", "what the code looks like"}};
    std::string all;
    for (const MarkdownLine& line : file_.lines) all += lower_ascii(line.text) + "\n";
    for (const auto& [word, what] : wanted)
      if (all.find(word) == all.npos && !(std::string_view(word) == "style" && all.find("convention") != all.npos))
        result_.hints.push_back(std::string("it does not say ") + what);
  }

  std::string_view path_, text_;
  const AgentsWorld& world_;
  AgentsFile file_;
  AgentsLint result_;
  std::vector<Span> spans_, code_;
  Cached scripts_, targets_, recipes_;
};

}  // namespace

AgentsLint lint_agents_md(std::string_view path, std::string_view text, const AgentsWorld& world) {
  return Lint(path, text, world).run();
}

}  // namespace ga::gates
