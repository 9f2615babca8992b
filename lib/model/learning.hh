// What agents learn: reflections after a task, and the lines they propose for AGENTS.md and for the prompts of a role.
// Pure, like all of the model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

/// The three answers after a task. `pattern` and `improvement` may be empty: there is not always one.
struct Reflection {
  std::string id, task, by;
  std::string commit;  ///< the branch's tip when it was written, or ""
  std::string surprise, pattern, improvement;
  Time time = 0;
};
Json to_json(const Reflection& reflection);
Reflection reflection_from_json(const Json& object);

/// A proposed line. Its text may be edited until it is decided about; then it never changes.
struct Learning {
  std::string id;
  std::string kind;     ///< rule (a line of AGENTS.md) or prompt (a line of .git-agent/prompts/<role>.md)
  std::string text;     ///< one line
  std::string section;  ///< rule: where it belongs; prompt: the role
  std::string task, by, reflection;
  std::string state;  ///< proposed, approved, rejected
  std::string reason, decided_by;
  std::string commit;    ///< that brought the line to the target, when approved
  std::string approval;  ///< id of the approval, "" when it needed none
  Time time = 0, decided = 0;
};
Json to_json(const Learning& learning);
Learning learning_from_json(const Json& object);

inline constexpr std::size_t kMaxLearning = 500;  ///< bytes of a learning's line

/// The three answers as people write them down: Markdown headings, or numbers, in the order of the questions; headings are
/// known by their words too ("surprise", "pattern" or "AGENTS.md", "prompt"). `problem` says what is missing, "" when
/// nothing is. "none", "nothing", "-", "n/a" count as no answer.
struct ReadReflection {
  Reflection reflection;
  std::string problem;
};
ReadReflection read_reflection(std::string_view text);
/// The file to fill in.
std::string reflection_template();

/// What an answer proposes: folded to one line without its bullet. A word of capitals and a colon at its begin names the
/// section ("GOTCHAS: ..."), or with "role" the role of a prompt ("reviewer: ...").
Learning proposal(std::string_view answer, std::string_view kind);

/// How two rules relate, by their words alone: a hint for a person, never a verdict.
enum class Likeness { none, same, opposite };
Likeness compare_rules(std::string_view a, std::string_view b);

}  // namespace ga::model
