# Killed at every fault point of add, claim and done: the next command works, nothing acknowledged is lost, nothing
# half-made remains.
. "$(dirname "$0")/../lib.sh"

new_repo r >/dev/null
cd r || exit 1

# The points a command passes, in order.
points() {
  rm -f ../points
  GIT_AGENT_TEST_FAULT_LOG=$TEST_DIR/points "$@" >/dev/null 2>&1
  sort -u "$TEST_DIR/points"
}

t 'the points of a write are where they are said to be' '
  points git-agent task add First --slug first-x >../list
  for point in ledger.before-write ledger.before-swap ledger.after-swap ledger.after-index; do grep -qx $point ../list; done
'

t 'add, killed anywhere, has happened wholly or not at all' '
  n=0
  for point in $(cat ../list); do
    n=$((n + 1))
    before=$(git rev-list --count refs/agent/ledger)
    GIT_AGENT_TEST_FAULT=$point expect 137 git-agent task add "Killed $n" --slug "killed-$n" >/dev/null 2>&1
    after=$(git rev-list --count refs/agent/ledger)
    case $point in
    ledger.before-*) test "$after" = "$before"; expect 1 git-agent task show "killed-$n" ;;
    ledger.after-*) test "$after" = $((before + 1)); expect 0 git-agent task show "killed-$n" >/dev/null ;;
    esac
    expect 0 git-agent task add "After $n" --slug "after-$n" >/dev/null
    git-agent task list --all >../a; rm -f .git/agent/index.db*; git-agent task list --all >../b; cmp ../a ../b
  done
'

t 'a claim that was made but not told is given again to the same agent' '
  GIT_AGENT_NAME=anna GIT_AGENT_TEST_FAULT=ledger.after-swap expect 137 git-agent task next >/dev/null 2>&1
  held=$(git-agent task list --status in_progress --json | json - "d[\"data\"][\"tasks\"][0][\"slug\"]")
  GIT_AGENT_NAME=bert git-agent task next >../other 2>/dev/null
  ! grep -qw "$held" ../other
  GIT_AGENT_NAME=anna git-agent task next >../mine 2>/dev/null
  grep -qw "$held" ../mine
'

t 'done, killed anywhere, can be said again' '
  for point in ledger.before-write ledger.before-swap ledger.after-swap ledger.after-index; do
    GIT_AGENT_NAME=carl git-agent task next >../c 2>/dev/null
    slug=$(awk "{print \$2}" ../c)
    GIT_AGENT_NAME=carl GIT_AGENT_TEST_FAULT=$point expect 137 git-agent task done "$slug" >/dev/null 2>&1
    GIT_AGENT_NAME=carl git-agent task done "$slug" >/dev/null 2>&1 || true
    test "$(git-agent task show "$slug" --json | json - "d[\"data\"][\"task\"][\"status\"]")" = completed
  done
'

t 'notes that a kill kept from being written come with the next write' '
  git-agent task add Noted --slug noted-x >/dev/null
  git-agent task claim noted-x >/dev/null
  test "$(git-agent task show noted-x --json | json - "d[\"data\"][\"task\"][\"status\"]")" = in_progress
'

skip_unless 'test "$GIT_DEFAULT_REF_FORMAT" != reftable' 'tables of refs have one lock for all, which is not ours'
t 'a ref lock left by a killed process is broken while nobody can hold it' '
  touch -d "10 seconds ago" .git/refs/agent/ledger.lock
  expect 0 git-agent task add "After a stale lock"
  test ! -e .git/refs/agent/ledger.lock
'

skip_unless ''
t 'a storm of kills loses nothing that was acknowledged' '
  : >../acknowledged
  i=0
  while [ $i -lt 60 ]; do
    i=$((i + 1))
    ( git-agent task add "Storm $i" --slug "storm-$i" >/dev/null 2>&1 && echo "storm-$i" >>../acknowledged ) &
    last=$!
    [ $((i % 3)) = 0 ] && { sleep 0.00$((i % 9)); pkill -9 -P $last git-agent || true; }
  done
  wait
  expect 0 git-agent task add "After the storm"
  while read -r slug; do expect 0 git-agent task show "$slug" >/dev/null; done <../acknowledged
  test "$(wc -l <../acknowledged)" -ge 30
  test -z "$(find .git/refs -name "*.lock")"
'

t 'git fsck is clean' '
  ! git fsck --strict 2>&1 | grep -v dangling | grep .
'

done_testing
