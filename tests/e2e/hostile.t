# Odd repositories and hostile files: a clear answer, and nothing changed.
. "$(dirname "$0")/../lib.sh"

t 'a malformed policy is named with its line, and a huge one refused' '
  new_repo policy && cd policy
  printf "[team]\nwip = = 3\n" >.git-agent.toml
  expect 128 git agent-gate list 2>../err
  grep -q "git-agent.toml:2" ../err
  head -c 3000000 /dev/zero | tr "\0" "#" >.git-agent.toml
  expect 128 git agent-gate list 2>../err
  grep -q "error: " ../err
  printf "[team]\nwip = \"many\"\n" >.git-agent.toml
  expect 128 git agent-gate list --json >../out 2>/dev/null
  test "$(json ../out "d[\"error\"][\"kind\"]")" = environment
'

t 'feature names that are paths, options or too long are refused before anything is made' '
  new_repo names && cd names
  for name in ../x a..b "a b" .hidden A/B "$(printf "%0300d" 0)" "$(printf "x\377y")" HEAD deadbeef; do
    expect 129 git agent-spin "$name" --no-launch -d x 2>../err
    grep -q "not a valid name" ../err
  done
  expect 129 git agent-spin -rf --no-launch
  test "$(git worktree list | wc -l)" = 1
  test "$(git branch --list | wc -l)" = 1
  ! git rev-parse -q --verify refs/agent/ledger
'

t 'a bare repository has tasks too' '
  new_repo source
  git clone -q --bare source bare.git
  cd bare.git
  expect 0 git agent-task add "In a bare one" --slug bare-x
  expect 0 git agent-task next
  expect 0 git agent-status || test $? = 1
'

t 'an unborn branch: tasks work, spinning says what is missing' '
  git init -q unborn && cd unborn
  expect 0 git agent-task add "First" --slug first-x
  expect 128 git agent-spin first-x --no-launch 2>../err
  grep -q "^error: " ../err
  expect 0 git agent-task show first-x --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"status\"]")" = pending
'

t 'a detached HEAD' '
  new_repo detached && cd detached
  git checkout -q --detach
  git branch -q other
  expect 0 git agent-task add "Detached" --slug detached-x
  git config agent.target main
  expect 0 git agent-spin detached-x --no-launch
  git -C ../detached.agents/detached-x rev-parse HEAD
'

t 'no identity: the ledger needs none' '
  new_repo anonymous && cd anonymous
  git config --global --rename-section user nobody
  expect 0 git agent-task add "Anonymous" --slug anonymous-x
  git config --global --rename-section nobody user
'

t 'extensions.worktreeConfig' '
  new_repo wtconfig && cd wtconfig
  git config core.repositoryFormatVersion 1
  git config extensions.worktreeConfig true
  expect 0 git agent-task add "Works" --slug works-x
  expect 0 git agent-spin works-x --no-launch
  expect 0 git agent-task list
'

t 'a repository of a format that nobody knows yet is refused before anything is written' '
  new_repo newer && cd newer
  git config core.repositoryFormatVersion 1
  printf "[extensions]\n\tobjectFormat = sha3\n" >>.git/config
  expect 128 "$GIT_AGENT_BUILD_BIN/git-agent" task add "No" 2>../err
  grep -q "objectFormat.*sha3" ../err
  test ! -e .git/agent
  test ! -e .git/refs/agent
'

t 'a submodule has a ledger of its own' '
  new_repo library
  new_repo super && cd super
  git submodule --quiet add ../library lib
  git commit -qm "Use the library"
  cd lib
  expect 0 git agent-task add "In the submodule" --slug sub-x
  cd ..
  expect 1 git agent-task show sub-x
  expect 0 git agent-spin feature-x --no-launch -d "With a submodule"
  test -e ../super.agents/feature-x/lib/file.txt || test -e ../super.agents/feature-x/lib/file
'

t 'worktrees of a submodule do not lie in the work tree of its superproject' '
  cd super/lib
  expect 0 git agent-spin sub-x --no-launch --json >../../out
  common=$(git rev-parse --path-format=absolute --git-common-dir)
  test "$(json ../../out "d[\"data\"][\"worktree\"][\"path\"]")" = "$common/agent/worktrees/sub-x"
  test "$(git -C "$common/agent/worktrees/sub-x" rev-parse --show-toplevel)" = "$common/agent/worktrees/sub-x"
  (cd "$common/agent/worktrees/sub-x" && echo 1 >sub.txt && git add sub.txt && git commit -qm "In the submodule")
  git -C .. status --porcelain
  test -z "$(git -C .. status --porcelain)"
  expect 0 git agent-status
  expect 0 git agent-clean --force sub-x
  test ! -e "$common/agent/worktrees/sub-x"
  expect 0 git agent-clean --undo
  test -f "$common/agent/worktrees/sub-x/sub.txt"
'

skip_unless 'mkdir -p probe && mount -t tmpfs -o size=64k none probe && umount probe' 'file systems cannot be mounted here'

t 'a repository on a read-only file system can be looked at' '
  new_repo ro && cd ro
  git agent-task add "Look" --slug look >/dev/null
  git agent-spin look --no-launch >/dev/null
  cd .. && mount --bind ro ro && mount -o remount,bind,ro ro
  trap "cd \"$TEST_DIR\"; umount ro" EXIT
  cd ro
  expect 0 git agent-status --json >../out.json
  test "$(json ../out.json "d[\"ok\"]")" = true
  expect 0 git agent-task list
'

t 'a full disk: an error, nothing changed, and all is well when there is room again' '
  mkdir full
  mount -t tmpfs -o size=3m none full
  trap "cd \"$TEST_DIR\"; umount full" EXIT
  new_repo full/r && cd full/r
  git agent-task add "Before" --slug before-x >/dev/null
  before=$(git rev-parse refs/agent/ledger)
  dd if=/dev/zero of=../ballast bs=1k 2>/dev/null || true
  n=0
  failed=0
  while [ $n -lt 30 ]; do
    n=$((n + 1))
    code=0
    git agent-task add "Attempt $n" --slug "attempt-$n" >/dev/null 2>"$TEST_DIR/err" || code=$?
    [ $code = 0 ] || { test $code = 128; failed=1; break; }
  done
  test $failed = 1
  grep -q "^error: " "$TEST_DIR/err"
  rm ../ballast
  expect 0 git agent-task show before-x
  expect 0 git agent-task add "After" --slug after-x
  git merge-base --is-ancestor "$before" refs/agent/ledger
  ! git fsck --strict 2>&1 | grep -v dangling | grep .
'

t 'a read-only file system: reading works, writing is a clear error' '
  mkdir readonly
  mount -t tmpfs none readonly
  trap "cd \"$TEST_DIR\"; umount readonly" EXIT
  new_repo readonly/r
  ( cd readonly/r && git agent-task add "Before" --slug before-x >/dev/null )
  mount -o remount,ro readonly
  cd readonly/r
  expect 0 git agent-task list
  expect 128 git agent-task add "No" 2>"$TEST_DIR/err"
  grep -q "^error: " "$TEST_DIR/err"
'

done_testing
