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
};
Json to_json(const Unaccounted& commit);

/// The rule: of the last `look_back` commits of the target's first-parent line that are not older than the ledger's first
/// run, those made under an agent's name - the author or committer is `NAME (agent)` -, or merging a commit so made,
/// that no merge record (finished or under way) names. Newest first. A person's commits are a person's affair.
std::vector<Unaccounted> unaccounted_commits(Project& project, std::size_t look_back);

}  // namespace ga::work
