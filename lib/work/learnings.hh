// What agents learn, from reflection to the files that a person curates.
//
//   reflect() -> learnings wait in the ledger -> approve_learning() -> a commit of the person on the target -> briefings
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/learning.hh"
#include "work/project.hh"

namespace ga::work {

inline constexpr const char* kRulesFile = "AGENTS.md";
inline constexpr const char* kPromptsFolder = ".git-agent/prompts";

/// Records the three answers for a task, and proposes what they propose. Throws Error(usage) when one is missing.
struct Reflected {
  model::Reflection reflection;
  std::vector<model::Learning> learnings;
};
Reflected reflect(Project& project, const model::Task& task, std::string_view text);

/// Whether an agent still owes a reflection on its work at this task: none since its claim began.
bool owes_reflection(const model::Task& task);

/// What else says the same, or the opposite.
struct Remark {
  model::Likeness likeness = model::Likeness::none;
  std::string where;  ///< "AGENTS.md:12" or "learning 3fa2"
  std::string text;
};
/// Looks through the lines of the file on the target and the other learnings of the kind.
std::vector<Remark> remarks_on(Project& project, const model::Learning& learning);

/// Newest first; `state` and `kind` may be "" for all.
std::vector<model::Learning> learnings(Project& project, const std::string& state, const std::string& kind);
/// Throws Error(not_found), Error(usage) for what names none or several.
model::Learning find_learning(Project& project, const std::string& id);
/// `{"id","kind","text","section","task","by","state","reason","decided_by","decided","commit","approval","time","file"}`
Json to_json(const model::Learning& learning);
/// The file a learning's line goes into: AGENTS.md, .git-agent/prompts/<role>.md.
std::string file_of(const model::Learning& learning);

/// A file on the target's tip as text; "" when it is not there or no regular file.
std::string curated_text(Project& project, const std::string& path);

void edit_learning(Project& project, const model::Learning& learning, const std::string& text,
                   const std::string& section);
void reject_learning(Project& project, const model::Learning& learning, const std::string& why);

/// A learning as a commit of the person that adds its line to its file on the target. Nothing refers to the commit yet;
/// `commit` is zero where the line stands there already.
struct LearningCommit {
  git::Oid target, commit;
  std::string path;
};
/// Throws Error(target_busy) when the worktree that has the target could not follow, Error(usage) for a file that is full.
LearningCommit write_learning(Project& project, const model::Learning& learning);
/// Moves the target to the commit and records the approval; `approval` is the id of the guard's, "" when it needed none.
/// Throws Error(target_moved) when somebody else has moved the target since; nothing is done then.
void record_learning(Project& project, const model::Learning& learning, const LearningCommit& commit,
                     const std::string& approval);

}  // namespace ga::work
