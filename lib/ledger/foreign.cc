#include "ledger/foreign.hh"

#include <algorithm>
#include <set>

#include "ledger/ledger.hh"
#include "model/names.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::ledger {
namespace {

// Longer histories than this are no mistake of a clone's but an attack on it.
constexpr std::size_t kMaxCommits = 5'000'000;

struct Step {
  git::Oid commit, tree;
};

std::string at(const git::Oid& commit) { return "commit " + commit.brief() + ": "; }

// The line of commits from `tip` back to `base`, newest first; a problem when it is none.
std::string line_of(const git::Repository& repo, const git::Oid& base, const git::Oid& tip, std::vector<Step>& steps) {
  for (git::Oid commit = tip; commit != base;) {
    const auto info = repo.read_commit(commit);
    if (!info) return at(commit) + "is missing";
    if (info->parents.size() > 1) return at(commit) + "has several parents";
    steps.push_back({commit, info->tree});
    if (steps.size() > kMaxCommits) return "the history is longer than any ledger's";
    if (info->parents.empty())
      return base.zero() ? "" : "it does not continue what was there before (" + base.brief() + ")";
    commit = info->parents.front();
  }
  return "";
}

// A task's names become paths and refs, and its members are taken for what they are said to be.
std::string task_problem(const Json& task, const std::string& path) {
  if (!model::is_slug(get_string(task, "slug"))) return path + " has no slug";
  if (!model::parse_status(get_string(task, "status"))) return path + " has no status that a task has";
  for (const char* member :
       {"title", "description", "parent", "branch", "base", "target", "commit", "worker", "assignee", "hold", "reason"})
    if (task.contains(member) && !task[member].is_string()) return path + ": '" + member + "' is no text";
  for (const char* member : {"branch", "target"})
    if (const std::string ref = get_string(task, member);
        !ref.empty() && !(starts_with(ref, "refs/heads/") && git::is_valid_ref_name(ref)))
      return path + ": '" + member + "' names no branch";
  for (const char* member : {"needs", "owns", "labels", "locked"})
    if (task.contains(member) &&
        !(task[member].is_array() &&
          std::all_of(task[member].begin(), task[member].end(), [](const Json& each) { return each.is_string(); })))
      return path + ": '" + member + "' is no list of texts";
  return "";
}

std::string object_problem(const git::Repository& repo, const git::Change& change) {
  const std::string path = sanitize_line(change.path);
  const auto name = parse_object_path(change.path);
  if (!name || !model::is_id(name->second) || model::object_path(name->first, name->second) != change.path)
    return path + " is no object's place";
  if (change.new_id.zero()) return "";
  if (change.new_mode != 0100644) return path + " is no plain file";
  const auto blob = repo.read_blob(change.new_id);
  if (!blob) return path + " is missing";
  try {
    const Json object = parse_toml(*blob, change.path);
    if (object.value("id", Json(name->second)) != Json(name->second)) return path + " carries another object's id";
    if (name->first == "tasks") return task_problem(object, path);
  } catch (const Error& error) {
    return sanitize_line(error.what());
  }
  return "";
}

std::string step_problem(const git::Repository& repo, const git::Oid& before, const Step& step,
                         std::set<std::string>& seen, Foreign& result) {
  const auto entry = repo.entry_at(step.tree, "op");
  const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
  if (!blob) return "it holds no operation";
  model::Operation op;
  try {
    op = model::operation_from_text(*blob);
  } catch (const Error& error) {
    return sanitize_line(error.what());
  }
  if (op.id.empty() || op.kind.empty()) return "its operation has no id or kind";
  if (!seen.insert(op.id).second) return "its operation stands in the ledger twice";
  ++result.operations;
  for (const git::Change& change : git::diff_trees(repo, before, step.tree)) {
    if (change.path == "op") continue;
    if (change.path == "format" && change.new_mode == 0100644) continue;
    if (std::string problem = object_problem(repo, change); !problem.empty()) return problem;
  }
  return "";
}

}  // namespace

Foreign examine(git::Repository& repo, const git::Oid& base, const git::Oid& tip) {
  Foreign result;
  std::vector<Step> steps;
  result.problem = line_of(repo, base, tip, steps);
  if (!result.problem.empty() || steps.empty()) return result;
  std::reverse(steps.begin(), steps.end());
  git::Oid before = git::tree_of(repo, base);
  auto step = steps.begin();
  if (base.zero()) {
    if (step->commit != root_commit(repo)) {
      result.problem = at(step->commit) + "is not how a ledger begins";
      return result;
    }
    before = step++->tree;
  }
  check_format(repo, steps.back().tree);
  std::set<std::string> seen;
  for (; step != steps.end(); before = step++->tree) {
    const std::string problem = step_problem(repo, before, *step, seen, result);
    if (problem.empty()) continue;
    result.problem = at(step->commit) + problem;
    return result;
  }
  return result;
}

}  // namespace ga::ledger
