# What only happens on a terminal: colours, cut lines, the pager. on-terminal.py (python3) provides one.
. "$(dirname "$0")/../lib.sh"

TERM=xterm GIT_PAGER=cat
export TERM GIT_PAGER
esc=$(printf '\033')
on_terminal() { python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" "$@"; }

new_repo r
cd r || exit 1
git agent-task add "A title that is far too long for a terminal of only forty columns" --slug long >/dev/null
git agent-task add "$(printf 'Right to left \342\200\256 and \302\233 C1')" --slug hostile >/dev/null

t 'colours on a terminal, and nowhere else' '
  on_terminal 80 git-agent-task list >out
  grep -q "$esc\[1m" out
  git-agent-task list >out
  ! grep -q "$esc" out
'

t 'NO_COLOR, color.ui and TERM=dumb are heard' '
  NO_COLOR=1 on_terminal 80 git-agent-task list >out
  ! grep -q "$esc" out
  TERM=dumb on_terminal 80 git-agent-task list >out
  ! grep -q "$esc" out
  git config color.ui never
  on_terminal 80 git-agent-task list >out
  ! grep -q "$esc" out
  git config --unset color.ui
  NO_COLOR= on_terminal 80 git-agent-task list >out
  grep -q "$esc" out
'

t 'lines fit the terminal; a pipe gets them whole' '
  NO_COLOR=1 on_terminal 40 git-agent-task list >out
  test "$(awk "length > 60" out)" = ""
  grep -q "A title" out
  ! grep -q "forty columns" out
  git-agent-task list | grep -q "forty columns"
'

t 'JSON on a terminal is ASCII and the same' '
  git-agent-task list --json >plain
  on_terminal 80 git-agent-task list --json >shown
  test "$(json plain d)" = "$(json shown d)"
  ! LC_ALL=C grep -n "[^ -~]" shown
'

t 'an editor that fails is named as what went wrong' '
  code=0
  GIT_EDITOR=false on_terminal 80 git-agent-spin edited-x >out || code=$?
  grep "the editor failed" out
  ! grep "nothing was written" out
  test "$code" = 128
  expect 1 git agent-task show edited-x
'

t 'text without man goes through the pager' '
  sed=$(command -v sed)
  PATH=$GIT_AGENT_BUILD_BIN:$TEST_DIR/no-programs
  export PATH
  GIT_PAGER="$sed s/^/paged:/" "$(PATH=/usr/bin:/bin command -v python3)" \
    "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" 80 git-agent --help >out
  "$sed" -n "/^paged:NAME/p" out | { read -r line && test "$line" = paged:NAME; }
  GIT_PAGER=cat git-agent --help >out
  "$sed" -n "/^NAME/p" out | { read -r line && test "$line" = NAME; }
'

done_testing
