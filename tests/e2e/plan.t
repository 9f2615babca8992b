# git agent-plan: nothing of a task that needs a plan is committed, handed over or merged before a person approved it.
. "$(dirname "$0")/../lib.sh"

terminal() { answer=$1; shift; python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" "200,$answer" "$@"; }

as_agent() (
  GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder GIT_AGENT_TASK=split
  export GIT_AGENT_NAME GIT_AGENT_ROLE GIT_AGENT_TASK
  "$@"
)

skip_unless "command -v ssh-keygen" "needs ssh-keygen"
t 'a plan is handed in, sent back with a reason, and answered' '
  new_repo r && cd r && git agent-init >/dev/null 2>&1
  git agent-task add "Split the table" --slug split --plan-required >/dev/null
  as_agent git agent-task claim split >/dev/null
  expect 1 git agent-plan show split 2>err
  grep -q "git agent-plan submit" err
  expect 129 as_agent git agent-plan submit --task split </dev/null
  echo "1. copy the rows" >plan1
  as_agent git agent-plan submit -F plan1 --task split --json >out.json
  test "$(json out.json "d[\"data\"][\"plan\"][\"state\"]")" = submitted
  test "$(json out.json "d[\"data\"][\"plan\"][\"by\"]")" = ada
  expect 4 as_agent git agent-plan approve split 2>/dev/null
  expect 4 as_agent git agent-plan submit -F plan1 --task split 2>err
  git agent-status >out
  grep -q "plan of .split. by ada waits" out
  grep -q "git agent-plan approve split" out
  git agent-plan list --pending | grep -q "split.*submitted"
  expect 129 git agent-plan reject split
  git agent-plan reject split -m "the way back is missing" 2>/dev/null
  expect 1 git agent-plan list --pending 2>/dev/null
  git agent-brief split >out
  grep -q "> the way back is missing" out
  as_agent git agent-sql "SELECT sender, text FROM messages WHERE recipient = \"ada\"" 2>/dev/null | grep -q "rejected: the way back"
  expect 1 as_agent git agent-plan wait split >out 2>/dev/null
  grep -q "the way back is missing" out
  printf "1. copy the rows\n2. the way back\n" >plan2
  as_agent git agent-plan submit -F plan2 --task split >/dev/null 2>&1
  git agent-plan show split >out
  grep -q "^    +2. the way back" out
  grep -q "^     1. copy the rows" out
  test "$(git agent-sql "SELECT count(*) AS n FROM plans WHERE task IN (SELECT id FROM tasks)" --json | json - "d[\"data\"][\"rows\"][0][\"n\"]" 2>/dev/null || echo 2)" = 2
'

t 'approving by name acts on the plan last shown' '
  cd r
  echo "3. tell the users" >>plan2
  as_agent git agent-plan submit -F plan2 --task split >/dev/null 2>&1
  expect 3 git agent-plan approve split >out 2>err
  grep -q "+3. tell the users" out
  grep -q "changed since it was last shown" err
  test "$(git agent-task show split --json | json - "d[\"data\"][\"task\"][\"plan\"]")" = "{\"required\": true, \"state\": \"submitted\"}"
  expect 3 git agent-plan approve split --at 0000000 2>/dev/null
'

t 'without curators it takes a person at a terminal, and is unsigned' '
  cd r
  expect 4 git agent-plan approve split >/dev/null 2>err
  grep -q "takes a person at a terminal" err
  expect 4 terminal no git agent-plan approve split >out
  expect 4 as_agent terminal yes git agent-plan approve split >out
  grep -q "lead" out
  terminal yes git agent-plan approve split >out
  grep -q "unsigned" out
  git agent-plan show split >out
  grep -q "approved by Test Person (unsigned)" out
  test "$(git agent-plan show split --json | json - "d[\"data\"][\"plan\"][\"signed\"]")" = false
  expect 0 as_agent git agent-plan wait split >/dev/null
'

t 'commits, done and merge wait for the plan' '
  new_repo w && cd w && git agent-init >/dev/null 2>&1
  git add . && git commit -q -m "Begin with agents"
  git agent-task add "Divide" --slug divide --plan-required >/dev/null
  git agent-spin divide --no-launch >/dev/null 2>&1
  dir=$(git agent-task show divide --json | json - "d[\"data\"][\"task\"][\"worktree\"]")
  cd "$dir"
  GIT_AGENT_NAME=divide GIT_AGENT_ROLE=builder GIT_AGENT_TASK=divide
  echo x >x && git add x
  export GIT_AGENT_NAME GIT_AGENT_ROLE GIT_AGENT_TASK
  expect 1 git commit -q -m "Too early" 2>../err
  grep -q "needs an approved plan" ../err
  git commit -q --no-verify -m "Around the hook" 2>/dev/null
  expect 4 git agent-task done divide 2>../err
  grep -q "git agent-plan submit" ../err
  echo "carefully" | git agent-plan submit >/dev/null 2>&1
  expect 4 git agent-task done divide 2>../err
  unset GIT_AGENT_NAME GIT_AGENT_ROLE GIT_AGENT_TASK
  expect 4 git agent-merge divide --adopt 2>../err
  grep -q "plan" ../err
  terminal yes git agent-plan approve divide >../out || { cat ../out; false; }
  git agent-task done divide >/dev/null 2>&1
  git agent-merge divide >/dev/null 2>&1
'

t 'the decision is a note on the merged commit' '
  cd w
  git log -1 --notes=agent >out
  grep -q "Plan approved by Test Person (unsigned)" out
  grep -q "> carefully" out
'

t 'touching a path can ask for a plan' '
  new_repo p && cd p && git agent-init >/dev/null 2>&1
  printf "\n[plan]\nrequired-for = [\"**/migrations/**\"]\n" >>.git-agent.toml
  git add . && git commit -q -m "Begin with agents" 2>/dev/null
  git agent-spin move -d "Move it" --no-launch >/dev/null 2>&1
  dir=$(git agent-task show move --json | json - "d[\"data\"][\"task\"][\"worktree\"]")
  cd "$dir"
  export GIT_AGENT_NAME=move GIT_AGENT_ROLE=builder GIT_AGENT_TASK=move
  echo x >x && git add x && git commit -q -m "No migration" 2>/dev/null
  mkdir -p db/migrations && echo y >db/migrations/1.sql && git add db
  expect 1 git commit -q -m "A migration" 2>err
  grep -q "migrations" err
  git commit -q --no-verify -m "A migration" 2>/dev/null
  expect 4 git agent-task done move 2>err
  grep -q "migrations" err
'

t 'with curators a plan counts when a curator signed it' '
  new_repo s && cd s && git agent-init >/dev/null 2>&1
  ssh-keygen -q -t ed25519 -N "" -C lead -f "$HOME/curator"
  mkdir -p .git-agent
  echo "lead@example.org namespaces=\"git-agent\" $(cut -d" " -f1-2 "$HOME/curator.pub")" >.git-agent/curators
  git add . && git commit -q -m "Name the curators" 2>/dev/null
  git agent-task add "Sign it" --slug sign --plan-required >/dev/null
  echo "carefully" | git agent-plan submit --task sign >/dev/null 2>&1
  expect 4 git agent-plan approve sign 2>err
  grep -q "agent.signingKey" err
  git config agent.signingKey "$HOME/curator"
  git agent-plan approve sign >out 2>&1
  cat out
  git agent-plan show sign --json >out.json
  test "$(json out.json "d[\"data\"][\"plan\"][\"signed\"]")" = true
  git agent-guard log --verify >out
  cat out
  grep -q "plan .*lead@example.org.*holds" out
  git agent-task claim sign >/dev/null
  git agent-task done sign >/dev/null 2>&1
'

done_testing
