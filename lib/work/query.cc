#include "work/query.hh"

#include "util/clock.hh"
#include "util/error.hh"
#include "work/story.hh"

namespace ga::work {
namespace {

constexpr std::size_t kEventsAtOnce = 2000;

index::Index::Event event_of(const StoryLine& line) {
  const Json json = to_json(line);
  return {line.op.id,
          format_time(line.op.time),
          line.op.kind,
          line.op.actor.name,
          line.op.actor.role,
          line.op.actor.person,
          get_string(json, "task"),
          canonical(json["tasks"]),
          line.summary,
          line.commit.hex()};
}

// Adds what came after `head`; false when another process was faster.
bool add_after(Project& project, git::Oid head, const git::Oid& tip, double deadline) {
  index::Index& index = project.index();
  std::vector<index::Index::Event> events;
  git::Oid last = tip;  // others may have written since: what was read counts
  bool alone = true;
  each_line(project, {.until = head, .oldest_first = true}, [&](const StoryLine& line) {
    events.push_back(event_of(line));
    last = line.commit;
    if (events.size() == kEventsAtOnce) {
      alone = index.add_events(head, events, last);
      head = last;
      events.clear();
    }
    if (!alone || monotonic_seconds() < deadline) return alone;
    throw Error(Kind::timeout, "there are more operations than fit into that time",
                {"ask again: the next one goes on from here; or give it more with --timeout"});
  });
  return alone && index.add_events(head, events, last);
}

void follow_events(Project& project, double deadline) {
  constexpr int kAttempts = 100;
  index::Index& index = project.index();
  const git::Oid tip = project.ledger().tip();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const git::Oid head = index.events_head();
    if (head == tip || (!head.zero() && project.repo().is_ancestor(tip, head))) return;
    // Another history than the one that was followed: from the beginning.
    if (!head.zero() && !project.repo().is_ancestor(head, tip)) index.forget_events(head);
    else if (add_after(project, head, tip, deadline)) return;
  }
  throw Error(Kind::timeout, "other processes keep changing the table of events", {"ask again"});
}

}  // namespace

bool ask(Project& project, const index::SqlRequest& request, const index::SqlAnswer& answer) {
  const double deadline = monotonic_seconds() + static_cast<double>(request.seconds);
  const auto prepare = [&] {
    if (index::sql_names(request.query, "events")) follow_events(project, deadline);
  };
  return index::ask_sql(project.index(), request, answer, prepare);
}

}  // namespace ga::work
