#include <set>

#include "cli/complete.hh"
#include "util/text.hh"
#include "work/project.hh"
#include "work/runs.hh"

namespace ga::cli {

namespace {

constexpr std::int64_t most_tasks = 500;  // nobody reads more at a prompt

std::vector<std::string> open_tasks(work::Project& project) {
  std::vector<std::string> found;
  const index::TaskFilter filter = {.open_only = true, .limit = most_tasks};
  for (const model::Task& task : project.index().tasks(filter))
    found.push_back(task.slug + "\t" + sanitize_line(task.title));
  return found;
}

std::vector<std::string> agents(work::Project& project) {
  std::set<std::string> names;
  for (const work::RunRecord& run : work::load_runs(project)) names.insert(run.agent);
  return {names.begin(), names.end()};
}

std::vector<std::string> gates(work::Project& project) {
  std::vector<std::string> found;
  for (const auto& gate : project.policy().gates) found.push_back(gate.name);
  return found;
}

std::vector<std::string> profiles(work::Project& project) {
  std::vector<std::string> found;
  for (const auto& [name, profile] : project.policy().profiles) found.push_back(name);
  return found;
}

}  // namespace

std::vector<std::string> repository_candidates(Completes what) {
  work::Project project;
  switch (what) {
  case Completes::task:
  case Completes::feature:
    return open_tasks(project);
  case Completes::agent:
    return agents(project);
  case Completes::gate:
    return gates(project);
  case Completes::profile:
    return profiles(project);
  default:
    return {};
  }
}

}  // namespace ga::cli
