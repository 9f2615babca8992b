// The ledger itself: its history, its objects, and that the state is what the operations make.
#include <algorithm>
#include <map>
#include <optional>
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

constexpr std::size_t kReplayed = 5000;  // without --deep
constexpr std::size_t kNamed = 20;       // findings of one kind that are named

// A commit of the history. What it says is read when it is looked at: a history may be long.
struct Step {
  git::Oid commit, tree;
  bool is_operation = false;  ///< not the first commit
};

std::optional<model::Operation> operation_of(const git::Repository& repo, const git::Oid& tree) {
  const auto entry = repo.entry_at(tree, "op");
  const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
  if (!blob) return std::nullopt;
  return model::operation_from_text(*blob);
}

// The whole history, oldest first; reports what breaks it and stops there.
std::vector<Step> read_history(Examination& e) {
  git::Repository& repo = e.project.repo();
  std::vector<Step> steps;
  for (git::Oid at = e.project.ledger().tip(); !at.zero();) {
    const auto commit = repo.read_commit(at);
    if (!commit) {
      e.report("ledger", Severity::error, "commit " + at.brief() + " of the ledger's history is missing",
               "fetch it from a clone that has it: git fetch REMOTE refs/agent/ledger");
      break;
    }
    if (commit->parents.size() > 1)
      e.report("ledger", Severity::error, "commit " + at.brief() + " has several parents; the ledger is a line",
               "restore refs/agent/ledger from before it");
    if (!commit->parents.empty() && !operation_of(repo, commit->tree)) {
      e.report("ledger", Severity::error, "commit " + at.brief() + " holds no operation",
               "restore refs/agent/ledger from before it");
      break;
    }
    steps.push_back({commit->id, commit->tree, !commit->parents.empty()});
    at = commit->parents.empty() ? git::Oid{} : commit->parents.front();
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

// Reports a file of the tip's tree that cannot be read or stands in the wrong place; false when it cannot be read.
bool check_object(Examination& e, const git::Change& file, const std::string& id, const std::string& folder) {
  const auto blob = e.project.repo().read_blob(file.new_id);
  if (!blob) {
    e.report("ledger", Severity::error,
             "the object " + sanitize_line(file.path) + " (" + file.new_id.brief() + ") is missing", "");
    return false;
  }
  Json object;
  try {
    object = parse_toml(*blob, file.path);
  } catch (const Error& error) {
    e.report("ledger", Severity::error, "an object cannot be read: " + sanitize_line(error.what()), "");
    return false;
  }
  if (file.path != model::object_path(folder, id) || get_string(object, "id") != id)
    e.report("ledger", Severity::error,
             "the object at " + sanitize_line(file.path) + " has the id '" + sanitize_line(get_string(object, "id")) +
                 "'",
             "");
  return true;
}

// Looks at every object of a tree, one at a time.
void check_objects(Examination& e, const git::Oid& tree) {
  std::size_t tasks = 0;
  git::each_change(e.project.repo(), {}, tree, [&](const git::Change& file) {
    const auto name = ledger::parse_object_path(file.path);
    if (!name) return;
    if (!check_object(e, file, name->second, name->first)) e.ledger_readable = false;
    else if (name->first == "tasks") ++tasks;
  });
  e.health.facts["tasks"] = tasks;
}

// A commit of the reflog whose state is whole; zero when there is none.
git::Oid last_whole(Examination& e) {
  git::Repository& repo = e.project.repo();
  for (const git::Oid& commit : repo.reflog(ledger::kLedgerRef)) {
    const auto info = repo.read_commit(commit);
    if (!info || !repo.has_object(info->tree)) continue;
    if (!repo.entry_at(info->tree, "format")) continue;
    try {
      bool whole = true;
      git::each_change(repo, {}, info->tree,
                       [&](const git::Change& file) { whole = whole && repo.has_object(file.new_id); });
      if (whole) return commit;
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
    e.report("ledger", Severity::error, "no whole state of the ledger is left in its reflog",
             "take the ledger from another clone: git fetch REMOTE refs/agent/ledger");
    return;
  }
  e.report("ledger", Severity::error,
           "the last state of the ledger that is whole is " + good.brief() + "; operations after it are lost here",
           "if no other clone has them: git update-ref refs/agent/ledger " + good.hex() + " " + tip.hex());
}

// What a commit changed: objects with their new text, and the paths of files that are none.
struct Changed {
  std::vector<ledger::WrittenObject> objects;
  std::vector<std::string> paths;             ///< all of them, in order
  std::map<std::string, std::size_t> places;  ///< path of an object to its place in `objects`
};

Changed changed_between(const git::Repository& repo, const git::Oid& before, const git::Oid& after) {
  Changed changed;
  git::each_change(repo, before, after, [&](const git::Change& change) {
    changed.paths.push_back(change.path);
    const auto name = ledger::parse_object_path(change.path);
    if (!name) return;
    changed.places[change.path] = changed.objects.size();
    const auto blob = change.new_id.zero() ? std::nullopt : repo.read_blob(change.new_id);
    changed.objects.push_back({name->first, name->second, blob.value_or("")});
  });
  return changed;
}

// A file's text after the commit: from what it changed, else from its tree.
std::string text_after(const git::Repository& repo, const git::Oid& tree, const Changed& changed,
                       const std::string& path) {
  if (const auto found = changed.places.find(path); found != changed.places.end())
    return changed.objects[found->second].toml;
  const auto entry = repo.entry_at(tree, path);
  return entry ? repo.read_blob(entry->id).value_or("") : "";
}

// Where one commit's tree is not what its operation makes of the state before.
std::string step_problem(const git::Repository& repo, const Step& step, const model::Operation& op,
                         const Changed& changed, model::State& state) {
  const model::Outcome outcome = model::apply(state, op);
  if (outcome.refusal) return "its operation does not hold on the state before: " + outcome.refusal->message;
  std::map<std::string, std::string> wanted;
  for (const model::ObjectChange& change : outcome.changes)
    wanted[model::object_path(change.folder, change.id)] = change.value.is_null() ? "" : write_toml(change.value);
  for (const auto& [path, toml] : wanted)
    if (text_after(repo, step.tree, changed, path) != toml) return path + " is not what the operation makes of it";
  for (const std::string& path : changed.paths)
    if (path != "op" && wanted.count(path) == 0) return path + " changed although the operation does not touch it";
  return "";
}

// The state goes on as the commit has it, so that one problem is reported once.
void follow(index::Index& relations, const Step& before, const Step& after, const Changed& changed) {
  relations.advance(before.commit, after.commit, changed.objects);
  try {
    relations.refresh(after.commit);  // does nothing when that went well
  } catch (const Error&) {
    // Named by its path, an object that cannot be read is found.
    for (const auto& [path, place] : changed.places)
      if (const std::string& toml = changed.objects[place].toml; !toml.empty()) parse_toml(toml, path);
    throw;
  }
}

bool is_known_kind(const std::string& kind) {
  static const std::set<std::string> kinds = {
      "task.add",    "task.edit",     "task.dep",    "task.claim", "task.renew",   "task.release", "task.start",
      "task.submit", "task.complete", "task.fail",   "task.block", "task.unblock", "task.cancel",  "task.reopen",
      "task.rework", "task.note",     "task.accept", "bead.add",   "run.start",    "run.end",      "merge.begin",
      "merge.end",   "merge.abort",   "clean",       "undo",       "refused"};
  return kinds.count(kind) != 0;
}

// Judges operations again, each on the state before it: objects from the commit's tree, relations from the scratch index.
class Replay {
 public:
  explicit Replay(Examination& e) : e_(e), repo_(e.project.repo()), relations_(e.scratch()) {}

  void step(const Step& before, const Step& after) {
    const auto op = after.is_operation ? operation_of(repo_, after.tree) : std::nullopt;
    if (!op) {
      e_.report("replay", Severity::error, "commit " + after.commit.brief() + " begins a second history",
                "restore refs/agent/ledger from before it");
      return;
    }
    relations_.refresh(before.commit);
    const Changed changed = changed_between(repo_, before.tree, after.tree);
    const std::string problem = is_known_kind(op->kind) ? judge(before, after, *op, changed) : "";
    if (!problem.empty() && ++wrong_ <= kNamed) name(after, *op, problem);
    follow(relations_, before, after, changed);
  }

  void finish() {
    if (wrong_ > kNamed)
      e_.report("replay", Severity::error,
                "and " + std::to_string(wrong_ - kNamed) + " more operations do not give their commit", "");
  }

 private:
  std::string judge(const Step& before, const Step& after, const model::Operation& op, const Changed& changed) {
    ledger::LedgerState state(repo_, before.tree, relations_);
    try {
      return step_problem(repo_, after, op, changed, state);
    } catch (const Error& error) {
      return std::string("it cannot be judged: ") + error.what();  // an object of that time is missing
    }
  }

  void name(const Step& step, const model::Operation& op, const std::string& problem) {
    const auto commit = repo_.read_commit(step.commit);
    e_.report("replay", Severity::error,
              "operation " + sanitize_line(op.id.substr(0, 8)) + " (" + sanitize_line(commit ? commit->subject() : "") +
                  "): " + sanitize_line(problem),
              "another program or version wrote it; see 'git show " + step.commit.brief() + "'");
  }

  Examination& e_;
  git::Repository& repo_;
  index::Index& relations_;
  std::size_t wrong_ = 0;
};

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
    e.report("ledger", Severity::error, "the ledger's tip " + tip.brief() + " cannot be read: its objects are missing",
             "");
    return tell_way_back(e);
  }
  try {
    ledger::check_format(repo, commit->tree);
  } catch (const Error& error) {
    e.report("ledger", Severity::error, error.what(), error.hints().empty() ? "" : error.hints().front());
    // What a newer version wrote is whole; anything else under the ledger's name is none.
    if (error.kind() != Kind::newer_version) return tell_way_back(e);
  }
  try {
    check_objects(e, commit->tree);
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
  Replay replay(e);
  for (std::size_t i = first; i < steps.size(); ++i) {
    if (i % 500 == 0)
      e.progress("replaying operation " + std::to_string(i) + " of " + std::to_string(steps.size() - 1));
    replay.step(steps[i - 1], steps[i]);
  }
  replay.finish();
  e.health.facts["replayed"] = steps.size() - first;
}

namespace {

using Slugs = std::map<std::string, std::string>;

// The task's own links and its name, which only it may have.
void check_task_links(Examination& e, model::State& state, const model::Task& task, Slugs& slugs) {
  if (const auto [other, is_new] = slugs.emplace(task.slug, task.id); !is_new)
    e.report("links", Severity::error,
             "two tasks are called '" + sanitize_line(task.slug) + "': " + other->second.substr(0, 8) + " and " +
                 task.id.substr(0, 8),
             "cancel one of them by its id");
  for (const std::string& need : task.needs)
    if (!state.task(need))
      e.report("links", Severity::warning,
               "'" + sanitize_line(task.slug) + "' needs " + sanitize_line(need.substr(0, 8)) +
                   ", which is no task, and waits forever",
               "git agent-task dep rm " + task.slug + " " + sanitize_line(need));
    else if (model::lift(state, task.id, need).empty())
      e.report("links", Severity::warning,
               "'" + sanitize_line(task.slug) + "' needs a task it lies below; that is ignored",
               "git agent-task dep rm " + task.slug + " " + need);
  if (!task.parent.empty() && !state.task(task.parent))
    e.report("links", Severity::warning, "the parent of '" + sanitize_line(task.slug) + "' is no task",
             "git agent-task edit " + task.slug + " --parent ''");
}

void check_cycles(Examination& e, model::State& state, const std::vector<std::string>& suspects) {
  const auto cycle = model::find_cycle(state, suspects);
  if (cycle.empty()) return;
  std::vector<std::string> names;
  for (const std::string& id : cycle)
    names.push_back(sanitize_line(state.task(id) ? state.task(id)->slug : id.substr(0, 8)));
  e.report("links", Severity::error, "these tasks wait for each other forever: " + join(names, " -> "),
           "git agent-task dep rm " + names.front() + " " + (names.size() > 1 ? names[1] : ""));
}

}  // namespace

// The scratch index, made from the ledger itself, says which few tasks are worth a look; their objects decide.
void check_links(Examination& e) {
  const git::Oid tip = e.project.ledger().tip();
  const auto commit = tip.zero() ? std::nullopt : e.project.repo().read_commit(tip);
  if (!commit) return;
  index::Index& relations = e.scratch();
  relations.refresh(tip);
  ledger::LedgerState state(e.project.repo(), commit->tree, relations);
  Slugs slugs;
  for (const std::string& id : relations.doubtful_tasks())
    if (const auto task = state.task(id)) check_task_links(e, state, *task, slugs);
  check_cycles(e, state, relations.tasks_before_a_cycle());
}

}  // namespace ga::work
