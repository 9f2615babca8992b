#include "model/bead.hh"

#include <algorithm>
#include <initializer_list>

#include "model/members.hh"
#include "util/text.hh"

namespace ga::model {
namespace {

Json unknown_members(const Json& j, std::initializer_list<const char*> known) {
  Json extra = Json::object();
  for (const auto& [key, value] : j.items())
    if (std::none_of(known.begin(), known.end(), [&, &k = key](const char* name) { return k == name; }))
      extra[key] = value;
  return extra;
}

// "test pass, 1.2 s, 41 tests (merge)" for each verdict the bead is about.
std::vector<std::string> verdict_lines(const Bead& bead) {
  constexpr std::size_t kMaxLines = 32;
  std::vector<std::string> lines;
  const auto gates = bead.extra.is_object() ? bead.extra.find("gates") : bead.extra.end();
  if (gates == bead.extra.end() || !gates->is_array()) return lines;
  for (const Json& gate : *gates) {
    if (lines.size() == kMaxLines) break;
    const std::int64_t tenths = (get_int(gate, "milliseconds") + 50) / 100;
    std::string line = sanitize_line(get_string(gate, "gate")) + " " + sanitize_line(get_string(gate, "verdict")) +
                       ", " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    if (const std::string coverage = get_string(gate, "coverage"); !coverage.empty())
      line += ", " + sanitize_line(fit(coverage, 100));
    if (get_bool(gate, "flaky")) line += ", flaky";
    if (const std::int64_t excused = get_int(gate, "quarantined"); excused > 0)
      line += ", " + std::to_string(excused) + " quarantined";
    lines.push_back(line + " (" + sanitize_line(get_string(gate, "event")) + ")");
  }
  return lines;
}

}  // namespace

Json to_json(const Bead& b) {
  Json out = b.extra.is_object() ? b.extra : Json::object();
  out["id"] = b.id;
  out["kind"] = b.kind;
  out["text"] = b.text;
  put(out, "task", b.task);
  put(out, "commit", b.commit);
  put(out, "agent", b.agent);
  put(out, "client", b.client);
  put(out, "model", b.model);
  put(out, "evidence", b.evidence);
  put(out, "supersedes", b.supersedes);
  put(out, "operation", b.operation);
  out["time"] = format_time(b.time);
  return out;
}

Bead bead_from_json(const Json& j) {
  Bead b;
  b.id = get_string(j, "id");
  b.kind = get_string(j, "kind");
  b.text = get_string(j, "text");
  b.task = get_string(j, "task");
  b.commit = get_string(j, "commit");
  b.agent = get_string(j, "agent");
  b.client = get_string(j, "client");
  b.model = get_string(j, "model");
  b.evidence = get_string(j, "evidence");
  b.supersedes = get_string(j, "supersedes");
  b.operation = get_string(j, "operation");
  b.time = parse_time(get_string(j, "time"));
  b.extra = unknown_members(j, {"id", "kind", "text", "task", "commit", "agent", "client", "model", "evidence",
                                "supersedes", "operation", "time"});
  return b;
}

std::string note_text(const Bead& b, const std::string& task_slug) {
  std::string head = b.kind;
  if (!head.empty() && head[0] >= 'a' && head[0] <= 'z') head[0] = static_cast<char>(head[0] - 'a' + 'A');
  std::string about;
  if (!task_slug.empty()) about += "task " + task_slug;
  if (!b.agent.empty()) about += (about.empty() ? "by " : ", by ") + b.agent;
  if (b.time > 0) about += (about.empty() ? "" : ", ") + format_time(b.time);
  std::string out = head + " [" + b.id.substr(0, 8) + "] (" + about + "):\n";
  for (const std::string& line : split_lines(b.text)) out += "  " + sanitize_line(line) + "\n";
  for (const std::string& line : verdict_lines(b)) out += "  Gate: " + line + "\n";
  if (!b.evidence.empty()) out += "  Evidence: " + sanitize_line(b.evidence) + "\n";
  if (!b.supersedes.empty()) out += "  Supersedes: " + b.supersedes.substr(0, 8) + "\n";
  return out;
}

Json to_json(const Run& r) {
  Json out = r.extra.is_object() ? r.extra : Json::object();
  out["id"] = r.id;
  out["task"] = r.task;
  out["agent"] = r.agent;
  put(out, "profile", r.profile);
  put(out, "client", r.client);
  put(out, "host", r.host);
  put(out, "branch", r.branch);
  put(out, "base", r.base);
  out["state"] = r.state;
  if (r.exit_code != 0) out["exit_code"] = r.exit_code;
  put(out, "reason", r.reason);
  out["started"] = format_time(r.started);
  if (r.ended != 0) out["ended"] = format_time(r.ended);
  return out;
}

Run run_from_json(const Json& j) {
  Run r;
  r.id = get_string(j, "id");
  r.task = get_string(j, "task");
  r.agent = get_string(j, "agent");
  r.profile = get_string(j, "profile");
  r.client = get_string(j, "client");
  r.host = get_string(j, "host");
  r.branch = get_string(j, "branch");
  r.base = get_string(j, "base");
  r.state = get_string(j, "state");
  r.exit_code = static_cast<int>(get_int(j, "exit_code"));
  r.reason = get_string(j, "reason");
  r.started = parse_time(get_string(j, "started"));
  const std::string ended = get_string(j, "ended");
  r.ended = ended.empty() ? 0 : parse_time(ended);
  r.extra = unknown_members(j, {"id", "task", "agent", "profile", "client", "host", "branch", "base", "state",
                                "exit_code", "reason", "started", "ended"});
  return r;
}

}  // namespace ga::model
