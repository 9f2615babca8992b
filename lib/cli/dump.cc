#include "cli/dump.hh"

#include "cli/command.hh"
#include "cli/help.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

Json option_json(const Option& option) {
  return {{"name", option.name},
          {"letter", option.letter ? std::string(1, option.letter) : ""},
          {"arg", option.arg ? Json(option.arg) : Json(nullptr)},
          {"help", option.help},
          {"repeated", option.repeated},
          {"hidden", option.hidden}};
}

Json verb_json(const Verb& verb) {
  Json options = Json::array();
  for (const Option& option : verb.options) options.push_back(option_json(option));
  return {{"name", verb.name},         {"usage", verb.usage},       {"summary", verb.summary}, {"options", options},
          {"min_args", verb.min_args}, {"max_args", verb.max_args}, {"raw", verb.raw},         {"hidden", verb.hidden}};
}

/// An option as it stands in OPTIONS: "*-d*, *--description*=TEXT".
std::string option_entry(const Option& option) {
  std::string entry = option.letter ? std::string("*-") + option.letter + "*, " : "";
  entry += std::string("*--") + option.name + "*";
  return option.arg ? entry + "=" + option.arg : entry;
}

/// Text that scdoc takes as it stands.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '*' || c == '_' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string synopsis_section(const CommandRow& command) {
  std::string text;
  for (const Verb& verb : command.verbs) {
    if (verb.hidden) continue;
    if (!text.empty()) text += " ++\n";
    text += std::string("*git agent-") + command.name;
    if (*verb.name) text += std::string(" ") + verb.name;
    text += "*";
    if (*verb.usage) text += " " + escaped(verb.usage);
  }
  return "# SYNOPSIS\n\n" + text + "\n\n";
}

std::string verbs_section(const CommandRow& command) {
  std::string text;
  for (const Verb& verb : command.verbs)
    if (!verb.hidden && *verb.name) text += std::string("*") + verb.name + "*\n\t" + escaped(verb.summary) + "\n\n";
  return text.empty() ? "" : "# VERBS\n\n" + text;
}

/// The verbs that take an option of that entry: "(add, edit) ".
std::string verbs_with(const CommandRow& command, const std::string& entry) {
  std::vector<std::string> names;
  for (const Verb& verb : command.verbs)
    for (const Option& option : verb.options)
      if (!verb.hidden && *verb.name && option_entry(option) == entry) names.emplace_back(verb.name);
  return names.empty() ? "" : "(" + join(names, ", ") + ") ";
}

std::string options_section(const CommandRow& command) {
  std::string text;
  for (const Verb& verb : command.verbs) {
    for (const Option& option : verb.options) {
      const std::string entry = option_entry(option);
      if (verb.hidden || option.hidden || text.find(entry + "\n") != std::string::npos) continue;
      text += entry + "\n\t" + verbs_with(command, entry) + escaped(option.help);
      text += option.repeated ? ". May be repeated.\n\n" : ".\n\n";
    }
  }
  return text.empty() ? "" : "# OPTIONS\n\n" + text;
}

}  // namespace

Json dump_commands() {
  Json commands = Json::array();
  for (const CommandRow* command : all_commands()) {
    Json verbs = Json::array();
    for (const Verb& verb : command->verbs) verbs.push_back(verb_json(verb));
    commands.push_back({{"name", command->name},
                        {"summary", command->summary},
                        {"group", group_name(command->group)},
                        {"synopsis", synopsis_lines(*command)},
                        {"verbs", verbs}});
  }
  return commands;
}

Json dump_errors() {
  Json errors = Json::array();
  for (const Kind kind : all_kinds()) errors.push_back({{"kind", kind_name(kind)}, {"code", exit_code(kind)}});
  return errors;
}

std::string dump_page(const std::string& name) {
  const CommandRow* command = find_command(name);
  if (!command) fail_usage("'" + name + "' is not a git-agent command");
  const std::string page = "git-agent-" + name;
  return page + "(1) \"git-agent\" \"Git Agent Manual\"\n\n# NAME\n\n" + page + " - " + escaped(command->summary) +
         "\n\n" + synopsis_section(*command) + "# DESCRIPTION\n\nTODO\n\n" + verbs_section(*command) +
         options_section(*command) + "# EXAMPLES\n\nTODO\n\n```\n$ git " + "agent-" + name +
         " -h\n```\n\n# EXIT STATUS\n\n0 done. The whole list is in *git-agent*(1).\n\n# SEE "
         "ALSO\n\n*git-agent*(1)\n";
}

}  // namespace ga::cli
