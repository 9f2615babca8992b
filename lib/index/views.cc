// The views of git-agent-sql(5). Their names and columns are the interface; the tables beneath are not.
#include "index/sql.hh"

namespace ga::index {
namespace {

constexpr const char* kTasks = R"sql(
SELECT t.id AS id, t.slug AS slug, member(b.toml, 'title') AS title, member(b.toml, 'description') AS description,
  CASE WHEN t.status < 2 AND (t.held = 1 OR t.nblock > 0) THEN 'blocked'
       ELSE CASE t.status WHEN 0 THEN 'pending' WHEN 1 THEN 'in_progress' WHEN 2 THEN 'in_review'
                          WHEN 3 THEN 'completed' WHEN 4 THEN 'failed' ELSE 'cancelled' END END AS status,
  coalesce(member(b.toml, 'hold'), member(b.toml, 'reason')) AS reason,
  (t.status = 0 AND t.held = 0 AND t.nblock = 0 AND t.nopen = 0) AS ready, t.nblock AS blockers,
  t.nopen AS open_children, t.priority AS priority, member(b.toml, 'phase') AS phase,
  coalesce(member(b.toml, 'labels'), '[]') AS labels, nullif(t.assignee, '') AS assignee, nullif(t.parent, '') AS parent,
  coalesce(member(b.toml, 'needs'), '[]') AS needs, coalesce(member(b.toml, 'owns'), '[]') AS owns,
  coalesce(member(b.toml, 'accept'), '[]') AS accept, coalesce(member(b.toml, 'notes'), '[]') AS notes,
  nullif(t.claimed_by, '') AS agent, member(b.toml, 'worker') AS worker,
  nullif(replace(t.branch, 'refs/heads/', ''), '') AS branch, member(b.toml, 'commit') AS commit_id,
  coalesce(member(b.toml, 'iteration'), 0) AS iteration, member(b.toml, 'budget_tokens') AS budget_tokens,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.created, 'unixepoch') AS created, member(b.toml, 'created_by') AS created_by,
  member(b.toml, 'updated') AS updated
FROM main.tasks t LEFT JOIN main.bodies b ON b.id = t.id)sql";

constexpr const char* kDependencies = R"sql(
SELECT e.task AS task, e.needs AS needs, nullif(e.lifted, '') AS blocker,
  coalesce(l.status, 0) = 3 OR e.lifted = '' AS satisfied
FROM main.edges e LEFT JOIN main.tasks l ON l.id = e.lifted)sql";

constexpr const char* kClaims = R"sql(
SELECT t.id AS task, t.claimed_by AS agent, member(b.toml, 'claim', 'host') AS host,
  member(b.toml, 'claim', 'pid') AS pid, member(b.toml, 'claim', 'fence') AS fence,
  member(b.toml, 'claim', 'since') AS since, member(b.toml, 'claim', 'expires') AS expires
FROM main.tasks t LEFT JOIN main.bodies b ON b.id = t.id WHERE t.claimed_by <> '')sql";

constexpr const char* kBeads = R"sql(
SELECT o.id AS id, member(o.toml, 'kind') AS kind, member(o.toml, 'text') AS text, nullif(o.task, '') AS task,
  nullif(o.noted, '') AS commit_id, member(o.toml, 'agent') AS agent, member(o.toml, 'client') AS client,
  member(o.toml, 'model') AS model, member(o.toml, 'evidence') AS evidence, member(o.toml, 'supersedes') AS supersedes,
  member(o.toml, 'operation') AS operation, o.time AS time
FROM main.objects o WHERE o.folder = 'beads')sql";

constexpr const char* kEvents = R"sql(
SELECT e.seq AS seq, e.id AS id, e.time AS time, e.kind AS kind, e.actor AS actor, e.role AS role, e.person AS person,
  nullif(e.task, '') AS task, e.tasks AS tasks, e.summary AS summary, e.commit_id AS commit_id
FROM main.events e)sql";

constexpr const char* kMessages = R"sql(
SELECT o.id AS id, member(o.toml, 'from') AS sender, member(o.toml, 'to') AS recipient, nullif(o.task, '') AS task,
  member(o.toml, 'text') AS text, o.time AS time, coalesce(member(o.toml, 'read'), 0) AS read,
  member(o.toml, 'ask') AS ask
FROM main.objects o WHERE o.folder = 'messages')sql";

constexpr const char* kLocks = R"sql(
SELECT g.value AS glob, coalesce(nullif(t.claimed_by, ''), member(b.toml, 'worker')) AS owner, t.id AS task,
  member(b.toml, 'claim', 'fence') AS fence, member(b.toml, 'claim', 'expires') AS expires
FROM main.tasks t JOIN main.bodies b ON b.id = t.id, json_each(member(b.toml, 'locked')) g WHERE t.locked = 1)sql";

constexpr const char* kPlans = R"sql(
SELECT t.id AS task, coalesce(member(b.toml, 'plan_required'), 0) AS required,
  coalesce(member(o.toml, 'state'), member(b.toml, 'plan_state')) AS state, o.id AS id,
  member(o.toml, 'content') AS content, member(o.toml, 'text') AS text, member(o.toml, 'by') AS agent, o.time AS time,
  member(o.toml, 'reason') AS reason, member(o.toml, 'decided_by') AS decided_by, member(o.toml, 'decided') AS decided,
  member(o.toml, 'approval') AS approval, member(o.toml, 'replaces') AS replaces
FROM main.tasks t JOIN main.bodies b ON b.id = t.id
LEFT JOIN main.objects o ON o.folder = 'plans' AND o.task = t.id
WHERE o.id IS NOT NULL OR member(b.toml, 'plan_required') OR member(b.toml, 'plan_state') IS NOT NULL)sql";

constexpr const char* kApprovals = R"sql(
SELECT o.id AS id, member(o.toml, 'kind') AS kind, member(o.toml, 'statement') AS statement,
  member(o.toml, 'signature') IS NOT NULL AS is_signed, member(o.toml, 'curator') AS curator, nullif(o.task, '') AS task,
  member(o.toml, 'why') AS why, o.time AS time
FROM main.objects o WHERE o.folder = 'approvals')sql";

constexpr const char* kReflections = R"sql(
SELECT o.id AS id, nullif(o.task, '') AS task, member(o.toml, 'by') AS agent, o.time AS time,
  member(o.toml, 'surprise') AS surprise, member(o.toml, 'pattern') AS pattern,
  member(o.toml, 'improvement') AS improvement, member(o.toml, 'commit') AS commit_id
FROM main.objects o WHERE o.folder = 'reflections')sql";

constexpr const char* kLearnings = R"sql(
SELECT o.id AS id, member(o.toml, 'kind') AS kind, member(o.toml, 'text') AS text, member(o.toml, 'section') AS section,
  member(o.toml, 'state') AS state, nullif(o.task, '') AS task, member(o.toml, 'by') AS agent, o.time AS time,
  member(o.toml, 'reason') AS reason, member(o.toml, 'decided_by') AS decided_by, member(o.toml, 'decided') AS decided,
  member(o.toml, 'commit') AS commit_id, member(o.toml, 'approval') AS approval, member(o.toml, 'reflection') AS reflection
FROM main.objects o WHERE o.folder = 'learnings')sql";

constexpr const char* kReviews = R"sql(
SELECT t.id AS task, member(b.toml, 'review_state') AS state, member(b.toml, 'review_commit') AS commit_id
FROM main.tasks t JOIN main.bodies b ON b.id = t.id WHERE member(b.toml, 'review_state') IS NOT NULL)sql";

constexpr const char* kGateRuns = R"sql(
SELECT json_extract(g.value, '$.gate') AS gate, json_extract(g.value, '$.verdict') AS verdict,
  json_extract(g.value, '$.event') AS event, json_extract(g.value, '$.milliseconds') / 1000.0 AS seconds,
  coalesce(json_extract(g.value, '$.cached'), 0) AS cached, json_extract(g.value, '$.tree') AS tree,
  nullif(o.task, '') AS task, nullif(o.noted, '') AS commit_id, member(o.toml, 'agent') AS agent, o.time AS time,
  o.id AS bead
FROM main.objects o, json_each(coalesce(member(o.toml, 'gates'), '[]')) g WHERE o.folder = 'beads')sql";

// Whoever has run, holds a task or worked on one.
constexpr const char* kAgents = R"sql(
SELECT n.name AS name,
  (SELECT member(o.toml, 'client') FROM main.objects o
   WHERE o.folder = 'runs' AND member(o.toml, 'agent') = n.name ORDER BY o.time DESC LIMIT 1) AS client,
  sum(n.runs) AS runs, sum(n.running) AS running, sum(n.claims) AS claims, sum(n.tasks) AS tasks,
  sum(n.completed) AS completed, max(n.started) AS last_started
FROM (SELECT member(o.toml, 'agent') AS name, 1 AS runs, member(o.toml, 'state') = 'running' AS running, 0 AS claims,
        0 AS tasks, 0 AS completed, o.time AS started FROM main.objects o WHERE o.folder = 'runs'
      UNION ALL SELECT claimed_by, 0, 0, 1, 0, 0, NULL FROM main.tasks WHERE claimed_by <> ''
      UNION ALL SELECT member(b.toml, 'worker'), 0, 0, 0, 1, t.status = 3, NULL
        FROM main.tasks t JOIN main.bodies b ON b.id = t.id) n
WHERE n.name IS NOT NULL GROUP BY n.name)sql";

constexpr const char* kRuns = R"sql(
SELECT o.id AS id, nullif(o.task, '') AS task, member(o.toml, 'agent') AS agent, member(o.toml, 'profile') AS profile,
  member(o.toml, 'client') AS client, member(o.toml, 'host') AS host,
  replace(member(o.toml, 'branch'), 'refs/heads/', '') AS branch, member(o.toml, 'base') AS base,
  member(o.toml, 'state') AS state, member(o.toml, 'exit_code') AS exit_code, member(o.toml, 'reason') AS reason,
  member(o.toml, 'started') AS started, member(o.toml, 'ended') AS ended
FROM main.objects o WHERE o.folder = 'runs')sql";

constexpr const char* kUsage = R"sql(
SELECT o.id AS run, nullif(o.task, '') AS task, member(o.toml, 'agent') AS agent,
  member(o.toml, 'usage', 'model') AS model, member(o.toml, 'usage', 'input_tokens') AS input_tokens,
  member(o.toml, 'usage', 'output_tokens') AS output_tokens, member(o.toml, 'usage', 'usd') AS usd, o.time AS started
FROM main.objects o WHERE o.folder = 'runs' AND member(o.toml, 'usage') IS NOT NULL)sql";

constexpr const char* kMerges = R"sql(
SELECT o.id AS id, nullif(o.task, '') AS task, replace(member(o.toml, 'target'), 'refs/heads/', '') AS target,
  member(o.toml, 'old') AS old_id, member(o.toml, 'new') AS new_id, member(o.toml, 'by') AS agent, o.time AS time
FROM main.objects o WHERE o.folder = 'merges')sql";

}  // namespace

const std::vector<SqlView>& sql_views() {
  static const std::vector<SqlView> views = {
      {"tasks", kTasks},         {"dependencies", kDependencies},
      {"claims", kClaims},       {"beads", kBeads},
      {"events", kEvents},       {"messages", kMessages},
      {"locks", kLocks},         {"plans", kPlans},
      {"reviews", kReviews},     {"gate_runs", kGateRuns},
      {"agents", kAgents},       {"runs", kRuns},
      {"approvals", kApprovals}, {"usage", kUsage},
      {"merges", kMerges},       {"reflections", kReflections},
      {"learnings", kLearnings},
  };
  return views;
}

}  // namespace ga::index
