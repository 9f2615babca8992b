. "$(dirname "$0")/../lib.sh"

new_repo r
cd r || exit 1

t 'an empty repository has nothing to tell, and says how to begin' '
  expect 0 git agent-status >out 2>err
  grep -q "^Agents  none" out
  grep -q "^Tasks   none" out
  grep -q "^Waits for you  nothing" out
  grep -q "git agent-init" err
'

t 'outside of a repository it is 128' '
  mkdir -p ../nowhere
  cd ../nowhere
  expect 128 git agent-status
'

t 'tasks are counted by status' '
  git agent-task add "First" --slug first --json >/dev/null
  git agent-task add "Second" --slug second --needs first --json >/dev/null
  git agent-task add "Third" --slug third --json >/dev/null
  git agent-task claim third
  expect 0 git agent-status >out
  grep -q "1 ready, 1 blocked, 1 in progress" out
  expect 0 git agent-status --json >s.json
  test "$(json s.json "d[\"ok\"] and d[\"cmd\"]")" = status
  test "$(json s.json "d[\"data\"][\"counts\"][\"pending\"]")" = 2
  test "$(json s.json "d[\"data\"][\"counts\"][\"ready\"]")" = 1
  test "$(json s.json "sorted(d[\"data\"])")" = "[\"agents\", \"conflicts\", \"counts\", \"unaccounted\", \"waiting\", \"wip\"]"
'

t 'a failed task waits, with the command to paste' '
  git agent-task fail third -m "no key for the service"
  expect 0 git agent-status --json >s.json
  test "$(json s.json "[w[\"kind\"] for w in d[\"data\"][\"waiting\"]]")" = "[\"failed\"]"
  test "$(json s.json "d[\"data\"][\"waiting\"][0][\"command\"][-1]")" = third
  expect 0 git agent-status >out
  grep -q "no key for the service" out
  grep -q "^      git agent-task show third" out
'

t 'what is shown is safe for a terminal' '
  esc=$(printf "\033")
  git agent-task reopen third -m again
  git agent-task claim third
  git agent-task fail third -m "red ${esc}[31m text"
  expect 0 git agent-status >out
  ! grep -q "$esc" out
'

t 'gates that nobody trusted wait' '
  printf "[[gate]]\nname = \"test\"\non = [\"merge\"]\nrun = \"true\"\n" >.git-agent.toml
  git add .git-agent.toml
  git commit -qm "Add a gate"
  expect 0 git agent-status --json >s.json
  test "$(json s.json "[w[\"command\"] for w in d[\"data\"][\"waiting\"] if w[\"kind\"] == \"trust\"]")" = "[[\"git\", \"agent-gate\", \"trust\"]]"
'

t '--since-last tells what happened since' '
  git agent-status --since-last >/dev/null
  git agent-task add "Fourth" --slug fourth
  expect 0 git agent-status --since-last >out
  test "$(grep -c "task fourth: add" out)" = 1
  ! grep -q "task first: add" out
  expect 0 git agent-status --since-last --json >s.json
  test "$(json s.json "d[\"data\"][\"changes\"]")" = "[]"
'

t 'each agent and person has seen its own' '
  git agent-status >/dev/null
  GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder git agent-status >/dev/null
  git agent-task add "Fifth" --slug fifth
  git agent-status >/dev/null
  GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder expect 0 git agent-status --since-last >out
  grep -q "task fifth: add" out
'

t '--watch prints again, and not as JSON' '
  expect 129 git agent-status --watch --json
  timeout 5 git agent-status --watch >out || true
  test "$(grep -c "^Tasks" out)" -ge 2
'

t 'it starts no process per worktree: the same number of programs with twenty as with none' '
  command -v strace >/dev/null || exit 0
  strace -f -e trace=execve -o trace0 git-agent status >/dev/null || exit 0
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    git worktree add -q -b agent/w$i ../w$i
  done
  strace -f -e trace=execve -o trace1 git-agent status >/dev/null
  test "$(grep -c execve trace0)" = "$(grep -c execve trace1)"
'

done_testing
