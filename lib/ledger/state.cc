#include <algorithm>

#include "ledger/ledger.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::ledger {

Json LedgerState::object(const std::string& folder, const std::string& id) {
  if (id.empty() || tree_.zero() || (folder == "tasks" && !has_tasks())) return {};
  const std::string path = model::object_path(folder, id);
  const auto entry = repo_.entry_at(tree_, path);
  if (!entry) return {};
  const auto blob = repo_.read_blob(entry->id);
  if (!blob) fail_environment("the ledger's object " + path + " is missing", {"git agent-doctor"});
  return parse_toml(*blob, path);
}

// A ledger's first tasks come many at a time: then nothing need be asked about each.
bool LedgerState::has_tasks() {
  if (!has_tasks_) has_tasks_ = !tree_.zero() && repo_.entry_at(tree_, "tasks").has_value();
  return *has_tasks_;
}

namespace {
// A projection is only a hint: keep the ids whose object really says so.
template <typename Predicate>
std::vector<std::string> confirmed(model::State& state, const char* folder, std::vector<std::string> ids,
                                   Predicate says_so) {
  ids.erase(std::remove_if(ids.begin(), ids.end(),
                           [&](const std::string& id) {
                             const Json object = state.object(folder, id);
                             return !object.is_object() || !says_so(object);
                           }),
            ids.end());
  return ids;
}
}  // namespace

std::vector<std::string> LedgerState::children(const std::string& task) {
  if (!has_tasks()) return {};
  return confirmed(*this, "tasks", projection_.children(task),
                   [&](const Json& j) { return get_string(j, "parent") == task; });
}

std::vector<std::string> LedgerState::dependents(const std::string& task) {
  if (!has_tasks()) return {};
  return confirmed(*this, "tasks", projection_.dependents(task), [&](const Json& j) {
    const auto needs = get_strings(j, "needs");
    return std::find(needs.begin(), needs.end(), task) != needs.end();
  });
}

std::string LedgerState::task_by_slug(const std::string& slug) {
  if (!has_tasks()) return "";
  const std::string id = projection_.task_by_slug(slug);
  if (id.empty() || get_string(object("tasks", id), "slug") != slug) return "";
  return id;
}

std::vector<std::string> LedgerState::locked_tasks() {
  return confirmed(*this, "tasks", projection_.locked_tasks(),
                   [](const Json& j) { return !get_strings(j, "locked").empty(); });
}

std::vector<std::string> LedgerState::beads_of(const std::string& task) {
  return confirmed(*this, "beads", projection_.beads_of(task),
                   [&](const Json& j) { return get_string(j, "task") == task; });
}

std::optional<std::pair<std::string, std::string>> parse_object_path(std::string_view path) {
  // folder/a/b/c/<id>.toml
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || path.size() < slash + 8) return std::nullopt;
  const std::string_view name = path.substr(slash + 7);
  if (!ends_with(name, ".toml") || name.find('/') != std::string_view::npos) return std::nullopt;
  return std::pair{std::string(path.substr(0, slash)), std::string(name.substr(0, name.size() - 5))};
}

void check_format(const git::Repository& repo, const git::Oid& tree) {
  const auto entry = repo.entry_at(tree, "format");
  const auto blob = entry ? repo.read_blob(entry->id) : std::nullopt;
  if (!blob) fail_environment("refs/agent/ledger is no ledger: it has no 'format'", {"git agent-doctor"});
  const Json format = parse_toml(*blob, "format");
  if (get_int(format, "min-writer", 1) > kFormatVersion)
    throw Error(Kind::newer_version, "this ledger needs a newer git-agent",
                {"upgrade git-agent on this machine; reading still works"});
}

}  // namespace ga::ledger
