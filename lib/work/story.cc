#include "work/story.hh"

#include <algorithm>
#include <ctime>
#include <map>
#include <set>
#include <utility>

#include "util/text.hh"

namespace ga::work {
namespace {

// Times are the authors' and not quite in order after a sync: so many older operations in a row end the search.
constexpr int kOlderInARow = 500;

void add_id(std::set<std::string>& ids, const std::string& id) {
  if (!id.empty()) ids.insert(id);
}

const Json& member(const Json& object, const char* key) {
  static const Json nothing;
  return object.is_object() && object.contains(key) ? object[key] : nothing;
}

void collect(const Json& args, const std::function<std::string(const std::string&)>& run_task,
             std::set<std::string>& ids) {
  add_id(ids, get_string(args, "task"));
  add_id(ids, get_string(member(args, "run"), "task"));
  add_id(ids, get_string(member(args, "bead"), "task"));
  if (const std::string run = get_string(args, "run"); !run.empty()) add_id(ids, run_task(run));
  if (member(args, "tasks").is_array())
    for (const Json& task : args["tasks"]) {
      add_id(ids, task.is_string() ? task.get<std::string>() : get_string(task, "id"));
      add_id(ids, get_string(task, "parent"));
    }
  if (member(args, "restore").is_array())
    for (const Json& item : args["restore"])
      if (get_string(item, "folder") == "tasks") add_id(ids, get_string(item, "id"));
  // A refused operation holds the original.
  if (member(args, "op").is_object()) collect(member(args["op"], "args"), run_task, ids);
}

// What a person wrote with it.
std::vector<std::string> details_of(const model::Operation& op) {
  std::vector<std::string> texts;
  for (const char* key : {"text", "evidence", "why"}) texts.push_back(get_string(op.args, key));
  const Json& bead = member(op.args, "bead");
  if (const std::string text = get_string(bead, "text"); !text.empty())
    texts.push_back(get_string(bead, "kind") + ": " + text);
  if (op.kind == "refused") texts.push_back("refused: " + get_string(op.args, "reason"));
  std::vector<std::string> lines;
  for (const std::string& text : texts)
    for (const std::string& line : split_lines(text))
      if (!trim(line).empty()) lines.push_back(sanitize_line(line));
  return lines;
}

}  // namespace

std::vector<std::string> tasks_of(const model::Operation& op,
                                  const std::function<std::string(const std::string&)>& run_task) {
  std::set<std::string> ids;
  collect(op.args, run_task, ids);
  return {ids.begin(), ids.end()};
}

Json to_json(const StoryLine& line) {
  const std::string own = get_string(line.op.args, "task");
  const std::string task = !own.empty() ? own : line.tasks.size() == 1 ? line.tasks.front() : "";
  return {{"op", line.op.id},
          {"kind", line.op.kind},
          {"actor", {{"name", line.op.actor.name}, {"role", line.op.actor.role}, {"person", line.op.actor.person}}},
          {"time", format_time(line.op.time)},
          {"summary", line.summary},
          {"task", string_or_null(task)},
          {"tasks", line.tasks},
          {"details", line.details},
          {"commit", line.commit.hex()}};
}

namespace {

// Makes lines of operations; knows which task a run was for.
class Teller {
 public:
  explicit Teller(Project& project) : state_(project.ledger().state()) {}

  StoryLine line(const ledger::Entry& entry) {
    const auto run_task = [&](const std::string& run) {
      const auto [place, is_new] = runs_.try_emplace(run);
      if (is_new) place->second = get_string(state_.object("runs", run), "task");
      return place->second;
    };
    return {entry.op, entry.commit, sanitize_line(entry.summary), tasks_of(entry.op, run_task), details_of(entry.op)};
  }

 private:
  ledger::LedgerState state_;
  std::map<std::string, std::string> runs_;
};

void each_line_backwards(Project& project, Teller& teller, const StoryFilter& filter,
                         const std::function<bool(const StoryLine&)>& visit) {
  int older = 0;
  std::int64_t left = filter.limit;
  project.ledger().walk([&](const ledger::Entry& entry) {
    if (left == 0 || (!filter.until.zero() && entry.commit == filter.until)) return false;
    if (entry.op.time < filter.since) return ++older < kOlderInARow;
    older = 0;
    const StoryLine line = teller.line(entry);
    if (!filter.task.empty() && std::find(line.tasks.begin(), line.tasks.end(), filter.task) == line.tasks.end())
      return true;
    if (left > 0) --left;
    return visit(line);
  });
}

}  // namespace

void each_line(Project& project, const StoryFilter& filter, const std::function<bool(const StoryLine&)>& visit) {
  Teller teller(project);
  if (!filter.oldest_first) return each_line_backwards(project, teller, filter, visit);
  // The ledger is a line that leads back only: its commits are kept, not what they say.
  std::vector<git::Oid> commits;
  each_line_backwards(project, teller, filter, [&](const StoryLine& line) {
    commits.push_back(line.commit);
    return true;
  });
  for (auto at = commits.rbegin(); at != commits.rend(); ++at)
    if (const auto entry = project.ledger().entry(*at); entry && !visit(teller.line(*entry))) return;
}

std::vector<StoryLine> story(Project& project, const StoryFilter& filter) {
  std::vector<StoryLine> lines;
  each_line(project, filter, [&](const StoryLine& line) {
    lines.push_back(line);
    return true;
  });
  return lines;
}

Time parse_date(Project& project, const std::string& words) {
  if (const Time exact = parse_time(words); exact >= 0) return exact;
  git::GitOptions options;
  options.cwd = project.repo().common_dir();
  // Git turns the words into "--max-age=SECONDS".
  const std::string answer = git::git_or_fail({"rev-parse", "--since=" + words}, options);
  const std::string prefix = "--max-age=";
  const std::string seconds = starts_with(answer, prefix) ? answer.substr(prefix.size()) : "";
  if (seconds.empty() || seconds.size() > 12 || seconds.find_first_not_of("0123456789") != std::string::npos)
    fail_usage("'" + sanitize_line(fit(words, 60)) + "' is no date",
               {"dates are Git's: 'yesterday', '2 hours ago', '2026-01-02 10:00'"});
  return std::stoll(seconds);
}

std::string local_time(Time time) {
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  char text[32];
  if (localtime_r(&seconds, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) == 0)
    return format_time(time);
  return text;
}

git::Oid ledger_at(Project& project, Time time) {
  git::Oid found;
  project.ledger().walk([&](const ledger::Entry& entry) {
    if (entry.op.time > time) return true;
    found = entry.commit;
    return false;
  });
  return found;
}

}  // namespace ga::work
