// Statements: what a person approves, as a text that is signed byte by byte.
//
//   git-agent approval v1
//   kind guard
//   repository <id>
//   path AGENTS.md
//   old <id> <mode>
//   new <id> <mode>
//   policy <id>
//   curator lead@example.org
//   time 2026-11-21T10:00:00Z
//
// One line a member, in a fixed order that follows from the kind, each exactly once. Values are printable ASCII; every other
// byte and '%' is written as %XX, so that no value can make a line of its own or look like another one. There is one text
// for each statement: what differs in a single byte is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/clock.hh"

namespace ga::trust {

/// The namespace of our signatures: one made for anything else, a commit above all, is no approval.
inline constexpr const char* kNamespace = "git-agent";

/// A file as it stands in a tree: `id` in hexadecimal digits, mode 0 and zeros when it is not there.
struct FileState {
  std::string id;
  unsigned mode = 0;
  bool operator==(const FileState&) const = default;
};

struct Statement {
  std::string kind;                          ///< guard, learning, plan, allow
  std::string repository;                    ///< id of the first commit of the target's first-parent line
  std::string path;                          ///< guard, learning
  FileState before, after;                   ///< guard, learning
  std::string task, content;                 ///< plan: id, and what model::plan_content() gives
  std::string fingerprint, reason, expires;  ///< allow; expires is a date or a time, "" for never
  std::string policy;                        ///< id of the policy file that judges; zeros when there is none
  std::string curator;                       ///< principal of the curators file; "" without a signature
  Time time = 0;
  bool operator==(const Statement&) const = default;
};

/// The text. parse_statement(statement_text(x)) is x for every x whose members make sense.
std::string statement_text(const Statement& statement);
/// nullopt for what is no statement of ours.
std::optional<Statement> parse_statement(std::string_view text);

}  // namespace ga::trust
