. "$(dirname "$0")/../lib.sh"

new_repo r
cd r
git agent-init >/dev/null
git add -A && git commit -qm "Take up git-agent"

t 'a decision is noted on the current commit, and plain git log shows it' '
  expect 0 git agent-bead add -m "One JSON file: no server to run" --evidence "0.2 ms a write" --json >b.json
  test "$(json b.json "d[\"data\"][\"bead\"][\"commit\"]")" = "$(git rev-parse HEAD)"
  test "$(json b.json "d[\"data\"][\"bead\"][\"kind\"]")" = decision
  test "$(json b.json "d[\"data\"][\"bead\"][\"operation\"]")" = "$(git show refs/agent/ledger:op | json - "d[\"id\"]")"
  git log -1 | grep "One JSON file: no server to run"
  git log -1 | grep "Evidence: 0.2 ms a write"
'

t 'what supersedes it leaves it out of the list, and edits nothing' '
  old=$(json b.json "d[\"data\"][\"bead\"][\"id\"]")
  expect 0 git agent-bead add -m "SQLite after all: two writers" --supersedes "$(echo "$old" | cut -c1-6)" --json >n.json
  new=$(json n.json "d[\"data\"][\"bead\"][\"id\"]")
  expect 0 git agent-bead list --json >l.json
  test "$(json l.json "[b[\"id\"] for b in d[\"data\"][\"beads\"]]")" = "[\"$new\"]"
  test "$(git agent-bead list --all | wc -l)" = 2
  expect 0 git agent-bead show "$old" --json >s.json
  test "$(json s.json "d[\"data\"][\"bead\"][\"superseded_by\"]")" = "$new"
  test "$(json s.json "d[\"data\"][\"bead\"][\"text\"]")" = "One JSON file: no server to run"
  git log -1 | grep "Supersedes: $(echo "$old" | cut -c1-8)"
'

t 'search wants every word, whatever the case' '
  test "$(git agent-bead search sqlite WRITERS | wc -l)" = 1
  expect 1 git agent-bead search sqlite nonsense
  test "$(git agent-bead search json --all | wc -l)" = 1
  expect 1 git agent-bead search json
'

t 'of a task: in the ledger until it is merged, then on the commit' '
  expect 0 git agent-spin parser -d "Write it" --no-launch >/dev/null
  cd ../r.agents/parser
  GIT_AGENT_NAME=ada expect 0 git agent-bead add -m "Recursive descent: errors read better" --json >../b.json
  test "$(json ../b.json "d[\"data\"][\"bead\"][\"commit\"]")" = null
  test "$(json ../b.json "d[\"data\"][\"bead\"][\"agent\"]")" = ada
  echo x >parser.txt && git add parser.txt && git commit -qm "Write the parser"
  git agent-task done parser >/dev/null
  cd ../../r
  git agent-merge parser >/dev/null
  git log -1 main | grep "Recursive descent: errors read better"
  git agent-bead log parser >out
  grep "Recursive descent" out
  grep "  by: ada" out
  test "$(git agent-bead list --task parser --kind merge | wc -l)" = 1
  test "$(git agent-bead list --on main | wc -l)" -ge 2
'

t 'a gate that turns work down is written down, on the commit it judged' '
  printf "[[gate]]\nname = \"test\"\non = [\"task-done\"]\nrun = \"test -f green\"\n" >.git-agent.toml
  git add -A && git commit -qm "A gate" && git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")" >/dev/null
  git agent-spin search -d "Find" --no-launch >/dev/null
  cd ../r.agents/search && echo y >y.txt && git add y.txt && git commit -qm "Try"
  expect 1 git agent-task done search 2>/dev/null
  cd ../../r
  git agent-bead list --task search --kind gate | grep "Turned down"
  test "$(git agent-bead list --task search --kind gate --json | json - "d[\"data\"][\"beads\"][0][\"commit\"]")" = "$(git rev-parse agent/search)"
'

t 'an amended commit and a rebased one keep what was noted on them' '
  git agent-bead add -m "Kept when amended" >/dev/null
  git commit -q --amend -m "Amended"
  git log -1 | grep "Kept when amended"
  git checkout -q -b side HEAD~1 && git commit -q --allow-empty -m "Beside" && git checkout -q main
  git rebase -q side
  git log -1 --format=%s | grep Amended
  git log -1 | grep "Kept when amended"
  expect 0 git agent-doctor
'

t 'wrong use changes nothing and says what is right' '
  before=$(git rev-parse refs/agent/ledger)
  expect 129 git agent-bead add 2>err && grep "with -m" err
  expect 129 git agent-bead add -m x --kind merge 2>err && grep "one of: decision" err
  expect 1 git agent-bead add -m x --supersedes 00000000 2>err
  expect 1 git agent-bead add -m x --on nowhere 2>err && grep "is no commit" err
  expect 1 git agent-bead add -m x --task nobody 2>err
  expect 129 git agent-bead show xyz 2>err
  expect 1 git agent-bead show 00000000 2>err
  expect 129 git agent-bead add -m "$(printf "\351")" 2>err
  test "$(git rev-parse refs/agent/ledger)" = "$before"
'

t 'what is shown is safe for a terminal' '
  git agent-bead add -m "$(printf "evil \033[31mred\033[0m \342\200\256gnp")" --evidence "$(printf "a\033]0;x\007b")" >out
  git agent-bead log >>out && git agent-bead list >>out && git agent-bead search evil >>out
  if LC_ALL=C grep -q "$(printf "\033")" out; then false; fi
'

done_testing
