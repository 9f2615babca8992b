#!/bin/sh
# The demo: a lead and scripted agents build a feature in a real repository, through the installed commands.
#
#   sh examples/demo.sh PREFIX      PREFIX is where git-agent is installed
#
# Each scene is a command, what it prints, and a check of what must be so afterwards; a check that fails ends the
# demo with exit 1. The repository stays, so that it can be looked at (DEMO_DIR=DIR chooses the place, which must not
# exist). Nothing else is touched: HOME and all configuration are inside that place.
set -eu

prefix=${1:?usage: demo.sh PREFIX}
here=$(cd "$(dirname "$0")" && pwd -P)
place=${DEMO_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/git-agent-demo.XXXXXX")/demo}
scenes=0

PATH=$prefix/bin:$PATH
for name in $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
mkdir -p "$place/home"
HOME=$place/home XDG_CONFIG_HOME=$place/home/.config GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PAGER=cat
GIT_AGENT_SCRIPT=$here/agents
export PATH HOME XDG_CONFIG_HOME GIT_CONFIG_NOSYSTEM GIT_PAGER PAGER GIT_AGENT_SCRIPT
git config --global user.name 'Lena Lead'
git config --global user.email lena@example.com
git config --global init.defaultBranch main
command -v git-agent >/dev/null || { echo "error: there is no git-agent in $prefix/bin" >&2; exit 1; }

scene() {
  scenes=$((scenes + 1))
  printf '\n--- %d. %s\n' "$scenes" "$*"
}

# run CMD...: shows a command and what it prints; it must succeed.
run() {
  printf '$ %s\n' "$*"
  code=0
  "$@" >"$place/run.out" 2>&1 || code=$?
  sed 's/^/  /' "$place/run.out"
  [ $code = 0 ] || broken "it exited with $code"
}

# refused CODE CMD...: the same for a command that must be refused.
refused() {
  wanted=$1
  shift
  printf '$ %s\n' "$*"
  code=0
  "$@" >"$place/run.out" 2>&1 || code=$?
  sed 's/^/  /' "$place/run.out"
  [ $code = "$wanted" ] || broken "it exited with $code, not $wanted"
}

broken() {
  printf '\nscene %d failed: %s\n(the repository is in %s)\n' "$scenes" "$1" "$place/shelf" >&2
  for log in "$place"/shelf/.git/agent/logs/*.log; do
    [ -f "$log" ] && { echo "== $log"; tail -n 15 "$log"; } >&2
  done
  exit 1
}

# check WHAT CMD...: what must be so now.
check() {
  what=$1
  shift
  "$@" >"$place/check.out" 2>&1 || { cat "$place/check.out" >&2; broken "$what"; }
  printf '  ok: %s\n' "$what"
}

status_of() { git agent-task show "$1" --json | sed 's/.*"status":"\([a-z_]*\)".*/\1/'; }
has_status() { [ "$(status_of "$1")" = "$2" ]; }

# wait_for_plan SLUG WORD: until its newest plan holds WORD and waits for a decision, at most a minute.
wait_for_plan() {
  tries=0
  until git agent-plan show "$1" --json 2>/dev/null | grep '"state":"submitted"' | grep -qF -- "$2"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || broken "no such plan of $1 after a minute"
    sleep 0.2
  done
}

# wait_for SLUG: until its agent has handed over (or given up), at most a minute.
wait_for() {
  tries=0
  until has_status "$1" in_review; do
    tries=$((tries + 1))
    has_status "$1" failed && broken "$1 failed"
    [ $tries -lt 300 ] || broken "$1 is $(status_of "$1") after a minute"
    sleep 0.2
  done
}
log_of() { cat "$place/shelf/.git/agent/logs/$1.log"; }
log_has() { log_of "$1" | grep -qF -- "$2"; }
ready_has() { git agent-task ready | grep -qw "$1"; }
no_worktrees_left() { [ "$(git worktree list | wc -l)" = 1 ]; }

echo "This demo works in $place and nowhere else."

scene 'A small real code base: link-shelf, whose tests pass and whose feature is missing'
cp -R "$here/link-shelf" "$place/shelf"
cd "$place/shelf"
git init -q && git add -A && git commit -q -m 'Link shelf as it stands'
check 'its own tests pass' make test
if make acceptance >/dev/null 2>&1; then broken 'the acceptance tests pass before the feature is built'; fi
echo '  ok: the acceptance tests of the feature fail'

scene 'The lead sets git-agent up and trusts the gates, having read them'
run git agent-init
run git agent-gate list
hash=$(git agent-gate list --json | sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p')
run git agent-gate trust "$hash"
check 'nothing of it shows in the work tree' test -z "$(git status --porcelain)"

scene 'The plan: a feature of four tasks, from a spec'
run git agent-task add -F "$here/feature.md" --split
run git agent-task graph
check 'three can start' ready_has data-layer
if ready_has api; then broken 'the API is ready before what it needs'; fi
echo '  ok: the API waits for data layer and validation'

scene 'Three agents at once, each in a worktree of its own'
for feature in data-layer validation search; do
  run git agent-spin "$feature" --profile script --name "$feature-agent"
done
run git agent-status
wait_for data-layer
wait_for validation
check 'data layer is handed over' has_status data-layer in_review
check 'validation is handed over' has_status validation in_review

scene 'A debug print was stopped by the gate before it was a commit'
log_of data-layer | grep -A6 'refused' | sed 's/^/  /'
check 'the gate named the line' log_has data-layer 'debug print('
check 'the branch has no print' sh -c '! git grep -n "print(" agent/data-layer -- shelf/storage.py'

scene 'An agent that edits AGENTS.md is refused'
wait_for search
log_of search | grep -A4 'refused' | sed 's/^/  /'
check 'the refusal named the file' log_has search 'AGENTS.md'
check 'AGENTS.md is as the person wrote it' git diff --quiet main agent/search -- AGENTS.md

scene 'Merging what is done; the API becomes ready by itself'
run git agent-merge data-layer
run git agent-merge validation
check 'the API is ready' ready_has api

scene 'The last agent, and the rest of the merges'
run git agent-spin api --profile script --name api-agent
run git agent-merge search
wait_for api
run git agent-merge api

scene 'The feature goes to main: the act of the lead'
run git agent-task start keep-links
run git agent-task done keep-links -m 'Links are kept, checked, served and found'
run git agent-merge keep-links
check 'main has all of it' git cat-file -e main:shelf/api.py
check 'the tests are green on main' make test
check 'so are the acceptance tests' make acceptance

scene 'A key for approvals, made for this demo, and the file that says whose word counts'
mkdir -p .git-agent
run ssh-keygen -q -t ed25519 -N '' -C lena -f "$HOME/approvals"
run git config --global agent.signingKey "$HOME/approvals"
echo "lena@example.com namespaces=\"git-agent\" $(cat "$HOME/approvals.pub")" >.git-agent/curators
git add .git-agent/curators
run git commit -q -m 'Name who may approve'

scene 'A plan that forgets the database migration is rejected, and revised'
run git agent-task add 'Notes on links' --slug link-notes --plan-required
run git agent-spin link-notes --profile script --name notes-agent
wait_for_plan link-notes 'shelf/notes.py'
run git agent-plan show link-notes
run git agent-plan reject link-notes -m 'The new table needs a migration, for the files that people have'
wait_for_plan link-notes 'migrations/'
run git agent-plan show link-notes
run git agent-plan approve link-notes
check 'the approval is signed' sh -c 'git agent-guard log --verify | grep "plan" | grep "lena@example.com" | grep holds'

scene 'A secret was stopped before it was a commit'
wait_for link-notes
log_of link-notes | grep -A8 'refused' | sed 's/^/  /'
check 'the scan named the file' log_has link-notes 'shelf/notes.py'
check 'no commit of the branch holds the key' sh -c '! git log -p main..agent/link-notes | grep -q 51Mq8TzKx2Rw7Vb'
run git agent-merge link-notes

scene 'What the agent learnt is approved with the key, and stands in AGENTS.md'
run git agent-learn list
learnt=$(git agent-learn list --kind rule | sed -n 's/^\([0-9a-f]\{8\}\) .*/\1/p')
run git agent-learn show "$learnt"
run git agent-learn approve "$learnt"
check 'AGENTS.md has the line' grep -q 'Keys come from the environment' AGENTS.md
check 'its approval holds' sh -c 'git agent-guard check HEAD && git agent-guard log --verify | grep AGENTS.md | grep holds'

scene 'The next agent reads it in its briefing, and does not make that mistake'
run git agent-task add 'Export links' --slug link-export
run git agent-spin link-export --profile script --name export-agent
wait_for link-export
log_of link-export | grep 'the briefing says' | sed 's/^/  /'
check 'it was told' log_has link-export 'the briefing says'
check 'it took the key from the environment' git grep -q 'os.environ.get' agent/link-export -- shelf/export.py
run git agent-merge link-export

scene 'An agent that goes past the hook loses at the merge'
run git agent-task add 'Tidy the rules' --slug tidy-rules
run git agent-spin tidy-rules --profile script --name tidy-agent
wait_for tidy-rules
check 'its commit is there, made with --no-verify' sh -c 'git log -1 --format=%s agent/tidy-rules | grep -q "Relax the rules"'
refused 4 git agent-merge tidy-rules
check 'AGENTS.md on main is untouched' sh -c '! grep -q "without review" AGENTS.md && git diff --quiet'
run git agent-task cancel tidy-rules -m 'The rules are for people to write'
run git agent-clean tidy-rules --force

scene 'Plain git log tells the story'
run git log -4 --format='%h %an: %s%n%(trailers)%N'
check 'who did it and under which task stands in the commits' sh -c 'git log | grep -q "Agent-Task: data-layer"'
check 'what was decided stands in the notes' sh -c 'git log --notes=agent | grep -q "Notes (agent)"'

scene 'Cleaning up: every worktree goes, nothing is lost'
run git agent-clean --merged
check 'only the main worktree is left' no_worktrees_left
check 'git fsck is clean' sh -c '! git fsck --strict 2>&1 | grep -v dangling | grep .'
run git agent-doctor

rm -f "$place/check.out" "$place/run.out"
printf '\nThe repository stays in %s. Try there:\n' "$place/shelf"
printf '  export HOME=%s PATH=%s/bin:$PATH; cd %s\n' "$HOME" "$prefix" "$place/shelf"
printf '  git agent-task list --all --tree\n  git agent-log\n  git log --notes=agent\n\n'
printf 'demo: %d of %d scenes passed\n' "$scenes" "$scenes"
