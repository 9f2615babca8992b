#include "model/imported.hh"

#include <algorithm>
#include <array>
#include <string_view>

#include "model/names.hh"
#include "util/text.hh"

namespace ga::model {
namespace {

constexpr std::string_view kOwn = "git-agent-";

// What an import gives and an edit here may change; the status has a rule of its own.
constexpr std::array kMembers = {"title",  "description", "priority", "phase",  "assignee",      "parent",
                                 "labels", "needs",       "owns",     "accept", "plan_required", "budget_tokens"};

// Short values stand for themselves, long ones as the beginning of their hash.
std::string stamp(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return "";
  const std::string text = canonical(*found);
  constexpr std::size_t kStamp = 16;
  return text.size() <= kStamp ? text : sha256_hex(text).substr(0, kStamp);
}

using Stamps = std::map<std::string, std::string>;

Stamps stamps(const Json& task) {
  Stamps base;
  for (const char* member : kMembers)
    if (std::string text = stamp(task, member); !text.empty()) base[member] = std::move(text);
  for (const char* member : {"status", "hold"})
    if (std::string text = stamp(task, member); !text.empty()) base[member] = std::move(text);
  return base;
}

std::string stamp_of(const Stamps& base, const std::string& member) {
  const auto found = base.find(member);
  return found == base.end() ? "" : found->second;
}

std::string to_lines(const Stamps& base) {
  std::string lines;
  for (const auto& [member, text] : base) lines += (lines.empty() ? "" : "\n") + member + "=" + text;
  return lines;
}

Stamps from_lines(const std::string& lines) {
  Stamps base;
  for (const std::string& line : split_lines(lines))
    if (const std::size_t equals = line.find('='); equals != std::string::npos)
      base[line.substr(0, equals)] = line.substr(equals + 1);
  return base;
}

// The text of a criterion decides whether it is the same one: its tick here stays, with who says so and why.
Json with_ticks(const Task& mine, const Json& accept) {
  Json list = accept;
  const Json now = to_json(mine);
  if (!now.contains("accept")) return list;
  for (Json& criterion : list)
    for (const Json& old : now["accept"])
      if (get_string(old, "text") == get_string(criterion, "text") &&
          (get_bool(old, "done") || !get_bool(criterion, "done")))
        criterion = old;
  return list;
}

void add_notes(Task& task, const std::vector<ProgressNote>& notes) {
  for (const ProgressNote& note : notes) {
    const auto same = [&](const ProgressNote& each) {
      return each.time == note.time && each.by == note.by && each.text == note.text;
    };
    if (std::none_of(task.notes.begin(), task.notes.end(), same)) task.notes.push_back(note);
  }
  std::stable_sort(task.notes.begin(), task.notes.end(),
                   [](const ProgressNote& a, const ProgressNote& b) { return a.time < b.time; });
}

// Every member of `incoming` that differs from what the last import gave.
Task take_changes(const Task& mine, const Task& incoming, const Stamps& base) {
  Json merged = to_json(mine);
  const Json theirs = to_json(incoming);
  for (const char* member : kMembers) {
    if (stamp(theirs, member) == stamp_of(base, member)) continue;
    // A branch was made for where the task merges.
    if (member == std::string_view("parent") && !mine.branch.empty()) continue;
    if (!theirs.contains(member)) merged.erase(member);
    else merged[member] = member == std::string_view("accept") ? with_ticks(mine, theirs[member]) : theirs[member];
  }
  Task task = task_from_json(merged);
  task.rank = incoming.rank;
  add_notes(task, incoming.notes);
  return task;
}

void take_status(Task& task, const Task& incoming) {
  task.status = incoming.status;
  task.hold = incoming.hold;
  task.reason = incoming.reason;
}

void end_deleted(Task& task, const Origin& origin) {
  if (!task.open() || task.claim || !task.branch.empty()) return;
  task.status = Status::cancelled;
  task.hold.clear();
  task.reason = "deleted in " + origin.from;
}

// Our own task comes back from another tracker: it has no stamps, so whoever wrote last is right.
std::optional<Task> merge_own(const Task& mine, const Task& incoming, const Origin& theirs) {
  if (theirs.updated <= mine.updated || theirs.deleted) return std::nullopt;
  Task task = take_changes(mine, incoming, stamps(to_json(mine)));
  if (task.status == Status::pending && !task.claim && task.branch.empty()) take_status(task, incoming);
  if (to_json(task) == to_json(mine)) return std::nullopt;
  return task;
}

}  // namespace

std::optional<Origin> origin_of(const Task& task) {
  const auto found = task.extra.find("origin");
  if (found == task.extra.end() || !found->is_object()) return std::nullopt;
  Origin origin{get_string(*found, "from"),
                get_string(*found, "id"),
                get_string(*found, "record"),
                get_strings(*found, "same"),
                parse_time(get_string(*found, "updated")),
                get_bool(*found, "deleted"),
                from_lines(get_string(*found, "base"))};
  if (origin.from.empty() || origin.id.empty()) return std::nullopt;
  return origin;
}

Json origin_json(const Origin& origin, const Json& task) {
  Json json = {{"from", origin.from}, {"id", origin.id}, {"record", origin.record}, {"base", to_lines(stamps(task))}};
  if (!origin.same.empty()) json["same"] = origin.same;
  if (origin.updated >= 0) json["updated"] = format_time(origin.updated);
  if (origin.deleted) json["deleted"] = true;
  return json;
}

std::string import_id(const std::string& from, const std::string& id) {
  if (from == "beads" && starts_with(id, kOwn) && is_id(std::string_view(id).substr(kOwn.size())))
    return id.substr(kOwn.size());
  return sha256_hex(from + '\0' + id).substr(0, 32);
}

std::string export_id(const std::string& task) { return std::string(kOwn) + task; }

std::set<std::string> changed_here(const Task& task) {
  std::set<std::string> changed;
  const auto origin = origin_of(task);
  if (!origin) return changed;
  const Stamps now = stamps(to_json(task));
  for (const Stamps* side : {&now, &origin->base})
    for (const auto& [member, value] : *side)
      if (stamp_of(now, member) != stamp_of(origin->base, member)) changed.insert(member);
  return changed;
}

bool may_move(const Task& task) {
  const auto changed = changed_here(task);
  return !task.claim && task.branch.empty() && changed.count("status") == 0 && changed.count("hold") == 0;
}

std::optional<Task> merge_import(const Task& mine, const Task& incoming) {
  const auto theirs = origin_of(incoming);
  const auto last = origin_of(mine);
  if (!theirs) return std::nullopt;
  if (!last || last->from != theirs->from || last->id != theirs->id) return merge_own(mine, incoming, *theirs);
  const bool older = last->updated >= 0 && theirs->updated >= 0 && theirs->updated < last->updated;
  if (last->deleted || older || mine.extra["origin"] == incoming.extra["origin"]) return std::nullopt;
  Task task = theirs->deleted ? mine : take_changes(mine, incoming, last->base);
  const bool moved = stamp_of(theirs->base, "status") != stamp_of(last->base, "status") ||
                     stamp_of(theirs->base, "hold") != stamp_of(last->base, "hold");
  if (theirs->deleted) end_deleted(task, *theirs);
  else if (moved && may_move(mine)) take_status(task, incoming);
  task.extra["origin"] = incoming.extra["origin"];
  return task;
}

}  // namespace ga::model
