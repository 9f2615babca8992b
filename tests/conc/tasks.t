# Eight processes in four worktrees add, claim and finish 500 tasks: no lost write, no double claim.
. "$(dirname "$0")/../lib.sh"

TASKS=500 WORKERS=8
export TASKS WORKERS

cat >worker.sh <<'END'
# worker.sh NUMBER DIR: adds its share of tasks, then claims and finishes until all are done.
set -e
GIT_AGENT_NAME=worker$1
export GIT_AGENT_NAME
cd "$2"
share=$((TASKS / WORKERS + ($1 <= TASKS % WORKERS ? 1 : 0)))
i=0
while [ $i -lt $share ]; do
  i=$((i + 1))
  git-agent task add "Task $i of worker $1" >/dev/null 2>&1
done
idle=0
while [ $idle -lt 40 ]; do
  if git-agent task next >"$TEST_DIR/claimed.$1" 2>"$TEST_DIR/err.$1"; then
    slug=$(awk '{print $2}' "$TEST_DIR/claimed.$1")
    echo "$slug" >>"$TEST_DIR/claims.$1"
    git-agent task done "$slug" -m "by $1" >/dev/null 2>&1
    echo "$slug" >>"$TEST_DIR/finished.$1"
    idle=0
  else
    idle=$((idle + 1))
    grep -q 'every task is done' "$TEST_DIR/err.$1" && [ $idle -gt 5 ] && break
    sleep 0.05
  fi
done
END

t 'eight workers finish everything they added' '
  new_repo r
  cd r
  for n in 1 2 3; do git worktree add -q "../w$n" -b "b$n"; done
  w=0
  pids=
  while [ $w -lt $WORKERS ]; do
    w=$((w + 1))
    case $((w % 4)) in 0) dir=$TEST_DIR/r ;; *) dir=$TEST_DIR/w$((w % 4)) ;; esac
    sh "$TEST_DIR/worker.sh" $w "$dir" & pids="$pids $!"
  done
  for p in $pids; do wait $p; done
  test "$(git-agent task list --status completed --json | json - "len(d[\"data\"][\"tasks\"])")" = $TASKS
'

t 'no task was claimed or finished twice' '
  test "$(cat claims.* | wc -l)" = $TASKS
  test "$(cat claims.* | sort -u | wc -l)" = $TASKS
  test "$(cat finished.* | sort -u | wc -l)" = $TASKS
'

t 'the ledger holds every acknowledged operation, each once' '
  cd r
  git log --format=%s refs/agent/ledger >../subjects
  test "$(grep -c ": add (" ../subjects)" = $TASKS
  test "$(grep -c ": claim (" ../subjects)" = $TASKS
  test "$(grep -c ": complete (" ../subjects)" = $TASKS
'

t 'a new index gives the same answers' '
  cd r
  git-agent task list --all --json >../before.json
  rm -f .git/agent/index.db*
  git-agent task list --all --json >../after.json
  cmp ../before.json ../after.json
'

t 'git fsck is clean' '
  cd r
  ! git fsck --strict 2>&1 | grep -v dangling | grep .
'

done_testing
