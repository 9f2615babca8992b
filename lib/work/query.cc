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

void follow_events(Project& project, double deadline) {
  index::Index& index = project.index();
  const git::Oid tip = project.ledger().tip();
  git::Oid head = index.events_head();
  if (head == tip) return;
  // Another history than the one that was followed: from the beginning.
  if (!head.zero() && !project.repo().is_ancestor(head, tip)) {
    index.forget_events();
    head = {};
  }
  std::vector<index::Index::Event> events;
  each_line(project, {.until = head, .oldest_first = true}, [&](const StoryLine& line) {
    events.push_back(event_of(line));
    if (events.size() == kEventsAtOnce) {
      index.add_events(events, line.commit);
      events.clear();
    }
    if (monotonic_seconds() < deadline) return true;
    throw Error(Kind::timeout, "there are more operations than fit into that time",
                {"ask again: the next one goes on from here; or give it more with --timeout"});
  });
  index.add_events(events, tip);
}

}  // namespace

bool ask(Project& project, const index::SqlRequest& request, const index::SqlAnswer& answer) {
  const double deadline = monotonic_seconds() + static_cast<double>(request.seconds);
  if (index::sql_names(request.query, "events")) follow_events(project, deadline);
  return index::ask_sql(project.index(), request, answer);
}

}  // namespace ga::work
