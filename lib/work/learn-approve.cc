// A learning becomes a line of a file that a person curates, by a commit of that person.
#include <algorithm>

#include "gates/agents-md.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/learnings.hh"
#include "work/move.hh"
#include "work/rebase.hh"

namespace ga::work {
namespace {

bool has_line(const std::string& text, const std::string& wanted) {
  const auto lines = split_lines(text);
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return trim(line) == wanted || trim(line) == "- " + wanted; });
}

// A role's prompt is a plain list.
std::string with_prompt_line(std::string text, const model::Learning& learning) {
  if (trim(text).empty()) text = "# What a " + learning.section + " should know\n\n";
  if (!ends_with(text, "\n")) text += "\n";
  return text + "- " + learning.text + "\n";
}

std::string message_of(Project& project, const model::Learning& learning, const std::string& path) {
  const auto task = learning.task.empty() ? std::nullopt : project.index().task(learning.task);
  std::string message = "Add to " + path + ": " + fit(learning.text, 50) + "\n\n" + learning.text + "\n\n";
  message += "Learnt by " + (learning.by.empty() ? "an agent" : learning.by);
  if (task) message += " in the task " + task->slug;
  return message + ".\n\nAgent-Learning: " + learning.id.substr(0, 8) + "\n";
}

}  // namespace

LearningCommit write_learning(Project& project, const model::Learning& learning) {
  git::Repository& repo = project.repo();
  LearningCommit result;
  result.path = file_of(learning);
  result.target = project.branch_tip(project.target_ref());
  if (result.target.zero())
    fail_environment(branch_name(project.target_ref()) + " has no commit yet", {"commit something there first"});
  const std::string before = curated_text(project, result.path);
  if (has_line(before, learning.text)) return result;
  const bool is_rule = learning.kind == "rule";
  const std::string after =
      is_rule ? gates::add_line(before, learning.section, learning.text) : with_prompt_line(before, learning);
  const git::Oid base = git::tree_of(repo, result.target);
  const auto entry = repo.entry_at(base, result.path);
  if (entry && entry->mode != 0100644 && entry->mode != 0100755)
    fail_environment(result.path + " is no regular file on " + branch_name(project.target_ref()),
                     {"make it one, or put the line where it belongs by hand"});
  const git::Oid tree = repo.update_tree(base, {{result.path, entry ? entry->mode : 0100644, repo.write_blob(after)}});
  require_movable(project, project.target_ref(), base, tree);
  CommitWriter writer(project);
  result.commit = writer.write(tree, {result.target}, writer.committer(), message_of(project, learning, result.path));
  return result;
}

void record_learning(Project& project, const model::Learning& learning, const LearningCommit& commit,
                     const std::string& approval) {
  if (!commit.commit.zero() &&
      move_forward(project, project.target_ref(), commit.target, commit.commit, "agent-learn: approve") == Moved::lost)
    throw Error(Kind::target_moved, branch_name(project.target_ref()) + " was moved by somebody else meanwhile",
                {"nothing is done; approve it again: git agent-learn approve " + learning.id.substr(0, 8)});
  Json bead = project.bead("decision", "Approved for " + commit.path + ": " + learning.text, learning.task,
                           "learning " + learning.id.substr(0, 8));
  const git::Oid on = commit.commit.zero() ? commit.target : commit.commit;
  bead["commit"] = on.hex();
  Json args = {{"learning", learning.id}, {"text", learning.text}, {"section", learning.section},
               {"commit", on.hex()},      {"approval", approval},  {"bead", std::move(bead)}};
  if (!learning.by.empty())
    args["tell"] = Json::array(
        {{{"id", new_id()},
          {"to", learning.by},
          {"text", "your proposal '" + fit(learning.text, 120) + "' was approved and stands in " + commit.path}}});
  project.commit("learn.approve", std::move(args));
}

}  // namespace ga::work
