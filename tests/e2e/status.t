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
  test "$(json s.json "sorted(d[\"data\"])")" = "[\"agents\", \"conflicts\", \"counts\", \"messages\", \"unaccounted\", \"waiting\", \"wip\"]"
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

t 'where nothing can be written it still answers' '
  mv .git/agent/seen ../seen
  : >.git/agent/seen
  expect 0 git agent-status --json >s.json
  test "$(json s.json "d[\"ok\"]")" = true
  expect 0 git agent-status --since-last
  rm .git/agent/seen
  mv ../seen .git/agent/seen
'

# A repository whose ledger knows a run, with a worktree for work-x in which a person works.
plain_repo() {
  mkdir -p "$TEST_DIR/bin"
  printf "#!/bin/sh\nexit 0\n" >"$TEST_DIR/bin/claude"
  chmod +x "$TEST_DIR/bin/claude"
  PATH=$TEST_DIR/bin:$PATH
  new_repo "$TEST_DIR/$1"
  cd "$TEST_DIR/$1"
  git agent-spin first-x -d x >/dev/null 2>&1
  git agent-spin work-x -d x --no-launch >/dev/null
}
unaccounted() {
  git agent-status --json | json - "[u['subject'] for u in d['data']['unaccounted']]"
}
proposed() {
  git agent-status --json | json - "[' '.join(w['command']) for w in d['data']['waiting'] if w['kind'] == 'unaccounted']"
}

t 'commits that plain git brought are listed until the merge of their branch is recorded' '
  plain_repo plain
  cd ../plain.agents/work-x
  echo 1 >one.txt && git add one.txt && git -c user.name="work-x (agent)" commit -qm "By an agent"
  echo 2 >two.txt && git add two.txt && git commit -qm "By a person in its worktree" -m "Agent-Task: work-x
Agent-Name: work-x"
  test "$(proposed)" = "[]"
  git agent-task done -m "Both are there" >/dev/null
  cd ../../plain
  git merge -q --ff-only agent/work-x
  echo 3 >three.txt && git add three.txt && git commit -qm "By a person"
  test "$(unaccounted)" = "[\"By a person in its worktree\", \"By an agent\"]"
  test "$(proposed)" = "[\"git agent-merge work-x\", \"git agent-merge work-x\"]"
  expect 0 git agent-merge work-x
  test "$(unaccounted)" = "[]"
  ! git agent-doctor | grep "no merge brought"
'

t 'what stands below a branch is not accounted for by its merge' '
  plain_repo below
  git agent-spin other-x -d x --no-launch >/dev/null
  cd ../below.agents/work-x
  echo 1 >one.txt && git add one.txt && git commit -qm "Moved by plain git" -m "Agent-Task: work-x"
  cd ../../below
  git update-ref refs/heads/main agent/work-x
  git reset -q --hard
  test "$(proposed)" = "[\"git agent-merge work-x --adopt\"]"
  git agent-spin above-x -d x --no-launch >/dev/null
  cd ../below.agents/above-x
  echo 2 >two.txt && git add two.txt && git commit -qm "Above it"
  git agent-task done -m "It is there" >/dev/null
  cd ../../below
  expect 0 git agent-merge above-x
  test "$(unaccounted)" = "[\"Moved by plain git\"]"
  git worktree remove --force --force ../below.agents/work-x
  git branch -qD agent/work-x
  test "$(proposed)" = "[\"git show $(git rev-parse main~1)\"]"
'

t 'without any run a commit for a task of ours is seen too' '
  new_repo ../norun
  cd ../norun
  git agent-spin work-x -d x --no-launch >/dev/null
  cd ../norun.agents/work-x
  echo 1 >one.txt && git add one.txt && git commit -qm "Moved by plain git" -m "Agent-Task: work-x"
  cd ../../norun
  git merge -q --no-ff -m "Take it" agent/work-x
  test "$(unaccounted)" = "[\"Take it\"]"
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
