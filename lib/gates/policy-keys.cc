#include <algorithm>

#include "gates/policy.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

/// Adds the keys of a table that nothing reads. `name` is the key as config_keys() writes it, `shown` as
/// it stands in the file.
void collect_unknown(const Json& value, const std::string& name, const std::string& shown,
                     std::vector<std::string>& unknown) {
  const auto& known = config_keys();
  if (!name.empty() && std::find(known.begin(), known.end(), name) != known.end()) return;
  if (value.is_array() && (name == "gate" || name == "rule" || name == "quarantine")) {
    for (const Json& element : value) collect_unknown(element, name, shown, unknown);
    return;
  }
  const std::string prefix = name + ".";
  const bool is_group = name.empty() || std::any_of(known.begin(), known.end(),
                                                    [&](const std::string& key) { return starts_with(key, prefix); });
  if (!is_group || !value.is_object()) {
    add_once(unknown, shown);
    return;
  }
  for (const auto& item : value.items()) {
    // No key that is read is empty, but an empty one would pass for the table around it.
    if (item.key().empty()) {
      add_once(unknown, shown + (name.empty() ? "" : ".") + "\"\"");
      continue;
    }
    const std::string key = name == "profile" ? "NAME" : item.key();
    const std::string dot = name.empty() ? "" : ".";
    collect_unknown(item.value(), name + dot + key, shown + dot + item.key(), unknown);
  }
}

}  // namespace

const std::vector<std::string>& config_keys() {
  static const std::vector<std::string> keys = {
      "team.wip",
      "team.review-wip",
      "team.profile",
      "team.target",
      "team.claims",
      "sync.auto",
      "guard.max-iterations",
      "guard.same-error-limit",
      "guard.protected",
      "guard.curators",
      "guard.revoked",
      "guard.keys",
      "guard.reflection",
      "plan.required-for",
      "merge.by",
      "merge.review",
      "gates.jobs",
      "gates.flaky-evidence",
      "lock.unowned",
      "content.max-size",
      "content.binary",
      "content.allow",
      "tests.erosion",
      "tests.files",
      "profile.NAME.client",
      "profile.NAME.model",
      "profile.NAME.command",
      "gate.name",
      "gate.on",
      "gate.run",
      "gate.shell",
      "gate.files",
      "gate.timeout",
      "gate.env",
      "gate.retries",
      "gate.effect",
      "gate.network",
      "gate.report",
      "quarantine.gate",
      "quarantine.test",
      "quarantine.reason",
      "quarantine.until",
      "scan.config",
      "scan.max-size",
      "scan.time-limit",
      "scan.decode-depth",
      "rule.id",
      "rule.regex",
      "rule.description",
      "rule.files",
      "rule.on",
      "rule.keywords",
      "rule.entropy",
      "rule.secret-group",
      "rule.level",
      "gate.bite",
  };
  return keys;
}

std::vector<std::string> unknown_keys(const Policy& policy) {
  std::vector<std::string> unknown;
  collect_unknown(policy.raw, "", "", unknown);
  return unknown;
}

}  // namespace ga::gates
