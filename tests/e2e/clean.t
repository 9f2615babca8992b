. "$(dirname "$0")/../lib.sh"

# A branch agent/NAME with one commit, in a worktree ../wt/NAME that carries the marker and lock of ours.
feature() {
  git worktree add -q -b "agent/$1" "../wt/$1" main 2>/dev/null &&
    (cd "../wt/$1" && echo "$1" >"$1.txt" && git add "$1.txt" && git commit -q -m "Write $1.txt") &&
    echo 00000000000000000000000000000000 >"$(git -C "../wt/$1" rev-parse --absolute-git-dir)/agent-worktree" &&
    git worktree lock --reason "git-agent $1" "../wt/$1"
}

t 'without arguments it only says what could be removed' '
  new_repo r
  cd r
  git config agent.worktreeDir ../wt
  expect 1 git agent-clean
  feature merged && git merge -q agent/merged
  feature open
  before=$(git for-each-ref)
  expect 0 git agent-clean >out
  grep "would remove agent/merged  merged into main" out
  grep "would keep agent/open  not in main: 1 commit (Write open.txt)" out
  test "$(git for-each-ref)" = "$before"
  rm out
'

t '--merged removes what is merged and nothing else, and --undo brings it back' '
  cd r
  tip=$(git rev-parse agent/merged)
  expect 0 git agent-clean --merged --json >../out.json
  test "$(json ../out.json "[i[\"feature\"] for i in d[\"data\"][\"removed\"]]")" = "[\"agent/merged\"]"
  test ! -e ../wt/merged
  expect 1 git show-ref -q --verify refs/heads/agent/merged
  test "$(git worktree list | grep -c merged)" = 0
  test -d ../wt/open
  test "$(git rev-parse "$(json ../out.json "d[\"data\"][\"removed\"][0][\"backup\"]")^1")" = "$tip"
  expect 0 git agent-clean --undo
  test "$(git -C ../wt/merged rev-parse HEAD)" = "$tip"
  test -z "$(git -C ../wt/merged status --porcelain)"
'

t 'unmerged work is refused without --force, saying what it is' '
  cd r
  echo more >>../wt/open/open.txt
  echo new >../wt/open/new.txt
  expect 4 git agent-clean agent/open --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = unmerged
  json ../out.json "d[\"error\"][\"message\"]" | grep "1 commit (Write open.txt); 1 changed file (open.txt); 1 untracked file (new.txt)"
  test -f ../wt/open/new.txt
'

t 'forced, everything comes back: commits, staged, changed, untracked, chosen ignored files, links, modes' '
  cd r
  cd ../wt/open
  echo staged >staged.txt && git add staged.txt && echo later >>staged.txt
  printf "x\n" >"new
line" && printf y >"$(printf "caf\351")"
  ln -s open.txt link && ln -s /nowhere dangling
  echo "#!/bin/sh" >tool && chmod +x tool && git add tool
  git rm -q --cached file.txt
  mkdir node_modules && echo dep >node_modules/dep.js
  printf ".env\nnode_modules\n*.db\n" >.gitignore
  echo SECRET=1 >.env
  head -c 2000000 /dev/zero >big.db
  git status --porcelain -z >"$TEST_DIR/before.status"
  git diff --cached >"$TEST_DIR/before.staged"
  git diff >"$TEST_DIR/before.diff"
  index=$(git rev-parse --git-path index)
  cp "$index" "$TEST_DIR/index"
  cd ../../r
  expect 0 git agent-clean agent/open --force --json >../out.json
  test ! -e ../wt/open
  json ../out.json "d[\"data\"][\"removed\"][0][\"reason\"]" | grep "not kept: big.db, node_modules/"
  expect 0 git agent-clean --undo agent/open
  cd ../wt/open
  git status --porcelain -z | cmp - "$TEST_DIR/before.status"
  git diff --cached | cmp - "$TEST_DIR/before.staged"
  git diff | cmp - "$TEST_DIR/before.diff"
  test "$(cat .env)" = SECRET=1
  test "$(readlink dangling)" = /nowhere
  test -x tool
  test ! -e node_modules
'

t 'unmerged paths and a rebase in the middle are kept too' '
  cd r
  feature conflict
  echo theirs >conflict.txt && git add conflict.txt && git commit -q -m Theirs
  (cd ../wt/conflict && git rebase -q main >/dev/null 2>&1 || :)
  grep "<<<<<<<" ../wt/conflict/conflict.txt
  tip=$(git rev-parse agent/conflict)
  expect 4 git agent-clean agent/conflict
  expect 0 git agent-clean agent/conflict --force
  expect 0 git agent-clean --undo agent/conflict
  test "$(git rev-parse agent/conflict)" = "$tip"
  grep "<<<<<<<" ../wt/conflict/conflict.txt
  expect 0 git agent-clean agent/conflict --force
'

t 'a detached HEAD keeps its commits' '
  cd r
  feature detached
  (cd ../wt/detached && git checkout -q --detach && echo d >d.txt && git add d.txt && git commit -q -m Detached)
  head=$(git -C ../wt/detached rev-parse HEAD)
  git merge -q agent/detached
  expect 4 git agent-clean ../wt/detached
  expect 0 git agent-clean ../wt/detached --force
  git for-each-ref --contains "$head" | grep refs/agent-local/backup/
'

t 'HEAD without a branch and an index in conflict come back as they were' '
  new_repo states
  cd states
  for name in detached-x conflict-x; do
    git agent-spin $name -d x --no-launch >/dev/null
    (cd ../states.agents/$name && echo 1 >one.txt && git add . && git commit -qm One)
  done
  cd ../states.agents/detached-x
  git checkout -q --detach && echo 2 >two.txt && git add . && git commit -qm Two
  head=$(git rev-parse HEAD)
  cd ../conflict-x
  git checkout -q -b other main && echo 2 >one.txt && git add . && git commit -qm Other && git checkout -q agent/conflict-x
  ! git merge -q other >/dev/null 2>&1
  echo 3 >staged.txt && git add staged.txt
  git ls-files -s >"$TEST_DIR/stages"
  cd ../../states
  expect 0 git agent-clean --force detached-x conflict-x >../out
  grep "not kept: the state of what was going on (a merge is going on)" ../out
  expect 0 git agent-clean --undo 2>../err
  grep "a merge is going on" ../err
  test "$(git -C ../states.agents/detached-x rev-parse HEAD)" = "$head"
  expect 1 git -C ../states.agents/detached-x symbolic-ref -q HEAD
  test -z "$(git -C ../states.agents/detached-x status --porcelain)"
  git -C ../states.agents/conflict-x ls-files -s | diff - "$TEST_DIR/stages"
'

t 'squash- and rebase-merged branches are known' '
  cd r
  feature squashed
  (cd ../wt/squashed && echo 2 >>squashed.txt && git commit -q -a -m Second)
  git merge -q --squash agent/squashed >/dev/null && git commit -q -m Squashed
  echo 3 >>squashed.txt && git commit -q -a -m "Later in the same file"
  feature rebased
  git commit -q --allow-empty -m Move && git cherry-pick agent/rebased >/dev/null
  echo 3 >>rebased.txt && git commit -q -a -m "Later there too"
  expect 0 git agent-clean >out
  grep "agent/squashed  squash-merged into main" out
  grep "agent/rebased  rebase-merged into main" out
  expect 0 git agent-clean --merged
  test ! -e ../wt/squashed && test ! -e ../wt/rebased
  rm out
'

t 'cleaning what was handed in and merged by hand completes its task' '
  new_repo byhand
  cd byhand
  for name in squashed-x open-x; do
    git agent-spin $name -d x --no-launch >/dev/null
    (cd ../byhand.agents/$name && echo 1 >$name.txt && git add . && git commit -qm First && echo 2 >$name.txt && git commit -qam Second)
  done
  (cd ../byhand.agents/squashed-x && git agent-task done -m "It is there" >/dev/null)
  git merge -q --squash agent/squashed-x >/dev/null && git commit -qm Squashed
  echo 3 >squashed-x.txt && git commit -qam "Later there"
  expect 0 git agent-clean >../out
  grep "would remove squashed-x  squash-merged into main" ../out
  grep "would keep open-x" ../out
  expect 0 git agent-clean --merged
  test "$(git agent-task show squashed-x --json | json - "d[\"data\"][\"task\"][\"status\"]")" = completed
  expect 0 git agent-clean --undo
  test "$(git agent-task show squashed-x --json | json - "d[\"data\"][\"task\"][\"status\"]")" = completed
  expect 0 git agent-clean squashed-x
'

t 'a merge of ours is known, whatever happened to the target since' '
  cd r
  feature ours
  expect 0 git agent-merge agent/ours --adopt
  git revert --no-edit HEAD >/dev/null
  expect 0 git agent-clean ours
  test ! -e ../wt/ours
'

t 'a merge into another branch is a merge' '
  new_repo into
  cd into
  git branch rel
  git agent-spin rel-x -d x --no-launch >/dev/null
  (cd ../into.agents/rel-x && echo 1 >one.txt && git add . && git commit -qm One && git agent-task done -m "It is there" >/dev/null)
  expect 0 git agent-merge rel-x --into rel
  expect 0 git agent-clean >../out
  grep "would remove rel-x  merged into rel" ../out
  expect 0 git agent-clean rel-x
  expect 0 git agent-clean --undo
  git branch -qD rel
  expect 4 git agent-clean rel-x
'

t 'a directory that was removed by hand is no problem' '
  cd r
  feature gone
  git merge -q --no-edit agent/gone
  rm -rf ../wt/gone
  expect 0 git agent-clean --merged >out
  grep "its directory is gone" out
  test "$(git worktree list | grep -c gone)" = 0
  expect 1 git show-ref -q --verify refs/heads/agent/gone
  rm out
'

t 'main worktree, target and foreign worktrees are safe' '
  cd r
  expect 3 git agent-clean main --force
  git worktree add -q -b mine ../mine main
  expect 4 git agent-clean ../mine
  test -d ../mine
  expect 0 git agent-clean ../mine --force
  test ! -e ../mine
'

t 'a foreign lock is respected' '
  cd r
  feature locked && git merge -q --no-edit agent/locked
  git worktree unlock ../wt/locked && git worktree lock --reason "on a stick" ../wt/locked
  expect 4 git agent-clean agent/locked --force 2>err
  grep "locked: on a stick" err
  test -d ../wt/locked
  git worktree unlock ../wt/locked
  expect 0 git agent-clean agent/locked
  rm err
'

t 'another repository inside is never removed' '
  cd r
  feature nested && git merge -q --no-edit agent/nested
  git init -q ../wt/nested/inner && git -C ../wt/nested/inner commit -q --allow-empty -m x
  expect 128 git agent-clean agent/nested --force
  test -d ../wt/nested/inner
  rm -rf ../wt/nested/inner
  expect 0 git agent-clean agent/nested
'

t 'nobody is removed from under their own feet' '
  cd r
  feature here && git merge -q --no-edit agent/here
  cd ../wt/here
  expect 3 git agent-clean agent/here
  test -d ../here
'

t 'restoring refuses what is in the way' '
  cd r
  expect 0 git agent-clean agent/here
  git branch agent/here main~1
  expect 3 git agent-clean --undo agent/here
  git branch -q -D agent/here
  mkdir -p ../wt/here && echo x >../wt/here/x
  expect 3 git agent-clean --undo agent/here
  test "$(cat ../wt/here/x)" = x
  rm -r ../wt/here
  expect 0 git agent-clean --undo agent/here
'

t 'killed anywhere, nothing is lost and the next clean ends it' '
  cd r
  for point in clean.after-backup clean.after-worktree clean.after-branch clean.after-operation; do
    name=kill-$(echo $point | tr . -)
    feature $name
    tip=$(git rev-parse agent/$name)
    echo untracked >../wt/$name/untracked.txt
    GIT_AGENT_TEST_FAULT=$point expect 137 git agent-clean agent/$name --force
    git for-each-ref --contains $tip | grep refs/agent-local/backup/
    git agent-clean agent/$name --force || :
    test ! -e ../wt/$name
    expect 1 git show-ref -q --verify refs/heads/agent/$name
  done
'

t 'agents may not force' '
  cd r
  feature agents
  export GIT_AGENT_NAME=backend GIT_AGENT_ROLE=builder
  expect 4 git agent-clean agent/agents --force
  test -d ../wt/agents
'

done_testing
