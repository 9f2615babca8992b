// What -h prints: never wider than 80 columns.
#include "cli/command.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t help_column = 30;

/// Splits at spaces, but not inside brackets: "[-d TEXT|-F FILE]..." stays whole.
std::vector<std::string> usage_words(std::string_view usage) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (const char c : usage) {
    if (c == '[' || c == '(') ++depth;
    if (c == ']' || c == ')') --depth;
    if (c == ' ' && depth <= 0) words.emplace_back();
    else words.back() += c;
  }
  return words;
}

/// The words one after the other from `column` on, with later lines indented to `indent`.
std::string wrap(const std::vector<std::string>& words, std::size_t column, std::size_t indent) {
  std::string text;
  bool first = true;
  for (const std::string& word : words) {
    if (word.empty()) continue;
    const std::size_t size = display_width(word);
    if (!first && column + 1 + size > width) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      text += ' ';
      ++column;
    }
    text += word;
    column += size;
    first = false;
  }
  return text + "\n";
}

std::string spelt(const CommandRow& command, const Verb& verb) {
  std::string text = std::string("git agent-") + command.name;
  if (*verb.name) text += std::string(" ") + verb.name;
  return text;
}

std::string usage_line(const char* lead, const CommandRow& command, const Verb& verb) {
  std::vector<std::string> words = {lead + spelt(command, verb)};
  for (std::string& word : usage_words(verb.usage)) words.push_back(std::move(word));
  // A bracket group wider than a line is broken at its spaces after all.
  std::vector<std::string> fitting;
  for (const std::string& word : words) {
    if (&word == &words.front() || display_width(word) + 11 <= width) fitting.push_back(word);
    else
      for (std::string& piece : split(word, ' ')) fitting.push_back(std::move(piece));
  }
  return wrap(fitting, 0, 11);
}

std::string help_line(const std::string& left, const std::string& help) {
  std::string text = "    " + left;
  std::size_t column = display_width(text);
  if (help.empty()) return text + "\n";
  if (column + 2 > help_column) {
    text += "\n";
    column = 0;
  }
  text += std::string(help_column - column, ' ');
  return text + wrap(split(help, ' '), help_column, help_column);
}

std::string option_line(const Option& option) {
  std::string left = option.letter ? std::string("-") + option.letter + ", --" : "--";
  left += option.name;
  if (option.arg) left += std::string(" ") + option.arg;
  std::string help = option.help;
  if (option.repeated) help += help.empty() ? "may be repeated" : " (may be repeated)";
  return help_line(left, help);
}

std::string verb_usage(const CommandRow& command, const Verb& verb) {
  std::string text = usage_line("usage: ", command, verb) + "\n";
  const std::string summary = *verb.summary ? verb.summary : command.summary;
  text += wrap(split(summary, ' '), 0, 0) + "\n";
  if (verb.raw) return text;
  for (const Option& option : verb.options)
    if (!option.hidden) text += option_line(option);
  return text + help_line("--json", "print one JSON document") + help_line("-h, --help", "this usage, the manual page");
}

std::string verb_list(const CommandRow& command) {
  const std::string name = std::string("git agent-") + command.name;
  std::string text = "usage: " + name + " VERB [ARGUMENTS]\n\n" + wrap(split(command.summary, ' '), 0, 0) + "\n";
  for (const Verb& verb : command.verbs)
    if (!verb.hidden) text += help_line(*verb.name ? verb.name : "(none)", verb.summary);
  return text + "\n" +
         wrap(split("'" + name + " VERB -h' shows a verb's arguments and options, 'git help agent-" +
                        std::string(command.name) + "' the manual page.",
                    ' '),
              0, 0);
}

}  // namespace

std::string usage_text(const CommandRow& command, const Verb* verb) {
  if (verb) return verb_usage(command, *verb);
  if (command.verbs.size() == 1) return verb_usage(command, command.verbs.front());
  return verb_list(command);
}

}  // namespace ga::cli
