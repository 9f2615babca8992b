#include "cli/envelope.hh"

namespace ga::cli {

namespace {

Json error_json(const Error& error) {
  Json next = nullptr;
  if (!error.next_command().empty()) next = error.next_command();
  return {{"kind", kind_name(error.kind())}, {"message", error.what()}, {"hints", error.hints()}, {"next", next}};
}

}  // namespace

std::string json_text(const Json& value, bool ascii) {
  if (!ascii) return canonical(value);
  return value.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string answer_document(const std::string& cmd, const Json& data, bool ascii) {
  return json_text({{"v", 1}, {"cmd", cmd}, {"ok", true}, {"data", data}}, ascii) + "\n";
}

std::string failure_document(const std::string& cmd, const Error& error, bool ascii) {
  const Json data = error.data().is_object() ? error.data() : Json::object();
  const Json document = {{"v", 1}, {"cmd", cmd}, {"ok", false}, {"data", data}, {"error", error_json(error)}};
  return json_text(document, ascii) + "\n";
}

}  // namespace ga::cli
