// The ledger itself: its history, its objects, and that the state is what the operations make.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/graph.hh"
#include "model/names.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "util/toml.hh"
#include "work/health.hh"

namespace ga::work {
namespace {

constexpr std::size_t kReplayed = 5000;   // without --deep
constexpr std::size_t kNamed = 20;        // findings of one kind that are named

using Objects = std::map<std::pair<std::string, std::string>, Json>;

struct Step {
  git::CommitInfo commit;
  std::optional<model::Operation> op;   ///< none: the first commit
};

// The whole history, oldest first; reports what breaks it and stops there.
std::vector<Step> read_history(Examination& e) {
  git::Repository& repo = e.project.repo();
  std::vector<Step> steps;
  for (git::Oid at = e.project.ledger().tip(); !at.zero();) {
    const auto commit = repo.read_commit(at);
    if (!commit) {
      e.report("ledger", Severity::error, "commit " + at.brief() + " of the ledger's history is missing", "fetch it from a clone that has it: git fetch REMOTE refs/agent/ledger");
      break;
    }
    Step step{*commit, std::nullopt};
    if (commit->parents.size() > 1)
      e.report("ledger", Severity::error, "commit " + at.brief() + " has several parents; the ledger is a line", "restore refs/agent/ledger from before it");
    if (!commit->parents.empty()) {
      const auto entry = repo.entry_at(commit->tree, "op");
      const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
      if (!blob) {
        e.report("ledger", Severity::error, "commit " + at.brief() + " holds no operation", "restore refs/agent/ledger from before it");
        break;
      }
      step.op = model::operation_from_text(*blob);
    }
    at = commit->parents.empty() ? git::Oid{} : commit->parents.front();
    steps.push_back(std::move(step));
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

// Every object of a tree. Reports what cannot be read or stands in the wrong place.
Objects read_objects(Examination& e, const git::Oid& tree, const char* check) {
  Objects objects;
  for (const git::Change& file : git::diff_trees(e.project.repo(), {}, tree)) {
    const auto name = ledger::parse_object_path(file.path);
    if (!name) continue;
    const auto blob = e.project.repo().read_blob(file.new_id);
    if (!blob) {
      e.ledger_readable = false;
      e.report(check, Severity::error, "the object " + sanitize_line(file.path) + " (" + file.new_id.brief() + ") is missing", "");
      continue;
    }
    Json object;
    try {
      object = parse_toml(*blob, file.path);
    } catch (const Error& error) {
      e.ledger_readable = false;
      e.report(check, Severity::error, "an object cannot be read: " + sanitize_line(error.what()), "");
      continue;
    }
    if (file.path != model::object_path(name->first, name->second) || get_string(object, "id") != name->second)
      e.report(check, Severity::error, "the object at " + sanitize_line(file.path) + " has the id '" + sanitize_line(get_string(object, "id")) + "'", "");
    objects[*name] = std::move(object);
  }
  return objects;
}

// A commit of the reflog whose state is whole; zero when there is none.
git::Oid last_whole(Examination& e) {
  git::Repository& repo = e.project.repo();
  const auto log = read_file(repo.common_dir() / "logs" / ledger::kLedgerRef);
  auto lines = split_lines(log.value_or(""));
  std::reverse(lines.begin(), lines.end());
  for (const std::string& line : lines) {
    const git::Oid commit = git::Oid::parse(line.size() > 40 ? line.substr(0, 40) : "");
    const auto info = commit.zero() ? std::nullopt : repo.read_commit(commit);
    if (!info || !repo.has_object(info->tree)) continue;
    try {
      const auto files = git::diff_trees(repo, {}, info->tree);
      if (std::all_of(files.begin(), files.end(), [&](const git::Change& file) { return repo.has_object(file.new_id); })) return commit;
    } catch (const Error&) {
      // A tree of it is missing too: look further back.
    }
  }
  return {};
}

void tell_way_back(Examination& e) {
  e.ledger_readable = false;
  const git::Oid tip = e.project.ledger().tip(), good = last_whole(e);
  if (good.zero()) {
    e.report("ledger", Severity::error, "no whole state of the ledger is left in its reflog", "take the ledger from another clone: git fetch REMOTE refs/agent/ledger");
    return;
  }
  e.report("ledger", Severity::error, "the last state of the ledger that is whole is " + good.brief() + "; operations after it are lost here",
           "if no other clone has them: git update-ref refs/agent/ledger " + good.hex() + " " + tip.hex());
}

// Where one commit's tree is not what its operation makes of the state before.
std::string step_problem(Project& project, const git::Oid& before, const Step& step, model::MemoryState& state) {
  const model::Outcome outcome = model::apply(state, *step.op);
  if (outcome.refusal) return "its operation does not hold on the state before: " + outcome.refusal->message;
  std::map<std::string, std::string> wanted;
  for (const model::ObjectChange& change : outcome.changes)
    wanted[model::object_path(change.folder, change.id)] = change.value.is_null() ? "" : write_toml(change.value);
  const git::Repository& repo = project.repo();
  for (const auto& [path, toml] : wanted) {
    const auto entry = repo.entry_at(step.commit.tree, path);
    const std::string there = entry ? repo.read_blob(entry->id).value_or("") : "";
    if (there != toml) return path + " is not what the operation makes of it";
  }
  for (const git::Change& change : git::diff_trees(repo, before, step.commit.tree))
    if (change.path != "op" && wanted.count(change.path) == 0) return change.path + " changed although the operation does not touch it";
  return "";
}

// The state goes on as the commit has it, so that one problem is reported once.
void follow(Project& project, const git::Oid& before, const git::Oid& after, model::MemoryState& state) {
  for (const git::Change& change : git::diff_trees(project.repo(), before, after)) {
    const auto name = ledger::parse_object_path(change.path);
    if (!name) continue;
    const auto blob = change.new_id.zero() ? std::nullopt : project.repo().read_blob(change.new_id);
    state.put(name->first, name->second, blob ? parse_toml(*blob, change.path) : Json());
  }
}

bool is_known_kind(const std::string& kind) {
  static const std::set<std::string> kinds = {
      "task.add", "task.edit", "task.dep", "task.claim", "task.renew", "task.release", "task.start", "task.submit", "task.complete",
      "task.fail", "task.block", "task.unblock", "task.cancel", "task.reopen", "task.rework", "task.note", "task.accept", "bead.add",
      "run.start", "run.end", "merge.begin", "merge.end", "merge.abort", "clean", "undo", "refused"};
  return kinds.count(kind) != 0;
}

model::MemoryState state_of(Project& project, const git::Oid& tree) {
  model::MemoryState state;
  follow(project, {}, tree, state);
  return state;
}

}  // namespace

void check_ledger(Examination& e) {
  git::Repository& repo = e.project.repo();
  const git::Oid tip = e.project.ledger().tip();
  if (tip.zero()) {
    e.health.facts["operations"] = 0;
    e.report("ledger", Severity::warning, "there is no ledger", "git agent-init");
    return;
  }
  const auto commit = repo.read_commit(tip);
  if (!commit || !repo.has_object(commit->tree)) {
    e.report("ledger", Severity::error, "the ledger's tip " + tip.brief() + " cannot be read: its objects are missing", "");
    return tell_way_back(e);
  }
  try {
    ledger::check_format(repo, commit->tree);
  } catch (const Error& error) {
    e.report("ledger", Severity::error, error.what(), error.hints().empty() ? "" : error.hints().front());
  }
  try {
    const Objects objects = read_objects(e, commit->tree, "ledger");
    e.health.facts["tasks"] = std::count_if(objects.begin(), objects.end(), [](const auto& entry) { return entry.first.first == "tasks"; });
  } catch (const Error& error) {
    e.ledger_readable = false;
    e.report("ledger", Severity::error, sanitize_line(error.what()), "");
  }
  if (!e.ledger_readable) tell_way_back(e);
}

void check_replay(Examination& e) {
  const auto steps = read_history(e);
  e.health.facts["operations"] = steps.empty() ? 0 : steps.size() - 1;
  e.health.facts["replayed"] = 0;
  if (steps.empty()) return;
  std::size_t first = 1;
  if (!e.options.deep && steps.size() > kReplayed) first = steps.size() - kReplayed;
  model::MemoryState state = state_of(e.project, steps[first - 1].commit.tree);
  std::size_t wrong = 0;
  for (std::size_t i = first; i < steps.size(); ++i) {
    if (i % 500 == 0) e.progress("replaying operation " + std::to_string(i) + " of " + std::to_string(steps.size() - 1));
    if (!steps[i].op) {
      e.report("replay", Severity::error, "commit " + steps[i].commit.id.brief() + " begins a second history", "restore refs/agent/ledger from before it");
      continue;
    }
    const git::Oid& before = steps[i - 1].commit.tree;
    const std::string problem = is_known_kind(steps[i].op->kind) ? step_problem(e.project, before, steps[i], state) : "";
    if (!problem.empty() && ++wrong <= kNamed)
      e.report("replay", Severity::error, "operation " + sanitize_line(steps[i].op->id.substr(0, 8)) + " (" + sanitize_line(steps[i].commit.subject()) + "): " + sanitize_line(problem),
               "another program or version wrote it; see 'git show " + steps[i].commit.id.brief() + "'");
    follow(e.project, before, steps[i].commit.tree, state);
  }
  if (wrong > kNamed) e.report("replay", Severity::error, "and " + std::to_string(wrong - kNamed) + " more operations do not give their commit", "");
  e.health.facts["replayed"] = steps.size() - first;
}

void check_links(Examination& e) {
  const git::Oid tip = e.project.ledger().tip();
  const auto commit = tip.zero() ? std::nullopt : e.project.repo().read_commit(tip);
  if (!commit) return;
  model::MemoryState state = state_of(e.project, commit->tree);
  std::vector<std::string> ids;
  std::map<std::string, std::string> slugs;
  for (const auto& [key, value] : state.all()) {
    if (key.first != "tasks") continue;
    const model::Task task = model::task_from_json(value);
    ids.push_back(task.id);
    if (const auto [other, is_new] = slugs.emplace(task.slug, task.id); !is_new)
      e.report("links", Severity::error, "two tasks are called '" + sanitize_line(task.slug) + "': " + other->second.substr(0, 8) + " and " + task.id.substr(0, 8), "cancel one of them by its id");
    for (const std::string& need : task.needs)
      if (!state.task(need))
        e.report("links", Severity::warning, "'" + sanitize_line(task.slug) + "' needs " + sanitize_line(need.substr(0, 8)) + ", which is no task, and waits forever",
                 "git agent-task dep rm " + task.slug + " " + sanitize_line(need));
      else if (model::lift(state, task.id, need).empty())
        e.report("links", Severity::warning, "'" + sanitize_line(task.slug) + "' needs a task it lies below; that is ignored", "git agent-task dep rm " + task.slug + " " + need);
    if (!task.parent.empty() && !state.task(task.parent))
      e.report("links", Severity::warning, "the parent of '" + sanitize_line(task.slug) + "' is no task", "git agent-task edit " + task.slug + " --parent ''");
  }
  const auto cycle = model::find_cycle(state, ids);
  if (cycle.empty()) return;
  std::vector<std::string> names;
  for (const std::string& id : cycle) names.push_back(sanitize_line(state.task(id) ? state.task(id)->slug : id.substr(0, 8)));
  e.report("links", Severity::error, "these tasks wait for each other forever: " + join(names, " -> "),
           "git agent-task dep rm " + names.front() + " " + (names.size() > 1 ? names[1] : ""));
}

}  // namespace ga::work
