# Repositories with SHA-256 objects, with refs in tables, and with both: a whole life, as a user meets it.
. "$(dirname "$0")/../lib.sh"
. "$GIT_AGENT_SOURCE_ROOT/tests/newer-git.sh"

field() {
  git agent-task show "$1" --json | json - "d['data']['task']['$2']"
}
# Two clones of a bare remote, the first with a policy and a trusted gate.
project() {
  git init -q --bare hub.git
  new_repo one
  cd one
  printf '[[gate]]\nname = "test"\non = ["merge"]\nrun = "test ! -e bad.txt"\nshell = true\n' >.git-agent.toml
  expect 0 git agent-init
  git add -A && git commit -qm "Set the policy"
  git agent-gate trust "$(git agent-gate list --json | json - 'd["data"]["hash"]')"
  git remote add origin ../hub.git && git push -q origin main
  cd ..
}
# A commit in the worktree of a feature, by its agent.
work() {
  (cd "../one.agents/$1" && echo "$1" >"$2" && git add "$2" && GIT_AGENT_NAME=$1 git commit -q -m "Write $2")
}

# life TITLE: the tests of one format, in a directory of its own.
life() {
  t "$1: made, and every kind of entry written" '
    project
    cd one
    expect 0 git agent-task add "Write the parser" --slug parser
    expect 0 git agent-task add "Use it" --slug user --needs parser
    expect 0 git agent-task ready
    test "$(git agent-task ready --json | json - "len(d[\"data\"][\"tasks\"])")" = 1
    seq 200 | sed "s/.*/{\"title\": \"Small &\", \"slug\": \"small-&\"}/" >../lines
    expect 0 git agent-task add --json-lines ../lines
    test "$(git agent-task list --json | json - "len(d[\"data\"][\"tasks\"])")" = 202
    git log -p refs/agent/ledger | grep "task parser: add"
    git reflog refs/agent/ledger | grep "agent: task.add"
    git fsck --strict
  '
  t "$1: an agent works, the gate judges, it is merged, and Git shows what was decided" '
    cd one
    expect 0 git agent-spin parser --no-launch
    expect 4 git agent-spin user --no-launch
    work parser bad.txt
    GIT_AGENT_NAME=parser expect 0 git agent-bead add -m "By hand, not generated" --kind decision --task parser
    (cd ../one.agents/parser && GIT_AGENT_NAME=parser expect 0 git agent-task done parser)
    expect 1 git agent-merge parser
    test "$(field parser status)" != completed
    expect 0 git agent-spin parser --no-launch
    (cd ../one.agents/parser && git mv bad.txt good.txt && GIT_AGENT_NAME=parser git commit -qm "Rename it" &&
      GIT_AGENT_NAME=parser expect 0 git agent-task done parser)
    expect 0 git agent-merge parser
    test "$(field parser status)" = completed
    test -e good.txt
    git log --notes=agent | grep "By hand, not generated"
    expect 0 git agent-status
    expect 0 git agent-log
    expect 0 git agent-clean parser
    test ! -e ../one.agents/parser
    expect 0 git agent-clean --undo
    test -e ../one.agents/parser/good.txt
    expect 0 git agent-clean parser
  '
  t "$1: undone, packed, and the index made again" '
    cd one
    expect 0 git agent-task edit small-1 --priority 0
    expect 0 git agent-undo
    test "$(field small-1 priority)" = 2
    git gc -q
    expect 0 git agent-task add "After packing" --slug packed
    git agent-task list --json >../before
    rm -f .git/agent/index.db*
    git agent-task list --json >../after
    cmp ../before ../after
    expect 0 git agent-doctor --deep >../out
    grep "all is well" ../out
  '
  t "$1: two clones exchange over a bare remote" '
    (cd one && expect 0 git agent-sync)
    git clone -q hub.git two
    cd two
    expect 0 git agent-init && expect 0 git agent-sync
    test "$(git rev-parse refs/agent/ledger)" = "$(git -C ../one rev-parse refs/agent/ledger)"
    (cd ../one && GIT_AGENT_NAME=ann expect 0 git agent-task claim user && git agent-sync)
    GIT_AGENT_NAME=bob expect 0 git agent-task claim user
    expect 0 git agent-sync 2>../err
    grep "task.claim by bob no longer holds" ../err
    (cd ../one && git agent-sync)
    test "$(git rev-parse refs/agent/ledger)" = "$(git -C ../one rev-parse refs/agent/ledger)"
    git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")"
    expect 0 git agent-doctor
    git -C ../hub.git fsck --strict
  '
  t "$1: twenty at once, and none is lost" '
    new_repo busy && cd busy && git agent-init
    for i in $(seq 20); do
      (git agent-task add "Task $i" --slug "task-$i" >/dev/null || echo "$i" >>../failed) &
    done
    wait
    test ! -e ../failed
    test "$(git agent-task list --json | json - "len(d[\"data\"][\"tasks\"])")" = 20
    expect 0 git agent-doctor
    # No git that was started to answer is left.
    ! pgrep -f "cat-file --batch-command" -s 0
  '
}

t 'a Git that does not know tables: a clear refusal, and nothing is written' '
  case $(git --version) in *" 2."[0-3]*) ;; *) exit 0 ;; esac
  git init -q old && cd old
  git config core.repositoryFormatVersion 1
  printf "[extensions]\n\trefStorage = reftable\n" >>.git/config
  mkdir .git/reftable && : >.git/reftable/tables.list
  find . | sort >../before
  expect 128 "$GIT_AGENT_BUILD_BIN/git-agent" task add "No" 2>../err
  grep "extensions.refStorage = reftable" ../err
  grep "hint: install Git 2.45 or newer" ../err
  find . -path ./.git/agent -prune -o -print | sort >../after
  diff ../before ../after
'

mkdir sha256 && cd sha256 || exit 1
export GIT_DEFAULT_HASH=sha256
life 'SHA-256'

t 'a SHA-1 and a SHA-256 repository do not exchange, and it is said why' '
  git init -q --object-format=sha1 --bare sha1.git
  git -C one remote add sha1 ../sha1.git
  cd one
  expect 128 git agent-sync sha1 2>../err
  grep "names its objects by another hash than this repository (SHA-256)" ../err
'
t 'doctor names formats that cost more' '
  cd one
  git agent-doctor | grep "SHA-256"
  test "$(git agent-doctor --json | json - "d[\"data\"][\"facts\"][\"objects\"]")" = sha256
'
cd ..
unset GIT_DEFAULT_HASH

newer_git
skip_unless newer_git "$no_newer_git"
mkdir tables && cd tables || exit 1
export GIT_DEFAULT_REF_FORMAT=reftable
life 'tables of refs'
t 'doctor names tables of refs, and a lock that stays on them' '
  cd one
  git agent-doctor | grep "in tables"
  : >.git/reftable/tables.list.lock && touch -d "1 hour ago" .git/reftable/tables.list.lock
  expect 1 git agent-doctor >../out
  grep "all refs are locked by .*tables.list.lock" ../out
'
cd ..

mkdir both && cd both || exit 1
export GIT_DEFAULT_HASH=sha256
life 'both'

done_testing
