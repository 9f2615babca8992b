. "$(dirname "$0")/../lib.sh"

agent() {   # agent: the script that the profile `script` runs, from standard input
  cat >"$TEST_DIR/agent.sh"
}
GIT_AGENT_SCRIPT=$TEST_DIR/agent.sh
export GIT_AGENT_SCRIPT
spin() { git agent-spin "$@" --profile script; }
field() { git agent-run list --json | json - "[r['$2'] for r in d['data']['runs'] if r['slug'] == '$1'][0]"; }
is_state() { [ "$(field "$1" state)" = "$2" ]; }
status_of() { git agent-task show "$1" --json | json - "d['data']['task']['status']"; }

t 'no runs' '
  new_repo none
  cd none
  expect 1 git agent-run list --json >../out
  test "$(json ../out "d[\"ok\"]")" = true
  git agent-task add Thing --slug thing
  expect 1 git agent-run stop thing
  expect 1 git agent-run logs thing
  expect 1 git agent-run attach nothing
'

t 'an agent works and hands in' '
  new_repo w
  cd w
  agent <<\END
echo "hello, I am $GIT_AGENT_NAME"
echo work >work.txt
git add work.txt
git commit -q -m "Work"
"$GIT_AGENT_BIN" task done -m "worked"
END
  expect 0 spin good -d "Do it"
  wait_until 10 is_state good done
  test "$(status_of good)" = in_review
  git agent-run logs good | grep -q "hello, I am good"
  test "$(git log -1 --format="%an <%ae>" agent/good)" = "good (agent) <person@example.com>"
  test "$(git log -1 --format="%cn" agent/good)" = "Test Person"
  expect 4 git agent-spin good
'

t 'an agent that ends without a word has exited' '
  cd w
  agent <<\END
echo "last words"
exit 7
END
  expect 0 spin mute -d "Do it"
  wait_until 5 is_state mute exited
  test "$(field mute exit_code)" = 7
  field mute reason | grep -q "last words"
  test "$(status_of mute)" = in_progress
'

t 'an agent that gives up has failed, and can be spun again' '
  cd w
  agent <<\END
git agent-task fail -m "cannot be"
END
  expect 0 spin poor -d "Do it"
  wait_until 5 is_state poor failed
  test "$(status_of poor)" = failed
  agent <<\END
sleep 100
END
  expect 0 spin poor
  git agent-brief poor | grep -q "cannot be"
  expect 0 git agent-run stop poor --now
'

t 'kill -9 of the client is seen within two seconds' '
  cd w
  agent <<\END
sleep 100
END
  expect 0 spin victim -d "Do it"
  kill -9 "$(field victim pid)"
  wait_until 2 is_state victim exited
  test "$(field victim exit_code)" = 137
'

t 'kill -9 of the runner: the client lives on and gets a new one' '
  cd w
  expect 0 spin orphan -d "Do it"
  pid=$(field orphan pid) old=$(field orphan runner)
  kill -9 "$old"
  sleep 0.2
  git agent-run list >/dev/null & git agent-run list >/dev/null & wait
  kill -0 "$pid"
  new=$(field orphan runner)
  test "$new" != "$old"
  kill -0 "$new"
  test "$(pgrep -fc "run adopt orphan")" = 1
  is_state orphan running
  kill -9 "$pid"
  wait_until 2 is_state orphan exited
  test "$(field orphan exit_code)" = null
'

t 'both killed: recorded by the next command' '
  cd w
  expect 0 spin both -d "Do it"
  kill -9 "$(field both runner)"
  kill -9 "$(git agent-run list --json | json - "[r[\"pid\"] for r in d[\"data\"][\"runs\"] if r[\"slug\"] == \"both\"][0]")"
  wait_until 3 is_state both exited
'

t 'what a client left running does not go on beside the next agent' '
  cd w
  agent <<\END
sleep 100 &
echo $! >"$TEST_DIR/kid"
setsid sleep 100 &
echo $! >"$TEST_DIR/away"
wait
END
  expect 0 spin remains -d "Do it"
  wait_until 5 test -s ../away
  runner=$(field remains runner) pid=$(field remains pid)
  kill -9 "$runner" "$pid"
  kill -0 "$(cat ../kid)"
  wait_until 3 is_state remains exited
  ! kill -0 "$(cat ../kid)"
  kill -0 "$(cat ../away)"
  kill "$(cat ../away)"
'

t 'what is not resumed is not said to be' '
  cd w
  agent <<\END
sleep 100
END
  expect 0 spin given-up -d "Do it"
  git agent-task cancel given-up -m "Not wanted" >/dev/null
  expect 0 git agent-run stop given-up 2>../err
  ! grep resume ../err
'

t 'stop keeps everything, resume goes on' '
  cd w
  expect 0 spin halt -d "Do it" --owns "halt/**"
  echo half >../w.agents/halt/half
  pid=$(field halt pid)
  expect 0 git agent-run stop halt --json >../out
  ref=$(json ../out "d[\"data\"][\"backup\"]")
  git rev-parse -q --verify "$ref"
  ! kill -0 "$pid" 2>/dev/null
  is_state halt stopped
  test "$(status_of halt)" = pending
  git agent-bead list --task halt --kind failure --json >../beads
  json ../beads "d[\"data\"][\"beads\"][0][\"text\"]" | grep "^Stopped"
  json ../beads "d[\"data\"][\"beads\"][0][\"evidence\"]" | grep "$ref"
  test "$(cat ../w.agents/halt/half)" = half
  expect 1 git agent-run stop halt
  expect 0 git agent-run resume halt
  is_state halt running
  test "$(field halt worktree)" = "$TEST_DIR/w.agents/halt"
  expect 3 git agent-run resume halt
'

t 'a client that ignores SIGTERM is killed' '
  cd w
  agent <<\END
trap "" TERM
while :; do sleep 1; done
END
  expect 0 spin stubborn -d "Do it"
  sleep 0.3
  expect 0 git agent-run stop stubborn
  is_state stubborn stopped
'

t 'reassign: a fresh agent with the reason' '
  cd w
  agent <<\END
sleep 100
END
  expect 129 git agent-run reassign halt
  expect 0 git agent-run reassign halt -m "It goes in circles"
  git agent-bead list --task halt --kind decision | grep "Reassigned from .* It goes in circles"
  test "$(field halt agent)" = halt-2
  git agent-brief halt | grep -q "It goes in circles"
  expect 0 git agent-run stop halt --now
'

t 'the agent survives the terminal' '
  cd w
  setsid sh -c "git agent-spin term -d Do --profile script; kill -HUP 0" >/dev/null 2>&1 || :
  wait_until 5 is_state term running
  kill -0 "$(field term pid)"
  expect 0 git agent-run stop term --now
'

t 'attach and logs -f follow until the end' '
  cd w
  agent <<\END
echo one
sleep 1
echo two
END
  expect 0 spin talk -d "Do it"
  timeout 10 git agent-run logs talk -f >../out
  printf "one\ntwo\n" | cmp - ../out
  expect 0 spin talk
  timeout 10 git agent-run attach talk >../out 2>../err
  printf "one\ntwo\n" | cmp - ../out
'

t 'an idle runner costs nothing' '
  cd w
  agent <<\END
sleep 100
END
  expect 0 spin idle -d "Do it"
  runner=$(field idle runner)
  ticks() { cut -d" " -f14,15 "/proc/$runner/stat"; }
  sleep 0.5
  before=$(ticks)
  sleep 3
  test "$before" = "$(ticks)"
  expect 0 git agent-run stop idle --now
'

t 'no process is left' '
  sleep 0.5
  ! pgrep -f "$TEST_DIR" >/dev/null
'

done_testing
