. "$(dirname "$0")/../lib.sh"

new_repo r
cd r || exit 1

t 'nothing has happened yet: exit 1' '
  expect 1 git agent-log >out 2>err
  test ! -s out
  grep -q "nothing has happened" err
  expect 1 git agent-log --json >l.json
  test "$(json l.json "[d[\"ok\"], d[\"data\"][\"entries\"]]")" = "[true, []]"
'

t 'operations, newest first, with time, id and line' '
  GIT_AGENT_TEST_CLOCK=2026-01-02T03:00:00Z git agent-task add "First" --slug first
  GIT_AGENT_TEST_CLOCK=2026-01-02T04:00:00Z git agent-task add "Second" --slug second
  GIT_AGENT_TEST_CLOCK=2026-01-02T05:00:00Z git agent-task note first "half way"
  expect 0 git agent-log >out
  test "$(wc -l <out)" = 3
  sed -n 1p out | grep -q "^2026-01-02 05:00  [0-9a-f]\{8\}  task first: note"
  sed -n 3p out | grep -q "task first: add (Test Person)"
'

t '--reverse and -n' '
  git agent-log --reverse | sed -n 1p | grep -q "task first: add"
  test "$(git agent-log -n 1 | wc -l)" = 1
  git agent-log -n 2 --reverse | sed -n 1p | grep -q "task second: add"
  expect 129 git agent-log -n many
'

t 'a task has its own story, with what was written' '
  expect 0 git agent-log first >out
  test "$(grep -c "task first" out)" = 2
  grep -q "^    half way" out
  ! grep -q second out
  expect 1 git agent-log nosuch
'

t 'dates take the words of Git' '
  test "$(git agent-log --since "2026-01-02 04:30" | wc -l)" = 1
  test "$(git agent-log --since 2026-01-02T03:30:00Z | wc -l)" = 2
  expect 1 git agent-log --since "1 second ago"
'

t '--at shows the tasks as they stood' '
  GIT_AGENT_TEST_CLOCK=2026-01-02T06:00:00Z git agent-task cancel second -m "not wanted"
  expect 0 git agent-log --at 2026-01-02T05:30:00Z --json >a.json
  test "$(json a.json "sorted((t[\"slug\"], t[\"status\"]) for t in d[\"data\"][\"tasks\"])")" = "[[\"first\", \"pending\"], [\"second\", \"pending\"]]"
  expect 0 git agent-log --at 2026-01-02T07:00:00Z --json >a.json
  test "$(json a.json "d[\"data\"][\"counts\"][\"cancelled\"]")" = 1
  expect 0 git agent-log --at 2026-01-02T03:30:00Z >out
  grep -q "first" out
  ! grep -q "second" out
  expect 1 git agent-log --at 2026-01-02T01:00:00Z
  expect 0 git agent-log second --at 2026-01-02T05:30:00Z >out
  ! grep -q first out
  expect 129 git agent-log --at yesterday --since yesterday
'

t 'looking back moves nothing forward' '
  git agent-task list --all --json >now.json
  test "$(json now.json "sorted(t[\"slug\"] for t in d[\"data\"][\"tasks\"])")" = "[\"first\", \"second\"]"
'

t 'entries in JSON' '
  expect 0 git agent-log first --json >l.json
  test "$(json l.json "sorted(d[\"data\"][\"entries\"][0])")" = "[\"actor\", \"commit\", \"details\", \"kind\", \"op\", \"summary\", \"task\", \"tasks\", \"time\"]"
  test "$(json l.json "d[\"data\"][\"entries\"][0][\"kind\"]")" = task.note
  test "$(git cat-file -t "$(json l.json "d[\"data\"][\"entries\"][0][\"commit\"]")")" = commit
'

t 'a story is safe for a terminal' '
  esc=$(printf "\033")
  git agent-task note first "evil ${esc}[2J text"
  git agent-log first >out
  ! grep -q "$esc" out
'

done_testing
