#include "model/operation.hh"

#include <cmath>
#include <utility>

#include "util/text.hh"

namespace ga::model {
namespace {

// The members that Operation has no field for.
Json unknown_members(const Json& json) {
  Json extra = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (key == "id" || key == "kind" || key == "time" || key == "args") continue;
    if (key != "actor") {
      extra[key] = value;
    } else if (value.is_object()) {
      for (const auto& [name, member] : value.items())
        if (name != "name" && name != "role" && name != "person") extra["actor"][name] = member;
    }
  }
  return extra;
}

}  // namespace

std::string to_text(const Operation& op) {
  Json json = op.extra.is_object() ? op.extra : Json::object();
  json["id"] = op.id;
  json["kind"] = op.kind;
  json["actor"]["name"] = op.actor.name;
  json["actor"]["role"] = op.actor.role;
  json["actor"]["person"] = op.actor.person;
  json["time"] = format_time(op.time);
  json["args"] = nullptr;
  // Member by member: the arguments may be large, and need no copy.
  std::string text;
  for (const auto& [key, value] : json.items()) {
    text += (text.empty() ? "{" : ",") + canonical(key) + ":";
    text += canonical(key == "args" ? op.args : value);
  }
  return text + "}\n";
}

namespace {

bool reads_back(const Json& value, int depth) {
  constexpr int kDeep = 100;
  if (const auto* text = value.get_ptr<const Json::string_t*>()) return is_valid_utf8(*text);
  if (value.is_number_float()) return std::isfinite(value.get<double>());
  if (!value.is_structured()) return !value.is_binary() && !value.is_discarded();
  if (depth > kDeep) return false;
  for (auto member = value.begin(); member != value.end(); ++member)
    if ((value.is_object() && !is_valid_utf8(member.key())) || !reads_back(*member, depth + 1)) return false;
  return true;
}

}  // namespace

bool reads_back(const Operation& op) {
  return op.extra.empty() && is_valid_utf8(op.actor.name) && is_valid_utf8(op.actor.role) && reads_back(op.args, 0);
}

Operation operation_from_text(std::string_view text) {
  Json json = parse_json(text, "operation");
  Operation op;
  op.id = get_string(json, "id");
  op.kind = get_string(json, "kind");
  if (op.id.empty() || op.kind.empty()) fail_environment("this is no operation: " + std::string(text.substr(0, 80)));
  op.time = parse_time(get_string(json, "time"));
  if (json.contains("actor")) {
    op.actor.name = get_string(json["actor"], "name");
    op.actor.role = get_string(json["actor"], "role");
    op.actor.person = get_bool(json["actor"], "person");
  }
  if (json.contains("args")) op.args = std::move(json["args"]);
  op.extra = unknown_members(json);
  return op;
}

Error to_error(const Refusal& refusal) {
  return Error(refusal.kind, refusal.message, refusal.hints).with_data(refusal.data);
}

}  // namespace ga::model
