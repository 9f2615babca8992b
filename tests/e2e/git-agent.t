# What every command line has in common.
. "$(dirname "$0")/../lib.sh"

t 'git finds the program' '
  expect 0 git agent --version >out
  grep -q "^git-agent [0-9]" out
  expect 0 git agent --version --json >out
  test "$(json out "d[\"data\"][\"version\"]")" = "$(git agent --version | cut -d" " -f2)"
'

t 'alone it lists the commands and the next step, anywhere' '
  mkdir -p empty && cd empty
  expect 0 git agent >../out
  grep -q "^usage: git agent" ../out
  expect 0 git agent -h >../again
  cmp ../out ../again
  expect 0 git agent --json >../out
  test "$(json ../out "[d[\"cmd\"], d[\"ok\"], type(d[\"data\"][\"commands\"]).__name__]")" = "[\"agent\", true, \"list\"]"
'

next_step() {
  git agent --json | json - "\" \".join(d[\"data\"][\"next\"])"
}

t 'the next step is the one that makes sense here and now' '
  mkdir -p nowhere && (cd nowhere && test "$(next_step)" = "git init")
  new_repo steps && cd steps
  test "$(next_step)" = "git agent-init"
  git agent-init >/dev/null
  test "$(next_step)" = "git agent-task add TITLE"
  git agent-task add "First thing" --slug first >/dev/null
  test "$(next_step)" = "git agent-spin first"
  git agent-task block first -m "later" >/dev/null
  case $(next_step) in "git agent-task "*) ;; *) next_step; exit 1 ;; esac
  git agent-task unblock first >/dev/null
  git agent-spin first --no-launch 2>/dev/null
  (cd ../steps.agents/first && echo 1 >one.txt && git add one.txt && git commit -q -m One && git agent-task done) >/dev/null 2>&1
  test "$(next_step)" = "git agent-merge first"
  GIT_AGENT_NAME=ann GIT_AGENT_ROLE=builder git agent | grep "Next: git agent-task next"
'

t 'a wrong use exits 129 and says what was meant' '
  expect 129 git-agent --no-such-option >out 2>err
  test ! -s out
  grep -q "^error: unknown option" err
  expect 129 git-agent --versoin 2>err
  grep -q "^hint: did you mean .--version.?" err
  expect 129 git-agent no-such-command >out 2>err
  test ! -s out
  grep -q "^error: .no-such-command. is not a git-agent command" err
  grep -q "^hint: " err
  expect 129 git-agent -C
'

t 'with --json a wrong use is one document on standard output' '
  for line in "--json no-such-command" "no-such-command --json" "no-such-command x --json y"; do
    expect 129 git-agent $line >out 2>err
    test ! -s err
    test "$(wc -l <out)" = 1
    test "$(json out "[d[\"v\"], d[\"ok\"], d[\"data\"], d[\"error\"][\"kind\"], d[\"error\"][\"next\"]]")" = \
      "[1, false, {}, \"usage\", null]"
  done
  expect 129 git-agent no-such-command -- --json >out 2>err
  test ! -s out
'

t '-C goes to a directory first, and says so when it cannot' '
  mkdir -p a/b
  expect 0 git-agent -C a -C b --version
  expect 128 git-agent -C no-such-directory task 2>err
  grep -q "no-such-directory" err
'

skip_unless 'test -w /dev/full' 'needs /dev/full'
t 'an answer that cannot be written is a failure' '
  expect 128 git-agent --version >/dev/full 2>err
  grep -q "standard output" err
  expect 128 git-agent --json --version >/dev/full 2>err
'
skip_unless ''

t 'closed streams harm nobody' '
  expect 0 git-agent --version >&-
  expect 0 git-agent --version <&- >&- 2>&-
  git-agent --dump-commands | true
  (trap "" PIPE; expect 0 git-agent --dump-commands) | true
'

t 'a pipe gets neither colours nor cursor movements' '
  esc=$(printf "\\033")
  TERM=xterm git agent >out 2>&1
  ! grep -q "$esc" out
'

t '--help shows the manual, by man or from the program' '
  mkdir -p nowhere
  MANPATH=$PWD/nowhere expect 0 git-agent --help >out
  grep -q "^NAME" out
  grep -q "GIT_AGENT_NAME" out
'

t 'the version is told without git' '
  mkdir -p without
  ln -s "$(command -v git-agent)" without/
  PATH=$PWD/without expect 0 git-agent --version
'

done_testing
