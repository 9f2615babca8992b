#include "gates/environment.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "git/cli.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr const char* kPlainPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool is_program(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

GateEnvironment GateEnvironment::of(const git::Repository& repo) {
  const auto config = git::Config::load(repo.common_dir());
  return GateEnvironment(config.get("agent.path").value_or(kPlainPath));
}

std::vector<std::string> GateEnvironment::variables(const Gate& gate, const std::string& event, const std::string& home,
                                                    const std::string& tmp) const {
  std::vector<std::string> all = {"PATH=" + path_,
                                  "HOME=" + home,
                                  "TMPDIR=" + tmp,
                                  "LANG=C.UTF-8",
                                  "TERM=dumb",
                                  "GIT_AGENT_GATE=" + gate.name,
                                  "GIT_AGENT_EVENT=" + event};
  for (const char* name : {"USER", "LOGNAME", "TZ"})
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  for (std::string& variable : passed_on(gate)) all.push_back(std::move(variable));
  return all;
}

std::vector<std::string> GateEnvironment::passed_on(const Gate& gate) const {
  std::vector<std::string> found;
  for (const std::string& name : gate.env)
    if (const char* value = std::getenv(name.c_str())) found.push_back(name + "=" + value);
  return found;
}

std::string GateEnvironment::find(const std::string& program) const {
  if (program.empty() || program.find('/') != std::string::npos) return "";
  for (const std::string& dir : split(path_, ':')) {
    // Only absolute entries: a relative one would be the tree's, that is the agent's.
    if (dir.empty() || dir.front() != '/') continue;
    if (const std::string file = dir + "/" + program; is_program(file)) return file;
  }
  return "";
}

}  // namespace ga::gates
