#include "work/undo.hh"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "model/names.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

// The actor's own last operation is looked for among so many.
constexpr int kLookBack = 2000;
constexpr std::size_t kNamedLater = 5;

// What an agent may take back of its own: the plan and the record, never the state of its work.
constexpr std::array kAgentsKinds = {"task.add",    "task.import", "task.edit",    "task.dep", "task.note",
                                     "task.accept", "task.block",  "task.unblock", "bead.add"};

std::string short_op(const std::string& id) { return sanitize_line(id.substr(0, 8)); }

std::string slug_of(Project& project, const std::string& task) {
  const auto found = project.index().task(task);
  return found ? found->slug : "FEATURE";
}

[[noreturn]] void refuse(const ledger::Entry& entry, const std::string& why, const std::string& hint,
                         std::vector<std::string> next = {}) {
  throw Error(Kind::wrong_status, "operation " + short_op(entry.op.id) + " cannot be undone: " + why, {hint})
      .next(std::move(next))
      .with_data({{"op", entry.op.id}, {"kind", entry.op.kind}});
}

bool is_spin(const model::Operation& op) {
  if (op.kind != "task.claim" && op.kind != "task.start") return false;
  return !get_string(op.args, "branch").empty() || op.args.contains("add");
}

// Only what moved nothing but tasks and beads can be undone by the ledger alone.
bool moves_only_the_ledger(const model::Operation& op) {
  if (is_spin(op) || op.kind == "task.renew") return false;
  return starts_with(op.kind, "task.") || op.kind == "bead.add" || op.kind == "undo";
}

void refuse_what_moved_more(Project& project, const ledger::Entry& entry) {
  const model::Operation& op = entry.op;
  if (moves_only_the_ledger(op)) return;
  const std::string slug = slug_of(project, get_string(op.args, "task"));
  if (is_spin(op))
    refuse(entry, "it made a branch and a worktree", "stop the agent if it runs, then clean",
           {"git", "agent-clean", slug});
  if (op.kind == "merge.end") {
    const std::string old_id = get_string(op.args, "old"), new_id = get_string(op.args, "new");
    refuse(entry, "the merge has moved the target branch",
           "revert its commits with Git; then 'git agent-task reopen " + slug + "'",
           {"git", "revert", old_id.empty() ? new_id : old_id + ".." + new_id});  // not the program
  }
  if (starts_with(op.kind, "merge.")) refuse(entry, "merges end or give up by themselves", "see 'git agent-status'");
  if (op.kind == "clean")
    refuse(entry, "branches and worktrees were removed", "they are kept as backups", {"git", "agent-clean", "--undo"});
  if (starts_with(op.kind, "run."))
    refuse(entry, "it records the life of an agent", "stop a running agent instead", {"git", "agent-run", "list"});
  if (starts_with(op.kind, "plan."))
    refuse(entry, "a plan and what was decided about it stand",
           "decide again: a plan is approved or rejected anew, or replaced", {"git", "agent-plan", "show", slug});
  if (op.kind == "approval.add")
    refuse(entry, "an approval is for exactly one change, and stands", "take the change itself back, and approve that",
           {"git", "agent-guard", "log"});
  refuse(entry, "there is nothing to restore", "see what it was with 'git agent-log'");
}

void require_right(Project& project, const ledger::Entry& entry) {
  const model::Actor& who = project.actor();
  if (who.person || who.role == "lead") return;
  const bool own = entry.op.actor.name == who.name && !entry.op.actor.person;
  const bool harmless =
      std::any_of(kAgentsKinds.begin(), kAgentsKinds.end(), [&](const char* kind) { return entry.op.kind == kind; });
  if (own && harmless) return;
  throw Error(Kind::not_lead,
              own ? "taking back '" + entry.op.kind + "' is the lead's act"
                  : "operation " + short_op(entry.op.id) + " is " + sanitize_line(entry.op.actor.name) + "'s",
              {"ask the lead to undo it"});
}

// Operations after this one that changed one of the objects, newest first.
std::vector<ledger::Entry> later_changes(Project& project, const ledger::Entry& entry,
                                         const std::set<std::pair<std::string, std::string>>& objects) {
  std::vector<ledger::Entry> later;
  project.ledger().walk([&](const ledger::Entry& each) {
    if (each.commit == entry.commit) return false;
    for (const auto& diff : project.ledger().changes_of(each.commit)) {
      if (objects.count({diff.folder, diff.id}) == 0) continue;
      later.push_back(each);
      break;
    }
    return true;
  });
  return later;
}

void refuse_changed(Project& project, const ledger::Entry& entry,
                    const std::set<std::pair<std::string, std::string>>& objects) {
  const auto later = later_changes(project, entry, objects);
  std::vector<std::string> hints;
  Json ids = Json::array();
  for (const ledger::Entry& each : later) {
    ids.push_back(each.op.id);
    if (hints.size() < kNamedLater) hints.push_back(short_op(each.op.id) + "  " + sanitize_line(each.summary));
  }
  if (later.size() > kNamedLater) hints.push_back("and " + std::to_string(later.size() - kNamedLater) + " more");
  hints.push_back("undo those first, the newest before the others, or change the task by hand");
  std::vector<std::string> next;
  if (!later.empty()) next = {"git", "agent-undo", later.front().op.id};
  throw Error(Kind::wrong_status,
              "operation " + short_op(entry.op.id) + " cannot be undone: later operations changed the same objects",
              hints)
      .next(std::move(next))
      .with_data({{"op", entry.op.id}, {"later", ids}});
}

std::vector<MemberChange> member_changes(const Json& from, const Json& to) {
  std::set<std::string> keys;
  for (const Json* side : {&from, &to})
    if (side->is_object())
      for (const auto& [key, value] : side->items()) keys.insert(key);
  std::vector<MemberChange> list;
  for (const std::string& key : keys) {
    if (key == "updated") continue;
    const Json a = from.is_object() && from.contains(key) ? from[key] : Json(),
               b = to.is_object() && to.contains(key) ? to[key] : Json();
    if (a != b) list.push_back({key, a, b});
  }
  return list;
}

Json restore_args(const std::vector<ledger::Ledger::ObjectDiff>& diffs) {
  Json list = Json::array();
  for (const auto& diff : diffs)
    if (diff.folder == "tasks" || diff.folder == "beads")
      list.push_back({{"folder", diff.folder},
                      {"id", diff.id},
                      {"expect", model::object_hash(diff.after)},
                      {"value", diff.before}});
  return list;
}

// The actor's own last operation that can be undone and has not been.
std::optional<ledger::Entry> own_last(Project& project) {
  const model::Actor& who = project.actor();
  std::set<std::string> undone;
  std::optional<ledger::Entry> found;
  int looked = 0;
  project.ledger().walk([&](const ledger::Entry& entry) {
    const bool gone = undone.count(entry.op.id) != 0;
    if (entry.op.kind == "undo") {
      if (!gone) undone.insert(get_string(entry.op.args, "op"));
    } else if (!gone && entry.op.actor.name == who.name && entry.op.actor.person == who.person &&
               moves_only_the_ledger(entry.op)) {
      found = entry;
      return false;
    }
    return ++looked < kLookBack;
  });
  return found;
}

}  // namespace

Json to_json(const UndoPlan& plan) {
  Json restored = Json::array();
  for (const Restored& each : plan.restored) {
    Json members = Json::array();
    for (const MemberChange& change : each.members)
      members.push_back({{"member", change.member}, {"from", change.from}, {"to", change.to}});
    restored.push_back({{"folder", each.folder},
                        {"id", each.id},
                        {"slug", string_or_null(each.name)},
                        {"goes", each.goes},
                        {"comes", each.comes},
                        {"members", members}});
  }
  return {{"op", plan.entry.op.id},
          {"kind", plan.entry.op.kind},
          {"summary", plan.entry.summary},
          {"time", format_time(plan.entry.op.time)},
          {"restored", restored}};
}

ledger::Entry find_operation(Project& project, const std::string& name) {
  if (name.empty()) {
    auto own = own_last(project);
    if (!own) throw Error(Kind::not_found, "there is no operation of yours to undo", {"name one: see 'git agent-log'"});
    return *own;
  }
  if (!model::is_id_prefix(name))
    fail_usage("'" + sanitize_line(fit(name, 60)) + "' is no operation",
               {"operations are named by the beginning of their id: see 'git agent-log'"});
  std::vector<ledger::Entry> found;
  project.ledger().walk([&](const ledger::Entry& entry) {
    if (starts_with(entry.op.id, name)) found.push_back(entry);
    return found.size() < 2 || name.size() < 32;
  });
  if (found.empty()) throw Error(Kind::not_found, "no operation '" + name + "'", {"see them with 'git agent-log'"});
  if (found.size() == 1) return found.front();
  std::vector<std::string> hints;
  for (const ledger::Entry& entry : found)
    if (hints.size() < kNamedLater)
      hints.push_back(sanitize_line(entry.op.id.substr(0, 12)) + "  " + sanitize_line(entry.summary));
  throw Error(Kind::usage, "'" + name + "' is the beginning of several ids", hints);
}

UndoPlan plan_undo(Project& project, const ledger::Entry& entry) {
  refuse_what_moved_more(project, entry);
  require_right(project, entry);
  UndoPlan plan{entry, {}};
  auto state = project.ledger().state();
  std::set<std::pair<std::string, std::string>> changed;
  for (const auto& diff : project.ledger().changes_of(entry.commit)) {
    if (diff.folder != "tasks" && diff.folder != "beads") continue;
    const Json now = state.object(diff.folder, diff.id);
    if (now != diff.after) changed.insert({diff.folder, diff.id});
    const Json& named = diff.after.is_null() ? diff.before : diff.after;
    plan.restored.push_back({diff.folder, diff.id, get_string(named, "slug"), diff.before.is_null(),
                             diff.after.is_null(), member_changes(diff.after, diff.before)});
  }
  if (!changed.empty()) refuse_changed(project, entry, changed);
  if (plan.restored.empty()) refuse(entry, "it changed nothing", "see what it was with 'git agent-log'");
  return plan;
}

ledger::Committed perform_undo(Project& project, const UndoPlan& plan) {
  const Json restore = restore_args(project.ledger().changes_of(plan.entry.commit));
  std::string task = get_string(plan.entry.op.args, "task");
  // A bead must not hang on a task that goes.
  for (const Restored& each : plan.restored)
    if (each.id == task && each.goes) task.clear();
  return project.commit("undo", {{"op", plan.entry.op.id},
                                 {"restore", restore},
                                 {"bead", project.bead("undo", "Undone: " + sanitize_line(plan.entry.summary), task,
                                                       "operation " + plan.entry.op.id)}});
}

}  // namespace ga::work
