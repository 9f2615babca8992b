# Killed in the middle of a gate: nobody's work is lost, and the next run works.
. "$(dirname "$0")/../lib.sh"

new_repo r >/dev/null
cd r || exit 1
git agent-init >/dev/null

gates_run() {
  pgrep -f "[s]leep 61.75" >/dev/null
}

t 'kill -9 of a commit and its gates loses nothing' '
  cat >.git-agent.toml <<END
[[gate]]
name = "long"
on = ["pre-commit", "merge"]
run = "sh -c \"test -e $TEST_DIR/quick || sleep 61.75\""
[[gate]]
name = "writer"
on = ["pre-commit"]
effect = "write"
run = "sh -c \"rm -f file.txt; test -e $TEST_DIR/quick || sleep 61.75\""
END
  git add . && git commit -q --no-verify -m "Set the policy"
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")" >/dev/null
  echo staged >new && git add new && echo unstaged >>file.txt && echo untracked >untracked
  cp .git/index ../index.before && git rev-parse HEAD >../head.before
  git commit -q -m "Killed" &
  commit=$!
  wait_until 20 gates_run
  # Git, its hook and our program: all at once, as a crash does it; the gates themselves live on for the moment.
  hook=$(pgrep -P "$commit" | tr "\n" " ")
  for pid in $hook; do hook="$hook $(pgrep -P "$pid" | tr "\n" " ")"; done
  ours=$(for pid in $commit $hook; do tr "\0" " " <"/proc/$pid/cmdline" | grep -q "sleep" || echo "$pid"; done)
  kill -9 $ours
  wait "$commit" || :
  test "$(git rev-parse HEAD)" = "$(cat ../head.before)"
  rm -f .git/index.lock  # left by git itself, not by us
  test "$(git show :new)" = staged
  grep -q unstaged file.txt
  test "$(cat untracked)" = untracked
  test -z "$(git stash list)"
  # The next one ends what was left behind and judges the same tree.
  touch "$TEST_DIR/quick"
  expect 0 git commit -q -m "After"
  ! gates_run
  test "$(git show HEAD:new)" = staged
  grep -q unstaged file.txt
  test "$(git diff --name-only)" = file.txt
  git fsck --strict 2>&1 | grep -v dangling | grep . && exit 1 || :
'

done_testing
