// AGENTS.md: what every agent reads first. Read into sections and lines, examined, and edited by one line at a time.
//
// All of it is pure: what a repository holds comes from callbacks. Other tools keep blocks of their own in such files
// (<!-- BEGIN name --> ... <!-- END name -->): they are never written into, and only characters and secrets are judged there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/finding.hh"

namespace ga::gates {

/// One line, without its end.
struct MarkdownLine {
  enum class Kind { blank, heading, code, comment, table, item, text };
  std::string_view text;
  Kind kind = Kind::text;
  int section = -1;      ///< in AgentsFile::sections; -1: before the first heading
  bool managed = false;  ///< in a block of another tool, its markers included
};

struct MarkdownSection {
  std::string title;  ///< without '#', emphasis and code marks
  int level = 1;
  int line = 0;  ///< of the heading, from 1
  bool managed = false;
};

struct AgentsFile {
  std::vector<MarkdownLine> lines;
  std::vector<MarkdownSection> sections;
  std::vector<int> open_blocks;  ///< lines of BEGIN markers without an END: all below counts as theirs
};

/// Reads any text; nothing is refused. The lines point into it.
AgentsFile parse_agents_md(std::string_view text);

/// What a repository says of what a file names.
struct AgentsWorld {
  enum class Path { there, gone, never };
  /// Of a path from the root, without a trailing '/': whether it is there, was there once, or never was (or cannot be known).
  std::function<Path(const std::string& path)> path;
  /// Paths of the files of a name, wherever they are ("package.json").
  std::function<std::vector<std::string>(const std::string& name)> named;
  /// A file's bytes, "" when there is none.
  std::function<std::string(const std::string& path)> read;
  /// Findings of the secret scanner in the text.
  std::function<std::vector<scan::Finding>(std::string_view text)> secrets;
};

struct AgentsLint {
  std::vector<scan::Finding> findings;  ///< by line. Secrets and invisible characters block, everything else warns
  std::vector<std::string> hints;       ///< what would make it better: missing sections
  std::size_t bytes = 0, tokens = 0;    ///< tokens are estimated, at four bytes each
};

/// Examines a file. `path` is where it lies; paths in it are tried from there and from the root. Rules: "too-long" (more than
/// 32 KiB is cut off by clients), "stale-path", "stale-command", "contradiction", "duplicate", "open-block",
/// "invisible-character", "bidi-control" and the scanner's. Nothing is reported that is not certain: a path whose first directory
/// is unknown here, a command whose file is not there or includes others, is passed over. Callbacks may be empty.
AgentsLint lint_agents_md(std::string_view path, std::string_view text, const AgentsWorld& world);

/// The text with a line added at the end of a section's own list: STYLE, GOTCHAS, ARCH_DECISIONS and TEST_STRATEGY are found under
/// the names people give them ("Coding conventions", "Pitfalls"...), any other by its heading. A section that is not there is
/// added at the end. `line` is one line; its bullet is that of the list. Everything else stays as it is, byte for byte.
std::string add_line(std::string_view text, std::string_view section, std::string_view line);

}  // namespace ga::gates
