#include "util/process-env.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace ga {

namespace {

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

bool is_replaced(const Command& command, std::string_view name) {
  if (command.set_env.count(std::string(name)) > 0) return true;
  return std::find(command.unset_env.begin(), command.unset_env.end(), name) != command.unset_env.end();
}

}  // namespace

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Environment::Environment(const Command& command)
    : ours_(!command.clean_env && command.set_env.empty() && command.unset_env.empty()) {
  if (ours_) return;
  const auto keep = [&](std::string_view variable) {
    if (!is_replaced(command, name_of(variable))) strings_.emplace_back(variable);
  };
  if (command.clean_env)
    for (const std::string& variable : *command.clean_env) keep(variable);
  else
    for (char** variable = environ; variable && *variable; ++variable) keep(*variable);
  for (const auto& [name, value] : command.set_env) strings_.push_back(name + "=" + value);
  pointers_ = pointers_to(strings_);
}

char* const* Environment::get() const { return ours_ ? environ : pointers_.data(); }

int open_output_file(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

}  // namespace ga
