// What a gate may see of the person's environment: nothing but what is listed here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gates/policy.hh"
#include "git/repository.hh"

namespace ga::gates {

class GateEnvironment {
 public:
  /// With the PATH that `git agent-init` recorded (agent.path), else a plain one of the system.
  static GateEnvironment of(const git::Repository& repo);
  explicit GateEnvironment(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// "NAME=value" for one gate, whole.
  std::vector<std::string> variables(const Gate& gate, const std::string& event, const std::string& home,
                                     const std::string& tmp) const;
  /// The variables that the gate's `env` names and that are set here.
  std::vector<std::string> passed_on(const Gate& gate) const;
  /// Absolute path of a program on that PATH; "" when there is none, and for names with a '/'.
  std::string find(const std::string& program) const;

 private:
  std::string path_;
};

}  // namespace ga::gates
