#include "model/operation.hh"

namespace ga::model {

std::string to_text(const Operation& op) {
  return canonical(Json{{"id", op.id},
                        {"kind", op.kind},
                        {"actor", {{"name", op.actor.name}, {"role", op.actor.role}, {"person", op.actor.person}}},
                        {"time", format_time(op.time)},
                        {"args", op.args}}) +
         "\n";
}

Operation operation_from_text(std::string_view text) {
  const Json json = parse_json(text, "operation");
  Operation op;
  op.id = get_string(json, "id");
  op.kind = get_string(json, "kind");
  op.time = parse_time(get_string(json, "time"));
  if (json.is_object() && json.contains("actor")) {
    op.actor.name = get_string(json["actor"], "name");
    op.actor.role = get_string(json["actor"], "role");
    op.actor.person = get_bool(json["actor"], "person");
  }
  if (json.is_object() && json.contains("args")) op.args = json["args"];
  if (op.id.empty() || op.kind.empty()) fail_environment("this is no operation: " + std::string(text.substr(0, 80)));
  return op;
}

}  // namespace ga::model
