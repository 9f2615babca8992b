#include "gates/policy.hh"

#include <algorithm>
#include <iterator>
#include <set>

#include "gates/policy-reader.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/glob.hh"
#include "util/process.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::gates {
namespace {

constexpr std::size_t kMaxPolicyBytes = 1u << 20;

/// Names become file names and environment values.
bool is_plain_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 63 && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), fits);
}

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), fits);
}

/// Variables that hold credentials, steer Git or are set by us: no gate gets them from outside.
bool is_withheld(const std::string& name) {
  const std::string low = lower_ascii(name);
  for (const char* part : {"token", "secret", "key", "passw", "credential", "auth"})
    if (low.find(part) != std::string::npos) return true;
  if (starts_with(low, "git_") || starts_with(low, "ld_") || starts_with(low, "ssh_")) return true;
  static const std::set<std::string> ours = {"path", "home", "tmpdir"};
  return ours.count(low) > 0;
}

void read_command(const PolicyTable& table, Gate& gate) {
  table.text("run", gate.run);
  table.flag("shell", gate.shell);
  if (trim(gate.run).empty()) table.refuse("run", "is missing: the command that judges");
  if (gate.run.find('\0') != std::string::npos) table.refuse("run", "holds a NUL character");
  if (gate.shell) {
    gate.argv = {"sh", "-c", gate.run};
    return;
  }
  const auto words = split_words(gate.run);
  if (!words) table.refuse("run", "has a quote that is not closed");
  if (words->empty() || words->front().empty()) table.refuse("run", "names no program");
  gate.argv = *words;
}

void read_events(const PolicyTable& table, Gate& gate) {
  table.strings("on", gate.on);
  if (gate.on.empty()) table.refuse("on", "is missing: the events it judges, of pre-commit, task-done, merge");
  for (const std::string& event : gate.on)
    if (event != "pre-commit" && event != "task-done" && event != "merge")
      table.refuse("on", "names '" + sanitize_line(event) + "', which is no event: pre-commit, task-done or merge");
}

void read_environment(const PolicyTable& table, Gate& gate) {
  table.strings("env", gate.env);
  for (const std::string& name : gate.env) {
    if (!is_variable_name(name))
      table.refuse("env", "holds '" + sanitize_line(name) + "', which is no variable's name");
    if (is_withheld(name)) table.refuse("env", "names " + name + ", which no gate may see");
  }
}

constexpr std::string_view kReportFormats[] = {"sarif", "junit", "tap", "checkstyle"};

// "junit:build/report.xml": a file of the checkout, never one outside of it.
void read_report(const PolicyTable& table, Gate& gate) {
  std::string text;
  table.text("report", text);
  if (!table.has("report")) return;
  const auto colon = text.find(':');
  gate.report_format = text.substr(0, colon);
  gate.report_path = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (std::find(std::begin(kReportFormats), std::end(kReportFormats), gate.report_format) == std::end(kReportFormats) ||
      gate.report_path.empty())
    table.refuse("report", "must be FORMAT:FILE, the format sarif, junit, tap or checkstyle, the file '-' for "
                           "standard output");
  const std::vector<std::string> parts = split(gate.report_path, '/');
  const bool inside =
      gate.report_path == "-" ||
      (gate.report_path.front() != '/' && gate.report_path.back() != '/' &&
       std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part == ".." || part == ".git"; }));
  if (!inside || gate.report_path.find('\0') != std::string::npos)
    table.refuse("report", "must name a file of the tree, by its path from the top");
}

void read_conduct(const PolicyTable& table, Gate& gate) {
  table.number("retries", 0, 5, gate.retries);
  std::string effect = "read";
  table.one_of("effect", {"read", "write"}, effect);
  gate.writes = effect == "write";
  if (!table.has("network")) return;
  const Json& network = table.at("network");
  if (network.is_boolean()) gate.network = network.get<bool>() ? "" : "off";
  else if (network == Json("never")) gate.network = "never";
  else table.refuse("network", "must be true, false or \"never\"");
}

Quarantine read_quarantine(const PolicyTable& table) {
  Quarantine entry;
  std::string until;
  table.text("gate", entry.gate);
  table.text("test", entry.test);
  table.text("reason", entry.reason);
  table.text("until", until);
  if (entry.gate.empty()) table.refuse("gate", "is missing: the gate whose failures come and go");
  if (trim(entry.reason).empty()) table.refuse("reason", "is missing: why this may fail");
  entry.until = parse_time(until + "T23:59:59Z");
  if (entry.until < 0) table.refuse("until", "must be the last day it counts, such as \"2026-12-31\"");
  return entry;
}

Gate read_gate(const PolicyTable& table) {
  Gate gate;
  table.text("name", gate.name);
  if (gate.name.empty()) table.refuse("name", "is missing");
  if (!is_plain_name(gate.name)) table.refuse("name", "must be of letters, digits, '.', '_' and '-', at most 63");
  read_events(table, gate);
  read_command(table, gate);
  table.patterns("files", gate.files);
  table.duration("timeout", gate.timeout_seconds);
  read_environment(table, gate);
  read_conduct(table, gate);
  read_report(table, gate);
  table.flag("bite", gate.bite);
  return gate;
}

void read_gates(const PolicyTable& root, Policy& policy) {
  std::set<std::string> names;
  for (const PolicyTable& table : root.tables("gate")) {
    Gate gate = read_gate(table);
    if (!names.insert(gate.name).second) table.refuse("name", "\"" + gate.name + "\" stands twice");
    policy.gates.push_back(std::move(gate));
  }
  for (const PolicyTable& table : root.tables("quarantine")) policy.quarantine.push_back(read_quarantine(table));
}

Profile read_profile(const PolicyTable& table, const std::string& name) {
  Profile profile;
  profile.name = name;
  table.text("client", profile.client);
  table.text("model", profile.model);
  if (table.has("command") && table.at("command").is_string()) {
    const auto words = split_words(table.at("command").get<std::string>());
    if (!words) table.refuse("command", "has a quote that is not closed");
    profile.command = *words;
  } else {
    table.strings("command", profile.command);
  }
  if (table.has("command") && (profile.command.empty() || profile.command.front().empty()))
    table.refuse("command", "names no program");
  return profile;
}

void read_profiles(const PolicyTable& root, Policy& policy) {
  const PolicyTable profiles = root.table("profile");
  for (const std::string& name : profiles.keys()) {
    if (!is_plain_name(name))
      profiles.refuse(name, "is no profile's name: letters, digits, '.', '_' and '-', at most 63");
    policy.profiles[name] = read_profile(profiles.table(name), name);
  }
}

// A file of the tree, named from its root.
void read_tree_path(const PolicyTable& table, const char* key, std::string& target) {
  table.text(key, target);
  const bool plain = target.empty() || glob_error(target).empty();
  if (!plain || target.find_first_of("*?[\\") != std::string::npos || ends_with(target, "/"))
    table.refuse(key, "is no path of a file, named from the top of the repository");
}

void read_settings(const PolicyTable& root, Policy& policy) {
  const PolicyTable team = root.table("team");
  team.number("wip", 1, 1000, policy.wip);
  team.number("review-wip", 1, 1000, policy.review_wip);
  team.text("profile", policy.default_profile);
  team.text("target", policy.target);
  team.one_of("claims", {"local", "remote"}, policy.claims);
  root.table("sync").flag("auto", policy.sync_auto);
  const PolicyTable guard = root.table("guard");
  guard.number("max-iterations", 1, 1000, policy.max_iterations);
  guard.number("same-error-limit", 1, 1000, policy.same_error_limit);
  guard.patterns("protected", policy.protected_paths);
  read_tree_path(guard, "curators", policy.curators);
  read_tree_path(guard, "revoked", policy.revoked);
  guard.one_of("keys", {"any", "touch", "pin"}, policy.curator_keys);
  guard.one_of("reflection", {"required", ""}, policy.reflection);
  root.table("plan").patterns("required-for", policy.plan_required_for);
  root.table("merge").one_of("by", {"lead", "green"}, policy.merge_by);
  root.table("merge").one_of("review", {"optional", "required"}, policy.merge_review);
  root.table("gates").number("jobs", 0, 256, policy.gate_jobs);
  root.table("gates").number("flaky-evidence", 2, 100, policy.flaky_evidence);
  root.table("lock").one_of("unowned", {"take", "warn", "refuse"}, policy.unowned);
  const PolicyTable content = root.table("content");
  content.number("max-size", 0, 2'000'000'000, policy.content.max_bytes);
  content.one_of("binary", {"allow", "warn", "refuse"}, policy.content.binary);
  content.patterns("allow", policy.content.allow);
  const PolicyTable tests = root.table("tests");
  tests.one_of("erosion", {"warn", "refuse", ""}, policy.tests.erosion);
  tests.patterns("files", policy.tests.files);
}

}  // namespace

Policy parse_policy(std::string_view toml, const std::string& name) {
  if (toml.size() > kMaxPolicyBytes)
    fail_environment(sanitize_line(name) + ": the file is larger than 1 MiB", {"keep only the policy in it"});
  Policy policy;
  policy.raw = parse_toml(toml, name);
  policy.origin = name;
  const PolicyTable root(toml, name, policy.raw);
  read_settings(root, policy);
  read_gates(root, policy);
  read_profiles(root, policy);
  read_scan_policy(root, policy.scan);
  return policy;
}

Policy policy_at(const git::Repository& repo, const git::Oid& commit, const std::string& name) {
  const auto info = commit.zero() ? std::nullopt : repo.read_commit(commit);
  const auto entry = info ? repo.entry_at(info->tree, kPolicyFile) : std::nullopt;
  Policy policy;
  if (!entry) {
    policy = parse_policy("", "defaults");
    policy.scan.commit = commit;
    return policy;
  }
  const bool is_file = entry->mode == 0100644 || entry->mode == 0100755;
  if (!is_file)
    fail_environment(sanitize_line(name) + ": is no regular file",
                     {"make " + std::string(kPolicyFile) + " a plain file"});
  const auto text = repo.read_blob(entry->id);
  if (!text) fail_environment(sanitize_line(name) + ": its content is missing from the repository", {"run 'git fsck'"});
  policy = parse_policy(*text, name);
  policy.scan.commit = commit;
  return policy;
}

std::vector<Gate> Policy::gates_on(std::string_view event) const {
  std::vector<Gate> chosen;
  for (const Gate& gate : gates)
    if (event.empty() || std::find(gate.on.begin(), gate.on.end(), event) != gate.on.end()) chosen.push_back(gate);
  return chosen;
}

// One line per command, words as JSON so that no line break or quote can hide anything.
std::string Policy::executable_text() const {
  std::string text;
  for (const Gate& gate : gates) {
    text += "gate " + gate.name + " runs " + canonical(Json(gate.argv));
    if (!gate.env.empty()) text += " seeing " + canonical(Json(gate.env));
    if (!gate.network.empty()) text += " network " + gate.network;
    text += "\n";
  }
  for (const auto& [name, profile] : profiles)
    if (!profile.command.empty()) text += "profile " + name + " runs " + canonical(Json(profile.command)) + "\n";
  return text;
}

std::string Policy::trust_hash() const {
  const std::string text = executable_text();
  return text.empty() ? "" : sha256_hex(text);
}

}  // namespace ga::gates
