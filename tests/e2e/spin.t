. "$(dirname "$0")/../lib.sh"

# A client that does what the file ../act says (in shell), else sleeps; it keeps how it was started.
mkdir bin
for client in claude codex gemini opencode; do
  cat >"bin/$client" <<END
#!/bin/sh
n=\$(basename "\$0")
: >"$TEST_DIR/\$n.argv"
for word; do printf "%s\\n" "\$word" | head -n 1 >>"$TEST_DIR/\$n.argv"; done
env >"$TEST_DIR/\$n.env"
if [ -f "$TEST_DIR/act" ]; then . "$TEST_DIR/act"; else exec sleep 300; fi
END
  chmod +x "bin/$client"
done
WITHOUT=$PATH
path_with() {   # path_with CLIENT...: only these clients are installed
  rm -rf "$TEST_DIR/some"
  mkdir "$TEST_DIR/some"
  for c; do ln -s "$TEST_DIR/bin/$c" "$TEST_DIR/some/$c"; done
  PATH=$TEST_DIR/some:$WITHOUT
  export PATH
}
policy() {   # policy LINE...: the policy, committed
  printf "%s\n" "$@" >.git-agent.toml
  git add .git-agent.toml
  git commit -q -m "Set the policy"
}
state_of() { git agent-run list --json | json - "[r['state'] for r in d['data']['runs'] if r['slug'] == '$1'][0]"; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
ends() { git agent-run stop "$1" --now >/dev/null 2>&1 || :; }

t 'a worktree without an agent' '
  new_repo a
  cd a
  expect 0 git agent-spin search -d "Find links" --accept "Ranks" --owns "src/**" --no-launch --json >../out
  test "$(json ../out "d[\"ok\"]")" = true
  test "$(json ../out "d[\"data\"][\"worktree\"][\"branch\"]")" = agent/search
  test "$(json ../out "d[\"data\"][\"worktree\"][\"pid\"]")" = null
  test "$(json ../out "d[\"data\"][\"task\"][\"status\"]")" = in_progress
  test "$(json ../out "d[\"data\"][\"task\"][\"title\"]")" = "Find links"
  test "$(json ../out "d[\"data\"][\"worktree\"][\"path\"]")" = "$TEST_DIR/a.agents/search"
  test -f ../a.agents/search/file.txt
  test "$(git rev-parse agent/search)" = "$(git rev-parse main)"
  test "$(cat .git/worktrees/search/agent-worktree)" = "$(json ../out "d[\"data\"][\"task\"][\"id\"]")"
  grep -q "git-agent search pid" .git/worktrees/search/locked
  test -z "$(git status --porcelain)"
  test -z "$(git -C ../a.agents/search status --porcelain)"
  test -s .git/agent/briefings/search.md
'

t 'names that cannot be used are refused and change nothing' '
  new_repo n
  cd n
  long=$(printf "%300s" | tr " " x)
  for name in ../x a..b "a b" .git "$long" "$(printf "\303\050")" A; do
    expect 129 git agent-spin "$name" -d text --no-launch 2>../err
    grep -q "not a valid name" ../err
  done
  expect 129 git agent-spin beef -d text --no-launch 2>../err
  grep -q "reads like an id" ../err
  expect 129 git agent-spin -rf -d text --no-launch
  expect 129 git agent-spin -- -rf -d text --no-launch
  test -z "$(git for-each-ref refs/agent refs/heads/agent)"
  test ! -e ../n.agents
  test "$(git worktree list | wc -l)" = 1
'

t 'nothing said and no terminal is a wrong use' '
  cd n
  expect 129 git agent-spin thing 2>../err
  grep -q "say it with -d" ../err
  test -z "$(git for-each-ref refs/agent)"
'

t 'a spec becomes title, criteria and paths' '
  new_repo s
  cd s
  cat >spec.md <<END
# Keep links

Owns: shelf/storage.py, docs/**

What it says.

- [ ] Links survive
- [ ] Threads lose nothing
END
  expect 0 git agent-spin storage -F spec.md --no-launch --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"title\"]")" = "Keep links"
  test "$(json ../out "len(d[\"data\"][\"task\"][\"accept\"])")" = 2
  test "$(json ../out "d[\"data\"][\"task\"][\"owns\"]")" = "[\"shelf/storage.py\", \"docs/**\"]"
  test "$(json ../out "d[\"data\"][\"task\"][\"description\"]")" = "What it says."
'

t 'an empty repository and a detached HEAD' '
  git init -q empty
  cd empty
  expect 128 git agent-spin x -d x --no-launch 2>../err
  grep -q "no commit" ../err
  test -z "$(git for-each-ref)"
  cd ..
  new_repo detached
  cd detached
  git commit -q --allow-empty -m two
  git checkout -q --detach HEAD~1
  expect 0 git agent-spin x -d x --no-launch
  test "$(git rev-parse agent/x)" = "$(git rev-parse main)"
'

t 'a bare repository has its worktrees beside it' '
  git clone -q --bare a bare.git
  cd bare.git
  expect 0 git agent-spin x -d x --no-launch
  test -f ../bare.agents/x/file.txt
'

t '--base, and what it names must be there' '
  new_repo base
  cd base
  git commit -q --allow-empty -m two
  expect 129 git agent-spin x -d x --no-launch --base nowhere
  test -z "$(git for-each-ref refs/heads/agent)"
  expect 0 git agent-spin x -d x --no-launch --base HEAD~1
  test "$(git rev-parse agent/x)" = "$(git rev-parse main~1)"
'

t '--only checks out a part' '
  new_repo only
  cd only
  mkdir -p src/a src/b docs
  touch src/a/1 src/b/2 docs/3
  git add .
  git commit -q -m more
  expect 129 git agent-spin x -d x --no-launch --only srcc
  expect 129 git agent-spin x -d x --no-launch --only ../only
  expect 0 git agent-spin x -d x --no-launch --only src/a
  test -e ../only.agents/x/src/a/1
  test -e ../only.agents/x/file.txt
  test ! -e ../only.agents/x/src/b
  test ! -e ../only.agents/x/docs
  test -z "$(git -C ../only.agents/x status --porcelain)"
  test -z "$(git status --porcelain)"
  test -e docs/3
  expect 0 git agent-spin y -d y --no-launch
  test -e ../only.agents/y/docs/3
'

t 'ignored files that .worktreeinclude names are copied' '
  new_repo inc
  cd inc
  printf ".env\ncache/\nlink*\n" >.gitignore
  printf ".env*\ncache/\nfile.txt\nlink*\n" >.worktreeinclude
  git add .
  git commit -q -m more
  echo secret >.env
  echo not ignored >.env2
  mkdir -p cache/deep
  echo 1 >cache/deep/1
  ln -s /etc/passwd link-out
  ln -s .env link-in
  expect 0 git agent-spin x -d x --no-launch
  w=../inc.agents/x
  test "$(cat $w/.env)" = secret
  test "$(cat $w/cache/deep/1)" = 1
  test ! -e $w/.env2
  test ! -L $w/link-out
  test -L $w/link-in
  test -z "$(git -C $w status --porcelain)"
  expect 0 git agent-spin y -d y --no-launch --setup none
  test ! -e ../inc.agents/y/.env
  expect 129 git agent-spin z -d z --no-launch --setup nonsense
'

t 'submodules come along' '
  new_repo sub
  new_repo super
  cd super
  git submodule --quiet add "$TEST_DIR/sub" lib
  git commit -q -m "Add a submodule"
  expect 0 git agent-spin x -d x --no-launch
  test -f ../super.agents/x/lib/file.txt
  rm -rf "$TEST_DIR/sub"
  expect 128 git agent-spin y -d y --no-launch 2>../err
  grep -q "submodule .lib." ../err
  test ! -e ../super.agents/y
  test -z "$(git for-each-ref refs/heads/agent/y)"
'

t 'a child starts from its parent, which gets a branch' '
  new_repo kids
  cd kids
  git agent-task add "Whole" --slug whole
  git agent-task add "Part" --slug part --parent whole
  expect 0 git agent-spin part --no-launch --json >../out
  test "$(git rev-parse agent/whole)" = "$(git rev-parse main)"
  test "$(git rev-parse agent/part)" = "$(git rev-parse main)"
  git agent-task show whole --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"branch\"]")" = agent/whole
  test ! -e ../kids.agents/whole
  git -C ../kids.agents/part commit -q --allow-empty -m work
  git update-ref refs/heads/agent/whole agent/part
  git agent-task add "Second" --slug second --parent whole
  expect 0 git agent-spin second --no-launch
  test "$(git rev-parse agent/second)" = "$(git rev-parse agent/whole)"
'

t 'the launch lines of the clients' '
  new_repo launch
  cd launch
  policy "[team]" "wip = 20"
  path_with claude
  expect 0 git agent-spin one -d "First" --json >../out
  test "$(json ../out "d[\"data\"][\"worktree\"][\"agent\"]")" = one
  wait_until 5 test -s "$TEST_DIR/claude.env"
  printf "%s\n" --output-format stream-json --verbose --permission-mode bypassPermissions -p "# First" | cmp - ../claude.argv
  grep -qx GIT_AGENT_NAME=one ../claude.env
  grep -qx GIT_AGENT_ROLE=builder ../claude.env
  grep -qx GIT_AGENT_TASK=one ../claude.env
  grep -qx "GIT_AGENT_WORKTREE=$TEST_DIR/launch.agents/one" ../claude.env
  grep -qx "PWD=$TEST_DIR/launch.agents/one" ../claude.env
  grep -qx "GIT_AGENT_BASE=$(git rev-parse main)" ../claude.env
  grep -qx "GIT_AUTHOR_NAME=one (agent)" ../claude.env
  grep -qx GIT_AUTHOR_EMAIL=person@example.com ../claude.env
  grep -q "^GIT_AGENT_BIN=/" ../claude.env
  ! grep -q "^GIT_DIR=" ../claude.env
  path_with codex
  expect 0 git agent-spin two -d Second
  wait_until 5 test -s "$TEST_DIR/codex.env"
  printf "%s\n" exec --json --skip-git-repo-check -s workspace-write --add-dir "$TEST_DIR/launch/.git" --add-dir "$TEST_DIR/launch/.git/worktrees/two" -C "$TEST_DIR/launch.agents/two" "# Second" | cmp - ../codex.argv
  path_with gemini
  expect 0 git agent-spin three -d Third
  wait_until 5 test -s "$TEST_DIR/gemini.env"
  printf "%s\n" -o stream-json --approval-mode yolo --skip-trust -p "# Third" | cmp - ../gemini.argv
  path_with opencode
  expect 0 git agent-spin four -d Fourth
  wait_until 5 test -s "$TEST_DIR/opencode.env"
  printf "%s\n" run --format json --dir "$TEST_DIR/launch.agents/four" --auto "# Fourth" | cmp - ../opencode.argv
  for f in one two three four; do ends $f; done
'

t 'which client: none, several, chosen' '
  new_repo which
  cd which
  path_with
  expect 128 git agent-spin x -d x 2>../err
  grep -q "claude, codex, gemini, opencode" ../err
  path_with claude codex
  expect 128 git agent-spin x -d x 2>../err
  grep -q "claude, codex are installed" ../err
  expect 128 git agent-spin x -d x --profile nonsense
  expect 128 git agent-spin x -d x --profile gemini
  expect 128 git agent-spin x -d x --profile script 2>../err
  grep -q GIT_AGENT_SCRIPT ../err
  test -z "$(git for-each-ref refs/agent refs/heads/agent)"
  test ! -e ../which.agents
  policy "[team]" "profile = \"codex\""
  expect 0 git agent-spin x -d x --json >../out
  test "$(git agent-run list --json | json - "d[\"data\"][\"runs\"][0][\"client\"]")" = codex
  ends x
'

t 'a command from the repository waits for trust' '
  new_repo trust
  cd trust
  policy "[profile.mine]" "command = [\"sh\", \"-c\", \"touch ran\"]"
  expect 4 git agent-spin x -d x --profile mine --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = not_trusted
  test -z "$(git for-each-ref refs/agent refs/heads/agent)"
'

t 'a live agent is not disturbed; a dead one is resumed in its worktree' '
  new_repo live
  cd live
  path_with claude
  expect 0 git agent-spin x -d "Do it" --json >../out
  pid=$(json ../out "d[\"data\"][\"worktree\"][\"pid\"]")
  expect 3 git agent-spin x --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = agent_alive
  test "$(json ../out "d[\"error\"][\"next\"]")" = "[\"git\", \"agent-run\", \"attach\", \"x\"]"
  echo half >../live.agents/x/half
  kill -9 "$pid"
  wait_until 2 is_state x exited
  expect 0 git agent-spin x --json >../out
  test "$(json ../out "d[\"data\"][\"resumed\"]")" = true
  test "$(json ../out "d[\"data\"][\"worktree\"][\"pid\"]")" != "$pid"
  test "$(cat ../live.agents/x/half)" = half
  test "$(git worktree list | wc -l)" = 2
  ends x
'

t 'a worktree that somebody deleted is made again' '
  cd live
  path_with claude
  rm -rf ../live.agents/x
  expect 0 git agent-spin x
  test -f ../live.agents/x/file.txt
  ends x
'

t 'the limit of agents at work' '
  new_repo wip
  cd wip
  policy "[team]" "wip = 2"
  path_with claude
  expect 0 git agent-spin one -d a
  expect 0 git agent-spin two -d b
  expect 4 git agent-spin three -d c --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = wip
  test "$(json ../out "d[\"data\"][\"at_work\"]")" = "[\"one\", \"two\"]"
  test -z "$(git for-each-ref refs/heads/agent/three)"
  expect 1 git agent-task show three
  hint=$(json ../out "d[\"error\"][\"hints\"][0]")
  test "$(echo "$hint" | sed "s/.*(\(.*\)).*/\1/")" = "git agent-run stop one"
  expect 0 git agent-run stop one
  expect 0 git agent-spin three -d c
  ends two; ends three
'

t 'worktrees prepared without an agent are no agents at work' '
  new_repo prepared
  cd prepared
  policy "[team]" "wip = 2"
  path_with claude
  for name in p q r; do expect 0 git agent-spin $name -d $name --no-launch; done
  git agent-status | grep "^Agents  0 of 2 at work"
  expect 0 git agent-spin one -d a
  expect 0 git agent-spin two -d b
  git agent-status | grep "^Agents  2 of 2 at work"
  expect 4 git agent-spin three -d c
  expect 0 git agent-spin three -d c --no-launch
  git agent-status | grep "^Agents  2 of 2 at work"
  ends one; ends two
  echo 1 >../prepared.agents/q/q.txt
  expect 4 git agent-clean q --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = unmerged
  expect 0 git agent-clean p
  git agent-task release r && git agent-task start r
  expect 3 git agent-clean r --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = agent_alive
'

t 'paths of another feature are refused before anything is made' '
  new_repo locks
  cd locks
  expect 0 git agent-spin one -d a --owns "src/**" --no-launch
  expect 4 git agent-spin two -d b --owns "src/x.c" --no-launch --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = locked
  test -z "$(git for-each-ref refs/heads/agent/two)"
  test ! -e ../locks.agents/two
  expect 1 git agent-task show two
'

t 'ten at the same moment' '
  new_repo ten
  cd ten
  policy "[team]" "wip = 20"
  for i in 0 1 2 3 4 5 6 7 8 9; do
    git agent-spin "f$i-x" -d "Feature $i" --no-launch >/dev/null 2>"../err$i" &
    pids="$pids $!"
  done
  for p in $pids; do wait "$p"; done
  test "$(git worktree list | wc -l)" = 11
  test "$(git for-each-ref refs/heads/agent | wc -l)" = 10
  for i in 0 1 2 3 4 5 6 7 8 9; do test -f "../ten.agents/f$i-x/file.txt"; done
  git fsck --no-dangling --no-progress
'

t 'ten at the same moment do not exceed the limit' '
  new_repo few
  cd few
  policy "[team]" "wip = 3"
  path_with claude
  for i in 0 1 2 3 4 5 6 7 8 9; do
    { code=0; git agent-spin "f$i-x" -d "Feature $i" >/dev/null 2>&1 || code=$?; echo $code >"../code$i"; } &
  done
  wait
  test "$(cat ../code? | grep -c "^0$")" = 3
  test "$(cat ../code? | grep -c "^4$")" = 7
  test "$(git worktree list | wc -l)" = 4
  for i in 0 1 2 3 4 5 6 7 8 9; do ends "f$i-x"; done
'

t 'the same feature twice at the same moment has one agent' '
  new_repo twice
  cd twice
  path_with claude
  { code=0; git agent-spin x -d x >/dev/null 2>&1 || code=$?; echo $code >../code0; } &
  { code=0; git agent-spin x -d x >/dev/null 2>&1 || code=$?; echo $code >../code1; } &
  wait
  test "$(cat ../code[01] | sort | tr -d "\n")" = 03
  ends x
'

t 'something in the way: everything is taken back' '
  new_repo way
  cd way
  mkdir -p ../way.agents/x
  echo mine >../way.agents/x/mine
  expect 128 git agent-spin x -d x --no-launch 2>../err
  grep -q "in the way" ../err
  test -z "$(git for-each-ref refs/heads/agent)"
  test "$(cat ../way.agents/x/mine)" = mine
  test "$(git agent-task show x --json | json - "d[\"data\"][\"task\"][\"status\"]")" = pending
  rm -r ../way.agents/x
  expect 0 git agent-spin x --no-launch
'

t 'killed anywhere, the next command copes' '
  new_repo fault
  cd fault
  policy "[team]" "wip = 20"
  path_with claude
  n=0
  for point in spin.before-claim spin.after-claim spin.after-branch worktree.after-metadata worktree.after-checkout spin.after-worktree spin.after-briefing spin.after-runner run.after-fork run.after-announce; do
    n=$((n + 1))
    GIT_AGENT_TEST_FAULT=$point git agent-spin "f$n-x" -d "Feature" >/dev/null 2>&1 || :
    git agent-run list >/dev/null || :
    if [ "$point" != spin.after-runner ]; then
      test ! -e "../fault.agents/f$n-x"
      test -z "$(git for-each-ref "refs/heads/agent/f$n-x")"
    fi
    if [ "$point" = spin.after-runner ]; then
      sleep 1
      git agent-run list >/dev/null || :
      ends "f$n-x"
    fi
    expect 0 git agent-spin "f$n-x" -d "Feature"
    test -f "../fault.agents/f$n-x/file.txt"
    ends "f$n-x"
  done
'

t 'what --only names wrongly leaves nothing behind, not even a task' '
  new_repo cone
  cd cone
  expect 129 git agent-spin oops -d t --only no/such --no-launch
  expect 1 git agent-task show oops
'

done_testing
