// Agents' commits on the target branch that no merge of ours put there.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

struct Unaccounted {
  git::Oid commit;
  std::string author, subject;
  Time time = 0;
  std::vector<std::string> command;  ///< what to do about it: merge the task whose work it is, else look at it
};
Json to_json(const Unaccounted& commit);

/// The rule: of the last `look_back` commits of the target's first-parent line that are not older than the ledger's first
/// run (without any run: that name a task of the ledger in a trailer), those that are an agent's - the author or committer is `NAME (agent)`, or a trailer of ours says so -, or merge
/// one, that no merge record (finished or under way) accounts for: it names what it put there, and what was submitted to
/// it counts from its task's base on. Newest first. A person's other commits are a person's affair.
std::vector<Unaccounted> unaccounted_commits(Project& project, std::size_t look_back);

}  // namespace ga::work
