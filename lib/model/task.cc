#include "model/task.hh"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace ga::model {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 6> kStatusNames = {{
    {Status::pending, "pending"},
    {Status::in_progress, "in_progress"},
    {Status::in_review, "in_review"},
    {Status::completed, "completed"},
    {Status::failed, "failed"},
    {Status::cancelled, "cancelled"},
}};

constexpr std::array<std::pair<Event, std::string_view>, 11> kEventNames = {{
    {Event::claim, "claim"},
    {Event::release, "release"},
    {Event::start, "start"},
    {Event::submit, "submit"},
    {Event::complete, "complete"},
    {Event::fail, "fail"},
    {Event::block, "block"},
    {Event::unblock, "unblock"},
    {Event::cancel, "cancel"},
    {Event::reopen, "reopen"},
    {Event::rework, "rework"},
}};

// A copy of the members that are not in the list.
Json unknown_members(const Json& j, std::initializer_list<const char*> known) {
  Json extra = Json::object();
  if (!j.is_object()) return extra;
  for (const auto& [key, value] : j.items())
    if (std::none_of(known.begin(), known.end(), [&, &k = key](const char* name) { return k == name; }))
      extra[key] = value;
  return extra;
}

// What is known over what is not.
Json with_extra(const Json& extra, Json known) {
  if (extra.is_object() && !extra.empty())
    for (const auto& [key, value] : extra.items())
      if (!known.contains(key)) known[key] = value;
  return known;
}

Json criterion_json(const Criterion& c) {
  Json out = with_extra(c.extra, {{"text", c.text}, {"done", c.done}});
  if (!c.by.empty()) out["by"] = c.by;
  if (!c.evidence.empty()) out["evidence"] = c.evidence;
  if (!c.commit.empty()) out["commit"] = c.commit;
  return out;
}

Json claim_json(const Claim& c) {
  return with_extra(c.extra, {{"agent", c.agent},
                              {"host", c.host},
                              {"boot", c.boot},
                              {"fence", c.fence},
                              {"pid", c.pid},
                              {"start", c.start},
                              {"since", format_time(c.since)},
                              {"expires", format_time(c.expires)}});
}

Criterion criterion_from(const Json& j) {
  return {get_string(j, "text"),   get_bool(j, "done"),
          get_string(j, "by"),     get_string(j, "evidence"),
          get_string(j, "commit"), unknown_members(j, {"text", "done", "by", "evidence", "commit"})};
}

Json note_json(const ProgressNote& n) {
  return with_extra(n.extra, {{"time", format_time(n.time)}, {"by", n.by}, {"text", n.text}});
}

ProgressNote note_from(const Json& j) {
  return {parse_time(get_string(j, "time")), get_string(j, "by"), get_string(j, "text"),
          unknown_members(j, {"time", "by", "text"})};
}

Claim claim_from(const Json& j) {
  Claim c;
  c.agent = get_string(j, "agent");
  c.host = get_string(j, "host");
  c.boot = get_string(j, "boot");
  c.fence = get_string(j, "fence");
  c.pid = get_int(j, "pid");
  c.start = static_cast<std::uint64_t>(get_int(j, "start"));
  c.since = parse_time(get_string(j, "since"));
  c.expires = parse_time(get_string(j, "expires"));
  c.extra = unknown_members(j, {"agent", "host", "boot", "fence", "pid", "start", "since", "expires"});
  return c;
}

void put(Json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}
void put(Json& out, const char* key, const std::vector<std::string>& value) {
  if (!value.empty()) out[key] = value;
}

// The members that task_from_json() understands; all others are carried in `extra`.
constexpr std::array kKnown = {"id",           "slug",          "title",         "description",   "status",
                               "reason",       "hold",          "priority",      "rank",          "phase",
                               "assignee",     "parent",        "labels",        "needs",         "owns",
                               "accept",       "notes",         "plan_required", "plan_state",    "plan",
                               "claim",        "locked",        "branch",        "base",          "target",
                               "commit",       "worker",        "review_state",  "review_commit", "iteration",
                               "failed_trees", "budget_tokens", "created",       "updated",       "created_by"};

bool is_known(const std::string& key) {
  // Asked of every member of every task: most differ in the first letter.
  return std::any_of(kKnown.begin(), kKnown.end(), [&](const char* k) { return key[0] == *k && key == k; });
}

}  // namespace

std::string_view status_name(Status status) { return kStatusNames[static_cast<std::size_t>(status)].second; }

std::optional<Status> parse_status(std::string_view name) {
  for (const auto& [status, text] : kStatusNames)
    if (text == name) return status;
  return std::nullopt;
}

std::string_view event_name(Event event) { return kEventNames[static_cast<std::size_t>(event)].second; }

const std::vector<Transition>& transitions() {
  using S = Status;
  static const std::vector<Transition> table = {
      {Event::claim, {S::pending, S::in_progress}, S::in_progress, "an agent takes the lease"},
      {Event::release, {S::in_progress}, S::pending, "the holder gives it back"},
      {Event::start,
       {S::pending, S::in_progress, S::in_review},
       S::in_progress,
       "claim if needed and work; withdraws from review"},
      {Event::submit,
       {S::in_progress, S::in_review},
       S::in_review,
       "done on a task with a branch; in review, on newer commits"},
      {Event::complete, {S::in_progress, S::in_review}, S::completed, "done without a branch, or merged"},
      {Event::fail, {S::in_progress, S::in_review}, S::failed, "given up, with a reason"},
      {Event::block, {S::pending, S::in_progress}, std::nullopt, "held until unblock; shown as blocked"},
      {Event::unblock, {S::pending, S::in_progress}, std::nullopt, "the hold ends"},
      {Event::cancel, {S::pending, S::in_progress, S::in_review, S::failed}, S::cancelled, "not wanted any more"},
      {Event::reopen, {S::in_review, S::completed, S::failed, S::cancelled}, S::pending, "work is needed after all"},
      {Event::rework,
       {S::in_progress, S::in_review},
       S::in_progress,
       "review failed, gates failed or the merge conflicts"},
  };
  return table;
}

std::optional<Status> after(Status status, Event event) {
  for (const Transition& row : transitions()) {
    if (row.event != event) continue;
    if (std::find(row.from.begin(), row.from.end(), status) == row.from.end()) return std::nullopt;
    return row.to.value_or(status);
  }
  return std::nullopt;
}

Json to_json(const Task& t) {
  Json out = t.extra.is_object() ? t.extra : Json::object();
  out["id"] = t.id;
  out["slug"] = t.slug;
  out["title"] = t.title;
  put(out, "description", t.description);
  out["status"] = status_name(t.status);
  put(out, "reason", t.reason);
  put(out, "hold", t.hold);
  out["priority"] = t.priority;
  if (t.rank != 0) out["rank"] = t.rank;
  put(out, "phase", t.phase);
  put(out, "assignee", t.assignee);
  put(out, "parent", t.parent);
  put(out, "labels", t.labels);
  put(out, "needs", t.needs);
  put(out, "owns", t.owns);
  for (const Criterion& c : t.accept) out["accept"].push_back(criterion_json(c));
  for (const ProgressNote& n : t.notes) out["notes"].push_back(note_json(n));
  if (t.plan_required) out["plan_required"] = true;
  put(out, "plan_state", t.plan_state);
  put(out, "plan", t.plan);
  if (t.claim) out["claim"] = claim_json(*t.claim);
  put(out, "locked", t.locked);
  put(out, "branch", t.branch);
  put(out, "base", t.base);
  put(out, "target", t.target);
  put(out, "commit", t.commit);
  put(out, "worker", t.worker);
  put(out, "review_state", t.review_state);
  put(out, "review_commit", t.review_commit);
  if (t.iteration != 0) out["iteration"] = t.iteration;
  put(out, "failed_trees", t.failed_trees);
  if (t.budget_tokens != 0) out["budget_tokens"] = t.budget_tokens;
  out["created"] = format_time(t.created);
  out["updated"] = format_time(t.updated);
  put(out, "created_by", t.created_by);
  return out;
}

Task task_from_json(const Json& j) {
  Task t;
  t.id = get_string(j, "id");
  t.slug = get_string(j, "slug");
  t.title = get_string(j, "title");
  t.description = get_string(j, "description");
  t.status = parse_status(get_string(j, "status")).value_or(Status::pending);
  t.reason = get_string(j, "reason");
  t.hold = get_string(j, "hold");
  t.priority = static_cast<int>(std::clamp<std::int64_t>(get_int(j, "priority", 2), 0, 4));
  t.rank = static_cast<int>(std::clamp<std::int64_t>(get_int(j, "rank"), 0, 1 << 30));
  t.phase = get_string(j, "phase");
  t.assignee = get_string(j, "assignee");
  t.parent = get_string(j, "parent");
  t.labels = get_strings(j, "labels");
  t.needs = get_strings(j, "needs");
  t.owns = get_strings(j, "owns");
  if (j.contains("accept") && j["accept"].is_array())
    for (const Json& c : j["accept"]) t.accept.push_back(criterion_from(c));
  if (j.contains("notes") && j["notes"].is_array())
    for (const Json& n : j["notes"]) t.notes.push_back(note_from(n));
  t.plan_required = get_bool(j, "plan_required");
  t.plan_state = get_string(j, "plan_state");
  t.plan = get_string(j, "plan");
  if (j.contains("claim") && j["claim"].is_object()) t.claim = claim_from(j["claim"]);
  t.locked = get_strings(j, "locked");
  t.branch = get_string(j, "branch");
  t.base = get_string(j, "base");
  t.target = get_string(j, "target");
  t.commit = get_string(j, "commit");
  t.worker = get_string(j, "worker");
  t.review_state = get_string(j, "review_state");
  t.review_commit = get_string(j, "review_commit");
  t.iteration = static_cast<int>(get_int(j, "iteration"));
  t.failed_trees = get_strings(j, "failed_trees");
  t.budget_tokens = get_int(j, "budget_tokens");
  t.created = parse_time(get_string(j, "created"));
  t.updated = parse_time(get_string(j, "updated"));
  t.created_by = get_string(j, "created_by");
  if (j.is_object())
    for (const auto& [key, value] : j.items())
      if (!is_known(key)) t.extra[key] = value;
  return t;
}

}  // namespace ga::model
