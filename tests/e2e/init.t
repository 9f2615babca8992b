. "$(dirname "$0")/../lib.sh"

# Everything that uninstalling has to bring back: configuration and hooks, bytes and modes.
snapshot() {
  (cd "$1" && find config hooks ! -name '*.sample' -exec stat -c '%n %a %F' {} + && find config hooks -type f -exec sha256sum {} +) | sort
}

t 'init prepares a repository, a second one changes nothing' '
  new_repo r && cd r
  expect 0 git agent-init --json >out.json
  test "$(json out.json "d[\"data\"][\"changed\"]")" = true
  test "$(json out.json "d[\"data\"][\"target\"]")" = refs/heads/main
  test "$(json out.json "len(d[\"data\"][\"hooks\"])")" = 4
  test -e .git-agent.toml
  git rev-parse -q --verify refs/agent/ledger
  test "$(git config agent.target)" = refs/heads/main
  test "$(git config notes.displayRef)" = "refs/notes/agent*"
  test "$(git config notes.rewriteRef)" = refs/notes/agent
  rm out.json
  cp .git/config ../config.before
  expect 0 git agent-init --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"changed\"]")" = false
  cmp .git/config ../config.before
  test "$(git status --porcelain)" = "?? .git-agent.toml"
'

t 'init works before the first commit and in a linked worktree' '
  git init -q unborn && cd unborn
  expect 0 git agent-init
  git add .git-agent.toml && git commit -q -m "Add a policy"
  git worktree add -q ../linked -b side
  cd ../linked
  expect 0 git agent-init --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"changed\"]")" = false
  test "$(git config agent.target)" = refs/heads/main
'

t 'a bare repository gets neither policy nor hooks' '
  git init -q --bare bare.git && cd bare.git
  expect 0 git agent-init --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"hooks\"]")" = "[]"
  test "$(json ../out.json "d[\"data\"][\"policy\"]")" = null
  git rev-parse -q --verify refs/agent/ledger
  git config core.hooksPath && exit 1
  cd ..
  expect 128 git agent-init
'

t 'an existing policy stays' '
  new_repo own && cd own
  echo "# mine" >.git-agent.toml
  git agent-init
  test "$(cat .git-agent.toml)" = "# mine"
  git agent-init --uninstall
  test "$(cat .git-agent.toml)" = "# mine"
'

t 'gates are proposed from what the repository has' '
  for kind in make node cargo go meson pytest; do
    git init -q "p-$kind"
  done
  printf "lint:\n\ttrue\ntest: lint\n\ttrue\n" >p-make/Makefile
  echo "{\"scripts\": {\"test\": \"jest\", \"lint\": \"eslint .\"}}" >p-node/package.json
  echo "[package]" >p-cargo/Cargo.toml
  echo "module x" >p-go/go.mod
  echo "project()" >p-meson/meson.build
  echo "[tool.pytest.ini_options]" >p-pytest/pyproject.toml
  for kind in make node cargo go meson pytest; do
    (cd "p-$kind" && git agent-init >/dev/null && git agent-gate list >list)
  done
  grep -q "lint .*make lint" p-make/list
  grep -q "test .*make test" p-make/list
  grep -q "test .*npm run test" p-node/list
  grep -q "lint .*npm run lint" p-node/list
  grep -q "test .*cargo test" p-cargo/list
  grep -q "test .*go test" p-go/list
  grep -q "test .*meson test" p-meson/list
  grep -q "test .*pytest" p-pytest/list
'

t 'uninstall leaves every byte as it was' '
  new_repo exact && cd exact
  printf "#!/bin/sh\nexit 0\n" >.git/hooks/pre-commit && chmod 751 .git/hooks/pre-commit
  ln -s ../../file.txt .git/hooks/post-merge
  printf "[user]\n\tname = No line end" >>.git/config
  chmod 640 .git/config
  snapshot .git >../before
  git agent-init >/dev/null
  git agent-init --no-hooks >/dev/null
  expect 0 git agent-init --uninstall
  snapshot .git >../after
  cmp ../before ../after
  test ! -e .git-agent.toml
  test -z "$(git status --porcelain)"
  expect 0 git agent-init --uninstall >out
  grep -q "nothing to take away" out
'

t 'uninstall keeps what others changed meanwhile' '
  new_repo meanwhile && cd meanwhile
  git agent-init >/dev/null
  git config remote.origin.url https://example.com/x.git
  git config include.path more
  git config branch.main.remote origin
  echo "# changed" >>.git-agent.toml
  git agent-init --uninstall
  test "$(git config remote.origin.url)" = https://example.com/x.git
  test "$(git config include.path)" = more
  git config core.hooksPath && exit 1
  test -e .git-agent.toml
'

# mark FILE: a hook that says it ran, with its path and its arguments.
mark() {
  mkdir -p "$(dirname "$1")"
  printf "#!/bin/sh\necho \"\${0##*/} \$*\" >>%s\n" "$TEST_DIR/ran" >"$1"
  chmod +x "$1"
}

t 'hooks in .git/hooks run on, and so do those added later' '
  new_repo plain && cd plain
  rm -f ../ran
  mark .git/hooks/pre-commit && mark .git/hooks/commit-msg
  git agent-init >/dev/null
  mark .git/hooks/post-commit
  echo 1 >>file.txt && git commit -qam "One"
  grep -q "^pre-commit $" ../ran
  grep -q "^commit-msg .git/COMMIT_EDITMSG" ../ran
  grep -q "^post-commit" ../ran
  printf "#!/bin/sh\nexit 1\n" >.git/hooks/pre-commit
  echo 2 >>file.txt
  expect 1 git commit -qam "Two"
'

t 'a hooks directory of husky runs on, in every worktree its own' '
  new_repo husky && cd husky
  rm -f ../ran
  mark .husky/pre-commit
  git add .husky && git commit -q -m "Add hooks"
  git config core.hooksPath .husky
  cp .git/config ../config.before
  git agent-init >/dev/null
  echo 1 >>file.txt && git commit -qam "One"
  test "$(grep -c pre-commit ../ran)" = 1
  # husky sets its directory again with every npm install.
  git config core.hooksPath .husky
  echo 2 >>file.txt && git commit -qam "Two"
  test "$(grep -c pre-commit ../ran)" = 2
  git worktree add -q ../husky2 -b two
  cd ../husky2
  echo "exit 1" >>.husky/pre-commit
  echo 3 >>file.txt
  expect 1 git commit -qam "Three"
  cd ../husky
  git status --porcelain | grep -v git-agent.toml && exit 1
  git agent-init --uninstall >/dev/null
  cmp .git/config ../config.before
'

t 'a moved or copied repository: doctor says that no hook runs, init brings ours and the former ones back' '
  new_repo old-place
  printf "#!/bin/sh\necho former >>\"$TEST_DIR/former\"\n" >old-place/.git/hooks/pre-commit
  chmod +x old-place/.git/hooks/pre-commit
  (cd old-place && git agent-init >/dev/null)
  mv old-place new-place && cd new-place
  git agent-doctor >../out 2>&1 || :
  grep "no hook runs" ../out
  expect 0 git agent-init
  git commit -q --allow-empty --no-verify -m x
  rm -f ../former && echo 1 >>file.txt && git commit -qam "After"
  test -s ../former
  grep -q "old-place/.git" .git/agent/hooks/pre-commit && exit 1
  cp -a ../new-place ../copied && rm -f ../former && cd ../copied && git agent-init >/dev/null
  grep -q "new-place/.git" .git/agent/hooks/pre-commit && exit 1
  echo 1 >>file.txt && git commit -qam "Copy" && test -s ../former
'

t 'an absolute hooks directory, also of the user, runs on' '
  new_repo global && cd global
  rm -f ../ran
  mark "$TEST_DIR/global hooks/pre-commit"
  git config --global core.hooksPath "$TEST_DIR/global hooks"
  git agent-init >/dev/null
  echo 1 >>file.txt && git commit -qam "One"
  grep -q pre-commit ../ran
  git config --global --unset core.hooksPath
  git agent-init >/dev/null
  rm ../ran
  echo 2 >>file.txt && git commit -qam "Two"
  test ! -e ../ran
'

t 'without the program commits are refused with the way out, other hooks pass' '
  new_repo gone && cd gone
  git agent-init >/dev/null
  for hook in .git/agent/hooks/*; do
    if [ -f "$hook" ]; then sed -i "s|^program=.*|program=/nowhere/git-agent|" "$hook"; fi
  done
  echo 1 >>file.txt
  expect 1 git commit -qam "One" 2>out
  grep -q "/nowhere/git-agent is not there" out
  grep -q "git config --unset include.path" out
  git config --unset include.path agent/config
  expect 0 git commit -qam "One"
'

t 'an agent may not' '
  new_repo agent && cd agent
  GIT_AGENT_NAME=bob expect 4 git agent-init
  git agent-init >/dev/null
  GIT_AGENT_NAME=bob expect 4 git agent-init --uninstall
'

skip_unless 'test "$(id -u)" != 0' 'root writes everywhere'
t 'a repository that cannot be written is a clear error' '
  new_repo readonly
  chmod -R a-w readonly
  cd readonly
  expect 128 git agent-init
'
skip_unless ""

done_testing
