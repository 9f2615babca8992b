#include "model/approval.hh"

#include "model/members.hh"
#include "util/text.hh"

namespace ga::model {
namespace {

constexpr std::size_t kIdDigits = 32;

}  // namespace

Json to_json(const Approval& a) {
  Json out = {{"id", a.id}, {"kind", a.kind}, {"statement", a.statement}, {"curator", a.curator}};
  put(out, "signature", a.signature);
  put(out, "task", a.task);
  put(out, "why", a.why);
  out["time"] = format_time(a.time);
  return out;
}

Approval approval_from_json(const Json& j) {
  Approval a;
  a.id = get_string(j, "id");
  a.kind = get_string(j, "kind");
  a.statement = get_string(j, "statement");
  a.signature = get_string(j, "signature");
  a.curator = get_string(j, "curator");
  a.task = get_string(j, "task");
  a.why = get_string(j, "why");
  a.time = time_member(j, "time");
  return a;
}

std::string approval_id(std::string_view statement, std::string_view signature) {
  // Neither can hold a NUL, so that no two pairs make the same text.
  return sha256_hex(std::string(statement) + '\0' + std::string(signature)).substr(0, kIdDigits);
}

Json to_json(const Plan& p) {
  Json out = {{"id", p.id}, {"task", p.task}, {"text", p.text}, {"content", p.content}, {"state", p.state}};
  put(out, "by", p.by);
  put(out, "reason", p.reason);
  put(out, "decided_by", p.decided_by);
  put(out, "approval", p.approval);
  put(out, "replaces", p.replaces);
  out["time"] = format_time(p.time);
  if (p.decided != 0) out["decided"] = format_time(p.decided);
  return out;
}

Plan plan_from_json(const Json& j) {
  Plan p;
  p.id = get_string(j, "id");
  p.task = get_string(j, "task");
  p.text = get_string(j, "text");
  p.content = get_string(j, "content");
  p.by = get_string(j, "by");
  p.time = time_member(j, "time");
  p.state = get_string(j, "state");
  p.reason = get_string(j, "reason");
  p.decided_by = get_string(j, "decided_by");
  p.decided = time_member(j, "decided");
  p.approval = get_string(j, "approval");
  p.replaces = get_string(j, "replaces");
  return p;
}

std::string plan_content(std::string_view text) { return sha256_hex(text); }

}  // namespace ga::model
