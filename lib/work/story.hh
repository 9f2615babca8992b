// The story the ledger tells: what happened, when, by whom.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// One operation as a line of the story.
struct StoryLine {
  model::Operation op;
  git::Oid commit;
  std::string summary;               ///< safe to show
  std::vector<std::string> tasks;    ///< ids of the tasks it is about, in no particular order
  std::vector<std::string> details;  ///< what was written with it: a note's text, a bead, a reason
};
Json to_json(const StoryLine& line);

struct StoryFilter {
  std::string task;  ///< id; "": all
  Time since = 0;
  std::int64_t limit = -1;  ///< how many lines
  git::Oid until;           ///< stop at this commit of the ledger (not shown)
  bool oldest_first = false;
};
/// Newest first, until `visit` says false; with `oldest_first` the same lines the other way round.
void each_line(Project& project, const StoryFilter& filter, const std::function<bool(const StoryLine&)>& visit);
std::vector<StoryLine> story(Project& project, const StoryFilter& filter);

/// Ids of the tasks an operation is about. `run_task` gives the task of a run's id.
std::vector<std::string> tasks_of(const model::Operation& op,
                                  const std::function<std::string(const std::string&)>& run_task);

/// A date in Git's words ("yesterday", "2 hours ago", "2026-01-02 10:00"), in the person's time zone.
Time parse_date(Project& project, const std::string& words);
/// "2026-01-02 03:04" in the person's time zone.
std::string local_time(Time time);

/// The commit at which the ledger stood at a time: the newest operation made then or before; zero when none was.
git::Oid ledger_at(Project& project, Time time);

}  // namespace ga::work
