// Candidates for the word at the cursor. The shells' scripts only ask here, so that they need not
// be generated anew when a command changes.
#include "cli/complete.hh"

#include <exception>

#include "cli/run-main.hh"
#include "git/cli.hh"
#include "util/text.hh"

namespace ga::cli {

std::vector<std::string> (*dynamic_candidates)(Completes) = nullptr;
const char complete_files[] = ":files";

namespace {

using Words = std::vector<std::string>;

std::string described(const std::string& word, const char* text) { return *text ? word + "\t" + text : word; }

std::vector<std::string> branches() {
  const Result result = git::git({"for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes"});
  return result.ok() ? split_lines(result.out) : std::vector<std::string>{};
}

std::vector<std::string> values_of(Completes what, const char* words) {
  switch (what) {
  case Completes::nothing:
    return {};
  case Completes::file:
    return {complete_files};
  case Completes::words:
    return words ? split(words, ' ') : std::vector<std::string>{};
  case Completes::branch:
    return branches();
  default:
    return dynamic_candidates ? dynamic_candidates(what) : std::vector<std::string>{};
  }
}

/// Those candidates that begin with what was typed, with `lead` put before them.
Words matching(const Words& candidates, std::string_view typed, const std::string& lead = "") {
  Words found;
  for (const std::string& candidate : candidates)
    if (candidate == complete_files || starts_with(candidate, typed))
      found.push_back(candidate == complete_files ? candidate : lead + candidate);
  return found;
}

const Option* option_named(const Verb& verb, const std::string& word) {
  for (const Option& option : verb.options) {
    if (word == std::string("--") + option.name) return &option;
    if (option.letter && word == std::string("-") + option.letter) return &option;
  }
  return nullptr;
}

/// The option whose value the last word is; "--kind" "deci".
const Option* option_before(const Verb& verb, const Words& words) {
  if (words.size() < 2) return nullptr;
  const Option* option = option_named(verb, words[words.size() - 2]);
  return option && option->arg ? option : nullptr;
}

bool stands_already(const Option& option, const Words& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string name = words[i].substr(0, words[i].find('='));
    if (name == std::string("--") + option.name) return !option.repeated;
    if (option.letter && name == std::string("-") + option.letter) return !option.repeated;
  }
  return false;
}

Words options_of(const Verb& verb, const Words& words) {
  Words found;
  if (verb.raw) return found;
  for (const Option& option : verb.options)
    if (!option.hidden && !stands_already(option, words))
      found.push_back(described(std::string("--") + option.name, option.help));
  found.emplace_back("--json\tprint one JSON document");
  found.emplace_back("--help\topen the manual page");
  return found;
}

Words verb_names(const CommandRow& command) {
  Words found;
  for (const Verb& verb : command.verbs)
    if (!verb.hidden && *verb.name) found.push_back(described(verb.name, verb.summary));
  return found;
}

/// `words` are those after the verb (or after the command where it has none).
Words complete_argument(const Verb& verb, const Words& words) {
  const std::string& word = words.back();
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--") return matching(values_of(verb.completes, nullptr), word);
  if (const Option* option = option_before(verb, words))
    return matching(values_of(option->completes, option->words), word);
  if (const auto equals = word.find('='); starts_with(word, "--") && equals != std::string::npos) {
    const Option* option = option_named(verb, word.substr(0, equals));
    if (!option || !option->arg) return {};
    return matching(values_of(option->completes, option->words), word.substr(equals + 1), word.substr(0, equals + 1));
  }
  if (starts_with(word, "-")) return matching(options_of(verb, words), word);
  return matching(values_of(verb.completes, nullptr), word);
}

Words complete_after_command(const CommandRow& command, Words words) {
  if (command.verbs.empty()) return {};
  const Verb& first = command.verbs.front();
  if (words.size() == 1) {
    Words found = matching(verb_names(command), words[0]);
    if (*first.name) return found;
    for (std::string& more : complete_argument(first, words)) found.push_back(std::move(more));
    return found;
  }
  if (const Verb* verb = find_verb(command, words[0]); verb && *verb->name)
    return complete_argument(*verb, {words.begin() + 1, words.end()});
  return *first.name ? Words{} : complete_argument(first, words);
}

Words complete_command(const std::string& word) {
  Words found;
  if (starts_with(word, "-")) return matching({"-C", "--json", "--help", "--version"}, word);
  for (const CommandRow* command : all_commands())
    if (command->group != Group::hidden) found.push_back(described(command->name, command->summary));
  return matching(found, word);
}

Words candidates(Words words) {
  if (words.empty()) words.emplace_back();
  while (words.size() > 1) {
    if (words[0] == "--json") words.erase(words.begin());
    else if (words[0] == "-C" && words.size() > 2) words.erase(words.begin(), words.begin() + 2);
    else if (words[0] == "-C") return {complete_files};
    else break;
  }
  if (words.size() == 1) return complete_command(words[0]);
  const CommandRow* command = find_command(words[0]);
  return command ? complete_after_command(*command, {words.begin() + 1, words.end()}) : Words{};
}

}  // namespace

std::vector<std::string> complete(const std::vector<std::string>& words) {
  try {
    return candidates(words);
  } catch (const std::exception&) {
    return {};  // an error message has no place in somebody's prompt
  }
}

}  // namespace ga::cli
