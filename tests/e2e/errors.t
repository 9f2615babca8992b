# Every kind of failure, met as a user meets it: one point each, with --json.
. "$(dirname "$0")/../lib.sh"

man=$GIT_AGENT_SOURCE_ROOT/man/git-agent.1.scd
# No command can meet these yet: what refuses so comes with budgets.
later='over_budget iteration_limit'

# All that a failing command must leave alone: refs (the ledger is one), worktrees and what lies in them.
state() {
  git for-each-ref
  git worktree list --porcelain
  git worktree list --porcelain | sed -n 's/^worktree //p' | while read -r dir; do git -C "$dir" status --porcelain --branch; done
}
# judged KIND CODE: the answer in $TEST_DIR/out is a refusal of that kind with that exit code.
judged() {
  python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/refusal.py" "$TEST_DIR/out" "$1" "$2" "$man" || {
    cat "$TEST_DIR/out" "$TEST_DIR/err"
    return 1
  }
  echo "$1" >>"$TEST_DIR/driven"
}
# refused KIND COMMAND...: it fails so and changes nothing, except what matches $recorded.
refused() {
  kind=$1
  shift
  state >"$TEST_DIR/before" 2>/dev/null || :
  code=0
  "$@" --json >"$TEST_DIR/out" 2>"$TEST_DIR/err" || code=$?
  state >"$TEST_DIR/after" 2>/dev/null || :
  for side in before after; do
    [ -z "$recorded" ] || sed -i "\\,$recorded,d" "$TEST_DIR/$side"
  done
  judged "$kind" "$code" && diff "$TEST_DIR/before" "$TEST_DIR/after"
}
# Runs error.next of the last refusal as it stands; it must exit with CODE.
run_next() {
  json "$TEST_DIR/out" '"\n".join(d["error"]["next"])' >"$TEST_DIR/next"
  set -- "$1" $(cat "$TEST_DIR/next")
  expect "$@"
}
told() { json "$TEST_DIR/out" "d[\"error\"][\"$1\"]"; }
data() { json "$TEST_DIR/out" "d[\"data\"]$1"; }
policy() {   # policy LINE...: the policy of the branch that is checked out
  printf '%s\n' "$@" >.git-agent.toml
  git add .git-agent.toml && git commit -q -m "Set the policy"
}
# spun FEATURE FILE TEXT [OPTION...]: a feature without an agent, with one commit in its worktree.
spun() {
  feature=$1 file=$2 text=$3
  shift 3
  git agent-spin "$feature" -d "$feature" --no-launch "$@" >/dev/null || return 1
  (cd "../$(basename "$PWD").agents/$feature" && echo "$text" >"$file" && git add "$file" && git commit -q -m "Write $file")
}
submitted() { spun "$@" && git agent-task done "$1" >/dev/null; }
as_agent() {   # as_agent NAME COMMAND...
  name=$1
  shift
  env GIT_AGENT_NAME="$name" GIT_AGENT_ROLE=builder "$@"
}
new_repo r

# A process that sleeps in the middle of a write (a terminal's ^Z) keeps the ledger's lock. What waits for it gives up
# after half a minute; meanwhile the other points run.
new_repo held
git -C held agent-task add "First" >/dev/null 2>&1
cat >hold.py <<\END_OF_SCRIPT
import fcntl, os, sys, time
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
open("holding", "w").close()
while os.path.exists("holding"):
    time.sleep(0.2)
END_OF_SCRIPT
python3 hold.py held/.git/agent/lock >/dev/null 2>&1 &
holder=$!
wait_until 60 test -e holding
(
  cd held || exit
  state >../held.before
  code=0
  git agent-task add "Second" --json >../held.out 2>../held.err || code=$?
  state >../held.after
  echo "$code" >../held.code.new
  mv ../held.code.new ../held.code
) >/dev/null 2>&1 </dev/null &

t 'usage: a word that is no verb, a command that is none, a value that is none' '
  cd r
  refused usage git agent-task ad
  told hints | grep "did you mean .git agent-task add."
  refused usage git-agent tsak
  refused usage git agent-task add
  refused usage git agent-task list --status odd
'

t 'in words: first what is wrong, then what to do' '
  cd r
  expect 1 git agent-task show nosuch >../out 2>../err
  test ! -s ../out
  test "$(sed -n 1p ../err)" = "error: no task '"'nosuch'"'"
  sed -n 2p ../err | grep "^hint: .*git agent-task list"
'

t 'environment: outside of any repository; a profile that is not there' '
  mkdir outside && cd outside
  GIT_CEILING_DIRECTORIES=$TEST_DIR
  export GIT_CEILING_DIRECTORIES
  refused environment git agent-task list
  cd ../r
  refused environment git agent-spin search -d "Search" --profile nosuch
  test ! -e ../r.agents/search
'

t 'not_found: a task, a gate, a branch to merge' '
  cd r
  refused not_found git agent-task show nosuch
  refused not_found git agent-gate run --gate nosuch
  refused not_found git agent-merge nosuch --adopt
'

t 'empty: the log of a feature that no agent has worked on' '
  cd r
  git agent-spin quiet -d "Quiet" --no-launch
  refused empty git agent-run logs quiet
  expect 1 git agent-run logs quiet
'

t 'claim_lost: another agent has the task; gone, it can be followed' '
  cd r
  git agent-task add "Held" --slug held
  as_agent ada git agent-task claim held
  refused claim_lost as_agent bob git agent-task claim held
  test "$(data "[\"holder\"]")" = ada
  # This claim dies with the process that made it; it can be followed when its lease is over too.
  git agent-task add "Left" --slug left
  git agent-task add "Gone" --slug gone
  as_agent ada python3 -c "import subprocess; subprocess.run([\"git\", \"agent-task\", \"claim\", \"gone\"], check=True)"
  refused claim_lost as_agent bob git agent-task claim gone --steal
  GIT_AGENT_TEST_CLOCK=2026-01-02T03:04:05Z as_agent ada python3 -c "import subprocess; subprocess.run([\"git\", \"agent-task\", \"claim\", \"left\"], check=True)"
  refused claim_lost as_agent bob git agent-task claim left
  told message | grep "the process of ada is gone"
  GIT_AGENT_NAME=bob run_next 0
'

t 'fenced: the old holder of a claim that was taken over' '
  cd r
  git agent-task add "Fenced" --slug fenced
  as_agent ada git agent-task claim fenced
  fence=$(git agent-task show fenced --json | json - "d[\"data\"][\"task\"][\"claim\"][\"fence\"]")
  git agent-task release fenced
  as_agent bob git agent-task claim fenced
  export GIT_AGENT_FENCE="$fence" GIT_AGENT_TASK=fenced
  refused fenced as_agent ada git agent-task done fenced
  told message | grep "held by bob"
  refused fenced as_agent ada git agent-task fail fenced -m "Too hard"
'

t 'locked: the paths belong to another task' '
  cd r
  git agent-task add "Owner" --slug owner --owns "src/**"
  git agent-task add "Other" --slug other --owns src/main.c
  as_agent ada git agent-task claim owner
  refused locked as_agent bob git agent-task claim other
  test "$(data "[\"glob\"]")" = "src/**"
  refused locked git agent-spin other --no-launch
'

t 'wrong_status: what it needs is not finished; it is finished' '
  cd r
  git agent-task add "Before" --slug before
  git agent-task add "After" --slug after --needs before
  refused wrong_status as_agent ada git agent-task claim after
  git agent-task start before && git agent-task done before
  refused wrong_status git agent-task done before
  refused wrong_status git agent-spin before -d x --no-launch
'

t 'not_approved: a plan was asked for and nobody has approved one' '
  cd r
  git agent-task add "Planned" --slug planned --plan-required
  git agent-task start planned
  refused not_approved git agent-task done planned
'

t 'reflection_due: the policy asks agents for one, and none is written' '
  cd r
  policy "[guard]" "reflection = \"required\""
  git agent-task add "Unreflected" --slug unreflected >/dev/null
  as_agent rita git agent-task claim unreflected
  refused reflection_due as_agent rita git agent-task done unreflected
  run_next 0
  git revert --no-edit HEAD >/dev/null
'

t 'review_failed: whoever waits for a verdict is told it' '
  cd r
  submitted doubtful doubt.txt "Maybe"
  git agent-review request doubtful
  git agent-review fail doubtful -m "It says nothing" --at "$(git rev-parse agent/doubtful)"
  refused review_failed git agent-review wait doubtful
'

t 'not_done: a feature on which somebody works' '
  cd r
  spun early early.txt 1
  refused not_done git agent-merge early
  test "$(data "[\"status\"]")" = in_progress
'

t 'gate_failed: work that is not committed; a red gate' '
  cd r
  echo more >>../r.agents/early/early.txt
  refused gate_failed git agent-task done early
  test "$(data "[\"unstaged\"]")" = "[\"early.txt\"]"
  git -C ../r.agents/early checkout -q early.txt
  new_repo ../gated && cd ../gated
  policy "[[gate]]" "name = \"test\"" "on = [\"task-done\"]" "run = \"test ! -e bad.txt\""
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")"
  spun red bad.txt 1
  # That a gate turned new work down is recorded, and noted on the commit it judged; nothing else changes, and the same work again changes nothing.
  recorded="refs/agent/ledger\\|refs/notes/agent"
  refused gate_failed git agent-task done red
  recorded=
  refused gate_failed git agent-task done red
  test "$(data "[\"gates\"][0][\"verdict\"]")" = fail
  cd ../gated.agents/red
  refused gate_failed git agent-gate run
'

t 'not_trusted: commands that nobody has read' '
  new_repo strange && cd strange
  policy "[[gate]]" "name = \"test\"" "on = [\"task-done\"]" "run = \"true\"" "[profile.own]" "command = [\"true\"]"
  refused not_trusted git agent-spin thing -d "Thing" --profile own
  refused not_trusted git agent-gate trust
  refused not_trusted git agent-gate run
  run_next 0
  expect 0 git agent-gate run
'

t 'unmerged: removing work that is nowhere else' '
  cd r
  submitted kept kept.txt 1
  refused unmerged git agent-clean kept
  test "$(data "[\"kept\"][0][\"feature\"]")" = kept
'

t 'not_lead: an agent merges a feature, takes its branch, removes work' '
  cd r
  refused not_lead as_agent ada git agent-merge kept
  refused not_lead as_agent ada git agent-merge early --adopt
  refused not_lead as_agent ada git agent-clean --force kept
'

t 'merge_conflict: nothing moves, and the task goes back' '
  cd r
  submitted left-side same.txt left
  submitted right-side same.txt right
  git agent-merge left-side
  recorded=refs/agent/ledger
  refused merge_conflict git agent-merge --dry-run right-side
  test "$(told next)" = null
  test "$(git agent-task show right-side --json | json - "d[\"data\"][\"task\"][\"status\"]")" = in_review
  refused merge_conflict git agent-merge right-side
  test "$(data "[\"merge\"][\"conflicts\"][0][\"path\"]")" = same.txt
  test "$(git agent-task show right-side --json | json - "d[\"data\"][\"task\"][\"status\"]")" = in_progress
'

t 'target_busy: changes in the way of the merge' '
  cd r
  submitted busy file.txt changed
  echo mine >>file.txt
  refused target_busy git agent-merge busy
  git checkout -q file.txt
  expect 0 git agent-merge busy
'

t 'guarded: a protected file that nobody has approved; the person decides' '
  cd r
  submitted sly AGENTS.md "Do as I say"
  refused guarded git agent-merge sly
  test "$(data "[\"path\"]")" = AGENTS.md
  run_next 4   # nobody is at a terminal, and no curators are named
  git checkout -q agent/sly -- AGENTS.md && git commit -q -m "Take the line in"
  expect 0 git agent-merge sly
'

skip_unless 'test "$GIT_DEFAULT_REF_FORMAT" != reftable' 'a gate finds no newer Git'
t 'target_moved: others push faster than the gate judges; tried again, it goes in' '
  new_repo fast && cd fast
  cat >../push <<END
test -e "$TEST_DIR/calm" && exit
cd "$TEST_DIR/colleague" && date +%s%N >>news.txt && git add news.txt && git commit -q -m News && git push -q origin HEAD:release
  cat >../push <<END
test -e "$TEST_DIR/calm" && exit
cd "$TEST_DIR/colleague" && date +%s%N >>news.txt && git add news.txt && git commit -q -m News && git push -q origin HEAD:release
END
  policy "[[gate]]" "name = \"slow\"" "on = [\"merge\"]" "run = \"sh $TEST_DIR/push\""
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")"
  git branch release
  git clone -q -b release . ../colleague
  git -C ../colleague config user.name Colleague && git -C ../colleague config user.email c@example.com
  submitted late late.txt 1
  recorded=refs/heads/release
  refused target_moved git agent-merge late --into release
  touch ../calm
  expect 0 git agent-merge late --into release
'

skip_unless ''
t 'target_moved: a branch that exists again is not overwritten by bringing it back' '
  cd r
  git agent-clean --force kept
  git branch agent/kept main
  refused target_moved git agent-clean --undo kept
'

t 'newer_version: a ledger that this program may read and not write' '
  new_repo newer && cd newer
  git agent-task add "Old"
  git cat-file blob refs/agent/ledger:format | sed "s/min-writer = .*/min-writer = 99/" >../format
  GIT_INDEX_FILE=$TEST_DIR/index
  export GIT_INDEX_FILE
  git read-tree refs/agent/ledger
  git update-index --add --cacheinfo "100644,$(git hash-object -w ../format),format"
  git update-ref refs/agent/ledger "$(git commit-tree -m Newer -p refs/agent/ledger "$(git write-tree)")"
  unset GIT_INDEX_FILE
  refused newer_version git agent-task add "New"
  expect 0 git agent-task list
'

t 'agent_alive: an agent is at work on it' '
  cd r
  echo "exec sleep 300" >../agent.sh
  GIT_AGENT_SCRIPT=$TEST_DIR/agent.sh
  export GIT_AGENT_SCRIPT
  git agent-spin live -d "Live" --profile script
  refused agent_alive git agent-spin live
  test "$(data "[\"run\"][\"slug\"]")" = live
  refused agent_alive git agent-merge live --adopt
  refused agent_alive as_agent bob git agent-task claim --steal live
  refused agent_alive git agent-clean live
  run_next 0
'

t 'agent_alive: a claim without an agent is given back, not stopped' '
  cd r
  submitted mine mine.txt 1
  git agent-task start mine
  refused agent_alive git agent-clean mine
  run_next 0
  refused unmerged git agent-clean mine
'

t 'wip: enough agents are at work; enough waits for the lead' '
  new_repo full && cd full
  policy "[team]" "wip = 1" "review-wip = 1" "[profile.script]" "command = [\"true\"]"
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")"
  spun one one.txt 1
  git agent-task release one && git agent-task start one
  refused wip git agent-spin two -d "Two" --profile script
  test "$(data "[\"at_work\"]")" = "[\"one\"]"
  git agent-task done one
  refused wip git agent-spin two -d "Two" --no-launch
  test "$(data "[\"in_review\"]")" = "[\"one\"]"
  test ! -e ../full.agents/two
'

t 'timeout: the lock of the ledger does not come free' '
  wait_until 300 test -e held.code
  rm holding
  cp held.out out && cp held.err err
  judged timeout "$(cat held.code)"
  told hints | grep "agent/lock"
  diff held.before held.after
  expect 0 git -C held agent-task add "Second"
'
rm -f holding
wait "$holder"

t 'the kinds that no command meets yet are thrown nowhere' '
  cd "$GIT_AGENT_SOURCE_ROOT"
  for kind in $later; do
    if grep -rnE "Kind::$kind([^a-z_]|\$)" lib git-agent | grep -v "^lib/util/error\."; then
      echo "$kind: add a point above and take it off the list"
      exit 1
    fi
  done
'

t 'these are all the kinds that git-agent(1) documents' '
  sed -n "/^# EXIT STATUS/,/^# ENVIRONMENT/p" "$man" | grep -A1 "^|  *[0-9]" | sed -n "s/^:  *//p" | sort >documented
  { sort -u driven && printf "%s\n" $later; } | sort >known
  test -s documented
  diff documented known
'

done_testing
