#include "model/operation.hh"

#include <utility>

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

std::string to_text(Operation op) {
  Json json = op.extra.is_object() ? std::move(op.extra) : Json::object();
  json["id"] = op.id;
  json["kind"] = op.kind;
  json["actor"]["name"] = op.actor.name;
  json["actor"]["role"] = op.actor.role;
  json["actor"]["person"] = op.actor.person;
  json["time"] = format_time(op.time);
  json["args"] = std::move(op.args);
  return canonical(json) + "\n";
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
