# Library of the shell tests: POSIX sh (they run on dash), TAP on standard output.
#
#   . "$(dirname "$0")/../lib.sh"
#
#   t 'a task can be made' '
#     new_repo r
#     cd r
#     expect 0 git agent-task add "Write the parser"
#     expect 0 git agent-task list --json >list.json
#     test "$(json list.json "len(d[\"data\"])")" = 1
#   '
#   done_testing
#
# Each file gets a directory of its own, $TEST_DIR, where it starts, with its own HOME and XDG
# directories inside, no system or personal configuration of Git, and no GIT_* or GIT_AGENT_*
# variable but GIT_DEFAULT_HASH=sha256 and GIT_DEFAULT_REF_FORMAT=reftable, with which any file runs on repositories of
# that format (the latter with a Git that knows it first in PATH). It is removed at the end unless KEEP=1. What a test leaves there (files, directories)
# the next one finds; variables and the current directory do not pass from one test to the next.
#
# Functions:
#   t DESCRIPTION CODE        runs CODE in a subshell under `set -e`; its output is shown on failure
#   expect CODE CMD...        fails unless CMD exits with exactly CODE
#   json FILE EXPR            prints the Python expression EXPR of the document d ("-": standard input)
#   new_repo DIR              makes a repository with one commit of one file
#   fixed_clock [TIME]        from here on the programs' clock begins at TIME
#   fixed_ids [SEED]          from here on ids come from SEED
#   skip_unless CMD REASON    skips the tests that follow (`t`) unless CMD succeeds; "" undoes it
#   skip_all_unless CMD REASON  skips the whole file unless CMD succeeds
#   wait_until SECONDS CMD... runs CMD until it succeeds; fails when SECONDS are over
#   done_testing              last line: prints the plan; exits 1 when a test failed

# Where the sources and the built programs are; meson sets both.
if [ -z "$GIT_AGENT_SOURCE_ROOT" ]; then
  GIT_AGENT_SOURCE_ROOT=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 1
fi
: "${GIT_AGENT_BUILD_BIN:=$GIT_AGENT_SOURCE_ROOT/build/git-agent}"
if [ ! -x "$GIT_AGENT_BUILD_BIN/git-agent" ]; then
  echo "Bail out! no git-agent in $GIT_AGENT_BUILD_BIN (build first, or set GIT_AGENT_BUILD_BIN)"
  exit 1
fi

# No variable of the caller's gets through.
for _name in $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p'); do
  case $_name in
  GIT_AGENT_SOURCE_ROOT | GIT_AGENT_BUILD_BIN | GIT_AGENT_NEWER_GIT | GIT_DEFAULT_HASH | GIT_DEFAULT_REF_FORMAT) ;;
  *) unset "$_name" ;;
  esac
done
unset _name CDPATH XDG_CONFIG_DIRS NO_COLOR EDITOR VISUAL PAGER
export GIT_AGENT_SOURCE_ROOT GIT_AGENT_BUILD_BIN
case :$PATH: in
:$GIT_AGENT_BUILD_BIN:*) ;;
*) PATH=$GIT_AGENT_BUILD_BIN:$PATH ;;
esac
LC_ALL=C.UTF-8 LANG=C.UTF-8 TZ=UTC0 TERM=dumb
export PATH LC_ALL LANG TZ TERM

# A directory of its own, in memory when possible: file systems differ tenfold.
if [ -z "$TMPDIR" ]; then
  TMPDIR=/tmp
  [ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
fi
TEST_DIR=$(mktemp -d "$TMPDIR/git-agent-test.XXXXXXXX") || exit 1
TEST_DIR=$(cd "$TEST_DIR" && pwd -P)
HOME=$TEST_DIR/home
XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
XDG_STATE_HOME=$HOME/.local/state XDG_CACHE_HOME=$HOME/.cache XDG_RUNTIME_DIR=$TEST_DIR/run
TMPDIR=$TEST_DIR/tmp
export TEST_DIR TMPDIR HOME
export XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
mkdir -p "$TMPDIR" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" || exit 1
mkdir -m 700 "$XDG_RUNTIME_DIR" || exit 1

GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_NOSYSTEM
cat >"$HOME/.gitconfig" <<\END || exit 1
[user]
	name = Test Person
	email = person@example.com
[init]
	defaultBranch = main
[advice]
	detachedHead = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol "file"]
	allow = always
END

_cleanup() {
  _code=$?
  cd /
  if [ "$KEEP" = 1 ]; then
    echo "# kept: $TEST_DIR"
  else
    chmod -R u+rwX "$TEST_DIR" 2>/dev/null
    rm -rf "$TEST_DIR" 2>/dev/null || { sleep 1; rm -rf "$TEST_DIR"; }
  fi
  exit "$_code"
}
trap _cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$TEST_DIR" || exit 1

_count=0 _failed=0 _skip=

t() {
  _count=$((_count + 1))
  if [ -n "$_skip" ]; then
    echo "ok $_count - $1 # SKIP $_skip"
    return 0
  fi
  # Neither `if (...)` nor `(...) ||`: they would switch `set -e` off inside.
  (
    trap - EXIT
    set -e
    eval "$2"
  ) >"$TEST_DIR/.output" 2>&1 </dev/null
  if [ $? -eq 0 ]; then
    echo "ok $_count - $1"
  else
    _failed=$((_failed + 1))
    echo "not ok $_count - $1"
    sed 's/^/# /' "$TEST_DIR/.output"
  fi
}

expect() {
  _want=$1
  shift
  _got=0
  "$@" || _got=$?
  [ "$_got" -eq "$_want" ] && return 0
  echo "expected exit code $_want, got $_got: $*" >&2
  return 1
}

json() {
  python3 -c '
import json, sys
d = json.load(sys.stdin if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8"))
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True))
' "$1" "$2"
}

new_repo() {
  git init -q "$1" &&
    echo "a file" >"$1/file.txt" &&
    git -C "$1" add file.txt &&
    git -C "$1" commit -q -m "Add a file"
}

fixed_clock() {
  export GIT_AGENT_TEST_CLOCK="${1:-2026-01-02T03:04:05Z}"
}

fixed_ids() {
  export GIT_AGENT_TEST_SEED="${1:-1}" GIT_AGENT_TEST_COUNTER="$TEST_DIR/.id-counter"
}

skip_unless() {
  _skip=
  [ -z "$1" ] && return 0
  eval "$1" >/dev/null 2>&1 || _skip=${2:-"needs: $1"}
}

skip_all_unless() {
  eval "$1" >/dev/null 2>&1 && return 0
  echo "1..0 # SKIP ${2:-"needs: $1"}"
  exit 0
}

wait_until() {
  _end=$(($(date +%s) + $1))
  shift
  until "$@"; do
    if [ "$(date +%s)" -ge "$_end" ]; then
      echo "waited in vain for: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

done_testing() {
  echo "1..$_count"
  [ "$_failed" -eq 0 ]
  exit
}
