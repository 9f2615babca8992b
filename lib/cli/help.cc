#include "cli/help.hh"

#include <algorithm>
#include <cctype>

#include "cli/streams.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

constexpr Group shown_groups[] = {Group::plan,   Group::spawn,     Group::monitor,
                                  Group::verify, Group::integrate, Group::retro};

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

std::string group_lines(Group group) {
  std::string lines;
  for (const CommandRow* command : all_commands())
    if (command->group == group) lines += "   " + padded(command->name, 10) + command->summary + "\n";
  return lines;
}

/// One line of prose without scdoc's marks.
std::string plain_line(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool inside_word = i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1])) && i + 1 < line.size() &&
                             std::isalnum(static_cast<unsigned char>(line[i + 1]));
    if (c == '\\' && i + 1 < line.size()) text += line[++i];
    else if (c == '*' || (c == '_' && !inside_word)) continue;
    else text += c;
  }
  if (ends_with(text, " ++")) text.resize(text.size() - 3);
  return text;
}

/// Heading, comment or text line outside literal blocks.
std::string plain_source_line(const std::string& line) {
  if (starts_with(line, "; ")) return "";
  if (starts_with(line, "# ")) return line.substr(2) + "\n";
  if (starts_with(line, "## ")) return "  " + line.substr(3) + "\n";
  if (starts_with(line, "|") || starts_with(line, "[") || starts_with(line, "]"))  // the first cell of a row
    return "    " + plain_line(trim(std::string_view(line).substr(std::min<std::size_t>(2, line.size())))) + "\n";
  const std::size_t tabs = std::min(line.find_first_not_of('\t'), line.size());
  if (tabs == line.size()) return "\n";
  return std::string(4 * (tabs + 1), ' ') + plain_line(std::string_view(line).substr(tabs)) + "\n";
}

/// A further cell goes on the line of its row.
void add_cell(std::string& text, const std::string& line) {
  if (ends_with(text, "\n")) text.pop_back();
  text += "  " + plain_line(trim(std::string_view(line).substr(std::min<std::size_t>(2, line.size())))) + "\n";
}

bool man_has(const std::string& page) {
  if (find_program("man").empty()) return false;
  Command command;
  command.argv = {"man", "-w", page};
  return run(command).ok();
}

}  // namespace

const char* group_name(Group group) {
  switch (group) {
  case Group::plan:
    return "Plan";
  case Group::spawn:
    return "Spawn";
  case Group::monitor:
    return "Monitor";
  case Group::verify:
    return "Verify";
  case Group::integrate:
    return "Integrate";
  case Group::retro:
    return "Retro";
  case Group::hidden:
    return "";
  }
  return "";
}

std::string overview_text() {
  std::string text = "usage: git agent-<command> [-h | --help] [--json] [<arguments>]\n";
  for (const Group group : shown_groups) {
    const std::string lines = group_lines(group);
    if (!lines.empty()) text += std::string("\n") + group_name(group) + "\n" + lines;
  }
  return text;
}

std::string page_text(std::string_view source) {
  std::string text;
  bool literal = false, first = true;
  for (const std::string& line : split_lines(source)) {
    if (starts_with(trim(line), "```")) literal = !literal;
    else if (literal) text += "        " + line + "\n";
    else if (starts_with(line, ":")) add_cell(text, line);
    else if (!first) text += plain_source_line(line);
    first = false;
  }
  return text;
}

int show_manual(const std::string& page) {
  if (man_has(page)) exec_replace({"man", page});
  const std::string text = page_text(page_source(page));
  if (text.empty()) fail_environment("there is no manual page '" + page + "' on this machine");
  start_pager();
  write_out(text);
  return 0;
}

}  // namespace ga::cli
