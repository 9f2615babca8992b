. "$(dirname "$0")/../lib.sh"

new_repo r
cd r || exit 1
last() { git agent-log -n 1 --json | json - 'd["data"]["entries"][0]["op"]'; }
title() { git agent-task show "$1" --json | json - 'd["data"]["task"]["title"]'; }

t 'there is nothing to undo' '
  expect 1 git agent-undo 2>err
  grep -q "no operation of yours" err
'

t 'a preview changes nothing' '
  git agent-task add "First" --slug first
  git agent-task edit first --title "Second thoughts"
  tip=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-undo --dry-run >out
  grep -q "task first: title .Second thoughts. -> .First." out
  test "$(git rev-parse refs/agent/ledger)" = "$tip"
  expect 0 git agent-undo -n --json >u.json
  test "$(json u.json "[d[\"data\"][\"done\"], d[\"data\"][\"undo\"], d[\"data\"][\"kind\"]]")" = "[false, null, \"task.edit\"]"
'

t 'the last operation of my own is undone, then the one before' '
  expect 0 git agent-undo
  test "$(title first)" = First
  expect 0 git agent-undo --json >u.json
  test "$(json u.json "d[\"data\"][\"kind\"]")" = task.add
  expect 1 git agent-task show first
  expect 1 git agent-undo
'

t 'undoing the undo brings it back' '
  op=$(last)
  expect 0 git agent-undo "$op"
  test "$(title first)" = First
'

t 'an undo leaves a bead, and history is complete' '
  git agent-task note first "a note"
  git agent-undo
  expect 0 git agent-log first >out
  grep -q "undo: Undone: task first: note" out
  test "$(git agent-task show first --json | json - "d[\"data\"][\"task\"][\"notes\"]")" = "[]"
'

t 'later changes of the same task are named, newest first' '
  git agent-task edit first --title "Other"
  op=$(last)
  git agent-task note first "one"
  git agent-task note first "two"
  newest=$(last)
  expect 4 git agent-undo "$op" 2>err
  grep -q "later operations changed" err
  test "$(grep -c "task first: note" err)" = 2
  expect 4 git agent-undo "$op" --json >u.json
  test "$(json u.json "[d[\"ok\"], d[\"error\"][\"kind\"], d[\"error\"][\"next\"]]")" = "[false, \"wrong_status\", [\"git\", \"agent-undo\", \"$newest\"]]"
'

t 'a task that others need stays' '
  git agent-task add "Base" --slug base
  op=$(last)
  git agent-task add "On top" --slug top --needs base
  expect 4 git agent-undo "$op" 2>err
  grep -q "top" err
'

t 'ids: unique prefixes, and what is none' '
  expect 129 git agent-undo xyz
  expect 1 git agent-undo 00000000000000000000000000000000
'

t 'agents take back their own plans only' '
  git agent-task note first "by the person"
  op=$(last)
  expect 4 env GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder git agent-undo "$op" --json >u.json
  test "$(json u.json "d[\"error\"][\"kind\"]")" = not_lead
  GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder git agent-task note first "by ada"
  GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder expect 0 git agent-undo 2>err
  grep -q "acting as ada (builder)" err
'

t 'doctor finds everything sound afterwards' '
  git config notes.displayRef refs/notes/agent
  expect 0 git agent-doctor
'

done_testing
