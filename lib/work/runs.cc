#include "work/runs.hh"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "model/names.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

Json to_json(const ProcessId& process) {
  return {{"pid", process.pid}, {"start", process.start}, {"boot", process.boot}};
}

ProcessId process_from(const Json& object, const char* key) {
  ProcessId process;
  if (!object.contains(key) || !object[key].is_object()) return process;
  process.pid = static_cast<pid_t>(get_int(object[key], "pid"));
  process.start = static_cast<std::uint64_t>(get_int(object[key], "start"));
  process.boot = get_string(object[key], "boot");
  return process;
}

constexpr std::pair<const char*, std::string RunRecord::*> kTexts[] = {
    {"id", &RunRecord::id},         {"task", &RunRecord::task},
    {"slug", &RunRecord::slug},     {"agent", &RunRecord::agent},
    {"role", &RunRecord::role},     {"profile", &RunRecord::profile},
    {"client", &RunRecord::client}, {"branch", &RunRecord::branch},
    {"base", &RunRecord::base},     {"worktree", &RunRecord::worktree},
    {"log", &RunRecord::log},       {"fence", &RunRecord::fence},
    {"state", &RunRecord::state},   {"reason", &RunRecord::reason}};

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path lock_file(Project& project, const std::string& name) {
  const fs::path folder = project.agent_dir() / "locks";
  make_directories(folder);
  return folder / name;
}

/// The last `bytes` of a file from `offset` on.
std::string tail_of(const std::string& file, std::int64_t offset, std::size_t bytes) {
  const std::unique_ptr<FILE, int (*)(FILE*)> log(std::fopen(file.c_str(), "re"), &std::fclose);
  if (!log || std::fseek(log.get(), 0, SEEK_END) != 0) return "";
  const long size = std::ftell(log.get());
  const long begin = std::max<long>(static_cast<long>(offset), size - static_cast<long>(bytes));
  if (begin >= size || std::fseek(log.get(), begin, SEEK_SET) != 0) return "";
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), log.get()));
  return text;
}

}  // namespace

Json to_json(const RunRecord& run) {
  Json out = Json::object();
  for (const auto& [key, member] : kTexts) out[key] = run.*member;
  out["runner"] = to_json(run.runner);
  out["process"] = to_json(run.process);
  out["session"] = run.session;
  out["exit_code"] = run.exit_code;
  out["started"] = run.started;
  out["ended"] = run.ended;
  out["argv"] = run.argv;
  out["log_offset"] = run.log_offset;
  out["new_branch"] = run.new_branch;
  out["new_worktree"] = run.new_worktree;
  out["parents"] = run.parents;
  return out;
}

RunRecord run_record_from_json(const Json& json) {
  RunRecord run;
  for (const auto& [key, member] : kTexts) run.*member = get_string(json, key);
  run.runner = process_from(json, "runner");
  run.process = process_from(json, "process");
  run.session = static_cast<pid_t>(get_int(json, "session"));
  run.exit_code = static_cast<int>(get_int(json, "exit_code"));
  run.started = get_int(json, "started");
  run.ended = get_int(json, "ended");
  run.argv = get_strings(json, "argv");
  run.log_offset = get_int(json, "log_offset");
  run.new_branch = get_bool(json, "new_branch");
  run.new_worktree = get_bool(json, "new_worktree");
  run.parents = get_strings(json, "parents");
  return run;
}

Json view(const RunRecord& run) {
  const bool ended = run.ended != 0;
  return {{"id", run.id},
          {"task", run.task},
          {"slug", run.slug},
          {"agent", run.agent},
          {"role", run.role},
          {"profile", string_or_null(run.profile)},
          {"client", string_or_null(run.client)},
          {"branch", starts_with(run.branch, "refs/heads/") ? run.branch.substr(11) : run.branch},
          {"base", run.base},
          {"worktree", run.worktree},
          {"log", string_or_null(run.log)},
          {"state", run.state},
          {"pid", run.process.pid != 0 ? Json(run.process.pid) : Json()},
          {"runner", run.runner.pid != 0 ? Json(run.runner.pid) : Json()},
          {"exit_code", ended && run.exit_code >= 0 ? Json(run.exit_code) : Json()},
          {"reason", string_or_null(run.reason)},
          {"started", run.started != 0 ? Json(format_time(run.started)) : Json()},
          {"ended", ended ? Json(format_time(run.ended)) : Json()}};
}

fs::path run_file(Project& project, const std::string& slug) {
  return project.agent_dir() / "runs" / (model::path_slug(slug) + ".json");
}

fs::path runner_lock(Project& project, const std::string& slug) {
  return lock_file(project, model::path_slug(slug) + ".run");
}

fs::path stop_file(Project& project, const std::string& slug) {
  return project.agent_dir() / "runs" / (model::path_slug(slug) + ".stop");
}

FileLock lock_run(Project& project, const std::string& slug, double seconds) {
  return FileLock::acquire(lock_file(project, model::path_slug(slug) + ".spin"), seconds,
                           "the lock on the run of '" + slug + "'");
}

std::optional<RunRecord> load_run(Project& project, const std::string& slug) {
  const auto text = read_file(run_file(project, slug), 4u << 20);
  if (!text) return std::nullopt;
  const Json json = Json::parse(*text, nullptr, false);
  // What cannot be read is as good as none: the ledger and the worktrees tell the rest.
  if (!json.is_object() || get_string(json, "slug") != slug) return std::nullopt;
  return run_record_from_json(json);
}

std::vector<RunRecord> load_runs(Project& project) {
  std::vector<RunRecord> runs;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(project.agent_dir() / "runs", none))
    if (entry.path().extension() == ".json")
      if (auto run = load_run(project, entry.path().stem().string())) runs.push_back(std::move(*run));
  std::sort(runs.begin(), runs.end(), [](const RunRecord& a, const RunRecord& b) {
    return std::tie(a.started, a.slug) < std::tie(b.started, b.slug);
  });
  return runs;
}

void save_run(Project& project, const RunRecord& run) {
  make_directories(project.agent_dir() / "runs");
  write_file_atomic(run_file(project, run.slug),
                    to_json(run).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void remove_run(Project& project, const std::string& slug) {
  remove_tree(run_file(project, slug));
  remove_tree(stop_file(project, slug));
}

bool is_alive(const RunRecord& run) { return run.process.pid != 0 && is_alive(run.process); }

bool is_at_work(Project& project, const RunRecord& run) {
  if (run.state == "running") return is_alive(run) || (run.runner.pid != 0 && is_alive(run.runner));
  if (run.state != "starting") return false;
  return is_alive(run) || !FileLock::try_acquire(lock_file(project, model::path_slug(run.slug) + ".spin"));
}

std::string state_now(Project& project, const RunRecord& run) {
  if (run.state == "running" && !is_at_work(project, run)) return "exited";
  return run.state;
}

std::string last_lines(const RunRecord& run, std::size_t lines, std::size_t bytes) {
  std::vector<std::string> all = split_lines(tail_of(run.log, run.log_offset, bytes));
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  std::string text;
  for (const std::string& line : all) text += sanitize_line(line) + "\n";
  return text;
}

std::optional<RunRecord> current_run(Project& project) {
  std::error_code none;
  if (!fs::exists(project.agent_dir() / "runs", none)) return std::nullopt;
  const std::vector<RunRecord> runs = load_runs(project);
  if (const std::string fence = env("GIT_AGENT_FENCE"); !fence.empty()) {
    const auto found = std::find_if(runs.begin(), runs.end(), [&](const RunRecord& r) { return r.fence == fence; });
    return found == runs.end() ? std::nullopt : std::optional(*found);
  }
  const auto live = [](const RunRecord& r) { return r.state == "running" || r.state == "starting"; };
  if (std::none_of(runs.begin(), runs.end(), live)) return std::nullopt;
  pid_t pid = ::getppid();
  for (int level = 0; level < 64 && pid > 1; ++level, pid = parent_of(pid))
    for (const RunRecord& run : runs)
      if (live(run) &&
          ((run.runner.pid == pid && is_alive(run.runner)) || (run.process.pid == pid && is_alive(run.process))))
        return run;
  return std::nullopt;
}

}  // namespace ga::work
