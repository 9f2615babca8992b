#include "work/messages.hh"

namespace ga::work {

std::vector<Json> messages_to(Project& project, const std::string& name, std::size_t limit) {
  // Others' messages lie between; so many are looked through.
  constexpr std::size_t kLook = 1000;
  std::vector<Json> found;
  std::size_t looked = 0;
  project.index().each_object("messages", "", [&](const Json& message) {
    if (found.size() == limit || looked++ == kLook) return false;
    if (get_string(message, "to") != name) return true;
    found.push_back({{"id", get_string(message, "id")},
                     {"from", get_string(message, "from")},
                     {"to", name},
                     {"task", string_or_null(get_string(message, "task"))},
                     {"text", get_string(message, "text")},
                     {"time", get_string(message, "time")},
                     {"read", get_bool(message, "read")},
                     {"ask", message.value("ask", Json())}});
    return true;
  });
  return found;
}

}  // namespace ga::work
