#include "model/apply.hh"

#include <algorithm>

#include "model/names.hh"

namespace ga::model {
namespace detail {
namespace {

// What parse_toml() reads back: beyond these an object would be written and never read again.
constexpr std::size_t kMaxObject = 768 * 1024;
constexpr int kMaxNesting = 16;
constexpr std::size_t kMaxBeadText = 64 * 1024;

// How deep a value nests, and a size that its text cannot exceed: a byte is at most six characters (\u0001), and every
// value has at most so many of its own (numbers, quotes, commas).
struct Extent {
  int depth = 0;
  std::size_t at_most = 0;
};

Extent extent_of(const Json& value) {
  constexpr std::size_t kEscaped = 6, kOwn = 32;
  Extent extent{0, kOwn};
  if (const auto* text = value.get_ptr<const Json::string_t*>()) extent.at_most += kEscaped * text->size();
  if (!value.is_structured()) return extent;
  for (const auto& member : value.items()) {
    const Extent inner = extent_of(member.value());
    extent.depth = std::max(extent.depth, inner.depth);
    extent.at_most += inner.at_most + (value.is_object() ? kEscaped * member.key().size() : 0);
  }
  ++extent.depth;
  return extent;
}

// TOML's integers have a sign; get_int() reads no larger ones either.
bool has_too_large_number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() > INT64_MAX;
  return value.is_structured() && std::any_of(value.begin(), value.end(), has_too_large_number);
}

void check_storable(const Json& value) {
  const Extent extent = extent_of(value);
  if (extent.depth > kMaxNesting) refuse(Kind::usage, "the object is nested too deeply");
  if (has_too_large_number(value)) refuse(Kind::usage, "a number is too large to be kept");
  if (extent.at_most > kMaxObject && canonical(value).size() > kMaxObject)
    refuse(Kind::usage, "the object grows too large (at most " + std::to_string(kMaxObject / 1024) + " KiB)",
           {"keep long texts in files of the branch and name them"});
}

}  // namespace

Task Judge::task(const char* key) {
  const std::string id = arg(key);
  auto found = state.task(id);
  if (!found) refuse(Kind::not_found, "no task '" + sanitize_line(id) + "'");
  return *found;
}

namespace {

// What the command is called that somebody typed.
std::string_view typed_word(const std::string& kind, Event event) {
  if (kind == "merge.end") return "merge";
  if (event == Event::submit || event == Event::complete) return "done";
  return event_name(event);
}

}  // namespace

void Judge::step(Task& task, Event event) {
  const auto next = after(task.status, event);
  if (next) {
    task.status = *next;
    return;
  }
  refuse(Kind::wrong_status,
         "'" + task.slug + "' is " + std::string(status_name(task.status)) + ", which does not allow '" +
             std::string(typed_word(op.kind, event)) + "'",
         {"see 'git agent-task show " + task.slug + "' for its state"}, {{"status", status_name(task.status)}});
}

void Judge::require_holder(const Task& task) const {
  const std::string fence = arg("fence");
  if (!fence.empty()) {
    if (task.claim && task.claim->fence == fence) return;
    const std::string now = task.claim ? "it is held by " + task.claim->agent : "nobody holds it now";
    refuse(Kind::fenced, "your claim on '" + task.slug + "' has ended: " + now,
           {"stop working on it; 'git agent-task next' offers other work"});
  }
  if (is_lead() || (task.claim && task.claim->agent == op.actor.name)) return;
  if (task.claim)
    refuse(Kind::fenced, "'" + task.slug + "' is claimed by " + task.claim->agent,
           {"take other work with 'git agent-task next'"});
  refuse(Kind::fenced, "you do not hold '" + task.slug + "'", {"git agent-task claim " + task.slug});
}

void Judge::require_lead(const std::string& what) const {
  if (!is_lead()) refuse(Kind::not_lead, what + " is the lead's act", {"ask the lead to do it"});
}

void Judge::require_children_finished(const Task& task) {
  if (auto refusal = children_refusal(state, task)) throw Refused{*std::move(refusal)};
}

void Judge::move_claim(Claim& claim) const {
  if (get_int(op.args, "pid") == 0) return;
  claim.host = arg("host");
  claim.boot = arg("boot");
  claim.pid = get_int(op.args, "pid");
  claim.start = static_cast<std::uint64_t>(get_int(op.args, "start"));
}

void Judge::put(const std::string& folder, const std::string& id, Json value) {
  // Ids name files of the ledger's tree.
  if (!is_id(id)) refuse(Kind::usage, "'" + sanitize_line(fit(id, 40)) + "' is no id");
  if (value.is_object()) check_storable(value);
  state.put(folder, id, std::move(value));
  if (seen_.emplace(folder, id).second) changed_.emplace_back(folder, id);
}

Outcome Judge::finish() {
  outcome.changes.reserve(changed_.size());
  for (auto& [folder, id] : changed_) {
    Json value = state.take(folder, id);
    outcome.changes.push_back({std::move(folder), std::move(id), std::move(value)});
  }
  return std::move(outcome);
}

void Judge::save(Task& task) {
  task.updated = op.time;
  put("tasks", task.id, to_json(task));
}

void Judge::save(const Bead& bead) { put("beads", bead.id, to_json(bead)); }

void Judge::save_bead(const std::string& commit) {
  if (!op.args.contains("bead") || !op.args["bead"].is_object()) return;
  Bead bead = bead_from_json(op.args["bead"]);
  if (bead.id.empty()) refuse(Kind::usage, "a bead without an id");
  if (bead.text.size() > kMaxBeadText) refuse(Kind::usage, "the bead's text is too long (at most 64 KiB)");
  if (!bead.supersedes.empty() && !state.object("beads", bead.supersedes).is_object())
    refuse(Kind::not_found, "no bead '" + sanitize_line(fit(bead.supersedes, 40)) + "' to supersede");
  if (state.object("beads", bead.id).is_object()) refuse(Kind::wrong_status, "a bead never changes");
  if (bead.commit.empty()) bead.commit = commit;
  if (bead.agent.empty()) bead.agent = op.actor.name;
  bead.time = op.time;
  bead.operation = op.id;
  save(bead);
}

namespace {
const Json& member(const Json& of, const char* key) {
  static const Json none;
  const auto found = of.is_object() ? of.find(key) : of.end();
  return found == of.end() ? none : *found;
}
}  // namespace

void Judge::leave_messages() {
  constexpr std::size_t kMaxMessages = 32, kMaxMessage = 2000, kMaxName = 100;
  const Json& tell = member(op.args, "tell");
  if (!known_ || !tell.is_array()) return;
  const bool refusal = op.kind == "refused";
  const std::string task = get_string(refusal ? member(member(op.args, "op"), "args") : op.args, "task");
  for (std::size_t n = 0; n < tell.size() && n < kMaxMessages; ++n) {
    const Json& message = tell[n];
    const std::string id = get_string(message, "id"), to = get_string(message, "to");
    if (!is_id(id) || to.empty() || state.object("messages", id).is_object()) continue;
    put("messages", id,
        {{"id", id},
         {"from", refusal ? "git-agent" : fit(op.actor.name, kMaxName)},
         {"to", fit(to, kMaxName)},
         {"task", is_id(task) ? task : ""},
         {"text", fit(get_string(message, "text"), kMaxMessage)},
         {"time", format_time(op.time)}});
  }
}

void Judge::leave_alone() {
  known_ = false;
  outcome.summary = sanitize_line(op.kind) + " (made by a newer version)";
}

void Judge::summary(const std::string& verb, const Task& task) {
  outcome.summary = "task " + task.slug + ": " + verb + " (" + sanitize_line(op.actor.name) + ")";
}

}  // namespace detail

std::string object_hash(const Json& object) { return object.is_null() ? "" : sha256_hex(canonical(object)); }

namespace {
Outcome refused(Refusal refusal) {
  Outcome outcome;
  outcome.refusal = std::move(refusal);
  return outcome;
}
}  // namespace

Outcome apply(State& state, const Operation& op) {
  if (!op.args.is_object()) return refused({Kind::usage, "the operation's arguments are no object", {}});
  detail::Judge judge(state, op);
  try {
    if (starts_with(op.kind, "task.")) detail::apply_task_operation(judge);
    else if (op.kind == "reflect" || starts_with(op.kind, "learn.")) detail::apply_learning_operation(judge);
    else if (starts_with(op.kind, "plan.") || starts_with(op.kind, "approval.")) detail::apply_trust_operation(judge);
    else if (starts_with(op.kind, "review.")) detail::apply_review_operation(judge);
    else detail::apply_team_operation(judge);
    judge.leave_messages();
  } catch (detail::Refused& no) {
    return refused(std::move(no.refusal));
  } catch (const Json::exception& error) {
    return refused({Kind::usage, std::string("the operation's arguments are malformed: ") + error.what(), {}});
  }
  return judge.finish();
}

}  // namespace ga::model
