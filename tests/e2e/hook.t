. "$(dirname "$0")/../lib.sh"

# policy TEXT...: the target's policy, committed.
policy() {
  printf '%s\n' "$@" >.git-agent.toml
  git add .git-agent.toml && git commit -q --no-verify -m "Set the policy"
}
trust() {
  git agent-gate trust "$(git agent-gate list --json | json - 'd["data"]["hash"]')" >/dev/null
}
ready_repo() {
  new_repo "$1" && cd "$1" && git agent-init >/dev/null
}

t 'a person commits as ever without gates' '
  ready_repo free
  rm .git-agent.toml
  echo 1 >>file.txt
  git commit -qam "One" 2>err
  grep "^git-agent: looked at scan: 1 blob, .*; content: 1 blob, .*; tests: " err
  test "$(wc -l <err)" = 1
'

t 'an agent changes no protected file, in whatever spelling' '
  ready_repo guarded
  policy "[guard]" "protected = [\"AGENTS.md\", \".git-agent/**\"]"
  for path in AGENTS.md agents.md sub/Agents.MD .git-agent/curators; do
    mkdir -p "$(dirname "$path")"
    echo x >"$path"
    git add -f "$path"
    GIT_AGENT_NAME=bob expect 1 git commit -qm "Try" 2>err
    grep -q "protected files.*$path" err
    git rm -q --cached "$path"
  done
  # A person is told, and not held up.
  git add AGENTS.md
  expect 0 git commit -qm "Add" 2>err
  grep -q "protected: AGENTS.md.*git agent-guard approve" err
'

t 'what a protected link leads to is protected' '
  ready_repo linked
  mkdir docs && echo rules >docs/rules.md && ln -s docs/rules.md AGENTS.md
  git add docs AGENTS.md && git commit -q --no-verify -m "Add rules"
  echo more >>docs/rules.md
  GIT_AGENT_NAME=bob expect 1 git commit -qam "Try" 2>err
  grep -q docs/rules.md err
'

t 'a merge of what the target has is no change of protected files' '
  ready_repo merged
  git branch side
  echo rules >AGENTS.md && echo 1 >>file.txt
  git add AGENTS.md && git commit -q --no-verify -am "On main"
  git checkout -q side
  echo 2 >>file.txt && git commit -q --no-verify -am "On side"
  git merge -q main && exit 1
  echo both >file.txt && git add file.txt
  GIT_AGENT_NAME=bob expect 0 git commit -qm "Merge"
'

t 'exactly the staged tree is judged, and nothing is touched' '
  ready_repo staged
  policy "[[gate]]" "name = \"no-print\"" "on = [\"pre-commit\"]" "run = \"sh -c \\\"! grep -rn print.[0-9] --include=*.py .\\\"\""
  trust
  echo "print(1)" >a.py && git add a.py && echo "clean" >a.py
  expect 1 git commit -qm "Staged is bad" 2>err
  grep -q "print(1)" err
  grep -q "whole log: " err
  git add a.py && echo "print(2)" >a.py
  expect 0 git commit -qm "Staged is good"
  test "$(cat a.py)" = "print(2)"
  # commit -a and commit PATH have an index of their own.
  expect 1 git commit -qam "All"
  echo ok >b.py && git add b.py
  expect 0 git commit -qm "One path" -- b.py
  expect 1 git commit -qm "The other path" -- a.py
  git worktree add -q ../staged2 -b two && cd ../staged2
  echo "print(3)" >c.py && git add c.py
  expect 1 git commit -qm "In a linked worktree"
  test "$(git worktree list | wc -l)" = 2
'

t 'commands that are not trusted: a person is warned, an agent refused' '
  ready_repo untrusted
  policy "[[gate]]" "name = \"touch\"" "on = [\"pre-commit\"]" "run = \"touch $TEST_DIR/touched\""
  echo 1 >>file.txt
  expect 0 git commit -qam "One" 2>err
  grep -q "gates not run: .*git agent-gate trust [0-9a-f]*" err
  echo 2 >>file.txt
  git checkout -q -b agent/x
  GIT_AGENT_NAME=bob expect 1 git commit -qam "Two" 2>err
  grep -q "not trusted" err
  test ! -e "$TEST_DIR/touched"
'

t 'an agent does not commit to the target branch' '
  ready_repo direct
  echo 1 >>file.txt
  export GIT_AGENT_NAME=bob
  expect 1 git commit -qam "On main" 2>err
  grep -q "does not move the branch main" err
  git checkout -q -b agent/x && expect 0 git commit -qam "On a branch"
'

t 'in its worktree an agent does not move or push the target branch, nor set the ledger back' '
  ready_repo target
  git init -q --bare ../target.git && git remote add origin ../target.git && git push -q origin main
  git worktree add -q -b agent/x ../target2 && cd ../target2
  export GIT_AGENT_NAME=bob
  echo 1 >>file.txt
  expect 0 git commit -qam "On a branch"
  git log -1 --format=%B | grep -q "^Agent-Name: bob"
  expect 128 git update-ref refs/heads/main HEAD 2>err
  grep -q "does not move the branch main" err
  expect 1 git push -q origin HEAD:main 2>err
  grep -q "does not push the branch main" err
  expect 1 git push -q origin refs/agent/ledger:refs/agent/ledger
  expect 0 git push -q origin HEAD
  expect 1 git update-ref -d refs/agent/ledger || expect 128 git update-ref -d refs/agent/ledger
  git rev-parse -q --verify refs/agent/ledger
  unset GIT_AGENT_NAME
  cd ../target && git merge -q --ff-only agent/x
'

t 'in the main worktree a commit starts one hook of ours' '
  ready_repo single
  echo 1 >>file.txt
  GIT_TRACE=1 git commit -qam "One" 2>err
  test "$(grep -c "run_command:.*agent/hooks" err)" = 1
'

t 'a repository whose path is full of pattern characters' '
  ready_repo "odd [x]*?\\ repo"
  git worktree add -q -b agent/x ../odd2 && cd ../odd2
  case $(git config core.hooksPath) in *hooks.worktrees) ;; *) exit 1 ;; esac
  case $(git -C "../odd [x]*?\\ repo" config core.hooksPath) in */agent/hooks) ;; *) exit 1 ;; esac
'

t 'no hooks of ours in gates, and git works there' '
  ready_repo inside
  policy "[[gate]]" "name = \"git\"" "on = [\"pre-commit\"]" "run = \"sh -c \\\"git ls-files | grep -q file.txt && git diff --quiet HEAD && git -c user.name=x -c user.email=x@example.com commit -q --allow-empty -m x\\\"\""
  trust
  echo 1 >>file.txt
  expect 0 git commit -qam "One"
'

t 'all four ways that Git calls pre-commit judge exactly what would be committed' '
  ready_repo ways
  # The gate sees the tree in its checkout; the built-in one (which an agent meets as a refusal) sees it as objects.
  policy "[[gate]]" "name = \"see\"" "on = [\"pre-commit\"]" "run = \"sh -c \\\"cat a b >>$TEST_DIR/seen; echo / >>$TEST_DIR/seen; ! grep -q bad a b\\\"\""
  trust
  echo a0 >a && echo b0 >b && git add a b && git commit -q --no-verify -m "Both"
  : >"$TEST_DIR/seen"
  # git commit: what is staged, not what lies there.
  echo a1 >a && git add a && echo bad >a && echo bad >b
  git commit -q -m "Staged"
  test "$(tr "\n" " " <"$TEST_DIR/seen")" = "a1 b0 / "
  # git commit -a: what lies there.
  : >"$TEST_DIR/seen"
  expect 1 git commit -q -a -m "All" 2>err
  test "$(tr "\n" " " <"$TEST_DIR/seen")" = "bad bad / "
  # git commit -- path: that path, though another one is staged.
  : >"$TEST_DIR/seen"
  git add a && echo b2 >b
  git commit -q -m "One path" -- b
  test "$(tr "\n" " " <"$TEST_DIR/seen")" = "a1 b2 / "
  test "$(git show :a)" = bad
  # A linked worktree: its own index.
  : >"$TEST_DIR/seen"
  git worktree add -q ../ways.linked -b linked HEAD && cd ../ways.linked
  echo a3 >a && git add a && git commit -q -m "Linked"
  test "$(tr "\n" " " <"$TEST_DIR/seen")" = "a3 b2 / "
  cd ../ways && test "$(git show :a)" = bad
'

t 'and so does what is built in' '
  ready_repo ways2
  echo 1 >AGENTS.md && git add AGENTS.md && git commit -q -m "Rules" 2>err
  git checkout -q -b work
  agent_commit() { GIT_AGENT_NAME=bob git -c core.hooksPath="$PWD/.git/agent/hooks" commit -q "$@" 2>err; }
  # Staged for nobody to commit now: only the path that is committed is judged.
  echo 2 >AGENTS.md && git add AGENTS.md && echo 2 >>file.txt
  agent_commit -m "One path" -- file.txt
  test "$(git show HEAD:AGENTS.md)" = 1
  expect 1 agent_commit -m "Staged"
  grep "protected files are not an agent" err
  git restore --staged AGENTS.md && echo 3 >>file.txt
  expect 1 agent_commit -a -m "All"
  grep AGENTS.md err
  git worktree add -q ../linked2 -b linked2 HEAD && cd ../linked2
  echo 4 >AGENTS.md && git add AGENTS.md
  GIT_AGENT_NAME=bob expect 1 git commit -q -m "Linked" 2>err
  grep AGENTS.md err
'

t 'a policy that cannot be read is not committed, and one that stands there can be mended' '
  new_repo broken && cd broken && git agent-init >/dev/null 2>&1
  git add . && git commit -q -m "Begin" 2>/dev/null
  cp .git-agent.toml good && echo "[guard" >>.git-agent.toml
  expect 1 git commit -q -am "Break it" 2>err
  grep -q "hint: mend it.*git add" err
  git commit -q --no-verify -am "Break it"
  echo x >x && git add x
  expect 1 git commit -q -m "Other" -- x 2>err
  grep -q "hint: a person mends .git-agent.toml on main" err
  cp good .git-agent.toml && git add .git-agent.toml
  expect 1 env GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder git commit -q -m "Mend" -- .git-agent.toml 2>/dev/null
  git commit -q -m "Mend" -- .git-agent.toml 2>err
  grep -q "nothing was judged" err
  git commit -q -m "Other" -- x
  mkdir -p .git-agent && echo "nobody nothing" >.git-agent/curators && git add .git-agent
  expect 1 git commit -q -m "Curators" 2>err
  grep -q "hint: mend it.*git add" err
  git commit -q --no-verify -m "Curators"
  echo "# None" >.git-agent/curators
  git commit -q -am "Mend the curators" 2>err
  grep -q "was not judged" err
'

done_testing
